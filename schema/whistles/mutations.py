"""How do clients ask for whistles, blow and answer them, and set the times for them?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import date, datetime

import strawberry

from schema.cases.payloads import named_case
from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, perform_shared, written
from schema.whistles.enums import WhistleReasonKind
from schema.whistles.types import WhistleCalleeType, WhistleTimesType, WhistleType
from services.cases.commands.answering import (
    accept_decline,
    answer_whistle,
    arrive_at_whistle,
    insist_on_whistle,
    rate_whistle,
)
from services.cases.commands.whistling import (
    Called,
    Summons,
    WhistleRequest,
    conclude_whistle,
    refuse_whistle,
    request_whistle,
    whistle,
)
from services.whistles.commands import Times, set_whistle_times
from tenants.errors import NotFound
from tenants.work import TenantWork


@strawberry.type(name="WhistlePayload")
class WhistlePayload(WrittenPayload):
    """The whistle as it is now, or why not."""

    whistle: WhistleType | None = written("Whistle")


@strawberry.type(name="WhistleCalleePayload")
class WhistleCalleePayload(WrittenPayload):
    """Whoever was called, as it is now, or why not."""

    callee: WhistleCalleeType | None = written("WhistleCallee")


@strawberry.type(name="WhistleTimesPayload")
class WhistleTimesPayload(WrittenPayload):
    """The times as they are now, or why not."""

    times: WhistleTimesType | None = written("WhistleTimes")


@strawberry.input(name="RequestWhistleInput", description="申请吹哨: why departments are needed.")
class RequestWhistleInput:
    """A request."""

    reason: WhistleReasonKind
    summary: str = strawberry.field(
        description="All that the office and the departments read of what is the matter, 500 characters at most."
    )


@strawberry.input(name="WhistleCalleeInput", description="被吹哨单位: a department, utility or police station to call.")
class WhistleCalleeInput:
    """Whom to call."""

    department_id: strawberry.ID
    respond_by: datetime | None = strawberry.field(
        default=None,
        description="Without it, by the times that the case's tenant has for the reason; so is `arriveBy`.",
    )
    arrive_by: datetime | None = None

    def called(self) -> Called:
        """Say it in the command's words. Raises NotFound."""
        found = decode_id(self.department_id)
        if found is None or found.tenant_id != 0:
            raise NotFound(field="input.callees.departmentId")
        return Called(found.row_id, self.respond_by, self.arrive_by)


@strawberry.input(name="WhistleInput", description="吹哨: who is called, where to, and what they are told.")
class WhistleInput:
    """A whistle."""

    callees: list[WhistleCalleeInput]
    place: str | None = strawberry.field(default=None, description="Where to come, if not to the case's place.")
    note: str | None = None

    def summons(self) -> Summons:
        """Say it in the command's words. Raises NotFound."""
        return Summons([one.called() for one in self.callees], self.place, self.note)


@strawberry.input(name="SetWhistleTimesInput", description="吹哨时限: how long departments have, from a day on.")
class SetWhistleTimesInput:
    """Times."""

    reason: WhistleReasonKind
    respond_minutes: int
    arrive_minutes: int
    basis: str = strawberry.field(description="What it goes by, 500 characters at most.")
    since: date
    until: date | None = None

    def times(self) -> Times:
        """Say it in the command's words."""
        return Times(self.reason.name, self.respond_minutes, self.arrive_minutes, self.basis, self.since, self.until)


def _named(global_id: str, prefix: str) -> GlobalIdValue | None:
    found = decode_id(global_id)
    return found if found is not None and found.prefix == prefix else None


async def _on_whistle(
    info: GatewayInfo, whistle_id: str, command: Callable[[TenantWork, uuid.UUID], Awaitable[uuid.UUID]]
) -> WhistlePayload:
    return await perform_shared(info, WhistlePayload, _named(whistle_id, "whi"), command)


async def _on_callee(
    info: GatewayInfo, callee_id: str, command: Callable[[TenantWork, uuid.UUID], Awaitable[uuid.UUID]]
) -> WhistleCalleePayload:
    return await perform_shared(info, WhistleCalleePayload, _named(callee_id, "whc"), command)


