"""Which places of a roster are new, changed or as they were? Pure: compares records, stores nothing."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator

from services.places.rules import address_key
from services.roster import problems
from services.roster.cells import grid_key
from services.roster.changes import Move, PlaceChanges
from services.roster.contents import Roster, RosterBuilding, RosterUnit, problem_of_line
from services.roster.known import PlaceRecord
from services.roster.rules import building_address, dwelling_address

_BLANK = PlaceRecord(
    id=uuid.UUID(int=0),
    kind="",
    grid_id=None,
    estate_id=None,
    building_id=None,
    unit_id=None,
    name="",
    address="",
    sort_key="",
    grid_kind=None,
    floor_count=None,
    room_number=None,
    floor_area=None,
    inside_area=None,
    tenure=None,
)


def compare_places(
    roster: Roster, *, known: list[PlaceRecord], community: str, new_ids: Iterator[uuid.UUID]
) -> PlaceChanges:
    """Compare a roster's places with those known. What a roster does not tell of a place stays as it is.

    Places that the roster does not name are left, and follow only the building or unit they belong to. A grid is
    the same with and without the community's name before it.
    """
    comparison = _PlaceComparison(roster, known, new_ids)
    comparison.compare_estates()
    comparison.compare_grids(community)
    comparison.compare_buildings()
    comparison.compare_units()
    comparison.compare_dwellings()
    comparison.follow_upwards()
    return comparison.found


class _PlaceComparison:
    def __init__(self, roster: Roster, known: list[PlaceRecord], new_ids: Iterator[uuid.UUID]) -> None:
        self.found = PlaceChanges()
        self._roster, self._known, self._new_ids = roster, known, new_ids
        self._known_by_id = {record.id: record for record in known}
        self._estate_names: dict[uuid.UUID, str] = {}
        self._estate_ids: list[uuid.UUID] = []
        self._buildings: list[PlaceRecord | None] = []
        self._units: list[PlaceRecord | None] = []
        # Buildings and units as they will be, by id.
        self._after: dict[uuid.UUID, PlaceRecord] = {}

    def compare_estates(self) -> None:
        estates = {record.name: record for record in reversed(self._of_kind("estate"))}
        self._estate_names = {record.id: record.name for record in estates.values()}
        for name in self._roster.estates:
            known = estates.get(name)
            record = known or self._new("estate", name, name)
            self._estate_names[record.id] = name
            self._estate_ids.append(self.found.estates.compare(record, known).id)

    def compare_grids(self, community: str) -> None:
        def key(name: str) -> str:
            return grid_key(name.removeprefix(community))

        grids = {key(record.name): record for record in reversed(self._of_kind("grid"))}
        for grid in self._roster.grids:
            known = grids.get(key(grid.name))
            record = known or self._new("grid", grid.name, grid.name)._replace(grid_kind="BASIC")
            self.found.grid_ids.append(self.found.grids.compare(record, known).id)

    def compare_buildings(self) -> None:
        by_name: defaultdict[str, list[PlaceRecord]] = defaultdict(list)
        for record in self._of_kind("building"):
            by_name[record.name].append(record)
        named = Counter(building.name for building in self._roster.buildings)
        told_grids: defaultdict[int, set[uuid.UUID | None]] = defaultdict(set)
        for unit in self._roster.units:
            told_grids[unit.building].add(self._grid_id(unit.grid))
        for at, building in enumerate(self._roster.buildings):
            candidates = by_name[building.name]
            compared = self._building(building, candidates, told_grids[at], is_only=named[building.name] == 1)
            self._buildings.append(compared)
            self.found.building_ids.append(compared.id if compared else None)

    def _building(
        self,
        building: RosterBuilding,
        candidates: list[PlaceRecord],
        told_grids: set[uuid.UUID | None],
        *,
        is_only: bool,
    ) -> PlaceRecord | None:
        estate_id = None if building.estate is None else self._estate_ids[building.estate]
        exact = [record for record in candidates if record.estate_id == estate_id]
        if not exact and estate_id is None:
            exact = candidates
        elif not exact and is_only:
            # Known without an estate so far, and the roster says which.
            exact = [record for record in candidates if record.estate_id is None]
        if len(exact) > 1:
            self._tell(problems.AMBIGUOUS_BUILDING, building)
            return None
        before = exact[0] if exact else None
        estate_id = estate_id or (before and before.estate_id)
        address = building_address(
            estate=self._estate_names.get(estate_id) if estate_id else None, building=building.name
        )
        grid_id = self._grid_id(building.grid)
        if before is not None and (grid_id is None or before.grid_id in told_grids):
            # The grid of a building is only the default of its units: it stays while one of them is there.
            grid_id = before.grid_id
        if grid_id is None:
            self._tell(problems.MISSING_GRID, building)
            return None
        record = (before or self._new("building", building.name, address))._replace(
            grid_id=grid_id, estate_id=estate_id, address=address, sort_key=address_key(address)
        )
        if building.floor_count is not None:
            record = record._replace(floor_count=building.floor_count)
        return self._settle(self.found.buildings.compare(record, before), before)

    def compare_units(self) -> None:
        units = {(record.building_id, record.name): record for record in reversed(self._of_kind("unit"))}
        for unit in self._roster.units:
            building = self._buildings[unit.building]
            self._units.append(building and self._unit(unit, building, units.get((building.id, unit.name))))

    def _unit(self, unit: RosterUnit, building: PlaceRecord, before: PlaceRecord | None) -> PlaceRecord:
        address = f"{building.address}{unit.name}"
        grid_id = self._grid_id(unit.grid) or (before.grid_id if before else building.grid_id)
        record = (before or self._new("unit", unit.name, address))._replace(
            grid_id=grid_id,
            estate_id=building.estate_id,
            building_id=building.id,
            address=address,
            sort_key=address_key(address),
        )
        return self._settle(self.found.units.compare(record, before), before)

    def compare_dwellings(self) -> None:
        known = {(record.unit_id, record.room_number): record for record in reversed(self._of_kind("dwelling"))}
        compare, append, new_ids = self.found.dwellings.compare, self.found.dwelling_ids.append, self._new_ids
        # Rooms of many units bear the same numbers.
        endings: dict[str, tuple[str, str]] = {}
        for dwelling in self._roster.dwellings:
            unit = self._units[dwelling.unit]
            if unit is None:
                append(None)
                continue
            room = dwelling.room_number
            if room not in endings:
                ending = dwelling_address("", room_number=room)
                endings[room] = ending, address_key(ending)
            address, sort_key = endings[room]
            before = known.get((unit.id, room))
            old = before or _BLANK
            record = PlaceRecord(
                before.id if before else next(new_ids),
                "dwelling",
                unit.grid_id,
                unit.estate_id,
                unit.building_id,
                unit.id,
                old.name or room,
                unit.address + address,
                # The key of a whole is that of its parts put together: a unit's name ends in no number.
                unit.sort_key + sort_key,
                None,
                old.floor_count,
                room,
                dwelling.floor_area or old.floor_area,
                dwelling.inside_area or old.inside_area,
                dwelling.tenure or old.tenure,
            )
            append(compare(record, before).id)

    def follow_upwards(self) -> None:
        """Have units and dwellings that the roster does not name follow their building or unit."""
        changed = {record.id for record in self.found.buildings.changed}
        named = {record.id for record in self._units if record}
        for unit in self._of_kind("unit"):
            building = self._after.get(unit.building_id) if unit.building_id in changed else None
            if building and unit.id not in named:
                address = f"{building.address}{unit.name}"
                after = unit._replace(estate_id=building.estate_id, address=address, sort_key=address_key(address))
                if after != unit:
                    self._settle(self.found.units.compare(after, unit), unit)
        changed = {record.id for record in self.found.units.changed}
        seen = set(self.found.dwelling_ids)
        for dwelling in self._of_kind("dwelling") if changed else ():
            if dwelling.unit_id in changed and dwelling.id not in seen:
                self._follow_unit(dwelling, self._after[dwelling.unit_id])

    def _follow_unit(self, dwelling: PlaceRecord, unit: PlaceRecord) -> None:
        address = dwelling_address(unit.address, room_number=dwelling.room_number or dwelling.name)
        after = dwelling._replace(
            grid_id=unit.grid_id, estate_id=unit.estate_id, address=address, sort_key=address_key(address)
        )
        if after != dwelling:
            self.found.dwellings.compare(after, dwelling)

    def _settle(self, record: PlaceRecord, before: PlaceRecord | None) -> PlaceRecord:
        self._after[record.id] = record
        if before and before.grid_id and record.grid_id and before.grid_id != record.grid_id:
            self.found.moves.append(Move(record.id, before.grid_id, record.grid_id))
        return record

    def _of_kind(self, kind: str) -> list[PlaceRecord]:
        return [record for record in self._known if record.kind == kind]

    def _grid_id(self, grid: int | None) -> uuid.UUID | None:
        return None if grid is None else self.found.grid_ids[grid]

    def _new(self, kind: str, name: str, address: str) -> PlaceRecord:
        return _BLANK._replace(
            id=next(self._new_ids), kind=kind, name=name, address=address, sort_key=address_key(address)
        )

    def _tell(self, trouble: problems.Trouble, building: RosterBuilding) -> None:
        self.found.problems.append(problem_of_line(trouble, building.line, building=building.name))
