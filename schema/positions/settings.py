"""What do clients see of a tenant's kinds of post and of what it changed of their grants, and how do they change it?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import func

from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import Many, Row, Source, column, read, reads, table_of
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, written
from schema.node import NodeInterface
from services.cases.backlog import redraw_work
from services.positions.policies import NewKind, add_position_kind, override_grant, remove_override
from services.positions.tables import PositionKind
from tenants.policies.roles import Override
from tenants.policies.tables import PolicyOverride
from tenants.work import TenantWork

PERMISSION = "settings:edit"


@strawberry.enum(name="OverrideEffect")
class OverrideEffect(Enum):
    """What an override does."""

    ALLOW = strawberry.enum_value("ALLOW", description="给予: gives the permission.")
    DENY = strawberry.enum_value("DENY", description="收回: takes the permission.")


OVERRIDE = Source(table=table_of(PolicyOverride), name="policy_overrides", permission=PERMISSION)
KIND_OF_TENANT = Source(
    table=table_of(PositionKind),
    name="position_kinds",
    prefix="kin",
    permission="place:read",
    public=lambda kind: kind.c.tenant_id == ACTING_TENANT,
)


@reads(OVERRIDE)
@strawberry.type(name="GrantOverride", description="权限调整: what the tenant changed of a kind of post's grants.")
class GrantOverrideType:
    """A change of grants."""

    permission: str = column(lambda override: override.c.permission, "For example contact:reveal.")
    rows: str = column(lambda override: override.c.rows, "own, place or all; * in a denial of all of them.")
    condition: str | None = column(lambda override: func.nullif(override.c.condition, ""))
    effect: OverrideEffect = column(lambda override: func.upper(override.c.effect))


def _of_kind(kind: Row, override: Row) -> Any:
    return (override.c.tenant_id == kind.c.tenant_id) & (override.c.kind_code == kind.c.code)


@reads(KIND_OF_TENANT)
@strawberry.type(name="TenantPositionKind", description="本单位的岗位类型: a kind of post that the tenant has.")
class TenantPositionKindType(NodeInterface):
    """A kind of post with what it is and grants."""

    code: str = column(lambda kind: kind.c.code, "What `appointPosition` takes.")
    name: str = column(lambda kind: kind.c.name)
    name_en: str = column(lambda kind: kind.c.name_en)
    copies: str = column(lambda kind: kind.c.grants_as, "The starting kind whose grants it has.")
    duties: str | None = column(lambda kind: kind.c.duties, "As on the duty board.")
    board_rank: int | None = column(
        lambda kind: kind.c.board_rank, "Where it stands on the duty board; null is off it."
    )
    is_party_post: bool = column(lambda kind: kind.c.is_party_post)
    overrides: list[GrantOverrideType] | None = read(
        Many(
            on=_of_kind,
            order=lambda override: (override.c.permission, override.c.rows, override.c.condition, override.c.id),
        ),
        "What the tenant changed of its grants; for those who edit settings.",
    )


@strawberry.input(
    name="AddPositionKindInput", description="新增岗位类型: a kind of the tenant's own, for example a mediator."
)
class AddPositionKindInput:
    """A new kind."""

    code: str = strawberry.field(description="Small letters, digits and hyphens.")
    name: str
    name_en: str
    copies: str = strawberry.field(description="The starting kind whose grants, places and bodies it takes over.")
    duties: str | None = None
    board_rank: int | None = strawberry.field(
        default=None, description="Where it stands on the duty board; null keeps it off."
    )


@strawberry.input(name="OverrideGrantInput", description="权限调整: never past the tenant's own walls.")
class OverrideGrantInput:
    """A change of grants."""

    kind: str = strawberry.field(description="The code of a kind of post that the caller does not hold.")
    permission: str
    rows: str = strawberry.field(description="own, place or all; a denial may say *.")
    condition: str = strawberry.field(default="", description="As in `me.grants`; a denial may say *.")
    effect: OverrideEffect

    def override(self) -> Override:
        """Say it in the command's words."""
        return Override(self.kind, self.permission, self.rows, self.condition, self.effect.name.lower())


@strawberry.type(name="PositionKindPayload")
class PositionKindPayload(WrittenPayload):
    """The kind of post as it is now, or why not."""

    kind: TenantPositionKindType | None = written("TenantPositionKind")


@strawberry.type
class PolicyMutations:
    """What kinds of post there are and what they grant."""

    @strawberry.mutation(description="新增岗位类型: adds a kind of post of the tenant's own.")
    async def add_position_kind(self, info: GatewayInfo, input: AddPositionKindInput) -> PositionKindPayload:
        """Add a kind."""
        new = NewKind(input.code, input.name, input.name_en, input.copies, input.duties, input.board_rank)
        return await perform(info, PositionKindPayload, lambda work: add_position_kind(work, new=new))

    @strawberry.mutation(
        description="调整权限: gives a permission to a kind of post or takes it; holds from the next request."
    )
    async def override_grant(self, info: GatewayInfo, input: OverrideGrantInput) -> PositionKindPayload:
        """Override."""
        return await perform(
            info,
            PositionKindPayload,
            lambda work: _redrawn(work, override_grant(work, override=input.override())),
        )

    @strawberry.mutation(description="撤销权限调整: lets the starting grants hold again.")
    async def remove_override(
        self, info: GatewayInfo, kind: str, permission: str, rows: str, condition: str = ""
    ) -> PositionKindPayload:
        """Remove an override."""
        return await perform(
            info,
            PositionKindPayload,
            lambda work: _redrawn(
                work, remove_override(work, kind_code=kind, permission=permission, rows=rows, condition=condition)
            ),
        )


async def _redrawn(work: TenantWork, changed: Awaitable[uuid.UUID]) -> uuid.UUID:
    """Let open cases wait for whoever may take their next step under the grants as they now are."""
    kind_id = await changed
    await redraw_work(work)
    return kind_id
