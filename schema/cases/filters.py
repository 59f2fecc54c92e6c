"""By what can cases be found, and how are they ordered?"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import ARRAY, DateTime, Text, Uuid, and_, any_, exists, func, true

from schema.cases.enums import CaseColor, CaseKind, CaseSource, CaseStatus
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import FieldClass, Order, Row, plain_table, where
from schema.compiler.values import decode_id
from services.cases.tables import CaseDetails
from services.categories.tables import CaseCategory

_INSTANT = DateTime(timezone=True)


@strawberry.input(name="CaseStatusFilter", description="One of several statuses.")
class CaseStatusFilter:
    """Which statuses."""

    in_: list[CaseStatus] | None = strawberry.field(name="in", default=None)


@strawberry.input(name="InstantRange", description="From an instant to before another.")
class InstantRange:
    """A span of time, half open."""

    from_: datetime | None = strawberry.field(name="from", default=None)
    to: datetime | None = None


def _status(row: Row, value: Any) -> Any:
    listed = value.get("in")
    if listed is None:
        return true()
    names = listed.mapped(lambda chosen, _: [choice.name for choice in chosen], ARRAY(Text))
    return row.c.status == any_(names)


def _between(column: str) -> Any:
    def condition(row: Row, value: Any) -> Any:
        start, end = value.get("from"), value.get("to")
        asked = [] if start is None else [row.c[column] >= start.bind(_INSTANT)]
        asked += [] if end is None else [row.c[column] < end.bind(_INSTANT)]
        return and_(true(), *asked)

    return condition


def _is_overdue(row: Row, value: Any) -> Any:
    # Two conditions, each of which an index serves, instead of a comparison of truths.
    return is_overdue(row) if value.sample else row.c.due_order >= row.as_of


def is_overdue(row: Row) -> Any:
    """Ask that a case is open and past its due time."""
    return row.c.due_order < row.as_of


def _in_place(column: str, prefix: str) -> Any:
    return lambda row, value: (row.c.tenant_id == value.id_tenant(prefix)) & (row.c[column] == value.row_id(prefix))


def _category(row: Row, value: Any) -> Any:
    category = plain_table(CaseCategory).alias("filed_under")
    found = exists().where(
        category.c.tenant_id == row.c.tenant_id,
        category.c.id == row.c.category_id,
        category.c.code == value.text(),
    )
    return found.correlate_except(category)


def _title(row: Row, value: Any) -> Any:
    details = plain_table(CaseDetails).alias("titled")
    found = exists().where(
        details.c.tenant_id == row.c.tenant_id,
        details.c.id == row.c.id,
        details.c.tenant_id == ACTING_TENANT,
        func.strpos(details.c.title, value.text()) > 0,
    )
    return found.correlate_except(details)


def _accountable(row: Row, value: Any) -> Any:
    return row.c.accountable_body_id == value.mapped(lambda text, _: _body_id(text), Uuid())


def _body_id(text: str) -> uuid.UUID | None:
    # A body of any kind: they are one directory, shared by all.
    found = decode_id(text)
    return found.row_id if found is not None and found.tenant_id == 0 else None


def _named(column: str) -> Any:
    return lambda row, value: row.c[column] == value.mapped(lambda choice, _: choice.name, Text())


@strawberry.input(name="CaseFilter", description="Every condition given must hold.")
class CaseFilter:
    """Which cases."""

    status: CaseStatusFilter | None = where(_status)
    kind: CaseKind | None = where(_named("kind"))
    source: CaseSource | None = where(_named("source"))
    is_overdue: bool | None = where(_is_overdue, "Open and past its due time, or not.")
    color: CaseColor | None = where(_named("color"))
    grid_id: strawberry.ID | None = where(_in_place("grid_id", "grd"))
    community_id: strawberry.ID | None = where(
        lambda row, value: row.c.tenant_id == value.id_tenant("com"), "Of those below an office."
    )
    reported_at: InstantRange | None = where(_between("reported_at"))
    category_code: str | None = where(_category)
    title_contains: str | None = where(_title, field_class=FieldClass.INTERNAL)
    accountable_body_id: strawberry.ID | None = where(_accountable, "Whoever answers for it now.")


CASE_ORDERS = {
    "REPORTED_AT_DESC": Order(lambda row: row.c.reported_at, descending=True),
    "REPORTED_AT_ASC": Order(lambda row: row.c.reported_at),
    "DUE_AT_ASC": Order(lambda row: row.c.due_order),
    "DUE_AT_DESC": Order(lambda row: row.c.due_order, descending=True),
}