@strawberry.type
class WhistleMutations:
    """Whistling."""

    @strawberry.mutation(
        description="申请吹哨: asks the street to call departments; an office that coordinates the case asks itself."
    )
    async def request_whistle(
        self, info: GatewayInfo, case_id: strawberry.ID, input: RequestWhistleInput
    ) -> WhistlePayload:
        """Ask."""
        request = WhistleRequest(input.reason.name, input.summary)
        return await perform_shared(
            info,
            WhistlePayload,
            named_case(case_id),
            lambda work, case: request_whistle(work, case_id=case, request=request),
        )

    @strawberry.mutation(description="吹哨: calls departments to the place, as the office that was asked to.")
    async def whistle(self, info: GatewayInfo, whistle_id: strawberry.ID, input: WhistleInput) -> WhistlePayload:
        """Whistle."""
        return await _on_whistle(
            info, whistle_id, lambda work, row: whistle(work, whistle_id=row, summons=input.summons())
        )

    @strawberry.mutation(description="不予吹哨: says, as the office that was asked, why nobody is called.")
    async def refuse_whistle(self, info: GatewayInfo, whistle_id: strawberry.ID, reason: str) -> WhistlePayload:
        """Refuse."""
        return await _on_whistle(
            info, whistle_id, lambda work, row: refuse_whistle(work, whistle_id=row, reason=reason)
        )

    @strawberry.mutation(
        description="应哨: says, as a department that was called, that it comes, or why not: the district decides."
    )
    async def answer_whistle(
        self, info: GatewayInfo, callee_id: strawberry.ID, *, is_coming: bool, reason: str | None = None
    ) -> WhistleCalleePayload:
        """Answer."""
        return await _on_callee(
            info,
            callee_id,
            lambda work, row: answer_whistle(work, callee_id=row, is_coming=is_coming, reason=reason),
        )

    @strawberry.mutation(description="报到: says, as a department that comes, that its people are there.")
    async def arrive_at_whistle(
        self, info: GatewayInfo, callee_id: strawberry.ID, place: str | None = None
    ) -> WhistleCalleePayload:
        """Arrive."""
        return await _on_callee(info, callee_id, lambda work, row: arrive_at_whistle(work, callee_id=row, place=place))

    @strawberry.mutation(
        description="要求到场: decides, as the district, that a department that declined has to come after all."
    )
    async def insist_on_whistle(
        self,
        info: GatewayInfo,
        callee_id: strawberry.ID,
        note: str | None = None,
        respond_by: datetime | None = None,
        arrive_by: datetime | None = None,
    ) -> WhistleCalleePayload:
        """Insist."""
        return await _on_callee(
            info,
            callee_id,
            lambda work, row: insist_on_whistle(
                work, callee_id=row, note=note, respond_by=respond_by, arrive_by=arrive_by
            ),
        )

    @strawberry.mutation(
        description="同意不到场: decides, as the district, that a department that declined need not come."
    )
    async def accept_decline(
        self, info: GatewayInfo, callee_id: strawberry.ID, note: str | None = None
    ) -> WhistleCalleePayload:
        """Accept a decline."""
        return await _on_callee(info, callee_id, lambda work, row: accept_decline(work, callee_id=row, note=note))

    @strawberry.mutation(
        description="办结吹哨: says what came of it, as the office that whistled or as whoever coordinates the case. "
        "Those who saw the case for it alone no longer do."
    )
    async def conclude_whistle(self, info: GatewayInfo, whistle_id: strawberry.ID, outcome: str) -> WhistlePayload:
        """Conclude."""
        return await _on_whistle(
            info, whistle_id, lambda work, row: conclude_whistle(work, whistle_id=row, outcome=outcome)
        )

    @strawberry.mutation(
        description="吹哨互评: rates, after the conclusion, the department that was called; or as that department the "
        "office that whistled. Each side once, 1 to 5."
    )
    async def rate_whistle(
        self, info: GatewayInfo, callee_id: strawberry.ID, score: int, comment: str | None = None
    ) -> WhistleCalleePayload:
        """Rate."""
        return await _on_callee(
            info, callee_id, lambda work, row: rate_whistle(work, callee_id=row, score=score, comment=comment)
        )

    @strawberry.mutation(
        description="设定吹哨时限: sets how long departments have from a day on, in place of what was set for it."
    )
    async def set_whistle_times(self, info: GatewayInfo, input: SetWhistleTimesInput) -> WhistleTimesPayload:
        """Set times."""
        return await perform(info, WhistleTimesPayload, lambda work: set_whistle_times(work, times=input.times()))
