"""How does somebody outside its tenant come to see a case, and lose it again?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.cases.opening import OpenedCase
from services.cases.queries import words_of_steps
from services.cases.rules import OPEN
from services.cases.tables import ENDED_STATUSES, ENTRUSTING_SHARES, HANDING_SHARES, WHISTLE_SHARES, CaseShare
from services.people.tables import Person
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class Receiver:
    """A body and the tenant in which its people act."""

    tenant_id: int
    body_id: uuid.UUID


async def share_case(
    work: TenantWork,
    opened: OpenedCase,
    receiver: Receiver,
    *,
    reason: str,
    title: str | None = None,
    description: str = "",
) -> None:
    """Let a body outside see what it needs of a case: a title or summary, the place in words, the reporter masked.

    What an office has of it already is all that it can hand on. Whoever has a part alone, or is called by a whistle, is
    not told of the reporter. A body has one share, the most trusting; a part adds to it what is to be done.
    """
    known = next((share for share in opened.shares if share.receiver_body_id == receiver.body_id), None)
    if known is not None and _rank(reason) >= _rank(known.reason):
        if reason == "TASKED":
            known.description = _joined(known.description, description)
        return
    if known is not None:
        if known.reason == "TASKED":
            description = _joined(known.description, description)
        known.ended_at = work.now()
        opened.shares.remove(known)
    own = next((share for share in reversed(opened.shares) if share.reason == "HANDED_UP"), None)
    case, details = opened.case, opened.details
    person = None
    if details.reporter_id is not None and not details.is_confidential and reason in HANDING_SHARES:
        person = await work.session.get(Person, (case.tenant_id, details.reporter_id))
    share = CaseShare(
        tenant_id=case.tenant_id,
        id=work.new_id(),
        case_id=case.id,
        receiver_tenant_id=receiver.tenant_id,
        receiver_body_id=receiver.body_id,
        reason=reason,
        shared_at=work.now(),
        title=title or (own.title if own else details.title),
        description=description,
        place_text=details.place_text,
        reported_at=case.reported_at,
        reporter_id=person.id if person else None,
        reporter_name_masked=person.name_masked if person else None,
        reporter_phone_masked=person.phone_masked if person else None,
    )
    work.session.add(share)
    await work.session.flush()
    opened.shares.append(share)


def _rank(reason: str) -> int:
    return ENTRUSTING_SHARES.index(reason) if reason in ENTRUSTING_SHARES else len(ENTRUSTING_SHARES)


def _joined(*words: str) -> str:
    return "\n".join(each for each in words if each)


async def give_back(work: TenantWork, opened: OpenedCase) -> None:
    """Let the coordinator answer for a case again, and whoever had it from outside no longer see it."""
    case = opened.case
    case.status = "ACCEPTED"
    case.accountable_body_id, case.accountable_position_id = case.coordinator_body_id, None
    await end_shares(work, opened, but=case.coordinator_body_id)


async def end_shares(work: TenantWork, opened: OpenedCase, *, but: uuid.UUID | None = None) -> None:
    """Let nobody outside see a case any more; or only the offices up to the one that coordinates it.

    While it is open, whoever has a part of it to do, or in a whistle, goes on seeing it for that; its whistles end with
    it.
    """
    if opened.case.status in ENDED_STATUSES:
        _let_whistles_lapse(work, opened)
    handed_up = [share for share in opened.shares if share.reason == "HANDED_UP"]
    receivers = [share.receiver_body_id for share in handed_up]
    kept = handed_up[: receivers.index(but) + 1] if but in receivers else []
    kept += [
        share
        for share in opened.shares
        if share.reason not in HANDING_SHARES and (_is_for_task(opened, share) or _is_for_open_whistle(opened, share))
    ]
    await _keep_shares(work, opened, kept)


async def end_share_of_task(work: TenantWork, opened: OpenedCase, body_id: uuid.UUID) -> None:
    """Let a body that has ended its part no longer see a case, unless it has more to do with it."""
    if body_id in (opened.case.accountable_body_id, opened.case.coordinator_body_id):
        return
    kept = [
        share
        for share in opened.shares
        if share.receiver_body_id != body_id
        or share.reason == "HANDED_UP"
        or _is_for_task(opened, share)
        or _is_for_open_whistle(opened, share)
    ]
    await _keep_shares(work, opened, kept)


async def end_shares_of_whistles(work: TenantWork, opened: OpenedCase) -> None:
    """Let whoever saw a case for a whistle alone, and has a part in none any more, no longer see it."""
    kept = [
        share
        for share in opened.shares
        if share.reason not in WHISTLE_SHARES or _is_for_task(opened, share) or _is_for_open_whistle(opened, share)
    ]
    await _keep_shares(work, opened, kept)


async def _keep_shares(work: TenantWork, opened: OpenedCase, kept: list[CaseShare]) -> None:
    ended = [share for share in opened.shares if share not in kept]
    for share in ended:
        share.ended_at = work.now()
    opened.shares = kept
    await work.session.flush()
    for share in ended:
        # The case is no longer in their hands; a part of it, or the whistle, still is.
        await _share_what_is_left(work, opened, share)


async def _share_what_is_left(work: TenantWork, opened: OpenedCase, ended: CaseShare) -> None:
    receiver = Receiver(ended.receiver_tenant_id, ended.receiver_body_id)
    if _is_for_task(opened, ended):
        steps = [task.step_id for task in opened.tasks if task.receiver_body_id == receiver.body_id]
        words = await work.session.scalars(words_of_steps(work.tenant.id, steps))
        told = _joined(*(each or "" for each in words))
        await share_case(work, opened, receiver, reason="TASKED", title=ended.title, description=told)
        return
    call = next((call for call in opened.calls if receiver.body_id in call.parties()), None)
    if call is not None:
        reason, whistle = call.parties()[receiver.body_id], call.whistle
        await share_case(work, opened, receiver, reason=reason, title=whistle.summary, description=whistle.note or "")


def _is_for_task(opened: OpenedCase, share: CaseShare) -> bool:
    return opened.case.status in OPEN and any(task.receiver_body_id == share.receiver_body_id for task in opened.tasks)


def _is_for_open_whistle(opened: OpenedCase, share: CaseShare) -> bool:
    is_party = any(share.receiver_body_id in call.parties() for call in opened.calls)
    return is_party and share.reason in WHISTLE_SHARES


def _let_whistles_lapse(work: TenantWork, opened: OpenedCase) -> None:
    for call in opened.calls:
        call.whistle.status, call.whistle.ended_at = "LAPSED", work.now()
    opened.calls = []
