"""Who owns and who lives in an invented neighbourhood? Owners with shares, renters, households."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from deploy.simulate.ids import IdSource
from deploy.simulate.names import invent_name, invent_phone
from deploy.simulate.rows import HolderRow, HouseholdRow, PersonRow, PlaceRow
from services.people.rules import household_key
from tenants.sealing.values import Purpose, TenantSealer

# Of a hundred dwellings: those with two owners, let, empty, and those with a household that has moved away.
_TWO_OWNERS = 15
_RENTED = 22
_VACANT = 8
_LEFT = 5
_HUNDRED = 100
_LARGEST_HOUSEHOLD = 5
_FIRST_MOVE = date(1998, 1, 1)
_YEARS_OF_MOVES = 25


class Invented(NamedTuple):
    """A person who does not exist, before sealing."""

    id: uuid.UUID
    name: str
    phone: str


@dataclass(slots=True)
class Residents:
    """Moves people into dwellings."""

    tenant_id: int
    random: Random
    ids: IdSource
    # People of different communities are different people, also by their numbers.
    first_phone: int
    people: list[Invented] = field(default_factory=list)
    holders: list[HolderRow] = field(default_factory=list)
    households: list[HouseholdRow] = field(default_factory=list)

    def add_person(self) -> uuid.UUID:
        """Invent a person and tell the id."""
        phone = invent_phone(self.first_phone + len(self.people))
        person = Invented(self.ids.next(), invent_name(self.random), phone)
        self.people.append(person)
        return person.id

    def seal_people(self, sealer: TenantSealer) -> list[PersonRow]:
        """Seal all people at once."""
        names = sealer.seal_texts([person.name for person in self.people], purpose=Purpose.NAME)
        phones = sealer.seal_texts([person.phone for person in self.people], purpose=Purpose.PHONE)
        return [
            PersonRow(self.tenant_id, person.id, *name, *phone)
            for person, name, phone in zip(self.people, names, phones, strict=True)
        ]

    def settle(self, dwelling: PlaceRow) -> None:
        """Give a dwelling its owners, or its renter if it is public housing, and those who live in it."""
        is_public = dwelling.tenure == "PUBLIC"
        has_two = not is_public and self.random.randrange(_HUNDRED) < _TWO_OWNERS
        first = self.add_person()
        self._hold(dwelling, first, role="renter" if is_public else "owner", share="1/2" if has_two else None)
        if has_two:
            self._hold(dwelling, self.add_person(), role="owner", share="1/2")
        drawn = self.random.randrange(_HUNDRED)
        if drawn < _RENTED and not is_public:
            self._move_in(dwelling, self.add_person(), residence="RENTED")
        elif drawn >= _RENTED + _VACANT:
            self._move_in(dwelling, first, residence="OWNER_OCCUPIED")
        elif drawn < _RENTED:
            self._move_in(dwelling, first, residence="RENTED")
        if self.random.randrange(_HUNDRED) < _LEFT:
            self._move_in(dwelling, first, residence="OTHER", has_left=True)

    def _hold(self, dwelling: PlaceRow, person_id: uuid.UUID, *, role: str, share: str | None) -> None:
        ordinal = 0 if not self.holders or self.holders[-1].dwelling_id != dwelling.id else 1
        self.holders.append(HolderRow(self.tenant_id, self.ids.next(), dwelling.id, person_id, role, share, ordinal))

    def _move_in(self, dwelling: PlaceRow, head_id: uuid.UUID, *, residence: str, has_left: bool = False) -> None:
        since = _FIRST_MOVE + timedelta(days=self.random.randrange(365 * _YEARS_OF_MOVES))
        until = since + timedelta(days=self.random.randrange(30, 700)) if has_left else None
        self.households.append(
            HouseholdRow(
                self.tenant_id,
                self.ids.next(),
                dwelling.id,
                head_id,
                self.random.randint(1, _LARGEST_HOUSEHOLD),
                residence,
                since,
                until,
                household_key(since=since, until=until),
            )
        )
