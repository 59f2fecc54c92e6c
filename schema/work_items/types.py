"""What do clients see of the work that waits for them, in all tenants at once?"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Interval, false, func, literal_column, or_, select, true

from schema.cases.enums import CaseStatus
from schema.compiler.context import ACCOUNT, NOW, TODAY
from schema.compiler.declare import One, Row, SameRow, Source, column, plain_table, read, reads, table_of
from schema.compiler.json_sql import global_id, quoted
from schema.positions.sources import is_current
from services.work_items.tables import WorkItem
from tenants.tables import Membership

if TYPE_CHECKING:
    from schema.tenancy.types import TenantType

_ITEMS = plain_table(WorkItem)
# What falls due within a day is due soon, until each category has limits of its own.
_SOON: Any = literal_column("interval '24 hours'", Interval())


@strawberry.enum(name="WorkReason")
class WorkReason(Enum):
    """What there is to do."""

    TO_ACCEPT = strawberry.enum_value("TO_ACCEPT", description="待受理: to be accepted.")
    TO_HANDLE = strawberry.enum_value("TO_HANDLE", description="待处置: to be dispatched or handled.")
    TO_CALL_BACK = strawberry.enum_value("TO_CALL_BACK", description="待回访: to be called back.")
    TO_DECIDE = strawberry.enum_value("TO_DECIDE", description="待审核: something was asked and is to be decided.")
    TO_WHISTLE = strawberry.enum_value("TO_WHISTLE", description="待吹哨: a whistle was asked for.")
    TO_ANSWER_WHISTLE = strawberry.enum_value("TO_ANSWER_WHISTLE", description="待应哨: a whistle is to be answered.")
    TO_ARRIVE = strawberry.enum_value("TO_ARRIVE", description="待报到: whoever answered is to arrive.")


def is_mine(row: Row) -> Any:
    """Ask that work waits for the account, by a post that is in force today and reaches it."""
    post = plain_table(Membership).alias("by_post")
    # Looked up row by row, by the whole key: joined, it would have a page's order sorted anew.
    held = select(true()).where(
        post.c.account_id == ACCOUNT,
        post.c.tenant_id == row.c.post_tenant_id,
        post.c.position_id == row.c.position_id,
        is_current(Row(post, "by_post")),
    )
    lasts = or_(row.c.until.is_(None), row.c.until >= TODAY)
    is_held = func.coalesce(held.correlate_except(post).scalar_subquery(), false())
    return (row.c.account_id == ACCOUNT) & lasts & is_held


def count_of(*conditions: Any) -> Any:
    """Count the account's work that meets conditions."""
    item = _ITEMS.alias("waiting")
    row = Row(item, "waiting")
    asked = [condition(row) for condition in conditions]
    return select(func.count()).where(is_mine(row), *asked).correlate_except(item).scalar_subquery()


def is_due_soon(row: Row) -> Any:
    """Ask that work is due within a day."""
    return (row.c.due_order >= NOW) & (row.c.due_order < NOW + _SOON)


def is_late(row: Row) -> Any:
    """Ask that work is past its due time."""
    return row.c.due_order < NOW


def has_reason(reason: str) -> Any:
    """Ask for what there is to do."""
    return lambda row: row.c.reason == quoted(reason)


WORK = Source(table=table_of(WorkItem), name="work_items", only=is_mine)


@reads(WORK)
@strawberry.type(name="WorkCase", description="待办诉求: a case as a list of work shows it.")
class WorkCaseType:
    """A case that waits."""

    id: strawberry.ID = column(
        lambda item: global_id("cas", item.c.tenant_id, item.c.case_id), "As `case` takes it, in the item's tenant."
    )
    number: str = column(lambda item: item.c.number)
    title: str = column(lambda item: item.c.title)
    status: CaseStatus = column(lambda item: item.c.status)
    due_at: datetime | None = column(lambda item: item.c.due_at)
    is_overdue: bool = column(lambda item: item.c.due_order < NOW)


@reads(WORK)
@strawberry.type(name="WorkDue", description="待办事由: what is to be done, and by when.")
class WorkDueType:
    """What is due."""

    at: datetime | None = column(lambda item: item.c.due_at)
    reason: WorkReason = column(lambda item: item.c.reason)


@reads(WORK)
@strawberry.type(name="WorkItem", description="待办: something that waits for the account.")
class WorkItemType:
    """Something to do."""

    tenant: Annotated[TenantType, strawberry.lazy("schema.tenancy.types")] | None = read(
        One(on=lambda item, tenant: tenant.c.id == item.c.post_tenant_id), "Where to act: what X-Tenant takes."
    )
    case: WorkCaseType | None = read(SameRow())
    due: WorkDueType | None = read(SameRow())
