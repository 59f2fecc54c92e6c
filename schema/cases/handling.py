"""How do those to whom a case was handed work with it?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable

import strawberry

from schema.cases.bringing import Brought, acting_id, bring, file_ids, leave_none_behind
from schema.cases.payloads import CasePayload, named_case, perform_on_case
from schema.compiler.values import GlobalIdValue
from schema.context import GatewayInfo
from schema.mutation import perform_shared, row_id
from services.cases.commands.handling import hand_on_case, resolve_case, return_case
from tenants.work import TenantWork


@strawberry.input(name="ResolveCaseInput", description="办结.")
class ResolveCaseInput:
    """A settlement."""

    note: str = strawberry.field(description="How it was settled.")
    attachment_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of POST /files?purpose=CASE, 9 at most."
    )


@strawberry.type
class CaseHandlingMutations:
    """Handling."""

    @strawberry.mutation(description="转派: hands a case on within one's company, which goes on answering for it.")
    async def hand_on_case(
        self, info: GatewayInfo, case_id: strawberry.ID, position_id: strawberry.ID, note: str | None = None
    ) -> CasePayload:
        """Hand on."""
        return await perform_on_case(
            info,
            case_id,
            lambda work, case: hand_on_case(
                work, case_id=case, position_id=row_id(position_id, "pos", work), note=note
            ),
        )

    @strawberry.mutation(description="退单: gives a case back to whoever dispatched it.")
    async def return_case(self, info: GatewayInfo, case_id: strawberry.ID, reason: str) -> CasePayload:
        """Return."""
        return await perform_on_case(info, case_id, lambda work, case: return_case(work, case_id=case, reason=reason))

    @strawberry.mutation(description="办结: says how a case is settled.")
    async def resolve_case(self, info: GatewayInfo, case_id: strawberry.ID, input: ResolveCaseInput) -> CasePayload:
        """Resolve."""
        context, named = info.context, named_case(case_id)
        if named is None or not input.attachment_ids or named.tenant_id == acting_id(context):
            return await perform_on_case(info, case_id, lambda work, case: _resolve_here(work, case, input))
        return await _resolve_elsewhere(info, named, input)


async def _resolve_here(work: TenantWork, case_id: uuid.UUID, input: ResolveCaseInput) -> uuid.UUID:
    files = file_ids(input.attachment_ids, tenant_id=work.tenant.id, field="input.attachmentIds")
    return await resolve_case(work, case_id=case_id, note=input.note, attachment_ids=files)


async def _resolve_elsewhere(info: GatewayInfo, named: GlobalIdValue, input: ResolveCaseInput) -> CasePayload:
    """Resolve a case of another tenant with files that lie in one's own: they come along."""
    brought: list[Brought] = []

    async def bring_along() -> None:
        brought.append(await bring(info.context, named, input.attachment_ids or [], note=input.note))

    def resolve(work: TenantWork, case_id: uuid.UUID) -> Awaitable[uuid.UUID]:
        return resolve_case(work, case_id=case_id, note=input.note, attachment_ids=brought[0].file_ids)

    payload = await perform_shared(info, CasePayload, named, resolve, before=bring_along)
    if brought and not payload.errors:
        await leave_none_behind(info.context, brought[0])
    return payload
