"""How do clients set targets?"""

from __future__ import annotations

from datetime import date

import strawberry

from schema.case_targets.types import CaseTargetType, TargetBound
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, row_id, written
from schema.summaries.measures import CaseMeasure
from services.case_targets.commands import end_case_target, set_case_target
from services.case_targets.rules import Target


@strawberry.input(name="CaseTargetInput", description="设定目标.")
class CaseTargetInput:
    """A target."""

    measure: CaseMeasure
    bound: TargetBound = TargetBound.AT_LEAST
    value: float = strawberry.field(description="Of a rate from 0 to 1.")
    since: date = strawberry.field(description="The first day.")
    until: date = strawberry.field(description="The last day, which belongs to it.")
    basis: str = strawberry.field(description="依据: the rule or plan that sets it, 200 characters at most.")

    def target(self) -> Target:
        """Say it in the command's words."""
        return Target(self.measure.name, self.bound.name, self.value, self.since, self.until, self.basis)


@strawberry.type(name="CaseTargetPayload")
class CaseTargetPayload(WrittenPayload):
    """The target as it is now, or why not."""

    target: CaseTargetType | None = written("CaseTarget")


@strawberry.type
class CaseTargetMutations:
    """Targets."""

    @strawberry.mutation(description="设定目标: aims at something in the sums of the tenant acted in.")
    async def set_case_target(self, info: GatewayInfo, input: CaseTargetInput) -> CaseTargetPayload:
        """Set."""
        return await perform(info, CaseTargetPayload, lambda work: set_case_target(work, target=input.target()))

    @strawberry.mutation(description="终止目标: lets a target hold no longer from today on.")
    async def end_case_target(self, info: GatewayInfo, target_id: strawberry.ID) -> CaseTargetPayload:
        """End."""
        return await perform(
            info,
            CaseTargetPayload,
            lambda work: end_case_target(work, target_id=row_id(target_id, "tgt", work)),
        )
