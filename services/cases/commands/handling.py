"""What does whoever a case was handed to do with it? Take it up, hand it on, return it, resolve it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from services.cases.attaching import attach, find_uploads
from services.cases.commands.clock import start_clock
from services.cases.commands.community import accept_case
from services.cases.errors import ReceiverUnfit
from services.cases.evidence import check_evidence
from services.cases.opening import OpenedCase, open_case, status_of
from services.cases.queries import post_in_force
from services.cases.recording import Step, acting_post, record_step
from services.cases.rules import HAND_ON, HANDLE, LONGEST_TEXT, check_note, check_text
from services.cases.sharing import give_back
from services.cases.tables import forget_verdicts
from tenants.errors import NotFound
from tenants.grants import Scope
from tenants.work import TenantWork


async def accept_or_handle_case(work: TenantWork, *, case_id: uuid.UUID) -> uuid.UUID:
    """Accept a reported case as the community, or take up a dispatched one as its receiver.

    Raises what open_case raises.
    """
    status = await status_of(work, case_id)
    if status == "DISPATCHED":
        return await handle_case(work, case_id=case_id)
    return await accept_case(work, case_id=case_id)


async def handle_case(work: TenantWork, *, case_id: uuid.UUID) -> uuid.UUID:
    """Begin to handle a case that was handed over. Raises what open_case raises."""
    opened = await open_case(work, case_id=case_id, action="HANDLE")
    opened.case.status = "HANDLING"
    _take_up(work, opened)
    await record_step(work, opened, Step("HANDLE", HANDLE, is_handling=True))
    return case_id


async def hand_on_case(work: TenantWork, *, case_id: uuid.UUID, position_id: uuid.UUID, note: str | None) -> uuid.UUID:
    """Hand a case on to somebody within one's company, which goes on answering for it.

    Raises ReceiverUnfit and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="HAND_ON")
    told = check_note(note, field="note")
    row = (await work.session.execute(post_in_force(work.tenant.id, position_id, today=work.today()))).first()
    if row is None:
        raise NotFound(field="positionId")
    own_bodies = work.grants.scopes.get(HAND_ON, Scope()).body_ids
    if row[0].body_id != opened.case.accountable_body_id or row[0].body_id not in own_bodies:
        raise ReceiverUnfit(field="positionId")
    opened.case.status = "DISPATCHED"
    opened.case.accountable_position_id = position_id
    await record_step(work, opened, Step("HAND_ON", HAND_ON, note=told))
    return case_id


async def return_case(work: TenantWork, *, case_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Give a case back to whoever dispatched it, and no longer see it if it came from outside.

    Raises CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="RETURN")
    told = check_text(reason, limit=LONGEST_TEXT, field="reason")
    await give_back(work, opened)
    await record_step(work, opened, Step("RETURN", HANDLE, note=told))
    return case_id


async def resolve_case(
    work: TenantWork, *, case_id: uuid.UUID, note: str, attachment_ids: Sequence[uuid.UUID] = ()
) -> uuid.UUID:
    """Say that and how a case is settled, with files that were uploaded in its tenant or brought there.

    Raises CaseTextInvalid, NotFound, TooManyAttachments, EvidenceRequired and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="RESOLVE")
    told = check_text(note, limit=LONGEST_TEXT, field="input.note")
    files = await find_uploads(work, attachment_ids, field="input.attachmentIds")
    await check_evidence(work, opened.case, files, field="input.attachmentIds")
    case = opened.case
    case.status = "RESOLVED"
    case.resolved_at = work.now()
    forget_verdicts(case)
    await start_clock(work, opened)
    _take_up(work, opened)
    step_id = await record_step(work, opened, Step("RESOLVE", HANDLE, note=told, is_handling=True))
    await attach(work, opened, files, step_id=step_id)
    return case_id


def _take_up(work: TenantWork, opened: OpenedCase) -> None:
    """Let the acting post answer for a case that was handed to its body as a whole."""
    post = acting_post(work, HANDLE, opened.where())
    is_ours = work.grants.served_from is None and post is not None
    if is_ours and opened.case.accountable_position_id is None and post is not None:
        body_id = post.body_id or work.tenant.body_id
        if body_id == opened.case.accountable_body_id:
            opened.case.accountable_position_id = post.id
