"""How do clients call reporters back, and bring cases to their end?"""

from __future__ import annotations

import strawberry

from schema.cases.enums import Satisfaction
from schema.cases.payloads import CasePayload, perform_on_case
from schema.context import GatewayInfo
from services.cases.commands.settling import (
    CallBack,
    call_back_case,
    close_case,
    rate_case,
    reopen_case,
    verify_case,
)


@strawberry.input(name="CallBackCaseInput", description="回访: what the reporter said, if reached.")
class CallBackCaseInput:
    """A call-back."""

    is_contacted: bool
    is_solved: bool | None = strawberry.field(default=None, description="Goes with a reporter who was reached.")
    satisfaction: Satisfaction | None = None
    comment: str | None = strawberry.field(default=None, description="In the reporter's words.")
    reason: str | None = strawberry.field(default=None, description="Why not reached, not solved or not satisfied.")

    def call_back(self) -> CallBack:
        """Say it in the command's words."""
        satisfaction = self.satisfaction.name if self.satisfaction else None
        return CallBack(self.is_contacted, self.is_solved, satisfaction, self.comment, self.reason)


@strawberry.input(name="RateCaseInput", description="评价: what the reporter says of the own case.")
class RateCaseInput:
    """A rating."""

    is_solved: bool
    satisfaction: Satisfaction
    comment: str | None = None


@strawberry.type
class CaseSettlingMutations:
    """Settling."""

    @strawberry.mutation(
        description="核查: records that somebody who did not handle it looked at a resolved case; "
        "what is not settled goes back as rework, and takes a note."
    )
    async def verify_case(
        self, info: GatewayInfo, case_id: strawberry.ID, *, is_settled: bool, note: str | None = None
    ) -> CasePayload:
        """Verify."""
        return await perform_on_case(
            info, case_id, lambda work, case: verify_case(work, case_id=case, is_settled=is_settled, note=note)
        )

    @strawberry.mutation(
        description="评价: the reporter says whether it is solved, which counts as a call-back; "
        "what is not solved and not closed goes back as rework."
    )
    async def rate_case(self, info: GatewayInfo, case_id: strawberry.ID, input: RateCaseInput) -> CasePayload:
        """Rate."""
        return await perform_on_case(
            info,
            case_id,
            lambda work, case: rate_case(
                work,
                case_id=case,
                is_solved=input.is_solved,
                satisfaction=input.satisfaction.name,
                comment=input.comment,
            ),
        )

    @strawberry.mutation(description="回访: records a call-back; what is not solved goes back as rework.")
    async def call_back_case(self, info: GatewayInfo, case_id: strawberry.ID, input: CallBackCaseInput) -> CasePayload:
        """Call back."""
        return await perform_on_case(
            info, case_id, lambda work, case: call_back_case(work, case_id=case, call_back=input.call_back())
        )

    @strawberry.mutation(description="结案: closes a resolved case.")
    async def close_case(self, info: GatewayInfo, case_id: strawberry.ID, note: str | None = None) -> CasePayload:
        """Close."""
        return await perform_on_case(info, case_id, lambda work, case: close_case(work, case_id=case, note=note))

    @strawberry.mutation(description="重新办理: takes a closed case up again, as rework.")
    async def reopen_case(self, info: GatewayInfo, case_id: strawberry.ID, reason: str) -> CasePayload:
        """Reopen."""
        return await perform_on_case(info, case_id, lambda work, case: reopen_case(work, case_id=case, reason=reason))
