"""What may be done about belonging to a dwelling? Ask for it, decide it, end it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from services.people.tables import Person
from services.places.tables import Place
from services.positions.tables import Position
from services.residents.finding import Match, NamedDwelling, find_dwelling, find_match
from services.residents.posts import end_post, end_visits, give_resident_post
from services.residents.queries import (
    locked_residency,
    requests_of,
    residencies_left_in,
    residency_of_post,
    settings_of,
)
from services.residents.rules import (
    A_DAY,
    DECIDE,
    EDIT,
    REQUEST,
    Ground,
    Limits,
    check_can_decide,
    check_can_end,
    check_may_ask,
    check_reason,
    may_decide_at,
)
from services.residents.tables import Residency
from tenants.audit.recording import AuditEntry
from tenants.errors import Forbidden, NotFound
from tenants.permissions import bump_grants_version
from tenants.sealing.values import TenantSealer
from tenants.tables import Account
from tenants.work import TenantWork

_SUBJECT = "Residency"


@dataclass(frozen=True, slots=True)
class ResidencyRequest:
    """What somebody says: that he belongs to a dwelling, and how."""

    dwelling: NamedDwelling
    # OWNER, FAMILY or RENTER.
    relation: str


async def request_residency(
    work: TenantWork, *, request: ResidencyRequest, phone: str | None, sealer: TenantSealer
) -> uuid.UUID:
    """Ask to be bound to a dwelling and tell the residency's id; a phone that the register has there confirms at once.

    The phone is one that the caller's issuer vouches for, and is not kept. Raises Forbidden, DwellingUnclear,
    DwellingAmbiguous, NotFound, AlreadyAsked, TooManyRequests.
    """
    work.require(REQUEST)
    # One after the other, so that none slips past the limits.
    await work.take_turn(f"residencies of {work.grants.account_id}")
    dwelling = await find_dwelling(work, request.dwelling)
    await _check_may_ask(work, dwelling)
    name = await work.session.scalar(select(Account.display_name).where(Account.id == work.grants.account_id)) or ""
    match = await find_match(work, dwelling=dwelling, relation=request.relation, phone=phone, name=name, sealer=sealer)
    residency = _residency(work, dwelling, relation=request.relation, name=name, match=match)
    work.session.add(residency)
    await work.session.flush()
    await work.record(AuditEntry(REQUEST, _SUBJECT, residency.id))
    if match is not None and match.by == "PHONE":
        await work.record(AuditEntry("residency:match", "Person", match.person_id, purpose=match.by))
        await _confirm(work, residency)
    return residency.id


async def decide_residency(
    work: TenantWork, *, residency_id: uuid.UUID, is_confirmed: bool, reason: str | None
) -> uuid.UUID:
    """Confirm a request, which gives the resident's post, or refuse it.

    Raises Forbidden, NotFound, OwnResidency, ResidencyNotInStatus, ReasonInvalid.
    """
    work.require_some(DECIDE)
    residency, ground = await _lock(work, residency_id)
    is_own = _is_own(work, residency)
    # Whoever may not decide there sees his own alone.
    if not (is_own or may_decide_at(work.grants, ground)):
        raise NotFound(field="residencyId")
    check_can_decide(status=residency.status, is_own=is_own)
    residency.reason = check_reason(reason)
    residency.decided_by_id = work.grants.account_id
    if is_confirmed:
        await _confirm(work, residency)
    else:
        residency.status, residency.decided_at = "REFUSED", work.now()
        await work.session.flush()
    await work.record(AuditEntry(DECIDE, _SUBJECT, residency.id, purpose=residency.status))
    return residency.id


async def end_residency(work: TenantWork, *, residency_id: uuid.UUID) -> uuid.UUID:
    """End a residency, or withdraw the request: one's own, or anybody's for whoever keeps the register.

    Raises Forbidden, NotFound, ResidencyNotInStatus.
    """
    may_end_all = work.grants.covers_all(EDIT)
    found = (await work.session.execute(locked_residency(work.tenant.id, residency_id))).first()
    residency = None if found is None else found[0]
    if residency is None or not (may_end_all or residency.account_id == work.grants.account_id):
        if may_end_all or work.grants.may(REQUEST):
            raise NotFound(field="residencyId")
        raise Forbidden(permission=EDIT)
    check_can_end(residency.status)
    await end_residencies(work, [residency])
    return residency.id


async def end_residencies(work: TenantWork, residencies: Iterable[Residency]) -> None:
    """End residencies that are open, and the posts that came with them, at once."""
    has_ended_post = False
    for residency in residencies:
        if residency.position_id is not None:
            await end_post(work, await work.session.get_one(Position, (work.tenant.id, residency.position_id)))
            has_ended_post = True
        await _end(work, residency)
    if has_ended_post:
        await bump_grants_version(work)


async def lock_residency_of_post(work: TenantWork, *, position_id: uuid.UUID) -> None:
    """Lock the residency that gave a post, for whoever is to end the post itself.

    Residencies are locked before their posts, so that nobody who ends one or the other waits in a circle.
    """
    await work.session.execute(residency_of_post(work.tenant.id, position_id=position_id))


async def end_residency_of_post(work: TenantWork, *, position_id: uuid.UUID) -> None:
    """End the residency that gave a post, when somebody who may has ended the post itself."""
    for residency in (await work.session.scalars(residency_of_post(work.tenant.id, position_id=position_id))).all():
        await _end(work, residency)


async def _end(work: TenantWork, residency: Residency) -> None:
    residency.status, residency.ended_at, residency.ended_by_id = "ENDED", work.now(), work.grants.account_id
    await work.session.flush()
    await work.record(AuditEntry("residency:end", _SUBJECT, residency.id))


async def end_residencies_left(work: TenantWork, *, household_id: uuid.UUID) -> None:
    """Once a household has moved out and nobody lives there, end what binds families and renters to its dwelling."""
    left = residencies_left_in(work.tenant.id, household_id=household_id, today=work.today())
    await end_residencies(work, (await work.session.scalars(left)).all())


async def _check_may_ask(work: TenantWork, dwelling: Place) -> None:
    account_id, since = work.grants.account_id, work.now() - A_DAY
    counted = await work.session.execute(
        requests_of(work.tenant.id, account_id=account_id, dwelling_id=dwelling.id, since=since)
    )
    open_there, waiting, asked_today = counted.one()
    settings = await work.session.scalar(settings_of(work.tenant.id))
    limits = None if settings is None else Limits(settings.open_request_limit, settings.daily_request_limit)
    check_may_ask(is_open_there=open_there > 0, waiting=waiting, asked_today=asked_today, limits=limits)


def _residency(work: TenantWork, dwelling: Place, *, relation: str, name: str, match: Match | None) -> Residency:
    by_post = work.grants.granting_posts[REQUEST]
    return Residency(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        account_id=work.grants.account_id,
        account_name=name,
        applicant_id=next(held.person_id for held in work.grants.positions if held.id == by_post),
        dwelling_id=dwelling.id,
        relation=relation,
        status="REQUESTED",
        requested_at=work.now(),
        matched_person_id=None if match is None else match.person_id,
        matched_by=None if match is None else match.by,
    )


async def _lock(work: TenantWork, residency_id: uuid.UUID) -> tuple[Residency, Ground]:
    found = (await work.session.execute(locked_residency(work.tenant.id, residency_id))).first()
    if found is None:
        raise NotFound(field="residencyId")
    residency, dwelling = found
    return residency, Ground(dwelling.id, dwelling.building_id, dwelling.grid_id, dwelling.estate_id)


def _is_own(work: TenantWork, residency: Residency) -> bool:
    """Tell whether it is the caller's own, also under another account of his."""
    mine = {held.person_id for held in work.grants.positions}
    return residency.account_id == work.grants.account_id or residency.applicant_id in mine


async def _confirm(work: TenantWork, residency: Residency) -> None:
    person = await work.session.get_one(Person, (work.tenant.id, residency.matched_person_id or residency.applicant_id))
    position = await give_resident_post(
        work, dwelling_id=residency.dwelling_id, person=person, account_id=residency.account_id
    )
    residency.position_id, residency.status, residency.decided_at = position.id, "CONFIRMED", work.now()
    await work.session.flush()
    # Whoever lives here comes as a resident from now on.
    await end_visits(work, account_id=residency.account_id)
    await bump_grants_version(work)
