"""In which forms are a roster's people stored? Sealed and masked, beside the indexes known from comparing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.roster.changes import ResidentChanges
from services.roster.contents import Roster, RosterPerson
from services.roster.known import PersonRecord
from tenants.sealing.masks import mask_identity_number, mask_name, mask_phone
from tenants.sealing.values import Purpose, TenantSealer

# By the name of the column, of equal length.
Columns = dict[str, Sequence[object]]

_MASKS = {
    Purpose.NAME: mask_name,
    Purpose.PHONE: mask_phone,
    Purpose.IDENTITY: mask_identity_number,
}


@dataclass(frozen=True, slots=True)
class SealedPeople:
    """The columns of new people, and those of people with a new phone, and with a new identity number."""

    created: Columns
    changed: tuple[Columns, ...]


def seal_people(roster: Roster, residents: ResidentChanges, sealer: TenantSealer) -> SealedPeople:
    """Seal and mask whatever is to be stored of new and changed people."""
    people = [roster.people[residents.person_at[record.id]] for record in residents.people.created]
    records = residents.people.created
    created: Columns = {"id": [record.id for record in records]}
    names = [person.name for person in people]
    created |= _forms(sealer, Purpose.NAME, names, [record.name_index for record in records])
    created |= _phones(sealer, people, records) | _identities(sealer, people, records)
    # What the roster does not tell stays as it is.
    changed = [(roster.people[residents.person_at[record.id]], record) for record in residents.people.changed]
    with_phone = [each for each in changed if each[0].phone]
    with_identity = [each for each in changed if each[0].identity]
    return SealedPeople(
        created,
        (
            {"id": [record.id for _, record in with_phone], **_phones(sealer, *_parted(with_phone))},
            {"id": [record.id for _, record in with_identity], **_identities(sealer, *_parted(with_identity))},
        ),
    )


def _parted(
    pairs: Sequence[tuple[RosterPerson, PersonRecord]],
) -> tuple[list[RosterPerson], list[PersonRecord]]:
    return [person for person, _ in pairs], [record for _, record in pairs]


def _phones(sealer: TenantSealer, people: Sequence[RosterPerson], records: Sequence[PersonRecord]) -> Columns:
    phones, indexes = [person.phone for person in people], [record.phone_index for record in records]
    return _forms(sealer, Purpose.PHONE, phones, indexes)


def _identities(sealer: TenantSealer, people: Sequence[RosterPerson], records: Sequence[PersonRecord]) -> Columns:
    numbers, indexes = [person.identity for person in people], [record.identity_index for record in records]
    return _forms(sealer, Purpose.IDENTITY, numbers, indexes)


def _forms(
    sealer: TenantSealer, purpose: Purpose, texts: Sequence[str | None], indexes: Sequence[bytes | None]
) -> Columns:
    sealed = iter(sealer.seal_all([text for text in texts if text], purpose=purpose))
    mask = _MASKS[purpose]
    return {
        f"{purpose}_sealed": [next(sealed) if text else None for text in texts],
        f"{purpose}_masked": [mask(text) if text else None for text in texts],
        f"{purpose}_index": [index if text else None for index, text in zip(indexes, texts, strict=True)],
    }
