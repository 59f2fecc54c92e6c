"""What does one sheet list, and how do its entries go into the whole?"""

from __future__ import annotations

from enum import IntEnum

from services.roster import problems
from services.roster.assembling import Assembly
from services.roster.cells import address_parts, building_name, room_number, unit_name
from services.roster.contents import Line, problem_of_line
from services.roster.entries import Entry, entries_of, fill_groups
from services.roster.headers import Field, Header, Role
from services.roster.problems import Problem
from services.roster.reading import Cell, Sheet
from services.roster.rows import DwellingRow, PlaceRow, RowReader, column_letter
from services.roster.rules import DEFAULT_UNIT, FLOOR_LIMIT, UNIT_LIMIT
from services.roster.titles import grid_of_sheet, posts_in_titles, title_texts

_GRID_POSTS = (Role.GRID_LEADER, Role.GRID_WORKER)
_PLACE_FIELDS = (Field.GRID, Field.ESTATE, Field.BUILDING, Field.UNIT)


class Listing(IntEnum):
    """What a sheet lists; sheets are read in this order, so that registers are known before dwellings."""

    GRIDS = 0
    BUILDINGS = 1
    DWELLINGS = 2


def listing_of(header: Header) -> Listing | None:
    """Tell what a sheet with these column titles lists; None when it is nothing that is imported."""
    fields, roles = header.fields, {columns.role for columns in header.people}
    is_register = Role.BUILDING_LEADER in roles or {Field.FLOOR_COUNT, Field.UNIT_COUNT} & fields.keys()
    if Field.ROOM in fields or (Field.ADDRESS in fields and not is_register):
        return Listing.DWELLINGS
    if Field.BUILDING in fields:
        return Listing.BUILDINGS
    return Listing.GRIDS if Field.GRID in fields and roles.intersection(_GRID_POSTS) else None


