"""How do the rows of all sheets of a roster come together to one set of places, people and posts?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from services.roster.cells import grid_key, grid_name
from services.roster.contents import (
    Line,
    RosterBuilding,
    RosterDwelling,
    RosterGrid,
    RosterHolder,
    RosterHousehold,
    RosterPerson,
    RosterPost,
    RosterUnit,
)
from services.roster.headers import Role
from services.roster.rows import DwellingRow, Named, PlaceRow
from services.roster.rules import units_without_rows


@dataclass(slots=True)
class _Building:
    name: str
    line: Line
    estate: int | None
    grid: int | None = None
    floor_count: int | None = None
    unit_count: int | None = None
    # The row of the register of buildings, which may be only one.
    registered: Line | None = None


@dataclass(slots=True)
class Assembly:
    """Takes rows in, one by one, and knows what was there before."""

    grids: list[RosterGrid] = field(default_factory=list)
    estates: list[str] = field(default_factory=list)
    units: list[RosterUnit] = field(default_factory=list)
    unit_lines: list[Line] = field(default_factory=list)
    dwellings: list[RosterDwelling] = field(default_factory=list)
    dwelling_lines: list[Line] = field(default_factory=list)
    people: list[RosterPerson] = field(default_factory=list)
    posts: dict[RosterPost, None] = field(default_factory=dict)
    _buildings: list[_Building] = field(default_factory=list)
    _grid_at: dict[str, int] = field(default_factory=dict)
    _estate_at: dict[str, int] = field(default_factory=dict)
    _building_at: dict[tuple[int | None, str], int] = field(default_factory=dict)
    _buildings_named: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _unit_at: dict[tuple[int, str], int] = field(default_factory=dict)
    _dwelling_at: dict[tuple[int, str], int] = field(default_factory=dict)
    _dwelling_rows: list[DwellingRow] = field(default_factory=list)
    _person_at: dict[tuple[object, ...], int] = field(default_factory=dict)

    def grid(self, name: str) -> int | None:
        """Find or add a grid by any way of writing its name."""
        if not name:
            return None
        at = self._grid_at.setdefault(grid_key(name), len(self.grids))
        if at == len(self.grids):
            self.grids.append(RosterGrid(key=grid_key(name), name=grid_name(name)))
        return at

    def is_ambiguous(self, place: PlaceRow) -> bool:
        """Tell whether a building named without its estate could be one of several."""
        return not place.estate and len(self._buildings_named[place.building]) > 1

    def building(self, place: PlaceRow, line: Line) -> int:
        """Find or add a building; one that was named without an estate before gets the estate named now."""
        estate = self._estate(place.estate)
        named = self._buildings_named[place.building]
        at = self._building_at.get((estate, place.building))
        if at is None and estate is None and len(named) == 1:
            at = named[0]
        if at is None and estate is not None and (None, place.building) in self._building_at:
            at = self._building_at.pop((None, place.building))
            self._buildings[at].estate = estate
            self._building_at[estate, place.building] = at
        if at is None:
            at = len(self._buildings)
            self._buildings.append(_Building(name=place.building, line=line, estate=estate))
            self._building_at[estate, place.building] = at
            named.append(at)
        if self._buildings[at].grid is None:
            self._buildings[at].grid = self.grid(place.grid)
        return at

    def unit(self, place: PlaceRow, line: Line) -> int:
        """Find or add a unit and its building."""
        building = self.building(place, line)
        at = self._unit_at.setdefault((building, place.unit), len(self.units))
        if at == len(self.units):
            self.units.append(RosterUnit(building=building, name=place.unit, grid=self.grid(place.grid)))
            self.unit_lines.append(line)
        elif place.grid and self.units[at].grid is None:
            self.units[at] = self.units[at]._replace(grid=self.grid(place.grid))
        return at

    def other_grid_line(self, unit: int, grid: str) -> Line | None:
        """Find the row that put a unit in another grid than this one."""
        known = self.units[unit].grid
        if not grid or known is None or self.grids[known].key == grid_key(grid):
            return None
        return self.unit_lines[unit]

    def registered(self, place: PlaceRow) -> Line | None:
        """Find the row of the register of buildings that a building stands in."""
        at = self._building_at.get((self._estate_at.get(place.estate), place.building))
        return None if at is None else self._buildings[at].registered

    def register_building(self, place: PlaceRow, line: Line, *, floors: int | None, units: int | None) -> bool:
        """Take a row of the register of buildings; False when an earlier row said otherwise."""
        at = self.building(place, line)
        known = self._buildings[at]
        if known.registered is None:
            known.registered, known.floor_count, known.unit_count = line, floors, units
            return True
        same_grid = not place.grid or known.grid == self.grid(place.grid)
        return same_grid and (known.floor_count, known.unit_count) == (floors, units)

    def seen(self, unit: int, room_number: str) -> tuple[Line, DwellingRow] | None:
        """Find the first row of a dwelling: where it stands and what it said."""
        at = self._dwelling_at.get((unit, room_number))
        return None if at is None else (self.dwelling_lines[at], self._dwelling_rows[at])

    def add_dwelling(self, unit: int, row: DwellingRow, line: Line) -> None:
        """Add a dwelling that was not seen before."""
        self._dwelling_at[unit, row.room_number] = len(self.dwellings)
        self._dwelling_rows.append(row)
        self.dwellings.append(self._dwelling(unit, row))
        self.dwelling_lines.append(line)

    def extend_dwelling(self, unit: int, row: DwellingRow) -> None:
        """Add the people of a further line of a dwelling whose room number spans several lines."""
        at = self._dwelling_at[unit, row.room_number]
        before = self._dwelling_rows[at]
        whole = before._replace(
            owners=before.owners + tuple(each for each in row.owners if each not in before.owners),
            renters=before.renters + tuple(each for each in row.renters if each not in before.renters),
            head=before.head or row.head,
        )
        self._dwelling_rows[at] = whole
        self.dwellings[at] = self._dwelling(unit, whole)

    def has_other_identity(self, person: Named) -> bool:
        """Tell whether somebody of this name and phone came with another identity number before."""
        at = self._person_at.get((person.name, person.phone)) if person.phone and person.identity else None
        return at is not None and self.people[at].identity not in (None, person.identity)

    def person(self, person: Named, *, around: tuple[object, ...]) -> int:
        """Find or add a person: the same name and phone, or name and identity number, is the same person.

        Without either, a name is the same person only `around` one place.
        """
        name, phone, identity, _ = person
        keys: list[tuple[object, ...]] = []
        if phone:
            keys.append((name, phone))
        if identity:
            keys.append((name, "id", identity))
        if not keys:
            keys.append((name, *around))
        person_at = self._person_at
        at = person_at.get(keys[0])
        if at is None and len(keys) > 1:
            at = person_at.get(keys[1])
        if at is None:
            at = len(self.people)
            self.people.append(RosterPerson(name, phone, identity))
        else:
            known = self.people[at]
            if (known.phone is None and phone) or (known.identity is None and identity):
                self.people[at] = RosterPerson(name, known.phone or phone, known.identity or identity)
        for key in keys:
            person_at.setdefault(key, at)
        return at

    def post(self, role: Role, place: int, person: Named) -> None:
        """Add a person's post at a grid or building."""
        holder = self.person(person, around=(role, place))
        self.posts[RosterPost(role=role, place=place, person=holder)] = None

    @property
    def post_count(self) -> int:
        """Count the posts so far."""
        return len(self.posts)

    def complete_units(self) -> list[tuple[Line, int, int]]:
        """Add the units that buildings are registered with; give (line, told, found) where rows name more."""
        named: defaultdict[int, list[str]] = defaultdict(list)
        for unit in self.units:
            named[unit.building].append(unit.name)
        differing = []
        for at, building in enumerate(self._buildings):
            declared = building.unit_count or 0
            if building.registered and 0 < declared < len(named[at]):
                differing.append((building.registered, declared, len(named[at])))
            for name in units_without_rows(named[at], declared=declared):
                self.units.append(RosterUnit(building=at, name=name, grid=building.grid))
        return differing

    def buildings(self) -> tuple[RosterBuilding, ...]:
        """Give the buildings as they are known now."""
        return tuple(
            RosterBuilding(each.name, each.estate, each.grid, each.floor_count, each.line) for each in self._buildings
        )

    def _estate(self, name: str) -> int | None:
        if not name:
            return None
        at = self._estate_at.setdefault(name, len(self.estates))
        if at == len(self.estates):
            self.estates.append(name)
        return at

    def _dwelling(self, unit: int, row: DwellingRow) -> RosterDwelling:
        around = (unit, row.room_number)
        household = None
        if row.head or row.residence or row.head_count:
            head = self.person(row.head, around=around) if row.head else None
            household = RosterHousehold(head, row.residence, row.head_count)
        return RosterDwelling(
            unit,
            row.room_number,
            row.floor_area,
            row.inside_area,
            row.tenure,
            self._holders(row.owners, around) if row.owners else (),
            self._holders(row.renters, around) if row.renters else (),
            household,
        )

    def _holders(self, people: tuple[Named, ...], around: tuple[object, ...]) -> tuple[RosterHolder, ...]:
        if len(people) == 1:
            return (RosterHolder(self.person(people[0], around=around), people[0].share),)
        holders = {self.person(each, around=around): each.share for each in people}
        return tuple(RosterHolder(person, share) for person, share in holders.items())
