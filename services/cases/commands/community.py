"""What does whoever coordinates a case do with it? Accept, dispatch, exclude and merge it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from services.cases.errors import CannotMerge, PhoneMissing, ReceiverUnfit
from services.cases.opening import OpenedCase, lock_case, open_case, status_of
from services.cases.queries import DRAWING, body_of, contract_in_force, post_in_force
from services.cases.recording import Step, acting_post, record_step
from services.cases.rules import (
    ACCEPT,
    DISPATCH,
    HANDLE,
    LONGEST_TEXT,
    OPEN,
    READ,
    WITH_RECEIVER,
    check_note,
    check_text,
    may,
)
from services.cases.sharing import Receiver, end_shares, share_case
from services.cases.tables import Case
from services.cases.working import driver_of
from tenants.errors import NotFound
from tenants.permissions import load_overrides
from tenants.policies.roles import grants_of
from tenants.tables import Body
from tenants.work import TenantWork

# Whose people work in the tenant that has them in its directory, or by a contract there.
_INSIDE = frozenset({"property_company", "owners_committee", "partner", "volunteer_team"})


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a case is not taken on, what the reporter is told, and in an emergency which number to call."""

    reason: str
    reply: str
    phone: str | None = None


_PHONE = re.compile(r"[0-9+][0-9 -]{2,19}")


@dataclass(frozen=True, slots=True)
class ToPosition:
    """To a post of the tenant."""

    position_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ToBody:
    """To a body: a company, a partner, a team of volunteers, a department of the offices above."""

    body_id: uuid.UUID


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
    if isinstance(to, ToPosition):
        case.accountable_body_id, case.accountable_position_id = await _post(work, opened, to.position_id)
    else:
        body = await _body(work, opened, to.body_id)
        case.accountable_body_id, case.accountable_position_id = body.id, None
        if body.kind == "department":
            receiver = Receiver(body.home_tenant_id, body.id)
            await share_case(work, opened, receiver, reason="DISPATCHED", description=told or "")
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


async def _post(work: TenantWork, opened: OpenedCase, position_id: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Find the body and the post to hand a case to, in the case's own tenant."""
    if work.grants.served_from is not None or work.tenant.body_id is None:
        raise ReceiverUnfit(field="input.to.positionId")
    row = (await work.session.execute(post_in_force(work.tenant.id, position_id, today=work.today()))).first()
    if row is None:
        raise NotFound(field="input.to.positionId")
    post, grants_as, body_kind = row
    overrides = await load_overrides(await driver_of(work), tenant_id=work.tenant.id)
    granted = grants_of(post.kind_code, grants_as=grants_as, tenant_kind=work.tenant.kind, overrides=overrides)
    if not any(grant.permission == HANDLE and grant.tenants == "acting" for grant in granted):
        raise ReceiverUnfit(field="input.to.positionId")
    if body_kind not in _INSIDE or post.body_id is None:
        return work.tenant.body_id, post.id
    await _check_serves(work, opened, post.body_id, body_kind, field="input.to.positionId")
    return post.body_id, post.id


async def _body(work: TenantWork, opened: OpenedCase, body_id: uuid.UUID) -> Body:
    """Find the body to hand a case to: inside the tenant, or a department of it or of an office above."""
    body: Body | None = await work.session.scalar(body_of(body_id))
    if body is None:
        raise NotFound(field="input.to.bodyId")
    if body.kind == "department" and body.home_tenant_id in _offices(opened.case):
        return body
    if body.kind not in _INSIDE or work.grants.served_from is not None:
        raise ReceiverUnfit(field="input.to.bodyId")
    if body.kind != "property_company" and body.home_tenant_id != work.tenant.id:
        raise ReceiverUnfit(field="input.to.bodyId")
    await _check_serves(work, opened, body.id, body.kind, field="input.to.bodyId")
    return body


async def _check_serves(
    work: TenantWork, opened: OpenedCase, body_id: uuid.UUID, body_kind: str, *, field: str
) -> None:
    if body_kind != "property_company":
        return
    estate_id = opened.details.estate_id
    contract = contract_in_force(work.tenant.id, estate_id=estate_id, body_id=body_id, today=work.today())
    if await work.session.scalar(contract.limit(1)) is None:
        raise ReceiverUnfit(field=field)


def _offices(case: Case) -> set[int]:
    """List the tenants whose departments a case may be handed to: its own, its street's, its district's."""
    return {tenant_id for tenant_id in (case.tenant_id, case.street_id, case.district_id) if tenant_id is not None}
