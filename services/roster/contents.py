"""What does a roster say once it is read: places, people, posts, and what was wrong?

Everything refers to everything else by its position in the tuples of `Roster`. What there are tens of
thousands of is a named tuple: made in a quarter of a frozen dataclass's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from services.roster.headers import Role
from services.roster.problems import Problem, Severity, Trouble, problem


class Line(NamedTuple):
    """Where something stands: the sheet and the row as Excel shows it, from 1."""

    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class RosterGrid:
    """A grid; `key` is the same for 第1网格 and 第一网格."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class RosterBuilding:
    """A building. `estate` and `grid` are None where the roster does not say."""

    name: str
    estate: int | None
    grid: int | None
    floor_count: int | None
    line: Line


class RosterUnit(NamedTuple):
    """A unit (stairwell); `grid` is None where it is the building's."""

    building: int
    name: str
    grid: int | None


class RosterPerson(NamedTuple):
    """A person in plain text, to be sealed; known again by name and phone, or name and identity number."""

    name: str
    phone: str | None
    identity: str | None


class RosterHolder(NamedTuple):
    """An owner of a dwelling with a share as written, or its renter."""

    person: int
    share: str | None


class RosterHousehold(NamedTuple):
    """Who lives in a dwelling; None is what the roster does not say."""

    head: int | None
    residence: str | None
    head_count: int | None


class RosterDwelling(NamedTuple):
    """A dwelling and those who belong to it; areas in square metres."""

    unit: int
    room_number: str
    floor_area: Decimal | None
    inside_area: Decimal | None
    tenure: str | None
    owners: tuple[RosterHolder, ...]
    renters: tuple[RosterHolder, ...]
    household: RosterHousehold | None


class RosterPost(NamedTuple):
    """A person in a post at a grid (leader, worker) or a building (leader)."""

    role: Role
    place: int
    person: int


@dataclass(frozen=True, slots=True)
class Roster:
    """A whole roster."""

    grids: tuple[RosterGrid, ...]
    estates: tuple[str, ...]
    buildings: tuple[RosterBuilding, ...]
    units: tuple[RosterUnit, ...]
    dwellings: tuple[RosterDwelling, ...]
    dwelling_lines: tuple[Line, ...]
    people: tuple[RosterPerson, ...]
    posts: tuple[RosterPost, ...]
    problems: tuple[Problem, ...]
    rows_read: int

    def bad_rows(self) -> int:
        """Count the rows that cannot be imported."""
        return len({(each.sheet, each.row) for each in self.problems if each.severity is Severity.ERROR})

    def resident_count(self) -> int:
        """Count people, what they own, rent and head, and their posts: all that may have to be written of them."""
        ties = sum(
            len(dwelling.owners) + len(dwelling.renters) + (dwelling.household is not None)
            for dwelling in self.dwellings
        )
        return len(self.people) + ties + len(self.posts)


def problem_of_line(trouble: Trouble, line: Line, **values: object) -> Problem:
    """Tell of a problem of a whole row."""
    return problem(trouble, sheet=line.sheet, row=line.row, column="", header="", value="", **values)
