"""How do clients report cases, and coordinate them?"""

from __future__ import annotations

import uuid
from datetime import datetime

import strawberry

from schema.cases.bringing import file_ids
from schema.cases.enums import CaseKind, CaseSource, CoordinateSystem, ExclusionReasonKind
from schema.cases.payloads import CasePayload, perform_on_case
from schema.compiler.values import decode_id
from schema.context import GatewayInfo
from schema.mutation import perform, row_id
from services.cases.commands.community import (
    Exclusion,
    dispatch_case,
    exclude_case,
    merge_case,
)
from services.cases.commands.handling import accept_or_handle_case
from services.cases.commands.offices import escalate_case, hand_back_case
from services.cases.commands.report import Report, Ticket, report_case
from services.cases.receiving import ToBody, ToPosition
from services.cases.spots import Point
from tenants.errors import NotFound
from tenants.work import TenantWork

_PLACES = frozenset({"dst", "str", "com", "grd", "est", "sit", "bld", "unt", "dwl"})


@strawberry.input(name="CasePointInput", description="地图点位: a point on a map, and the place in words.")
class CasePointInput:
    """A point."""

    longitude: float = strawberry.field(description="Degrees east.")
    latitude: float = strawberry.field(description="Degrees north.")
    system: CoordinateSystem
    text: str | None = strawberry.field(default=None, description="The place in words.")

    def point(self) -> Point:
        """Say it in the command's words."""
        text = self.text or f"{self.longitude:.6f}, {self.latitude:.6f}"
        return Point(self.longitude, self.latitude, self.system.name, text)


@strawberry.input(name="CaseLocationInput", one_of=True, description="地点: a place, or a point on a map.")
class CaseLocationInput:
    """Where."""

    place_id: strawberry.Maybe[strawberry.ID]
    point: strawberry.Maybe[CasePointInput]

    def location(self, work: TenantWork) -> uuid.UUID | Point:
        """Say it in the command's words. Raises NotFound."""
        if self.point is not None:
            return self.point.value.point()
        found = decode_id(self.place_id.value) if self.place_id is not None else None
        if found is None or found.prefix not in _PLACES or found.tenant_id != work.tenant.id:
            raise NotFound(field="at.placeId")
        return found.row_id


@strawberry.input(name="ExternalTicketInput", description="外部工单: the ticket of another system.")
class ExternalTicketInput:
    """A ticket."""

    system: str = strawberry.field(description="For example 12345.")
    number: str


@strawberry.input(name="CaseHandledInput", description="即报即结: what was done about it on the spot.")
class CaseHandledInput:
    """What was done."""

    note: str
    at: datetime | None = strawberry.field(default=None, description="When; now, unless said otherwise.")
    attachment_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of POST /files?purpose=CASE, 9 at most, that show what was done."
    )


@strawberry.input(name="ReportCaseInput", description="上报诉求.")
class ReportCaseInput:
    """A report."""

    title: str
    description: str
    category_code: str = strawberry.field(description="A leaf of caseCategories.")
    kind: CaseKind
    at: CaseLocationInput
    source: CaseSource
    attachment_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of POST /files?purpose=CASE, 9 at most."
    )
    is_confidential: bool = strawberry.field(default=False, description="The reporter is not to be named.")
    reporter_person_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Who came with it, of a visit, a call, at the window or from a meeting: a person whom you may see, "
        "and who is called back. You, unless said otherwise.",
    )
    external: ExternalTicketInput | None = strawberry.field(
        default=None, description="Of the hotline, or of a property company's work order: it never comes in twice."
    )
    handled: CaseHandledInput | None = strawberry.field(
        default=None, description="For what was found and fixed on the spot."
    )

    def report(self, work: TenantWork) -> Report:
        """Say it in the command's words."""
        return Report(
            title=self.title,
            description=self.description,
            category_code=self.category_code,
            kind=self.kind.name,
            source=self.source.name,
            at=self.at.location(work),
            is_confidential=self.is_confidential,
            reporter_id=self._reporter_id(work),
            ticket=Ticket(self.external.system, self.external.number) if self.external else None,
            handled_note=self.handled.note if self.handled else None,
            handled_at=self.handled.at if self.handled else None,
            attachment_ids=self._files(self.attachment_ids, "attachmentIds", work),
            handled_attachment_ids=self._files(
                self.handled.attachment_ids if self.handled else None, "handled.attachmentIds", work
            ),
        )

    def _reporter_id(self, work: TenantWork) -> uuid.UUID | None:
        if self.reporter_person_id is None:
            return None
        found = decode_id(self.reporter_person_id)
        if found is None or found.prefix != "per" or found.tenant_id != work.tenant.id:
            raise NotFound(field="reporterPersonId")
        return found.row_id

    @staticmethod
    def _files(given: list[strawberry.ID] | None, field: str, work: TenantWork) -> tuple[uuid.UUID, ...]:
        return file_ids(given, tenant_id=work.tenant.id, field=field)


