"""What does a roster change in a tenant, kind by kind?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from services.roster.known import HolderRecord, HouseholdRecord, PersonRecord, PlaceRecord, PostRecord
from services.roster.problems import Problem

Record = TypeVar("Record", bound=tuple[object, ...])
Counter = Callable[["Changes[Any]"], int]


@dataclass(slots=True)
class Changes(Generic[Record]):
    """The records of one kind that are new, those that differ from what is stored, and how many do not."""

    created: list[Record] = field(default_factory=list)
    changed: list[Record] = field(default_factory=list)
    unchanged_count: int = 0

    def compare(self, record: Record, before: Record | None) -> Record:
        """Sort a record in by what was stored before, and give it back."""
        if before is None:
            self.created.append(record)
        elif record != before:
            self.changed.append(record)
        else:
            self.unchanged_count += 1
        return record


class Counts(NamedTuple):
    """How many of each kind."""

    estates: int
    grids: int
    buildings: int
    units: int
    dwellings: int
    households: int
    people: int
    positions: int


class Move(NamedTuple):
    """A building or unit that a roster puts in another grid than before."""

    place_id: uuid.UUID
    from_grid_id: uuid.UUID
    to_grid_id: uuid.UUID


@dataclass(slots=True)
class PlaceChanges:
    """What becomes of places. The lists of ids go with the roster's tuples; None is what cannot be imported."""

    estates: Changes[PlaceRecord] = field(default_factory=Changes)
    grids: Changes[PlaceRecord] = field(default_factory=Changes)
    buildings: Changes[PlaceRecord] = field(default_factory=Changes)
    units: Changes[PlaceRecord] = field(default_factory=Changes)
    dwellings: Changes[PlaceRecord] = field(default_factory=Changes)
    moves: list[Move] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    grid_ids: list[uuid.UUID] = field(default_factory=list)
    building_ids: list[uuid.UUID | None] = field(default_factory=list)
    dwelling_ids: list[uuid.UUID | None] = field(default_factory=list)

    def kinds(self) -> Iterator[Changes[PlaceRecord]]:
        """Give the kinds in the order in which one hangs on the other."""
        yield from (self.estates, self.grids, self.buildings, self.units, self.dwellings)

    @property
    def created_count(self) -> int:
        """Count the places that are to be made."""
        return sum(len(kind.created) for kind in self.kinds())


@dataclass(slots=True)
class ResidentChanges:
    """What becomes of people and what they hold. Created and changed people are told by their place in the roster."""

    people: Changes[PersonRecord] = field(default_factory=Changes)
    # Which of the roster's people a created or changed record is, by its id.
    person_at: dict[uuid.UUID, int] = field(default_factory=dict)
    holders: Changes[HolderRecord] = field(default_factory=Changes)
    holders_gone: list[uuid.UUID] = field(default_factory=list)
    # Dwellings whose owners or renters are not what they were.
    dwellings_held_anew: set[uuid.UUID] = field(default_factory=set)
    households: Changes[HouseholdRecord] = field(default_factory=Changes)
    households_ended: list[HouseholdRecord] = field(default_factory=list)
    posts: Changes[PostRecord] = field(default_factory=Changes)
    # Warnings, all of them: that there are bad rows is known when people are compared.
    problems: list[Problem] = field(default_factory=list)

    @property
    def created_count(self) -> int:
        """Count the records that are to be made."""
        kinds: tuple[Changes[Any], ...] = (self.people, self.holders, self.households, self.posts)
        return sum(len(kind.created) for kind in kinds)


@dataclass(frozen=True, slots=True)
class RosterChanges:
    """All that a roster changes."""

    places: PlaceChanges
    residents: ResidentChanges

    def created(self) -> Counts:
        """Count what is new."""
        return self._counts(lambda changes: len(changes.created))

    def changed(self) -> Counts:
        """Count what differs; a dwelling also when its owners or renters do."""
        differing = {record.id for record in self.places.dwellings.changed}
        return self._counts(lambda changes: len(changes.changed))._replace(dwellings=len(differing | self._held_anew()))

    def unchanged(self) -> Counts:
        """Count what is as it was."""
        counts = self._counts(lambda changes: changes.unchanged_count)
        differing = {record.id for record in self.places.dwellings.changed}
        return counts._replace(dwellings=counts.dwellings - len(self._held_anew() - differing))

    def _held_anew(self) -> set[uuid.UUID]:
        return self.residents.dwellings_held_anew - {record.id for record in self.places.dwellings.created}

    def _counts(self, count: Counter) -> Counts:
        places, residents = self.places, self.residents
        return Counts(
            estates=count(places.estates),
            grids=count(places.grids),
            buildings=count(places.buildings),
            units=count(places.units),
            dwellings=count(places.dwellings),
            households=count(residents.households),
            people=count(residents.people),
            positions=count(residents.posts),
        )
