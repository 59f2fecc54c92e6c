"""Where are residents read from, and who sees whom?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, Text, cast, exists, or_, select, union_all

from schema.compiler.context import ACTING_TENANT, RequestContext, ScopeBinds
from schema.compiler.declare import Row, Source, plain_table, table_of
from schema.compiler.json_sql import quoted
from services.people.tables import DwellingHolder, Household, Person
from services.places.tables import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import FromClause

    from schema.compiler.values import Value

_HOLDER = plain_table(DwellingHolder)
_HOUSEHOLD = plain_table(Household)
_PERSON = plain_table(Person)


def _dwelling_inside(row: Row, scope: ScopeBinds) -> Any:
    dwelling = plain_table(Place).alias("home")
    mine = scope.holds_any(
        grid_ids=dwelling.c.grid_id,
        building_ids=dwelling.c.building_id,
        estate_ids=dwelling.c.estate_id,
        dwelling_ids=dwelling.c.id,
    )
    found = exists().where(dwelling.c.tenant_id == row.c.tenant_id, dwelling.c.id == row.c.dwelling_id, mine)
    return found.correlate_except(dwelling)


def _person_inside(row: Row, scope: ScopeBinds) -> Any:
    ways = []
    for table, name, column in ((_HOLDER, "holders", "person_id"), (_HOUSEHOLD, "households", "head_id")):
        link = table.alias("link")
        home = exists().where(
            link.c.tenant_id == row.c.tenant_id,
            link.c[column] == row.c.id,
            _dwelling_inside(Row(link, name), scope),
        )
        ways.append(home.correlate_except(link))
    return or_(*ways)


def _holders(name: str) -> FromClause:
    """Stand the holders with their masked names beside them."""
    return (
        select(_HOLDER, _PERSON.c.name_masked, _PERSON.c.phone_masked)
        .join(_PERSON, (_PERSON.c.tenant_id == _HOLDER.c.tenant_id) & (_PERSON.c.id == _HOLDER.c.person_id))
        .correlate_except(_HOLDER, _PERSON)
        .subquery(name)
    )


def _holder_source(role: str) -> Source:
    return Source(
        table=_holders,
        name="holders",
        only=lambda holder: holder.c.role == quoted(role),
        permission="resident:read",
        within=_dwelling_inside,
    )


OWNER = _holder_source("owner")
RENTER = _holder_source("renter")
HOUSEHOLD = Source(
    table=table_of(Household),
    name="households",
    prefix="hsh",
    permission="resident:read",
    within=_dwelling_inside,
)
PERSON = Source(table=table_of(Person), name="people", prefix="per", permission="resident:read", within=_person_inside)


def person_id(holder: Row) -> Any:
    """Write the global id of the person who holds a dwelling."""
    return (
        quoted("per_").concat(cast(holder.c.tenant_id, Text)).concat(quoted("_")).concat(cast(holder.c.person_id, Text))
    )


def is_owner(dwelling: Row, holder: Row) -> Any:
    """Link a dwelling with those who hold it; the type's own role narrows it."""
    return (holder.c.tenant_id == dwelling.c.tenant_id) & (holder.c.dwelling_id == dwelling.c.id)


is_renter = is_owner


def is_reached_by(purpose: str) -> Callable[[Row, Value], Any]:
    """Find dwellings by an owner's, renter's or household head's exact phone or name, through the blind index."""

    def condition(dwelling: Row, value: Value) -> Any:
        index = value.mapped(lambda text, context: _blind(context, purpose, text), LargeBinary())
        found = select(_PERSON.c.id).where(_PERSON.c.tenant_id == ACTING_TENANT, _PERSON.c[f"{purpose}_index"] == index)
        held = select(_HOLDER.c.dwelling_id).where(_HOLDER.c.tenant_id == ACTING_TENANT, _HOLDER.c.person_id.in_(found))
        headed = select(_HOUSEHOLD.c.dwelling_id).where(
            _HOUSEHOLD.c.tenant_id == ACTING_TENANT,
            _HOUSEHOLD.c.head_id.in_(found),
            _HOUSEHOLD.c.until.is_(None),
        )
        return dwelling.c.id.in_(union_all(held, headed))

    return condition


def _blind(context: RequestContext, purpose: str, text: str) -> bytes:
    if context.blind_index is None:
        message = "the request brings no index keys"
        raise AssertionError(message)
    return context.blind_index(purpose, text)
