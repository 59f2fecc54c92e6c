"""Where are whistles read from, and who sees which?

Whoever sees the case; and whoever whistled or was called, who still see the whistle when they no longer see the case:
they rate each other. All who are called see each other, since they confer on the spot.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, exists, false, or_

from schema.cases.sources import seen_with_its_case
from schema.compiler.context import ACTING_TENANT, SERVED_BODIES, ScopeBinds
from schema.compiler.declare import Row, Source, plain_table, table_of
from services.whistles.tables import Whistle, WhistleCallee, WhistleTime

if TYPE_CHECKING:
    from collections.abc import Callable

_WHISTLES = plain_table(Whistle)
_CALLEES = plain_table(WhistleCallee)


def _is_told(row: Row) -> Any:
    """Ask that it is the tenant's own, or that of an office that has a part in it."""
    return or_(*(row.c[name] == ACTING_TENANT for name in ("tenant_id", "told_street_id", "told_district_id")))


def _blew_it(whistle: Row, scope: ScopeBinds) -> Any:
    """See whistles of the office that I serve."""
    return scope.holds_any(body_ids=whistle.c.office_body_id)


def _takes_part(whistle: Row, scope: ScopeBinds) -> Any:
    """See whistles of the office, and calls of the department, that I serve."""
    callee = _CALLEES.alias("called")
    mine = scope.holds(callee.c.body_id, "body_ids")
    if mine is None:
        return false()
    is_called = exists().where(callee.c.tenant_id == whistle.c.tenant_id, callee.c.whistle_id == whistle.c.id, mine)
    return or_(_blew_it(whistle, scope), is_called.correlate_except(callee))


def asked_of_whistle(callee: Row, condition: Callable[[Row], Any]) -> Any:
    """Ask something of the whistle that called somebody."""
    whistle = _WHISTLES.alias("its_whistle")
    row = Row(whistle, "whistles", as_of=callee.as_of)
    found = exists().where(
        whistle.c.tenant_id == callee.c.tenant_id, whistle.c.id == callee.c.whistle_id, condition(row)
    )
    return found.correlate_except(whistle)


def _of_its_whistle(callee: Row, scope: ScopeBinds) -> Any:
    return asked_of_whistle(callee, lambda whistle: _takes_part(whistle, scope))


def _is_called(callee: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(body_ids=callee.c.body_id)


def _also_served(source: Source, further: Callable[[Row, ScopeBinds], Any]) -> Source:
    def served(row: Row, scope: ScopeBinds) -> Any:
        with_case = source.served(row, scope) if source.served else false()
        return or_(with_case, further(row, scope))

    return replace(source, served=served, only=_is_told)


# Whoever sees the case, and so may take a step with it.
WHISTLE_OF_CASE = seen_with_its_case(table_of(Whistle), name="whistles", prefix="whi")
CALLEE_OF_CASE = seen_with_its_case(table_of(WhistleCallee), name="whistle_callees", prefix="whc")
WHISTLE = _also_served(WHISTLE_OF_CASE, _takes_part)
CALLEE = _also_served(CALLEE_OF_CASE, _of_its_whistle)
# Who rates, when the case may no longer be theirs to see: the department that was called, and whoever called it.
CALLED = replace(CALLEE, within=_is_called, served=_is_called)
CALLED_BY = replace(
    CALLEE, served=lambda callee, scope: asked_of_whistle(callee, lambda whistle: _blew_it(whistle, scope))
)
TIMES = Source(
    table=table_of(WhistleTime),
    name="whistle_times",
    prefix="wht",
    only=lambda row: row.c.tenant_id == ACTING_TENANT,
)


def is_own_case(row: Row) -> Any:
    """Ask that it belongs to a case of the tenant acted in."""
    return row.c.tenant_id == ACTING_TENANT


def is_served(body_id: Any) -> Any:
    """Ask that the caller serves a body."""
    return body_id == any_(SERVED_BODIES)
