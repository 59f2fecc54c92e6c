"""How does an account that holds no post in a community come in, and leave again?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import strawberry

from schema.context import GatewayContext, GatewayInfo
from schema.mutation import WrittenPayload, perform, run_command, run_each_time, sealer_for, written
from schema.tenancy.types import TenantType
from services.residents.errors import CommunityNotOpen
from services.residents.joining import check_takes_visitors, join_community, leave_community
from services.residents.rules import VISITOR
from tenants.errors import Refused, TenantSuspended, TenantUnknown
from tenants.idempotency.keys import Answer, check_key
from tenants.work import TenantWork

if TYPE_CHECKING:
    from tenants.grants import Grants


@strawberry.type(name="JoinCommunityPayload")
class JoinCommunityPayload(WrittenPayload):
    """The community joined, or why not."""

    tenant: TenantType | None = written("Tenant")


@strawberry.type(name="LeaveCommunityPayload")
class LeaveCommunityPayload(WrittenPayload):
    """The community left, or why not."""

    tenant: TenantType | None = written("Tenant")


@dataclass(slots=True)
class _AtTheDoor(GatewayContext):
    """The same request, before a community in which the caller holds nothing yet."""

    door: str = ""

    async def knock(self) -> None:
        """Find out whether there is such a community, and whether the caller's issuer may vouch for a visitor there.

        Raises Unauthenticated, TenantUnknown, TryAgain.
        """
        self.grants = await self.gateway.identifier.at_the_door(
            self.grants, self.caller.authorization, self.door, kind=VISITOR
        )

    async def renew(self) -> Grants:
        """Look again, since what was found was stale."""
        await self.knock()
        return self.grants


@strawberry.type
class JoiningMutations:
    """In and out of a community."""

    @strawberry.mutation(
        description="加入社区: lets an account in as a visitor, who reports cases and asks to be bound to a dwelling. "
        "Needs no X-Tenant; a community that is not there and one that lets nobody in answer alike."
    )
    async def join_community(self, info: GatewayInfo, slug: str) -> JoinCommunityPayload:
        """Join a community."""
        try:
            answer = await _join(info.context, slug)
        except (TenantUnknown, TenantSuspended):
            answer = Answer(refusal=CommunityNotOpen(field="slug"))
        except Refused as refused:
            answer = Answer(refusal=refused)
        return JoinCommunityPayload.of(answer, info.context.language)

    @strawberry.mutation(
        description="离开社区: ends at once what lets the caller in as a visitor or resident. Names the one acted in."
    )
    async def leave_community(self, info: GatewayInfo, slug: str) -> LeaveCommunityPayload:
        """Leave a community."""
        return await perform(info, LeaveCommunityPayload, lambda work: leave_community(work, slug=slug))


async def _join(context: GatewayContext, slug: str) -> Answer:
    await _hold_to_key(context)
    door = _AtTheDoor(**{one.name: getattr(context, one.name) for one in fields(context)}, door=slug)
    await door.knock()
    # Nothing is written, not even a key, where nobody is let in.
    await run_command(door, check_takes_visitors)
    sealer = await sealer_for(door)
    phone = context.gateway.identifier.vouched_phone(context.caller.authorization)

    async def join(work: TenantWork) -> Answer:
        uid = await join_community(work, phone=phone, sealer=sealer)
        return Answer(uid, row_tenant_id=work.tenant.id)

    return await run_command(door, join)


async def _hold_to_key(context: GatewayContext) -> None:
    """Hold the call's key to its input, in the tenant acted in; who acts in none joins once anyway.

    Raises Refused.
    """
    if context.keyed is None:
        return
    check_key(context.keyed.key)
    if context.grants.tenant is not None:
        await run_each_time(context, _nothing)


async def _nothing(_: TenantWork) -> None:
    """Do nothing besides taking the key."""
