"""How do residents say where they belong, and how is it decided and ended?"""

from __future__ import annotations

import uuid

import strawberry

from schema.compiler.values import decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, perform_sealed, row_id, written
from schema.residents.types import ResidencyRelation, ResidencyType
from services.residents.commands import ResidencyRequest, decide_residency, end_residency, request_residency
from services.residents.finding import NamedDwelling
from tenants.errors import NotFound
from tenants.work import TenantWork


@strawberry.input(
    name="ResidencyDwellingInput",
    description="房屋: one of the two: `id` of `dwellingChoices`, or `buildingCode` of the sign with `roomNumber`.",
)
class ResidencyDwellingInput:
    """A dwelling."""

    id: strawberry.ID | None = None
    building_code: str | None = None
    room_number: str | None = strawberry.field(
        default=None, description="101, or with the unit 2单元101, where several units have one."
    )

    def named(self, work: TenantWork) -> NamedDwelling:
        """Say it in the command's words. Raises NotFound."""
        return NamedDwelling(
            None if self.id is None else _dwelling_id(self.id, work), self.building_code, self.room_number
        )


@strawberry.input(name="RequestResidencyInput", description="申请绑定房屋.")
class RequestResidencyInput:
    """A request."""

    dwelling: ResidencyDwellingInput
    relation: ResidencyRelation

    def request(self, work: TenantWork) -> ResidencyRequest:
        """Say it in the command's words."""
        return ResidencyRequest(self.dwelling.named(work), self.relation.name)


@strawberry.type(name="RequestResidencyPayload")
class RequestResidencyPayload(WrittenPayload):
    """The residency asked for, or why not."""

    residency: ResidencyType | None = written("Residency")


@strawberry.type(name="DecideResidencyPayload")
class DecideResidencyPayload(WrittenPayload):
    """The residency decided, or why not."""

    residency: ResidencyType | None = written("Residency")


@strawberry.type(name="EndResidencyPayload")
class EndResidencyPayload(WrittenPayload):
    """The residency ended, or why not."""

    residency: ResidencyType | None = written("Residency")


@strawberry.type
class ResidencyMutations:
    """Who belongs to which dwelling."""

    @strawberry.mutation(
        description="申请绑定房屋: confirmed at once where the caller's verified phone is the register's; else decided."
    )
    async def request_residency(self, info: GatewayInfo, input: RequestResidencyInput) -> RequestResidencyPayload:
        """Ask for a residency."""
        phone = info.context.gateway.identifier.vouched_phone(info.context.caller.authorization)
        return await perform_sealed(
            info,
            RequestResidencyPayload,
            lambda work, sealer: request_residency(work, request=input.request(work), phone=phone, sealer=sealer),
        )

    @strawberry.mutation(description="审核绑定: confirms a request, which gives a resident's post, or refuses it.")
    async def decide_residency(
        self, info: GatewayInfo, residency_id: strawberry.ID, *, is_confirmed: bool, reason: str | None = None
    ) -> DecideResidencyPayload:
        """Decide a residency."""
        return await perform(
            info,
            DecideResidencyPayload,
            lambda work: decide_residency(
                work, residency_id=_residency_id(residency_id, work), is_confirmed=is_confirmed, reason=reason
            ),
        )

    @strawberry.mutation(description="解除绑定: one's own, or anybody's for those who keep the register; at once.")
    async def end_residency(self, info: GatewayInfo, residency_id: strawberry.ID) -> EndResidencyPayload:
        """End a residency."""
        return await perform(
            info,
            EndResidencyPayload,
            lambda work: end_residency(work, residency_id=_residency_id(residency_id, work)),
        )


def _residency_id(global_id: str, work: TenantWork) -> uuid.UUID:
    return row_id(global_id, "rsd", work)


def _dwelling_id(global_id: str, work: TenantWork) -> uuid.UUID:
    found = decode_id(global_id)
    if found is None or found.prefix != "dwl" or found.tenant_id != work.tenant.id:
        raise NotFound(field="dwelling")
    return found.row_id
