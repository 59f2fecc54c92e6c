"""How is what has happened read, as far as a subscriber may be told? One statement for each batch of events.

An event bears its row as it was and as it became. Both images are stood as rows of the source, so that the caller's
sight and the filter are asked of them by the same declarations as of the row itself, as of then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, column, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

from schema.compiler.context import ACCOUNT, ACTING_TENANT
from schema.compiler.declare import Row
from schema.compiler.feeds import Feed, Letters
from schema.compiler.filtering import ForbiddenFilter, filter_conditions
from schema.compiler.json_sql import EMPTY_LIST, quoted
from tenants.errors import Forbidden

if TYPE_CHECKING:
    from graphql import FieldNode

    from schema.compiler.plan import Plan
    from schema.compiler.planning import Planner
    from schema.compiler.values import Getter

# The events looked through by one statement, whether they are told or not.
EVENTS_AT_ONCE = 100
_A_MOMENT: Any = literal_column("interval '1 millisecond'")
_AS_TOLD: Any = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM'""")
# Whose events an office reads: each is one index. An office's own rows bear its own number there, too.
_OFFICES = {"street": "street_id", "district": "district_id"}


def plan_newest(planner: Planner, declared: Feed) -> Plan:
    """Compile what tells the number of the newest event within the caller's reach; 0 when there is none."""
    events = declared.events("e")
    newest = func.coalesce(func.max(events.c.sequence), literal_column("0"))
    told = select(func.to_json(newest, type_=JSON)).where(_within(planner, events))
    return planner.finish(told, {}, (), needs_tenant=True)


def plan_events(planner: Planner, declared: Feed, node: FieldNode, after: Getter) -> Plan:
    """Compile what reads the next batch of events after a number.

    It gives `scanned`, how many were looked through; `newest`, the number of the last of these; and `events` with
    `sequence`, `at`, `action`, `tenant_id` and `row_id`: those whose row the caller saw and asked for, before or after.
    Raises Forbidden.
    """
    events = declared.events("e")
    batch = (
        select(events)
        .where(_within(planner, events), events.c.sequence > planner.binds.bind(after, BigInteger()))
        .order_by(events.c.sequence)
        .limit(literal_column(str(EVENTS_AT_ONCE)))
        .subquery("batch")
    )
    given = planner.arguments("Subscription", node).get("filter") or {}
    images = [
        _matches(planner, declared, node, given, _Image(batch, "before", batch.c.at - _A_MOMENT)),
        _matches(planner, declared, node, given, _Image(batch, "after", batch.c.at)),
    ]
    told = (
        select(
            batch.c.sequence,
            func.to_char(batch.c.at, _AS_TOLD).label("at"),
            batch.c.action,
            batch.c.tenant_id,
            batch.c[declared.row_id].label("row_id"),
            or_(*images).label("is_told"),
        )
        .select_from(batch)
        .subquery("told")
    )
    return planner.finish(_gathered(told), {}, (), needs_tenant=True)


def plan_newest_letter(planner: Planner, declared: Letters) -> Plan:
    """Compile what tells the number of the newest letter to the caller; 0 when there is none."""
    letters = planner.row(planner.model.source(declared.type_name))
    newest = func.coalesce(func.max(letters.c.sequence), literal_column("0"))
    told = select(func.to_json(newest, type_=JSON)).where(letters.c.account_id == ACCOUNT)
    return planner.finish(told, {}, (), needs_tenant=False)


def plan_place_of_letter(planner: Planner, declared: Letters, tenant_id: Getter, row_id: Getter) -> Plan:
    """Compile what tells the number of one letter to the caller; null when there is no such."""
    letters = planner.row(planner.model.source(declared.type_name))
    told = select(func.to_json(letters.c.sequence, type_=JSON)).where(
        letters.c.account_id == ACCOUNT,
        letters.c.tenant_id == planner.binds.bind(tenant_id, letters.c.tenant_id.type),
        letters.c.id == planner.binds.bind(row_id, letters.c.id.type),
    )
    return planner.finish(told, {}, (), needs_tenant=False)


def plan_letters(planner: Planner, declared: Letters, after: Getter) -> Plan:
    """Compile what reads the next batch of letters to the caller after a number, in the shape of `plan_events`."""
    letters = planner.row(planner.model.source(declared.type_name))
    told = (
        select(
            letters.c.sequence,
            func.to_char(letters.c.at, _AS_TOLD).label("at"),
            letters.c.kind.label("action"),
            letters.c.tenant_id,
            letters.c.id.label("row_id"),
            true().label("is_told"),
        )
        .where(letters.c.account_id == ACCOUNT, letters.c.sequence > planner.binds.bind(after, BigInteger()))
        .order_by(letters.c.sequence)
        .limit(literal_column(str(EVENTS_AT_ONCE)))
        .subquery("told")
    )
    return planner.finish(_gathered(told), {}, (), needs_tenant=False)


@dataclass(frozen=True, slots=True)
class _Image:
    """The row as one side of an event shows it, as of the instant at which it was so."""

    batch: Any
    side: str
    as_of: Any


def _within(planner: Planner, events: Any) -> Any:
    acting = planner.grants.tenant
    office = _OFFICES.get(acting.kind if acting else "", "tenant_id")
    return events.c[office] == ACTING_TENANT


def _matches(planner: Planner, declared: Feed, node: FieldNode, given: Any, image: _Image) -> Any:
    source = planner.model.source(declared.type_name)
    table = source.table("stored").element  # type: ignore[attr-defined]
    populated = func.json_populate_record(literal_column(f"null::{table.name}"), image.batch.c[image.side])
    stood = populated.table_valued(*(column(one.name, one.type) for one in table.c), name=image.side)
    row = Row(stood, source.name, as_of=image.as_of)
    sight = planner.sights.of_row(source, row)
    if sight.is_forbidden:
        raise Forbidden(permission=source.permission)
    owner: Any = planner.model.schema.subscription_type
    filter_type = owner.fields[node.name.value].args["filter"].type
    try:
        filtered = filter_conditions(planner, filter_type, given, source, row)
    except ForbiddenFilter as refused:
        raise Forbidden(permission=refused.permission) from refused
    seen = [] if sight.condition is None else [sight.condition]
    # There is no row before the first event; nothing is asked of one that is all nulls.
    is_there = row.c[source.id_column].is_not(None)
    found: Any = select(literal_column("1")).select_from(stood).where(is_there, *seen, *filtered)
    return found.correlate(image.batch).exists()


def _gathered(told: Any) -> Any:
    names = ("sequence", "at", "action", "tenant_id", "row_id")
    one = func.json_build_object(*(part for name in names for part in (quoted(name), told.c[name])), type_=JSON)
    events = func.json_agg(aggregate_order_by(one, told.c.sequence), type_=JSON).filter(told.c.is_told)
    parts = {"scanned": func.count(), "newest": func.max(told.c.sequence), "events": func.coalesce(events, EMPTY_LIST)}
    whole = func.json_build_object(
        *(part for name, value in parts.items() for part in (quoted(name), value)), type_=JSON
    )
    return select(whole).select_from(told)
