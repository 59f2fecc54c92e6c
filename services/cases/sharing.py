"""How does somebody outside its tenant come to see a case, and lose it again?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.cases.opening import OpenedCase
from services.cases.rules import OPEN
from services.cases.tables import CaseShare
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

    What an office has of it already is all that it can hand on.
    """
    if any(share.receiver_body_id == receiver.body_id for share in opened.shares):
        return
    own = next((share for share in reversed(opened.shares) if share.reason == "HANDED_UP"), None)
    case, details = opened.case, opened.details
    person = None
    if details.reporter_id is not None and not details.is_confidential:
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


async def give_back(work: TenantWork, opened: OpenedCase) -> None:
    """Let the coordinator answer for a case again, and whoever had it from outside no longer see it."""
    case = opened.case
    case.status = "ACCEPTED"
    case.accountable_body_id, case.accountable_position_id = case.coordinator_body_id, None
    await end_shares(work, opened, but=case.coordinator_body_id)


async def end_shares(work: TenantWork, opened: OpenedCase, *, but: uuid.UUID | None = None) -> None:
    """Let nobody outside see a case any more; or only the offices up to the one that coordinates it.

    While it is open, whoever has a part of it to do goes on seeing it.
    """
    handed_up = [share for share in opened.shares if share.reason == "HANDED_UP"]
    receivers = [share.receiver_body_id for share in handed_up]
    kept = handed_up[: receivers.index(but) + 1] if but in receivers else []
    kept += [share for share in opened.shares if share not in kept and _has_a_task(opened, share)]
    for share in opened.shares:
        if share not in kept:
            share.ended_at = work.now()
    opened.shares = kept
    await work.session.flush()


def _has_a_task(opened: OpenedCase, share: CaseShare) -> bool:
    return opened.case.status in OPEN and any(task.receiver_body_id == share.receiver_body_id for task in opened.tasks)


async def end_share_of(work: TenantWork, opened: OpenedCase, body_id: uuid.UUID) -> None:
    """Let a body no longer see a case by the share that a part of it gave, unless it has more to do with it."""
    case = opened.case
    if body_id in (case.accountable_body_id, case.coordinator_body_id):
        return
    for share in [one for one in opened.shares if one.receiver_body_id == body_id and one.reason == "TASKED"]:
        if not _has_a_task(opened, share):
            share.ended_at = work.now()
            opened.shares.remove(share)
    await work.session.flush()
