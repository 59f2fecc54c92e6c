"""How is a case reported, perhaps found and fixed in one step?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from services.cases.attaching import attach, find_uploads, has_photo
from services.cases.clock import due_of
from services.cases.errors import CallInstead, CategoryUnknown, PhotoRequired, TicketKnown
from services.cases.evidence import check_shown
from services.cases.filing import file_case
from services.cases.opening import OpenedCase, lock_case
from services.cases.queries import ground_of_report
from services.cases.recording import Step, acting_post, record_step
from services.cases.rules import (
    CALLED_BACK_SOURCES,
    LONGEST_TEXT,
    LONGEST_TITLE,
    REPORT,
    check_note,
    check_text,
)
from services.cases.sources import check_on_behalf, check_source
from services.cases.spots import Ground, InWords, Point, Spot, find_spot
from services.cases.tables import Case, CaseDetails
from services.files.tables import StoredFile
from services.settings.queries import setting_of
from services.settings.rules import is_drawn
from services.supervision.queries import read_limits
from tenants.errors import NotFound, TenantRequired
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of another system, for example of the hotline."""

    system: str
    number: str


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported."""

    title: str
    description: str
    category_code: str
    kind: str
    source: str
    at: uuid.UUID | Point | InWords
    is_confidential: bool = False
    # Who came with it, if that is not the caller.
    reporter_id: uuid.UUID | None = None
    # With which account they would see it; the caller's own, unless it is known.
    reporter_account_id: uuid.UUID | None = None
    # The caller wrote down what others said, also when nobody knows who.
    is_of_others: bool = False
    # When the system that a ticket comes from asks for an answer.
    due_at: datetime | None = None
    ticket: Ticket | None = None
    # What was done about it at once, for what was found and fixed on the spot; and when.
    handled_note: str | None = None
    handled_at: datetime | None = None
    # Files that the reporter uploaded before, and those that show what was done about it.
    attachment_ids: tuple[uuid.UUID, ...] = ()
    handled_attachment_ids: tuple[uuid.UUID, ...] = ()


async def report_case(work: TenantWork, *, report: Report) -> uuid.UUID:
    """Report a case by a way that is open to the caller's posts, and tell its id.

    Raises Forbidden, SourceNotYours, NobodyElse and what file_report raises.
    """
    work.require_some(REPORT)
    await check_source(work, report.source)
    if report.reporter_id is not None:
        account_id = await check_on_behalf(work, person_id=report.reporter_id, source=report.source)
        report = replace(report, reporter_account_id=account_id)
    return await file_report(work, report=report)


async def file_report(work: TenantWork, *, report: Report) -> uuid.UUID:
    """Write a report down, by whichever way it came. The tenant itself answers for it until somebody takes it on.

    Raises Forbidden, NotFound, CaseTextInvalid, CategoryUnknown, CallInstead, PhotoRequired, TicketKnown,
    TooManyAttachments, EvidenceRequired, PointOutside, PointSwapped.
    """
    title = check_text(report.title, limit=LONGEST_TITLE, field="title")
    description = check_text(report.description, limit=LONGEST_TEXT, field="description")
    note = check_note(report.handled_note, field="handled.note")
    ground = await _find_ground(work, report)
    spot = await find_spot(work, report.at, ground)
    files, shown = await _find_files(work, report)
    _check_category(report, ground)
    if ground.category_is_photo_required and report.source != "HOTLINE" and not has_photo([*files, *shown]):
        await _check_photos_may_be_missing(work)
    if _is_handled(report):
        check_shown(shown, is_required=ground.category_is_evidence_required, field="handled.attachmentIds")
    report = replace(report, ticket=await _check_ticket(work, report.ticket))
    case = _case(work, report, ground, spot)
    within = await due_of(work, case.reported_at, amount=ground.category_limit_amount, unit=ground.category_limit_unit)
    case.due_at = min(within, report.due_at or within)
    details = _details(work, report, spot)
    details.id, details.reported_at, details.title, details.description = case.id, case.reported_at, title, description
    opened = OpenedCase(case, details, None, None)
    await attach(work, opened, files, step_id=await _file(work, opened, ground))
    if _is_handled(report):
        opened = await lock_case(work, case.id)
        step_id = await _resolve_at_once(work, opened, note=note, at=report.handled_at)
        await attach(work, opened, shown, step_id=step_id)
    return case.id


def _is_handled(report: Report) -> bool:
    return report.handled_note is not None or report.handled_at is not None


async def _file(work: TenantWork, opened: OpenedCase, ground: Ground) -> uuid.UUID:
    return await file_case(work, opened, Step("REPORT", REPORT), limits=read_limits(ground.limits))


async def _find_files(work: TenantWork, report: Report) -> tuple[list[StoredFile], list[StoredFile]]:
    files = await find_uploads(work, report.attachment_ids, field="attachmentIds")
    field = "handled.attachmentIds"
    if not set(report.attachment_ids).isdisjoint(report.handled_attachment_ids):
        raise NotFound(field=field)
    return files, await find_uploads(work, report.handled_attachment_ids, field=field)


async def _find_ground(work: TenantWork, report: Report) -> Ground:
    place_id = report.at if isinstance(report.at, uuid.UUID) else None
    given = {"tenant_id": work.tenant.id, "place_id": place_id, "code": report.category_code}
    found: Ground = (await work.session.execute(ground_of_report(), given)).one()
    return found


async def _check_photos_may_be_missing(work: TenantWork) -> None:
    """Ask for a photo only while the tenant has set that photos are asked for."""
    if await setting_of(work, "COMPULSORY_PHOTOS"):
        raise PhotoRequired(field="attachmentIds")


def _check_category(report: Report, ground: Ground) -> None:
    if ground.category_id is None or not ground.category_is_leaf or not ground.category_is_active:
        raise CategoryUnknown(code=report.category_code, field="categoryCode")
    if ground.category_referral_phone is not None:
        name, phone = ground.category_referral_name, ground.category_referral_phone
        raise CallInstead(name=name, phone=phone, field="categoryCode")


async def _check_ticket(work: TenantWork, ticket: Ticket | None) -> Ticket | None:
    """Give a ticket without the blanks around it. Raises CaseTextInvalid, TicketKnown."""
    if ticket is None:
        return None
    ticket = Ticket(
        system=check_text(ticket.system, limit=LONGEST_TITLE, field="external.system"),
        number=check_text(ticket.number, limit=LONGEST_TITLE, field="external.number"),
    )
    await work.take_turn(f"ticket {ticket.system} {ticket.number}")
    known = await work.session.scalar(
        select(Case.number)
        .join(CaseDetails, (CaseDetails.tenant_id == Case.tenant_id) & (CaseDetails.id == Case.id))
        .where(
            CaseDetails.tenant_id == work.tenant.id,
            CaseDetails.external_system == ticket.system,
            CaseDetails.external_number == ticket.number,
        )
    )
    if known is not None:
        raise TicketKnown(number=known, field="external.number")
    return ticket


def _case(work: TenantWork, report: Report, ground: Ground, spot: Spot) -> Case:
    tenant, now = work.tenant, work.now()
    if tenant.body_id is None:
        raise TenantRequired
    return Case(
        tenant_id=tenant.id,
        id=work.new_id(),
        street_id=tenant.street_id,
        district_id=tenant.district_id,
        # Given when it is filed.
        number="",
        kind=report.kind,
        source=report.source,
        category_id=ground.category_id,
        status="REPORTED",
        grid_id=spot.where.grid_id,
        coordinator_body_id=tenant.body_id,
        accountable_body_id=tenant.body_id,
        reported_at=now,
        rework_count=0,
        color="GREEN",
        needs_call_back=report.source in CALLED_BACK_SOURCES or report.reporter_id is not None,
        needs_verification=False,
        is_left_out_of_rates=False,
    )


def _details(work: TenantWork, report: Report, spot: Spot) -> CaseDetails:
    point = spot.point
    post = acting_post(work, REPORT, spot.where)
    return CaseDetails(
        tenant_id=work.tenant.id,
        place_id=spot.place_id,
        building_id=spot.where.building_id,
        estate_id=spot.where.estate_id,
        place_text=spot.text,
        longitude=point.longitude if point else None,
        latitude=point.latitude if point else None,
        coordinate_system=point.system if point else None,
        is_outside_grids=spot.is_outside_grids,
        reporter_id=report.reporter_id or (post.person_id if post and not report.is_of_others else None),
        reporter_account_id=report.reporter_account_id or work.grants.account_id,
        is_confidential=report.is_confidential,
        external_system=report.ticket.system if report.ticket else None,
        external_number=report.ticket.number if report.ticket else None,
    )


async def _resolve_at_once(work: TenantWork, opened: OpenedCase, *, note: str | None, at: datetime | None) -> uuid.UUID:
    """Take a case from reported to resolved, as found and fixed by whoever reports it."""
    now = work.now()
    opened.case.status = "RESOLVED"
    opened.case.resolved_at = min(at, now) if at is not None else now
    percent = await setting_of(work, "SPOT_CHECK_PERCENT")
    opened.case.needs_verification = is_drawn(opened.case.id.int, percent=percent)
    return await record_step(work, opened, Step("HANDLE_ON_SPOT", REPORT, note=note, is_handling=True))
