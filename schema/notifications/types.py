"""What do clients see of what they are told, in all tenants at once?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Text, case, cast, false, func, select, true

from schema.compiler.context import ACCOUNT, LANGUAGE
from schema.compiler.declare import One, Row, SameRow, Source, column, plain_table, read, reads, table_of
from schema.compiler.json_sql import global_id, quoted
from schema.node import NodeInterface
from schema.positions.sources import is_current
from services.notifications.tables import Notification
from tenants.tables import Membership

if TYPE_CHECKING:
    from schema.tenancy.types import TenantType

# What each kind is called, in Chinese and English.
_LABELS: Mapping[str, tuple[str, str]] = {
    "HANDED": ("交办", "Handed to you"),
    "ACCEPTED": ("已受理", "Accepted"),
    "EXCLUDED": ("不予受理", "Not taken on"),
    "RESOLVED": ("已办结", "Settled"),
    "CLOSED": ("已结案", "Closed"),
    "REOPENED": ("重新办理", "Taken up again"),
    "URGE": ("催办", "Urged"),
    "YELLOW": ("黄灯预警", "Nearly due"),
    "RED": ("红灯预警", "Overdue"),
    "SUPERVISED": ("督办", "Supervised"),
}


@strawberry.enum(name="NotificationKind")
class NotificationKind(Enum):
    """What somebody is told."""

    HANDED = strawberry.enum_value("HANDED", description="交办: a case was handed to you.")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="已受理: what you reported was accepted.")
    EXCLUDED = strawberry.enum_value("EXCLUDED", description="不予受理: it was not taken on; `note` says why.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="已办结: it was settled.")
    CLOSED = strawberry.enum_value("CLOSED", description="已结案: it was closed.")
    REOPENED = strawberry.enum_value("REOPENED", description="重新办理: it was taken up again.")
    URGE = strawberry.enum_value("URGE", description="催办: what waits for you is urged.")
    YELLOW = strawberry.enum_value("YELLOW", description="黄灯预警: what waits for you is nearly due.")
    RED = strawberry.enum_value("RED", description="红灯预警: what waits for you is past its red limit.")
    SUPERVISED = strawberry.enum_value("SUPERVISED", description="督办: an office above supervises it.")


def is_mine(row: Row) -> Any:
    """Ask that it was told to the account, and it still holds a post where it then acted from."""
    post = plain_table(Membership).alias("by_post")
    # Looked up row by row: joined, it would have a page's order sorted anew.
    held = (
        select(true())
        .where(
            post.c.account_id == ACCOUNT,
            post.c.tenant_id == row.c.post_tenant_id,
            is_current(Row(post, "by_post")),
        )
        .limit(1)
    )
    return (row.c.account_id == ACCOUNT) & func.coalesce(held.correlate_except(post).scalar_subquery(), false())


def count_unread() -> Any:
    """Count what the account has not read, in all tenants."""
    told = plain_table(Notification).alias("unread")
    mine = is_mine(Row(told, "unread"))
    return select(func.count()).where(mine, told.c.read_at.is_(None)).correlate_except(told).scalar_subquery()


def _title(row: Row) -> Any:
    def label(position: int) -> Any:
        return case(
            *((row.c.kind == quoted(kind), quoted(names[position])) for kind, names in _LABELS.items()),
            else_=row.c.kind,
        )

    named = cast(case((quoted("en") == LANGUAGE, label(1)), else_=label(0)), Text)
    return named.concat(quoted(" ")).concat(row.c.number).concat(quoted(" ")).concat(row.c.subject)


NOTIFICATION = Source(table=table_of(Notification), name="notifications", prefix="ntf", only=is_mine)
_PART_OF_NOTIFICATION = Source(table=table_of(Notification), name="notifications", only=is_mine)


@reads(_PART_OF_NOTIFICATION)
@strawberry.type(name="NotifiedCase", description="通知所涉诉求: a case as a notification names it.")
class NotifiedCaseType:
    """A case that somebody is told of."""

    id: strawberry.ID = column(
        lambda told: global_id("cas", told.c.tenant_id, told.c.case_id),
        "As `case` takes it, in the notification's tenant, as long as it is within reach.",
    )
    number: str = column(lambda told: told.c.number)


@reads(NOTIFICATION)
@strawberry.type(name="Notification", description="通知: something that the account is told.")
class NotificationType(NodeInterface):
    """Something told."""

    at: datetime = column(lambda told: told.c.at)
    kind: NotificationKind = column(lambda told: told.c.kind)
    title: str = column(_title, "In the caller's language, with the case's number and title.")
    note: str | None = column(lambda told: told.c.note, "What was written to you with it.")
    link: str = column(
        lambda told: quoted("/cases/").concat(global_id("cas", told.c.tenant_id, told.c.case_id)),
        "Where apps show it.",
    )
    read_at: datetime | None = column(lambda told: told.c.read_at, "Null while it is unread.")
    case: NotifiedCaseType | None = read(SameRow())
    tenant: Annotated[TenantType, strawberry.lazy("schema.tenancy.types")] | None = read(
        One(on=lambda told, tenant: tenant.c.id == told.c.post_tenant_id), "Where to act: what X-Tenant takes."
    )
