"""Where are whistles read from, and who sees which?

Whoever sees the case; and whoever whistled or was called, who still see the whistle when they no longer see the case:
they rate each other. All who are called see each other, since they confer on the spot.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, false, or_

from schema.cases.sources import seen_with_its_case
from schema.compiler.context import ACTING_TENANT, ScopeBinds
from schema.compiler.declare import Row, Source, plain_table, table_of
from services.whistles.tables import Whistle, WhistleCallee, WhistleTime

if TYPE_CHECKING:
    from collections.abc import Callable

_WHISTLES = plain_table(Whistle)
_CALLEES = plain_table(WhistleCallee)


def _is_told(row: Row) -> Any:
    """Ask that it is the tenant's own, or that of an office that has a part in it."""
    return or_(*(row.c[name] == ACTING_TENANT for name in ("tenant_id", "told_street_id", "told_district_id")))


def _takes_part(whistle: Row, scope: ScopeBinds) -> Any:
    """See whistles of the office, and calls of the department, that I serve."""
    callee = _CALLEES.alias("called")
    mine = scope.holds(callee.c.body_id, "body_ids")
    if mine is None:
        return false()
    is_called = exists().where(callee.c.tenant_id == whistle.c.tenant_id, callee.c.whistle_id == whistle.c.id, mine)
    whistled = scope.holds_any(body_ids=whistle.c.office_body_id)
    return or_(whistled, is_called.correlate_except(callee))


def _of_its_whistle(callee: Row, scope: ScopeBinds) -> Any:
    whistle = _WHISTLES.alias("its_whistle")
    row = Row(whistle, "whistles", as_of=callee.as_of)
    found = exists().where(
        whistle.c.tenant_id == callee.c.tenant_id, whistle.c.id == callee.c.whistle_id, _takes_part(row, scope)
    )
    return found.correlate_except(whistle)


def _also_served(source: Source, further: Callable[[Row, ScopeBinds], Any]) -> Source:
    def served(row: Row, scope: ScopeBinds) -> Any:
        with_case = source.served(row, scope) if source.served else false()
        return or_(with_case, further(row, scope))

    return replace(source, served=served, only=_is_told)


WHISTLE = _also_served(seen_with_its_case(table_of(Whistle), name="whistles", prefix="whi"), _takes_part)
CALLEE = _also_served(
    seen_with_its_case(table_of(WhistleCallee), name="whistle_callees", prefix="whc"), _of_its_whistle
)
TIMES = Source(
    table=table_of(WhistleTime),
    name="whistle_times",
    prefix="wht",
    only=lambda row: row.c.tenant_id == ACTING_TENANT,
)
