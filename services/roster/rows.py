"""What do the cells of one row say, and what is wrong with them?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from services.roster import problems
from services.roster.cells import (
    AreaNotANumberError,
    area_of,
    count_of,
    filled,
    identity_of,
    is_cell_error,
    is_made_date,
    is_mobile,
    is_name,
    is_rounded_identity,
    names_of,
    phone_of,
    phone_pieces,
    text_of,
)
from services.roster.headers import Field, Header, PersonColumns, Role
from services.roster.problems import Problem, Severity, Trouble
from services.roster.reading import Cell
from services.roster.rules import (
    AREA_LIMIT,
    HEAD_COUNT_LIMIT,
    NAME_LIMIT,
    PEOPLE_LIMIT,
    residence_of,
    tenure_of,
)

_BUILDING_FIELDS = (Field.BUILDING, Field.UNIT, Field.ROOM)


class PlaceRow(NamedTuple):
    """Where a row's dwelling or building is, each name in its one form; an empty text is what is not said."""

    grid: str
    estate: str
    building: str
    unit: str


class Named(NamedTuple):
    """A person as one row names them, with the share of the dwelling if they own it."""

    name: str
    phone: str | None
    identity: str | None
    share: str | None = None


class DwellingRow(NamedTuple):
    """What a row says of a dwelling. Two rows of one dwelling are the same if these are equal."""

    room_number: str
    floor_area: Decimal | None
    inside_area: Decimal | None
    tenure: str | None
    residence: str | None
    head_count: int | None
    owners: tuple[Named, ...]
    renters: tuple[Named, ...]
    head: Named | None


