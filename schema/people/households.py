"""What may clients correct of a household?"""

from __future__ import annotations

import uuid
from datetime import date

import strawberry

from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform_sealed, row_id, written
from schema.people.types import HouseholdType, Residence
from services.people.households import HouseholdCorrection, correct_household
from services.residents.commands import end_residencies_left
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork


@strawberry.input(name="CorrectHouseholdInput", description="What is to be different; what is left out stays as it is.")
class CorrectHouseholdInput:
    """A correction."""

    head_count: int | None = strawberry.field(default=None, description="人数")
    residence: Residence | None = strawberry.field(default=None, description="居住情况")
    since: date | None = strawberry.field(default=None, description="First day, not in the future.")
    until: date | None = strawberry.field(default=None, description="Last day, not in the future: they moved out.")
    head_name: str | None = strawberry.field(default=None, description="户主 in plain text; stored sealed.")
    head_phone: str | None = strawberry.field(default=None, description="户主's phone in plain text; stored sealed.")

    def correction(self) -> HouseholdCorrection:
        """Say it in the command's words."""
        return HouseholdCorrection(
            head_count=self.head_count,
            residence=self.residence.name if self.residence is not None else None,
            since=self.since,
            until=self.until,
            head_name=self.head_name,
            head_phone=self.head_phone,
        )


@strawberry.type(name="CorrectHouseholdPayload")
class CorrectHouseholdPayload(WrittenPayload):
    """The household corrected, or why not."""

    household: HouseholdType | None = written("Household")


@strawberry.type
class HouseholdMutations:
    """Corrections of households."""

    @strawberry.mutation(description="更正住户信息: corrects what the register says of a household.")
    async def correct_household(
        self, info: GatewayInfo, household_id: strawberry.ID, input: CorrectHouseholdInput
    ) -> CorrectHouseholdPayload:
        """Correct a household."""
        return await perform_sealed(
            info,
            CorrectHouseholdPayload,
            lambda work, sealer: _correct(work, row_id(household_id, "hsh", work), input.correction(), sealer),
        )


async def _correct(
    work: TenantWork, household_id: uuid.UUID, correction: HouseholdCorrection, sealer: TenantSealer
) -> uuid.UUID:
    corrected = await correct_household(work, household_id=household_id, correction=correction, sealer=sealer)
    if correction.until is not None:
        await end_residencies_left(work, household_id=corrected)
    return corrected
