"""Who may learn how to reach a resident? Whoever has a purpose and a post that reaches them, and never unseen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select

from services.people.errors import PurposeNeedsNote, RevealNoteInvalid
from services.people.reach import is_in_reach
from services.people.tables import Person
from tenants.audit.recording import AuditEntry
from tenants.errors import Forbidden, NotFound
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
    work: TenantWork,
    *,
    person_id: uuid.UUID | None,
    reason: RevealReason,
    sealer: TenantSealer,
    also: ColumnElement[bool] | None = None,
) -> Contact:
    """Open a person's name and phone number, and write to the audit log that it was done or refused.

    No id stands for one that cannot be a person's of this tenant; `also` asks for those who are reached because of
    something else than where they live. Of another tenant, which shares something, nothing is written when it is
    refused. Raises Forbidden, NotFound, PurposeNeedsNote, RevealNoteInvalid.
    """
    note = (reason.note or "").strip()
    entry = AuditEntry(PERMISSION, "Person", person_id, purpose=reason.purpose)
    refused = AuditEntry(PERMISSION, "Person", person_id, purpose=reason.purpose, outcome="REFUSED")
    if not work.grants.deciding.may(PERMISSION):
        await _record_refusal(work, refused)
        raise Forbidden(permission=PERMISSION)
    if reason.purpose is RevealPurpose.OTHER and not note:
        raise PurposeNeedsNote(field="note")
    if len(note) > LONGEST_NOTE:
        raise RevealNoteInvalid(limit=LONGEST_NOTE, field="note")
    person = await _find_person(work, person_id, also)
    if person is None:
        await _record_refusal(work, refused)
        raise NotFound(field="personId")
    contact = Contact(
        name=sealer.open(person.name_sealed, purpose=Purpose.NAME),
        phone=sealer.open(person.phone_sealed, purpose=Purpose.PHONE) if person.phone_sealed else None,
    )
    await work.record(entry.with_note(sealer.seal(note, purpose=Purpose.NOTE) if note else None))
    return contact


async def _record_refusal(work: TenantWork, refused: AuditEntry) -> None:
    # What a caller is refused writes nothing in a tenant that is not his.
    if work.grants.served_from is None:
        await work.record(refused, even_if_refused=True)


async def _find_person(
    work: TenantWork, person_id: uuid.UUID | None, also: ColumnElement[bool] | None
) -> Person | None:
    ways = [way for way in (is_in_reach(work, permission=PERMISSION), also) if way is not None]
    if person_id is None or not ways:
        return None
    return await work.session.scalar(
        select(Person).where(Person.tenant_id == work.tenant.id, Person.id == person_id, or_(*ways))
    )
