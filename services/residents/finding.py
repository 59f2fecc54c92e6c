"""Which dwelling is meant, and whom does the register know in it by the caller's phone or name?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.people.errors import PhoneInvalid
from services.people.rules import check_phone
from services.places.rules import address_key
from services.places.tables import Place
from services.residents.errors import DwellingAmbiguous
from services.residents.queries import building_with_code, dwelling_of, has_owners, known_in, rooms_of
from services.residents.rules import Known, check_naming, find_proof
from tenants.errors import NotFound
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class NamedDwelling:
    """A dwelling as it is named: by its id, or by the building's code with the room."""

    dwelling_id: uuid.UUID | None = None
    building_code: str | None = None
    room_number: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Whom the register knows in the dwelling: by the caller's phone, which is proof, or by his name alone."""

    person_id: uuid.UUID
    by: str


async def find_dwelling(work: TenantWork, named: NamedDwelling) -> Place:
    """Find the dwelling that is meant. Raises DwellingUnclear, DwellingAmbiguous, NotFound."""
    check_naming(dwelling_id=named.dwelling_id, building_code=named.building_code, room_number=named.room_number)
    if named.dwelling_id is not None:
        chosen = await work.session.scalar(dwelling_of(work.tenant.id, named.dwelling_id))
        if chosen is None:
            raise NotFound(field="dwelling")
        return chosen
    return await _find_by_code(work, code=(named.building_code or "").strip(), room=(named.room_number or "").strip())


async def _find_by_code(work: TenantWork, *, code: str, room: str) -> Place:
    building = await work.session.scalar(building_with_code(work.tenant.id, code))
    if building is None:
        raise NotFound(field="dwelling")
    # 101, 2单元101 and 2单元101室 are all said.
    keys = {address_key(f"{building.address}{room}{ending}") for ending in ("", "室")}
    found = await work.session.scalars(
        rooms_of(work.tenant.id, building_id=building.id, room_number=room.removesuffix("室"), keys=keys)
    )
    rooms = found.all()
    if not rooms:
        raise NotFound(field="dwelling")
    if len(rooms) > 1:
        raise DwellingAmbiguous(field="dwelling")
    return rooms[0]


async def find_match(
    work: TenantWork, *, dwelling: Place, relation: str, phone: str | None, name: str, sealer: TenantSealer
) -> Match | None:
    """Find whom the register knows in the dwelling by the caller's phone, as far as it proves the relation, or name."""
    if phone is not None and is_phone(phone):
        index = sealer.index(phone, purpose=Purpose.PHONE)
        is_owned = await work.session.scalar(has_owners(work.tenant.id, dwelling_id=dwelling.id))
        known = await _known(work, dwelling, phone_index=index)
        proved = find_proof(relation, known, has_owners=bool(is_owned))
        if proved is not None:
            return Match(proved, "PHONE")
    alike = await _known(work, dwelling, name_index=sealer.index(name, purpose=Purpose.NAME))
    return Match(min(one.person_id for one in alike), "NAME") if alike else None


async def _known(
    work: TenantWork, dwelling: Place, *, phone_index: bytes | None = None, name_index: bytes | None = None
) -> list[Known]:
    rows = await work.session.execute(
        known_in(
            work.tenant.id,
            dwelling_id=dwelling.id,
            today=work.today(),
            phone_index=phone_index,
            name_index=name_index,
        )
    )
    return [Known(person_id, role) for person_id, role in rows.all()]


def is_phone(phone: str) -> bool:
    """Tell whether a text can be a phone number."""
    try:
        check_phone(phone)
    except PhoneInvalid:
        return False
    return True