class RowReader:
    """Reads the cells of one sheet's rows; the problems of the row at hand are in `found`."""

    def __init__(self, sheet: str, header: Header) -> None:
        self.header = header
        self.found: list[Problem] = []
        self.row_number = 0
        self._sheet = sheet
        self._row: Sequence[Cell] = ()
        # The personal columns, by what must be hidden of them.
        self._names = {columns.name for columns in header.people}
        self._numbers = {at for columns in header.people for at in (columns.phone, columns.identity)} - {-1}
        self._columns = {columns.role: columns for columns in header.people}
        self._at = {what: header.at(what) for what in Field}
        # Of the columns that a list of dwellings may have, most have few: the others are not asked for in every row.
        self._has_inside_area = header.at(Field.INSIDE_AREA) >= 0
        self._has_tenure = header.at(Field.TENURE) >= 0
        self._has_residence = header.at(Field.RESIDENCE) >= 0
        self._has_head_count = header.at(Field.HEAD_COUNT) >= 0

    def start(self, row: Sequence[Cell], row_number: int) -> None:
        """Begin a row; it ends with one blank cell, which stands for every column that is not there."""
        self._row, self.row_number = row, row_number
        if self.found:
            self.found = []

    @property
    def has_errors(self) -> bool:
        """Tell whether the row cannot be imported."""
        return any(each.severity is Severity.ERROR for each in self.found)

    def tell(self, trouble: Trouble, column: int, **values: object) -> None:
        """Note a problem of a cell of the row, its value masked if the column is personal."""
        is_there = 0 <= column < len(self.header.titles)
        text = text_of(self._row[column]) if 0 <= column < len(self._row) else ""
        self.found.append(
            problems.problem(
                trouble,
                sheet=self._sheet,
                row=self.row_number,
                column=column_letter(column) if is_there else "",
                header=self.header.titles[column] if is_there else "",
                value=problems.shown_value(text, is_name=column in self._names, is_number=column in self._numbers),
                **values,
            )
        )

    def text(self, what: Field) -> str:
        """Give the text of a field, nothing for blank markers; an unusable text is told and left out."""
        column = self._at[what]
        text = filled(text_of(self._row[column]))
        if not text:
            return ""
        if len(text) > NAME_LIMIT:
            self.tell(problems.TOO_LONG, column, limit=NAME_LIMIT)
        elif text[0] == "#" and is_cell_error(text):
            self.tell(problems.CELL_ERROR, column)
        elif what in _BUILDING_FIELDS and is_made_date(text):
            self.tell(problems.LOOKS_LIKE_A_DATE, column)
        return text

    def count(self, what: Field, *, limit: int, trouble: Trouble = problems.COUNT_INVALID) -> int | None:
        """Read a whole number from 1 to the limit."""
        column = self._at[what]
        text = filled(text_of(self._row[column]))
        if not text:
            return None
        number = count_of(text)
        if number is None or not 1 <= number <= limit:
            self.tell(trouble, column, limit=limit)
            return None
        return number

    def dwelling(self, room_number: str) -> DwellingRow:
        """Read what the row says of a dwelling."""
        floor_area = self._area(Field.FLOOR_AREA)
        inside_area = self._area(Field.INSIDE_AREA) if self._has_inside_area else None
        if floor_area is not None and inside_area is not None and inside_area > floor_area:
            self.tell(problems.INSIDE_AREA_LARGER, self._at[Field.INSIDE_AREA])
        tenure = self.text(Field.TENURE) if self._has_tenure else ""
        head = self.people(Role.HEAD)
        return DwellingRow(
            room_number,
            floor_area,
            inside_area,
            self._tenure(tenure) if tenure else None,
            self._residence() if self._has_residence else None,
            self._head_count() if self._has_head_count else None,
            self.people(Role.OWNER),
            self.people(Role.RENTER),
            head[0] if head else None,
        )

    def people(self, role: Role) -> tuple[Named, ...]:
        """Read the people of a role, each with the phone and identity number in the same place."""
        columns = self._columns.get(role)
        if columns is None:
            return ()
        text = text_of(self._row[columns.name])
        names = names_of(text)
        if not names:
            return ()
        if len(names) > PEOPLE_LIMIT:
            self.tell(problems.TOO_MANY_PEOPLE, columns.name, limit=PEOPLE_LIMIT)
            return ()
        if len(text) > NAME_LIMIT and max(map(len, names)) > NAME_LIMIT:
            self.tell(problems.TOO_LONG, columns.name, limit=NAME_LIMIT)
        elif not text.isalpha() and not all(map(is_name, names)):
            self.tell(problems.NAME_DOUBTFUL, columns.name)
        phones = self._phones(columns, len(names))
        identities = self._identities(columns, len(names))
        if len(names) == 1:
            share = filled(text_of(self._row[self._at[Field.SHARE]])) if role is Role.OWNER else ""
            return (Named(names[0], phones[0], identities[0], share[:NAME_LIMIT] or None),)
        shares = self._shares(len(names)) if role is Role.OWNER else (None,) * len(names)
        return tuple(map(Named, names, phones, identities, shares))

    def _area(self, what: Field) -> Decimal | None:
        column = self._at[what]
        text = text_of(self._row[column])
        if not text:
            return None
        try:
            area = area_of(text[:NAME_LIMIT])
        except AreaNotANumberError:
            self.tell(problems.AREA_NOT_A_NUMBER, column)
            return None
        if area is not None and area <= 0:
            self.tell(problems.AREA_NOT_POSITIVE, column)
        elif area is not None and area > AREA_LIMIT:
            self.tell(problems.AREA_TOO_LARGE, column, limit=AREA_LIMIT)
        return area

    def _tenure(self, text: str) -> str | None:
        return self._code(text, tenure_of(text), Field.TENURE, problems.TENURE_UNKNOWN)

    def _residence(self) -> str | None:
        # 空 is a blank marker elsewhere; here it is a vacant dwelling.
        text = text_of(self._row[self._at[Field.RESIDENCE]])[:NAME_LIMIT]
        return self._code(text, residence_of(text), Field.RESIDENCE, problems.RESIDENCE_UNKNOWN)

    def _head_count(self) -> int | None:
        return self.count(Field.HEAD_COUNT, limit=HEAD_COUNT_LIMIT, trouble=problems.HEAD_COUNT_INVALID)

    def _code(self, text: str, code: str | None, what: Field, trouble: Trouble) -> str | None:
        if code is None and filled(text):
            self.tell(trouble, self._at[what])
            return "OTHER"
        return code

    def _phones(self, columns: PersonColumns, count: int) -> Sequence[str | None]:
        text = text_of(self._row[columns.phone])
        if not text:
            return (None,) * count
        if count == 1 and is_mobile(text):
            return (text,)
        pieces = phone_pieces(text)
        phones = [phone_of(piece) if piece else None for piece in pieces]
        if any(piece and phone is None for piece, phone in zip(pieces, phones, strict=True)):
            self.tell(problems.PHONE_INVALID, columns.phone)
        if any(phones[count:]):
            self.tell(problems.PHONES_LEFT_OVER, columns.phone)
        return phones[:count] + [None] * (count - len(phones))

    def _identities(self, columns: PersonColumns, count: int) -> Sequence[str | None]:
        text = text_of(self._row[columns.identity])
        if not text:
            return (None,) * count
        if count == 1 and (identity := identity_of(text)):
            return (identity,)
        if is_rounded_identity(self._row[columns.identity]) or "E+" in text.upper():
            self.tell(problems.IDENTITY_LOST_DIGITS, columns.identity)
            return (None,) * count
        pieces = (text,) if text.isalnum() else phone_pieces(text)
        identities = [identity_of(piece) if filled(piece) else None for piece in pieces]
        if any(filled(piece) and number is None for piece, number in zip(pieces, identities, strict=True)):
            self.tell(problems.IDENTITY_INVALID, columns.identity)
        return identities[:count] + [None] * (count - len(identities))

    def _shares(self, count: int) -> Sequence[str | None]:
        # A slash belongs to the fraction here: 1/2、1/2.
        text = text_of(self._row[self._at[Field.SHARE]])
        pieces = [piece[:NAME_LIMIT] for piece in names_of(text.replace("/", "\0"))]
        shares = [piece.replace("\0", "/") for piece in pieces]
        if len(shares) == 1:
            # 各1/2, 共同共有: said once for all.
            return (shares[0].removeprefix("各"),) * count
        return [*shares[:count], *[None] * (count - len(shares))]


def column_letter(column: int) -> str:
    """Give a column's letters as a spreadsheet shows them: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
