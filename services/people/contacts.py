"""Who may learn how to reach a resident? Whoever has a purpose and a post that reaches them, and never unseen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_, select

from services.people.errors import PurposeNeedsNote, RevealNoteInvalid
from services.people.tables import DwellingHolder, Household, Person
from services.places.tables import Place
from tenants.audit.recording import AuditEntry
from tenants.errors import Forbidden, NotFound
from tenants.grants import Grants
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

PERMISSION = "contact:reveal"
LONGEST_NOTE = 500


class RevealPurpose(StrEnum):
    """What a contact is needed for."""

    CASE_HANDLING = "CASE_HANDLING"
    CASE_CALL_BACK = "CASE_CALL_BACK"
    VISIT = "VISIT"
    NOTICE = "NOTICE"
    VERIFICATION = "VERIFICATION"
    EMERGENCY = "EMERGENCY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class RevealReason:
    """What the caller says it is for."""

    purpose: RevealPurpose
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person's name and phone number in plain text."""

    name: str
    phone: str | None


async def reveal_contact(
    work: TenantWork, *, person_id: uuid.UUID | None, reason: RevealReason, sealer: TenantSealer
) -> Contact:
    """Open a person's name and phone number, and write to the audit log that it was done or refused.

    No id stands for one that cannot be a person's of this tenant. Raises Forbidden, NotFound, PurposeNeedsNote,
    RevealNoteInvalid.
    """
    note = (reason.note or "").strip()
    entry = AuditEntry(PERMISSION, "Person", person_id, purpose=reason.purpose)
    refused = AuditEntry(PERMISSION, "Person", person_id, purpose=reason.purpose, outcome="REFUSED")
    if not work.grants.may(PERMISSION):
        await work.record(refused, even_if_refused=True)
        raise Forbidden(permission=PERMISSION)
    if reason.purpose is RevealPurpose.OTHER and not note:
        raise PurposeNeedsNote(field="note")
    if len(note) > LONGEST_NOTE:
        raise RevealNoteInvalid(limit=LONGEST_NOTE, field="note")
    person = await _find_person(work, person_id)
    if person is None:
        await work.record(refused, even_if_refused=True)
        raise NotFound(field="personId")
    contact = Contact(
        name=sealer.open(person.name_sealed, purpose=Purpose.NAME),
        phone=sealer.open(person.phone_sealed, purpose=Purpose.PHONE) if person.phone_sealed else None,
    )
    await work.record(entry.with_note(sealer.seal(note, purpose=Purpose.NOTE) if note else None))
    return contact


async def _find_person(work: TenantWork, person_id: uuid.UUID | None) -> Person | None:
    if person_id is None:
        return None
    reach = _is_in_reach(work)
    if reach is None:
        return None
    return await work.session.scalar(
        select(Person).where(Person.tenant_id == work.tenant.id, Person.id == person_id, reach)
    )


def _is_in_reach(work: TenantWork) -> ColumnElement[bool] | None:
    """Ask that a person is one of those whom the caller's posts reach; None when they reach nobody."""
    # What the grants of cases hang on (for_call_back, while_handed_over) is not known here, so they reach nobody.
    rows = {grant.rows for grant in work.grants.of(PERMISSION) if grant.tenants == "acting" and not grant.condition}
    if "all" in rows:
        return Person.tenant_id == work.tenant.id
    inside = _is_inside(work.grants) if rows else None
    if inside is None:
        return None
    owned = exists().where(
        DwellingHolder.tenant_id == Person.tenant_id,
        DwellingHolder.person_id == Person.id,
        Place.tenant_id == DwellingHolder.tenant_id,
        Place.id == DwellingHolder.dwelling_id,
        inside,
    )
    # Who has moved out is nobody's neighbour any more, though the household's history still names them, masked.
    headed = exists().where(
        Household.tenant_id == Person.tenant_id,
        Household.head_id == Person.id,
        or_(Household.until.is_(None), Household.until >= work.today()),
        Place.tenant_id == Household.tenant_id,
        Place.id == Household.dwelling_id,
        inside,
    )
    return or_(owned, headed)


def _is_inside(grants: Grants) -> ColumnElement[bool] | None:
    scope = grants.scopes.get(PERMISSION)
    if scope is None:
        return None
    lists = (
        (Place.grid_id, scope.grid_ids),
        (Place.building_id, scope.building_ids),
        (Place.estate_id, scope.estate_ids),
        (Place.id, scope.dwelling_ids),
    )
    conditions = [column.in_(ids) for column, ids in lists if ids]
    return and_(Place.kind == "dwelling", or_(*conditions)) if conditions else None