@strawberry.input(name="CaseReceiverInput", one_of=True, description="受理对象: a post, or a body as a whole.")
class CaseReceiverInput:
    """Whom to hand a case to."""

    position_id: strawberry.Maybe[strawberry.ID]
    body_id: strawberry.Maybe[strawberry.ID]

    def receiver(self, work: TenantWork) -> ToPosition | ToBody:
        """Say it in the command's words. Raises NotFound."""
        if self.position_id is not None:
            return ToPosition(row_id(self.position_id.value, "pos", work))
        found = decode_id(self.body_id.value) if self.body_id is not None else None
        if found is None or found.tenant_id != 0:
            raise NotFound(field="input.to.bodyId")
        return ToBody(found.row_id)


@strawberry.input(name="DispatchCaseInput", description="派单.")
class DispatchCaseInput:
    """A dispatch."""

    to: CaseReceiverInput
    note: str | None = strawberry.field(default=None, description="What the receiver is told with it.")


@strawberry.type
class CaseMutations:
    """Reporting and coordinating."""

    @strawberry.mutation(description="上报诉求: reports a case; the tenant answers for it until somebody takes it on.")
    async def report_case(self, info: GatewayInfo, input: ReportCaseInput) -> CasePayload:
        """Report."""
        return await perform(info, CasePayload, lambda work: report_case(work, report=input.report(work)))

    @strawberry.mutation(
        description="受理、接单: by the community REPORTED → ACCEPTED, by the receiver DISPATCHED → HANDLING."
    )
    async def accept_case(self, info: GatewayInfo, case_id: strawberry.ID) -> CasePayload:
        """Accept."""
        return await perform_on_case(info, case_id, lambda work, case: accept_or_handle_case(work, case_id=case))

    @strawberry.mutation(description="派单: hands an accepted case to whoever is to handle it.")
    async def dispatch_case(self, info: GatewayInfo, case_id: strawberry.ID, input: DispatchCaseInput) -> CasePayload:
        """Dispatch."""
        return await perform_on_case(
            info,
            case_id,
            lambda work, case: dispatch_case(work, case_id=case, to=input.to.receiver(work), note=input.note),
        )

    @strawberry.mutation(
        description="不予受理: says why a case is not taken on, with a reply to the reporter; "
        "an emergency takes the number to call as `callPhone`."
    )
    async def exclude_case(
        self,
        info: GatewayInfo,
        case_id: strawberry.ID,
        reason: ExclusionReasonKind,
        reply: str,
        call_phone: str | None = None,
    ) -> CasePayload:
        """Exclude."""
        exclusion = Exclusion(reason.name, reply, call_phone)
        return await perform_on_case(
            info, case_id, lambda work, case: exclude_case(work, case_id=case, exclusion=exclusion)
        )

    @strawberry.mutation(description="并案: settles a case with another open one about the same.")
    async def merge_case(self, info: GatewayInfo, case_id: strawberry.ID, into_case_id: strawberry.ID) -> CasePayload:
        """Merge."""
        return await perform_on_case(
            info,
            case_id,
            lambda work, case: merge_case(work, case_id=case, into_id=row_id(into_case_id, "cas", work)),
        )

    @strawberry.mutation(
        description="上报上级: hands a case up to the next office, which sees the summary and coordinates from now on."
    )
    async def escalate_case(self, info: GatewayInfo, case_id: strawberry.ID, summary: str) -> CasePayload:
        """Escalate."""
        return await perform_on_case(
            info, case_id, lambda work, case: escalate_case(work, case_id=case, summary=summary)
        )

    @strawberry.mutation(description="退回下级: gives a case that was handed up back.")
    async def hand_back_case(self, info: GatewayInfo, case_id: strawberry.ID, reason: str) -> CasePayload:
        """Hand back."""
        return await perform_on_case(
            info, case_id, lambda work, case: hand_back_case(work, case_id=case, reason=reason)
        )
