"""What may clients do with posts?"""

from __future__ import annotations

import uuid
from datetime import date

import strawberry

from schema.compiler.values import decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, perform_sealed, place_row_id, row_id, written
from schema.positions.types import PositionType
from services.cases.backlog import let_work_wait, redraw_work_of_post
from services.positions.commands import AccountName, Appointment, appoint_position, end_position, link_account
from services.residents.commands import end_residency_of_post, lock_residency_of_post
from tenants.errors import NotFound
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

_BODIES = frozenset({"pty", "prc", "owc", "rsc", "dep", "par", "vol"})


@strawberry.input(
    name="AccountInput", description="账号: who signs in, as the token of the sign-on service names them."
)
class AccountInput:
    """An account."""

    issuer: str = strawberry.field(description="What tokens say in `iss`.")
    subject: str = strawberry.field(description="What tokens say in `sub`.")


@strawberry.input(
    name="AppointPositionInput",
    description="任命: a post, and whom it goes to: `personId` of somebody known, or `name` and perhaps `phone`.",
)
class AppointPositionInput:
    """An appointment."""

    kind: str = strawberry.field(description="A code of the tenant's kinds of position, for example grid-worker.")
    place_id: strawberry.ID = strawberry.field(description="Where: a post over several places is several posts.")
    since: date = strawberry.field(description="First day.")
    until: date | None = strawberry.field(default=None, description="Last day; without one it has no end yet.")
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of somebody whom the caller may see (resident:read)."
    )
    name: str | None = strawberry.field(default=None, description="In plain text; stored sealed.")
    phone: str | None = strawberry.field(default=None, description="In plain text; stored sealed, not published.")
    body_id: strawberry.ID | None = strawberry.field(
        default=None, description="The organisation that the post belongs to."
    )
    account: AccountInput | None = strawberry.field(default=None, description="Without one, the post grants nothing.")
    public_name: str | None = strawberry.field(
        default=None, description="As published on the duty board; by default the name given here."
    )
    duty_phone: str | None = strawberry.field(
        default=None, description="As published with the post; refused for posts off the duty board."
    )

    def appointment(self, work: TenantWork) -> Appointment:
        """Say it in the command's words."""
        return Appointment(
            kind_code=self.kind,
            place_id=place_row_id(self.place_id, work),
            since=self.since,
            until=self.until,
            person_id=None if self.person_id is None else row_id(self.person_id, "per", work),
            name=self.name,
            phone=self.phone,
            # The directory of bodies is everybody's: a company's home may be another tenant.
            body_id=None if self.body_id is None else _body_id(self.body_id),
            account=None if self.account is None else AccountName(self.account.issuer, self.account.subject),
            public_name=self.public_name,
            duty_phone=self.duty_phone,
        )


@strawberry.type(name="AppointPositionPayload")
class AppointPositionPayload(WrittenPayload):
    """The post given, or why not."""

    position: PositionType | None = written("Position")


@strawberry.type(name="LinkAccountPayload")
class LinkAccountPayload(WrittenPayload):
    """The post linked, or why not."""

    position: PositionType | None = written("Position")


@strawberry.type(name="EndPositionPayload")
class EndPositionPayload(WrittenPayload):
    """The post ended, or why not."""

    position: PositionType | None = written("Position")


@strawberry.type
class PositionMutations:
    """Posts from day to day."""

    @strawberry.mutation(description="任命: gives somebody a post; what it grants holds from its first day.")
    async def appoint_position(self, info: GatewayInfo, input: AppointPositionInput) -> AppointPositionPayload:
        """Appoint."""
        return await perform_sealed(
            info,
            AppointPositionPayload,
            lambda work, sealer: _appoint(work, input.appointment(work), sealer),
        )

    @strawberry.mutation(description="关联账号: lets an account use a post that was given without one, as by a roster.")
    async def link_account(
        self, info: GatewayInfo, position_id: strawberry.ID, account: AccountInput
    ) -> LinkAccountPayload:
        """Link an account."""
        named = AccountName(account.issuer, account.subject)
        return await perform(
            info,
            LinkAccountPayload,
            lambda work: _link(work, row_id(position_id, "pos", work), named),
        )

    @strawberry.mutation(
        description="免去岗位: a post's last day. The day before its first takes back what was never held."
    )
    async def end_position(self, info: GatewayInfo, position_id: strawberry.ID, until: date) -> EndPositionPayload:
        """End a post."""
        return await perform(
            info,
            EndPositionPayload,
            lambda work: _end(work, row_id(position_id, "pos", work), until),
        )


async def _appoint(work: TenantWork, appointment: Appointment, sealer: TenantSealer) -> uuid.UUID:
    position_id = await appoint_position(work, appointment=appointment, sealer=sealer)
    if appointment.account is not None:
        await let_work_wait(work, position_id=position_id)
    return position_id


async def _link(work: TenantWork, position_id: uuid.UUID, account: AccountName) -> uuid.UUID:
    linked = await link_account(work, position_id=position_id, account=account)
    await let_work_wait(work, position_id=linked)
    return linked


async def _end(work: TenantWork, position_id: uuid.UUID, last_day: date) -> uuid.UUID:
    await lock_residency_of_post(work, position_id=position_id)
    ended = await end_position(work, position_id=position_id, last_day=last_day)
    await redraw_work_of_post(work, position_id=ended)
    await end_residency_of_post(work, position_id=ended)
    return ended


def _body_id(global_id: str) -> uuid.UUID:
    found = decode_id(global_id)
    if found is None or found.prefix not in _BODIES:
        raise NotFound(field="bodyId")
    return found.row_id