class SheetListing:
    """One sheet while its entries are read into the assembly."""

    def __init__(self, sheet: Sheet, header: Header, listing: Listing, assembly: Assembly) -> None:
        self.listing, self._sheet, self._header, self._assembly = listing, sheet, header, assembly
        found = entries_of(sheet, header)
        self.entries, self._totals = found.rows, found.totals
        self._reader = RowReader(sheet.name, header)
        self._problems: list[Problem] = []
        self._dwelling_count = 0
        # Most rows name the same place as the row above: what these cells mean is worked out once.
        self._place_columns = [header.at(what) for what in _PLACE_FIELDS]
        self._places: dict[tuple[Cell, ...], PlaceRow] = {}
        self._units: dict[PlaceRow, int] = {}
        self._unit_column = header.at(Field.UNIT)
        self._has_posts = header.has_posts
        titles = title_texts(sheet, header)
        self._grid = grid_of_sheet(sheet, titles)
        self._title_posts = [(role, person) for role, person in posts_in_titles(titles) if role in _GRID_POSTS]
        room_column = header.at(Field.ROOM)
        self._continued = sheet.continued_rows(room_column) if room_column >= 0 else frozenset[int]()
        fill_groups(self.entries, [at for at in self._place_columns if at >= 0])

    def read(self, start: int, end: int) -> None:
        """Read the entries from one to another."""
        read_entry = (self._read_grid, self._read_building, self._read_dwelling)[self.listing]
        reader = self._reader
        for entry in self.entries[start:end]:
            reader.start(entry.cells, entry.number)
            read_entry(entry)
            if reader.found:
                self._problems += reader.found

    @property
    def problem_count(self) -> int:
        """Count the problems so far."""
        return len(self._problems)

    def first_problems(self) -> list[Problem]:
        """Give the first problems so far."""
        return self._problems[:10]

    def finish(self) -> list[Problem]:
        """Put those in the title line in their posts, compare the total, and give all problems."""
        grid = self._assembly.grid(self._grid) if self.entries else None
        if grid is not None:
            for role, person in self._title_posts:
                self._assembly.post(role, grid, person)
        if self.listing is Listing.DWELLINGS and len(self._totals) == 1:
            row, told = self._totals[0]
            if told != self._dwelling_count:
                line = Line(self._sheet.name, row)
                self._problems.append(
                    problem_of_line(problems.TOTAL_DIFFERS, line, told=told, found=self._dwelling_count)
                )
        return [self._column_left_out(column) for column in self._header.not_understood] + self._problems

    def _column_left_out(self, column: int) -> Problem:
        title = self._header.titles[column]
        return problems.problem(
            problems.COLUMN_LEFT_OUT,
            sheet=self._sheet.name,
            row=self._header.last_row + 1,
            column=column_letter(column),
            header=title,
            value=problems.shown_value(title),
        )

    def _read_grid(self, _entry: Entry) -> None:
        name = self._reader.text(Field.GRID)
        if not name:
            self._reader.tell(problems.GRID_NAME_MISSING, self._header.at(Field.GRID))
        if not self._reader.has_errors:
            self._read_posts(self._assembly.grid(name), None)

    def _read_building(self, entry: Entry) -> None:
        reader, place = self._reader, self._place(entry)
        floors = reader.count(Field.FLOOR_COUNT, limit=FLOOR_LIMIT)
        units = reader.count(Field.UNIT_COUNT, limit=UNIT_LIMIT)
        if not place.building:
            reader.tell(problems.MISSING_BUILDING, self._header.at(Field.BUILDING))
        elif self._assembly.is_ambiguous(place):
            reader.tell(problems.AMBIGUOUS_BUILDING, self._header.at(Field.BUILDING), building=place.building)
        if reader.has_errors:
            return
        line = Line(self._sheet.name, entry.number)
        first = self._assembly.registered(place)
        posts = self._assembly.post_count
        if not self._assembly.register_building(place, line, floors=floors, units=units) and first:
            reader.tell(problems.BUILDING_TWICE, self._header.at(Field.BUILDING), other=first.sheet, first=first.row)
            return
        self._read_posts(self._assembly.grid(place.grid), self._assembly.building(place, line))
        if first and self._assembly.post_count == posts:
            reader.tell(problems.REPEATED_ROW, self._header.at(Field.BUILDING), other=first.sheet, first=first.row)

    def _read_dwelling(self, entry: Entry) -> None:
        reader = self._reader
        place, room = self._place(entry), room_number(reader.text(Field.ROOM))
        if not (place.building and room) and Field.ADDRESS in self._header.fields:
            place, room = self._read_address(place, room)
        elif not place.building:
            reader.tell(problems.MISSING_BUILDING, self._header.at(Field.BUILDING))
        elif not room:
            reader.tell(problems.MISSING_ROOM, self._header.at(Field.ROOM))
        row = reader.dwelling(room)
        if reader.found and reader.has_errors:
            return
        if not place.unit:
            if self._unit_column >= 0:
                reader.tell(problems.UNIT_ASSUMED, self._unit_column)
            place = PlaceRow(place.grid, place.estate, place.building, DEFAULT_UNIT)
        unit = self._unit(place, entry)
        if unit is not None:
            self._add_dwelling(unit, row, entry)
            if self._has_posts:
                self._read_posts(self._assembly.grid(place.grid), self._assembly.units[unit].building)

    def _unit(self, place: PlaceRow, entry: Entry) -> int | None:
        known = self._units.get(place)
        if known is not None:
            return known
        line, column = Line(self._sheet.name, entry.number), self._header.at(Field.BUILDING)
        if self._assembly.is_ambiguous(place):
            self._reader.tell(problems.AMBIGUOUS_BUILDING, column, building=place.building)
            return None
        unit = self._assembly.unit(place, line)
        other = self._assembly.other_grid_line(unit, place.grid)
        if other is not None:
            column = self._header.at(Field.GRID)
            self._reader.tell(problems.UNIT_IN_TWO_GRIDS, column, other=other.sheet, first=other.row)
            return None
        self._units[place] = unit
        return unit

    def _add_dwelling(self, unit: int, row: DwellingRow, entry: Entry) -> None:
        assembly, reader = self._assembly, self._reader
        seen = assembly.seen(unit, row.room_number)
        if seen is None:
            for person in (*row.owners, *row.renters, *((row.head,) if row.head else ())):
                if person.identity and assembly.has_other_identity(person):
                    reader.tell(problems.PERSON_TWO_IDENTITIES, -1)
            assembly.add_dwelling(unit, row, Line(self._sheet.name, entry.number))
            self._dwelling_count += 1
            return
        first, before = seen
        if first.sheet == self._sheet.name and entry.number - 1 in self._continued:
            assembly.extend_dwelling(unit, row)
        else:
            # What else was told of the row was told of the first one.
            trouble = problems.REPEATED_ROW if row == before else problems.DWELLING_TWICE
            reader.found = []
            reader.tell(trouble, self._header.at(Field.ROOM), other=first.sheet, first=first.row)

    def _place(self, entry: Entry) -> PlaceRow:
        key = tuple([entry.cells[at] for at in self._place_columns])
        known = self._places.get(key)
        if known is not None:
            return known
        reader = self._reader
        grid, estate = reader.text(Field.GRID), "".join(reader.text(Field.ESTATE).split())
        building, unit = reader.text(Field.BUILDING), reader.text(Field.UNIT)
        if estate and len(building) > len(estate):
            building = building.removeprefix(estate)
        place = PlaceRow(
            grid=grid or self._grid,
            estate=estate,
            building=building_name(building) if building else "",
            unit=unit_name(unit) if unit else "",
        )
        if not reader.found:
            self._places[key] = place
        return place

    def _read_address(self, place: PlaceRow, room: str) -> tuple[PlaceRow, str]:
        """Take from the address in one cell what has no column of its own, or is blank there."""
        reader, column = self._reader, self._header.at(Field.ADDRESS)
        text = reader.text(Field.ADDRESS)
        parts = address_parts(text) or address_parts(place.building + text)
        if not text:
            trouble = problems.MISSING_ROOM if place.building else problems.MISSING_BUILDING
            reader.tell(trouble, column)
            return place, room
        if parts is None:
            reader.tell(problems.ADDRESS_NOT_UNDERSTOOD, column)
            return place, room
        estate = place.estate or parts.estate
        told = PlaceRow(
            grid=place.grid,
            estate=estate,
            building=place.building or building_name(parts.building),
            unit=place.unit or (unit_name(parts.unit) if parts.unit else ""),
        )
        return told, room or room_number(parts.room)

    def _read_posts(self, grid: int | None, building: int | None) -> None:
        for columns in self._header.people:
            place = grid if columns.role in _GRID_POSTS else building
            if place is None or columns.role not in (*_GRID_POSTS, Role.BUILDING_LEADER):
                continue
            for person in self._reader.people(columns.role):
                self._assembly.post(columns.role, place, person)
