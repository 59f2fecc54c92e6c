"""What does whoever coordinates a case do with it? Accept, dispatch, exclude and merge it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from services.cases.errors import CannotMerge, PhoneMissing
from services.cases.opening import lock_case, open_case, status_of
from services.cases.queries import DRAWING
from services.cases.receiving import ToBody, ToPosition, find_receiver
from services.cases.recording import Step, acting_post, record_step
from services.cases.rules import (
    ACCEPT,
    DISPATCH,
    LONGEST_TEXT,
    OPEN,
    READ,
    WITH_RECEIVER,
    check_note,
    check_text,
    may,
)
from services.cases.sharing import end_shares, share_case
from services.cases.tables import Case
from tenants.errors import NotFound
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a case is not taken on, what the reporter is told, and in an emergency which number to call."""

    reason: str
    reply: str
    phone: str | None = None


_PHONE = re.compile(r"[0-9+][0-9 -]{2,19}")


async def accept_case(work: TenantWork, *, case_id: uuid.UUID) -> uuid.UUID:
    """Take a reported case on: whoever accepts it answers for it from now on.

    Raises what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="ACCEPT")
    post = acting_post(work, ACCEPT, opened.where())
    opened.case.status = "ACCEPTED"
    opened.case.accepted_at = work.now()
    opened.case.accountable_position_id = post.id if post else None
    await record_step(work, opened, Step("ACCEPT", ACCEPT))
    return case_id


async def dispatch_case(
    work: TenantWork, *, case_id: uuid.UUID, to: ToPosition | ToBody, note: str | None
) -> uuid.UUID:
    """Hand an accepted case, or one that is with somebody else, to whoever is to handle it and answers for it now.

    Whoever had it before from outside no longer sees it. Raises ReceiverUnfit and what open_case raises.
    """
    action = "REDISPATCH" if await status_of(work, case_id) in WITH_RECEIVER else "DISPATCH"
    opened = await open_case(work, case_id=case_id, action=action)
    told = check_note(note, field="input.note")
    case = opened.case
    if action == "REDISPATCH":
        await end_shares(work, opened, but=case.coordinator_body_id)
    found = await find_receiver(work, opened, to, field="input.to")
    case.accountable_body_id, case.accountable_position_id = found.body_id, found.position_id
    if found.outside is not None:
        await share_case(work, opened, found.outside, reason="DISPATCHED", description=told or "")
    case.status = "DISPATCHED"
    case.dispatched_at = work.now()
    await record_step(work, opened, Step(action, DISPATCH, note=told))
    return case_id


async def exclude_case(work: TenantWork, *, case_id: uuid.UUID, exclusion: Exclusion) -> uuid.UUID:
    """Say why a case is not taken on, with a reply to whoever reported it.

    Raises CaseTextInvalid, PhoneMissing for an emergency without a number to call, and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="EXCLUDE")
    details = opened.details
    details.exclusion_reply = check_text(exclusion.reply, limit=LONGEST_TEXT, field="reply")
    details.exclusion_reason, details.exclusion_phone = exclusion.reason, check_phone(exclusion)
    opened.case.status = "EXCLUDED"
    await end_shares(work, opened)
    await record_step(work, opened, Step("EXCLUDE", ACCEPT, note=details.exclusion_reply))
    return case_id


def check_phone(exclusion: Exclusion) -> str | None:
    """Give the number to call; an emergency needs one, and nothing else has one. Raises PhoneMissing."""
    given = (exclusion.phone or "").strip() or None
    if (exclusion.reason == "EMERGENCY") != (given is not None) or (given and not _PHONE.fullmatch(given)):
        raise PhoneMissing(field="callPhone")
    return given


async def merge_case(work: TenantWork, *, case_id: uuid.UUID, into_id: uuid.UUID) -> uuid.UUID:
    """Settle a case with another open one that is about the same.

    Raises CannotMerge, NotFound for one that the caller may not read, and what open_case raises.
    """
    if case_id == into_id:
        raise CannotMerge(field="intoCaseId")
    await work.share_turn(DRAWING)
    # Locked in a settled order, so that two merges that cross do not wait for each other for ever.
    for locked in sorted((case_id, into_id)):
        await work.session.get(Case, (work.tenant.id, locked), with_for_update=True, populate_existing=True)
    opened = await open_case(work, case_id=case_id, action="MERGE")
    into = await lock_case(work, into_id, field="intoCaseId")
    if not may(work.grants.deciding, READ, into.standing(), is_served=work.grants.served_from is not None):
        raise NotFound(field="intoCaseId")
    if into.case.status not in OPEN:
        raise CannotMerge(field="intoCaseId")
    opened.case.status = "MERGED"
    opened.case.duplicate_of_id = into_id
    await end_shares(work, opened)
    await record_step(work, opened, Step("MERGE", ACCEPT, note=into.case.number))
    return case_id
