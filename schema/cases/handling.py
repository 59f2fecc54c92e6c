"""How do those to whom a case was handed work with it?"""

from __future__ import annotations

import strawberry

from schema.cases.payloads import CasePayload, perform_on_case
from schema.context import GatewayInfo
from schema.mutation import row_id
from services.cases.commands.handling import hand_on_case, resolve_case, return_case


@strawberry.input(name="ResolveCaseInput", description="办结.")
class ResolveCaseInput:
    """A settlement."""

    note: str = strawberry.field(description="How it was settled.")
    attachment_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="From POST /files.")


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
        return await perform_on_case(
            info, case_id, lambda work, case: resolve_case(work, case_id=case, note=input.note)
        )
