"""What does a tenant know before a roster comes in, and in which records is that compared with the roster?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class PlaceRecord(NamedTuple):
    """A row of the places table, as far as rosters tell of it. Records of one place differ if something changed."""

    id: uuid.UUID
    kind: str
    grid_id: uuid.UUID | None
    estate_id: uuid.UUID | None
    building_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    name: str
    address: str
    sort_key: str
    grid_kind: str | None
    floor_count: int | None
    room_number: str | None
    floor_area: Decimal | None
    inside_area: Decimal | None
    tenure: str | None


class PersonRecord(NamedTuple):
    """A person by the blind indexes of name, phone and identity number."""

    id: uuid.UUID
    name_index: bytes
    phone_index: bytes | None
    identity_index: bytes | None


class HolderRecord(NamedTuple):
    """An owner or renter of a dwelling."""

    id: uuid.UUID
    dwelling_id: uuid.UUID
    person_id: uuid.UUID
    role: str
    share: str | None
    ordinal: int


class HouseholdRecord(NamedTuple):
    """A household; those that the tenant knows already still live there."""

    id: uuid.UUID
    dwelling_id: uuid.UUID
    head_id: uuid.UUID | None
    head_count: int | None
    residence: str | None
    since: date | None
    until: date | None
    sort_key: str


class PostRecord(NamedTuple):
    """A post in force."""

    id: uuid.UUID
    kind_code: str
    person_id: uuid.UUID
    place_id: uuid.UUID
    since: date
    public_name: str
    duty_phone: str | None
    board_rank: int


@dataclass(frozen=True, slots=True)
class Known:
    """All that a roster can meet in a tenant; the ranks of its kinds of post on the duty board, by code."""

    places: list[PlaceRecord]
    people: list[PersonRecord]
    holders: list[HolderRecord]
    households: list[HouseholdRecord]
    posts: list[PostRecord]
    board_ranks: dict[str, int]
