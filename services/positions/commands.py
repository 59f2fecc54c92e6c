"""What may be done with posts? Give them to people, and end them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select, text

from services.people.commands import find_or_add_person, lock_known_person, lock_person
from services.people.rules import check_name, check_phone
from services.people.tables import Person
from services.positions.errors import (
    AlreadyInPosition,
    DutyPhoneUnpublished,
    PersonMissing,
    PositionHasAccount,
    PositionKindUnknown,
    PublicNameMissing,
    SelfAppointment,
)
from services.positions.queries import body_kind_of, kind_of, place_facts_of, same_posts
from services.positions.rules import (
    APPOINT,
    END,
    Kind,
    Post,
    check_account,
    check_can_end,
    check_dates,
    check_fits,
    check_holds,
    check_may,
)
from services.positions.tables import OFF_THE_BOARD, Position, PositionKind
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.policies.roles import grants_of
from tenants.sealing.values import TenantSealer
from tenants.tables import Membership
from tenants.work import TenantWork

_FIND_ACCOUNT = text("select app.find_account(:id, :issuer, :subject, null)")


@dataclass(frozen=True, slots=True)
class AccountName:
    """Who an account is: a subject of an issuer."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """A post as it is to be given: to somebody known, or to a name."""

    kind_code: str
    place_id: uuid.UUID
    since: date
    until: date | None = None
    person_id: uuid.UUID | None = None
    name: str | None = None
    phone: str | None = None
    body_id: uuid.UUID | None = None
    account: AccountName | None = None
    # As published with the post; the name and nothing, unless said otherwise.
    public_name: str | None = None
    duty_phone: str | None = None
    is_from_roster: bool = False


async def appoint_position(work: TenantWork, *, appointment: Appointment, sealer: TenantSealer) -> uuid.UUID:
    """Give somebody a post from a day on, perhaps to a day, and tell its id; with an account, it grants what it grants.

    Raises Forbidden, NotFound, PositionKindUnknown, PositionPlaceUnfit, PositionBodyUnfit, PositionBodyMissing,
    PositionDatesInvalid, PersonMissing, NameInvalid, PhoneInvalid, DutyPhoneUnpublished, PublicNameMissing,
    AlreadyInPosition, SelfAppointment, AccountInvalid.
    """
    work.require_some(APPOINT)
    kind = await _kind(work, appointment.kind_code)
    post = await _post(work, kind, appointment)
    check_may(work.grants, permission=APPOINT, post=post)
    check_fits(post)
    check_dates(since=appointment.since, until=appointment.until)
    account_id = await _account_id(work, appointment.account)
    person = await _person(work, appointment, sealer)
    await _check_is_new(work, appointment, person_id=person.id)
    position = _position(work, appointment, kind, person)
    position.account_id = account_id
    work.session.add(position)
    await work.session.flush()
    await _finish(work, position, action=APPOINT)
    return position.id


async def link_account(work: TenantWork, *, position_id: uuid.UUID, account: AccountName) -> uuid.UUID:
    """Let an account use a post that was given without one, as those of rosters are.

    Raises Forbidden, NotFound, PositionEnded, PositionHasAccount, SelfAppointment, AccountInvalid.
    """
    work.require_some(APPOINT)
    position = await _lock(work, position_id)
    kind = await _kind(work, position.kind_code)
    post = await _post(work, kind, position)
    check_may(work.grants, permission=APPOINT, post=replace(post, has_account=True))
    check_holds(until=position.until, today=work.today())
    if position.account_id is not None:
        raise PositionHasAccount(field="positionId")
    position.account_id = await _account_id(work, account)
    await work.session.flush()
    await _finish(work, position, action=APPOINT)
    return position.id


async def end_position(work: TenantWork, *, position_id: uuid.UUID, last_day: date) -> uuid.UUID:
    """Record a post's last day; the day before its first takes back what was never held.

    The last day that it has already changes nothing.
    Raises Forbidden, NotFound, PositionEnded, PositionDatesInvalid.
    """
    work.require_some(END)
    position = await _lock(work, position_id)
    kind = await _kind(work, position.kind_code)
    check_may(work.grants, permission=END, post=await _post(work, kind, position))
    check_can_end(since=position.since, until=position.until, last_day=last_day, today=work.today())
    if position.until == last_day:
        return position.id
    position.until = last_day
    await work.session.flush()
    await _finish(work, position, action=END)
    return position.id


async def _lock(work: TenantWork, position_id: uuid.UUID) -> Position:
    position = await work.session.scalar(
        select(Position).where(Position.tenant_id == work.tenant.id, Position.id == position_id).with_for_update()
    )
    if position is None:
        raise NotFound(field="positionId")
    return position


async def _kind(work: TenantWork, code: str) -> PositionKind:
    kind = await work.session.scalar(kind_of(work.tenant.id, code=code))
    if kind is None:
        raise PositionKindUnknown(kind=code, field="kind")
    return kind


async def _post(work: TenantWork, kind: PositionKind, asked: Appointment | Position) -> Post:
    place = (await work.session.execute(place_facts_of(work.tenant.id, place_id=asked.place_id))).one_or_none()
    if place is None:
        raise NotFound(field="placeId")
    body_kind = None
    if asked.body_id is not None:
        body_kind = await work.session.scalar(body_kind_of(asked.body_id))
        if body_kind is None:
            raise NotFound(field="bodyId")
    return Post(
        kind=_facts(kind, tenant_kind=work.tenant.kind),
        place_id=asked.place_id,
        place_kind=place.kind,
        lies_in=frozenset({asked.place_id, place.grid_id, place.building_id, place.estate_id} - {None}),
        body_id=asked.body_id,
        body_kind=body_kind,
        has_account=isinstance(asked, Appointment) and asked.account is not None,
        is_from_roster=isinstance(asked, Appointment) and asked.is_from_roster,
    )


def _facts(kind: PositionKind, *, tenant_kind: str) -> Kind:
    granted = grants_of(kind.code, grants_as=kind.grants_as, tenant_kind=tenant_kind)
    return Kind(
        kind.code,
        kind.name,
        kind.grants_as,
        frozenset(filter(None, kind.place_kinds.split(","))),
        frozenset(filter(None, kind.body_kinds.split(","))),
        kind.is_party_post,
        any(grant.permission == APPOINT for grant in granted),
    )


async def _account_id(work: TenantWork, account: AccountName | None) -> uuid.UUID | None:
    if account is None:
        return None
    check_account(account.issuer, account.subject)
    values = {"id": work.new_id(), "issuer": account.issuer, "subject": account.subject}
    found: uuid.UUID = await work.session.scalar(_FIND_ACCOUNT, values)
    if found == work.grants.account_id:
        raise SelfAppointment(field="account")
    return found


async def _person(work: TenantWork, appointment: Appointment, sealer: TenantSealer) -> Person:
    if (appointment.person_id is None) == (appointment.name is None):
        raise PersonMissing(field="name")
    if appointment.name is None:
        assert appointment.person_id is not None  # noqa: S101 - for the type checker: said just above.
        return await lock_known_person(work, person_id=appointment.person_id)
    found = await find_or_add_person(work, name=appointment.name, phone=appointment.phone, sealer=sealer)
    return await lock_person(work, person_id=found.id)


async def _check_is_new(work: TenantWork, appointment: Appointment, *, person_id: uuid.UUID) -> None:
    held = await work.session.scalar(
        same_posts(
            work.tenant.id,
            person_id=person_id,
            kind_code=appointment.kind_code,
            place_id=appointment.place_id,
            body_id=appointment.body_id,
            since=appointment.since,
            until=appointment.until,
        )
    )
    if held is not None:
        raise AlreadyInPosition(since=held.since, field="since")


def _position(work: TenantWork, appointment: Appointment, kind: PositionKind, person: Person) -> Position:
    if appointment.duty_phone is not None:
        if kind.board_rank is None:
            raise DutyPhoneUnpublished(kind=kind.name, field="dutyPhone")
        check_phone(appointment.duty_phone, field="dutyPhone")
    return Position(
        tenant_id=work.tenant.id,
        street_id=work.tenant.street_id,
        district_id=work.tenant.district_id,
        id=work.new_id(),
        kind_code=kind.code,
        person_id=person.id,
        body_id=appointment.body_id,
        place_id=appointment.place_id,
        since=appointment.since,
        until=appointment.until,
        public_name=_public_name(appointment, kind, person),
        duty_phone=appointment.duty_phone,
        board_rank=OFF_THE_BOARD if kind.board_rank is None else kind.board_rank,
    )


def _public_name(appointment: Appointment, kind: PositionKind, person: Person) -> str:
    if appointment.public_name is not None:
        check_name(appointment.public_name, field="publicName")
        return appointment.public_name.strip()
    # Off the board nobody is published by name: residents hold posts, too.
    if kind.board_rank is None:
        return person.name_masked
    if appointment.name is None:
        raise PublicNameMissing(kind=kind.name, field="publicName")
    return appointment.name.strip()


async def _finish(work: TenantWork, position: Position, *, action: str) -> None:
    await work.record(AuditEntry(action, "Position", position.id))
    # A post without an account grants nothing to anybody.
    if position.account_id is None:
        return
    await work.session.merge(
        Membership(
            account_id=position.account_id,
            tenant_id=position.tenant_id,
            position_id=position.id,
            since=position.since,
            until=position.until,
        )
    )
    await work.session.flush()
    await bump_grants_version(work)
