"""How do clients urge whoever a case waits for?"""

from __future__ import annotations

import strawberry

from schema.cases.enums import SupervisionLevel
from schema.cases.payloads import CasePayload, named_case, perform_on_case
from schema.context import GatewayInfo
from schema.mutation import perform_shared, run_command
from services.cases.commands.supervising import points_of, supervise_case, urge_case


@strawberry.input(name="SuperviseCaseInput", description="督办.")
class SuperviseCaseInput:
    """A supervision."""

    level: SupervisionLevel
    note: str = strawberry.field(description="What whoever it waits for is told.")


@strawberry.type
class CaseSupervisingMutations:
    """Urging."""

    @strawberry.mutation(
        description="催办: urges whoever an open case waits for, in the own community or in one below the office."
    )
    async def urge_case(self, info: GatewayInfo, case_id: strawberry.ID, note: str | None = None) -> CasePayload:
        """Urge."""
        return await perform_on_case(info, case_id, lambda work, case: urge_case(work, case_id=case, note=note))

    @strawberry.mutation(description="督办: lets the street or the district supervise an open case below it.")
    async def supervise_case(self, info: GatewayInfo, case_id: strawberry.ID, input: SuperviseCaseInput) -> CasePayload:
        """Supervise."""
        level, points = input.level.name, [0]

        async def look_up() -> None:
            # The office's own, where the office is.
            points[:] = [await run_command(info.context, lambda work: points_of(work, level=level))]

        return await perform_shared(
            info,
            CasePayload,
            named_case(case_id),
            lambda work, case: supervise_case(work, case_id=case, level=level, points=points[0], note=input.note),
            before=look_up,
        )
