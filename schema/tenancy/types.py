"""What do clients see of themselves: account, tenants, positions, grants?"""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Text, cast, exists, func, or_
from sqlalchemy import column as sql_column

from schema.compiler.context import ACCOUNT, ACTING_TENANT, GRANTS_JSON
from schema.compiler.declare import Many, One, Row, SameRow, Source, column, plain_table, read, reads, table_of
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from schema.notifications.types import count_unread
from schema.places.areas import PlaceInterface
from schema.positions.sources import is_current
from schema.positions.types import PositionType
from schema.residents.sources import is_of_account
from schema.residents.types import ResidencyType
from schema.work_items.types import count_of, has_reason, is_due_soon, is_late
from tenants.tables import Account, Membership, Tenant


@strawberry.enum(name="TenantKind")
class TenantKind(Enum):
    """Kinds of tenant."""

    DISTRICT = strawberry.enum_value("DISTRICT", description="区: a district office.")
    STREET = strawberry.enum_value("STREET", description="街道: a street office.")
    COMMUNITY = strawberry.enum_value("COMMUNITY", description="社区: a community.")


def _in_reach(row: Row) -> object:
    mine = plain_table(Membership).alias("mine")
    held = exists().where(mine.c.account_id == ACCOUNT, mine.c.tenant_id == row.c.id, is_current(Row(mine, "mine")))
    upwards = or_(row.c.id == ACTING_TENANT, row.c.street_id == ACTING_TENANT, row.c.district_id == ACTING_TENANT)
    return or_(upwards, held.correlate_except(mine))


TENANT = Source(
    table=table_of(Tenant),
    name="tenants",
    prefix="ten",
    only=_in_reach,
    tenant=lambda row: row.c.id,
    id_column="uid",
    tie_column="id",
)
NAMED_TENANT = Source(table=table_of(Tenant), name="tenants", tenant=lambda row: row.c.id, id_column="uid")


def _waiting(*conditions: Any) -> Any:
    def counted(tenant: Row) -> Any:
        return count_of(lambda item: item.c.post_tenant_id == tenant.c.id, *conditions)

    return counted


@reads(NAMED_TENANT)
@strawberry.type(name="Workbench", description="工作台: what waits for the account in a tenant, counted.")
class WorkbenchType:
    """Counts of work."""

    to_accept: int = column(_waiting(has_reason("TO_ACCEPT")), "待受理")
    to_handle: int = column(_waiting(has_reason("TO_HANDLE")), "待处置")
    due_soon: int = column(_waiting(is_due_soon), "即将到期: due within 24 hours.")
    overdue: int = column(_waiting(is_late), "已超期")
    to_call_back: int = column(_waiting(has_reason("TO_CALL_BACK")), "待回访")


@reads(TENANT)
@strawberry.type(
    name="Tenant", description="单位: a district office, street office or community that uses the service."
)
class TenantType(NodeInterface):
    """A tenant."""

    slug: str = column(lambda tenant: tenant.c.slug, "What the X-Tenant header takes.")
    name: str = column(lambda tenant: tenant.c.name)
    kind: TenantKind = column(lambda tenant: func.upper(tenant.c.kind))
    parent: ParentTenantType | None = read(
        One(on=lambda tenant, parent: parent.c.id == tenant.c.parent_id), "The office above it."
    )
    place: PlaceInterface | None = read(SameRow(), "The place that the tenant looks after.")
    workbench: WorkbenchType | None = read(SameRow(), "What waits there for the account, counted.")


@reads(NAMED_TENANT)
@strawberry.type(name="ParentTenant", description="上级单位: the office above a tenant, by name.")
class ParentTenantType:
    """The office above a tenant."""

    id: strawberry.ID = column(
        lambda tenant: (
            quoted("ten_").concat(cast(tenant.c.id, Text)).concat(quoted("_")).concat(cast(tenant.c.uid, Text))
        )
    )
    slug: str = column(lambda tenant: tenant.c.slug)
    name: str = column(lambda tenant: tenant.c.name)
    kind: TenantKind = column(lambda tenant: func.upper(tenant.c.kind))


ACCOUNTS = Source(
    table=table_of(Account), name="accounts", prefix="acc", only=lambda row: row.c.id == ACCOUNT, tenant=None
)


@reads(ACCOUNTS)
@strawberry.type(name="Account", description="账号: who is signed in.")
class AccountType(NodeInterface):
    """An account."""

    display_name: str = column(lambda account: account.c.display_name)


def _granted(name: str) -> object:
    columns = [sql_column(part, Text) for part in ("permission", "tenants", "rows", "condition")]
    return func.json_to_recordset(GRANTS_JSON).table_valued(*columns, name=name).render_derived(with_types=True)


@reads(Source(table=_granted, name="grants"))  # type: ignore[arg-type]
@strawberry.type(name="Grant", description="授权: a permission, for some tenants and some rows.")
class GrantType:
    """A grant."""

    permission: str = column(lambda grant: grant.c.permission, "For example dwelling:read.")
    tenants: str = column(lambda grant: grant.c.tenants, "acting, subtree or served.")
    rows: str = column(lambda grant: grant.c.rows, "own, place or all.")
    condition: str | None = column(lambda grant: func.nullif(grant.c.condition, quoted("")))


def _held(_: Row, tenant: Row) -> object:
    mine = plain_table(Membership).alias("membership")
    held = exists().where(mine.c.account_id == ACCOUNT, mine.c.tenant_id == tenant.c.id, is_current(Row(mine, "mine")))
    return held.correlate_except(mine) & (tenant.c.status != quoted("closed"))


def _mine(_: Row, post: Row) -> object:
    return (post.c.tenant_id == ACTING_TENANT) & (post.c.account_id == ACCOUNT) & is_current(post)


@strawberry.type(name="Me", description="Who is asking, in which tenant, with what posts and grants.")
class MeType:
    """The caller."""

    account: AccountType | None = read(One(on=lambda _, account: account.c.id == ACCOUNT))
    tenant: TenantType | None = read(
        One(on=lambda _, tenant: tenant.c.id == ACTING_TENANT),
        "The tenant acted in: X-Tenant, or the account's only one; else null.",
    )
    positions: list[PositionType] | None = read(
        Many(on=_mine, order=lambda post: (post.c.board_rank, post.c.id), covered=True),
        "The caller's posts in the tenant acted in.",
    )
    residencies: list[ResidencyType] | None = read(
        Many(
            on=is_of_account,
            order=lambda residency: (-func.date_part(quoted("epoch"), residency.c.requested_at), residency.c.id),
            covered=True,
        ),
        "What the caller asked for in the tenant acted in, the newest first.",
    )
    grants: list[GrantType] | None = read(
        Many(
            on=lambda _, grant: grant.c.permission.is_not(None),
            order=lambda grant: (grant.c.permission, grant.c.tenants, grant.c.rows, grant.c.condition),
            expected=20,
        ),
        "What these posts grant.",
    )
    unread_count: int = column(
        lambda _: count_unread(), "How many notifications the account has not read, over all tenants together."
    )
    tenants: list[TenantType] | None = read(
        Many(on=_held, order=lambda tenant: (tenant.c.sort_key, tenant.c.id)),
        "Every tenant in which the account holds a post.",
    )
