"""What do codes of divisions look like, and what changed between two lists? Pure rules, no storage."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# Statistics (统计用区划代码) and civil affairs (行政区划代码) number the same streets differently.
CODE_SYSTEMS = ("statistics", "civil-affairs")
LEVELS = ("province", "prefecture", "district", "street", "community")

_CODE_LENGTHS = {"province": 2, "prefecture": 4, "district": 6, "street": 9, "community": 12}
# The last three digits say the kind: streets 001-099, towns 100-199, townships 200-399, what is like a town
# 400-599; residents' committees 001-199 and 400-499, villagers' committees 200-399 and 500-599.
_HIGHEST_BLOCK = 599
_BLOCK_LENGTH = 3
# One in so many ends from one list to the next, at the most: real reforms merge some streets of a city.
_USUAL_SHARE = 10


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """One division as a file lists it, with the row it stands in, as a spreadsheet counts."""

    row: int
    code: str
    level: str
    name: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class StoredDivision:
    """One division as it is stored, in force since a day."""

    id: uuid.UUID
    code: str
    level: str
    name: str
    parent_code: str | None
    valid_from: date


@dataclass(frozen=True, slots=True)
class Revision:
    """A stored division and what a newer list says in its place."""

    stored: StoredDivision
    row: DivisionRow

    @property
    def is_rename(self) -> bool:
        """Tell whether the name changed."""
        return self.stored.name != self.row.name

    @property
    def is_move(self) -> bool:
        """Tell whether the division now lies in another, or on another level."""
        return (self.stored.parent_code, self.stored.level) != (self.row.parent_code, self.row.level)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a list changes in what is stored."""

    new: tuple[DivisionRow, ...]
    revised: tuple[Revision, ...]
    ended: tuple[StoredDivision, ...]
    unchanged: tuple[StoredDivision, ...]

    @property
    def renamed(self) -> tuple[Revision, ...]:
        """The divisions with another name than before."""
        return tuple(revision for revision in self.revised if revision.is_rename)

    @property
    def moved(self) -> tuple[Revision, ...]:
        """The divisions that lie in another division or on another level than before."""
        return tuple(revision for revision in self.revised if revision.is_move)


def find_roots(rows: Sequence[DivisionRow]) -> tuple[str, ...]:
    """Tell the codes whose parents the list does not hold: it speaks for these and all below them."""
    listed = {row.code for row in rows}
    return tuple(row.code for row in rows if row.parent_code not in listed)


def compare(
    rows: Sequence[DivisionRow], *, stored: Collection[StoredDivision], in_scope: Collection[str]
) -> Comparison:
    """Compare a list with what is stored. A stored code in scope that the list does not hold has ended."""
    before: Mapping[str, StoredDivision] = {division.code: division for division in stored}
    listed = {row.code for row in rows}
    known = [Revision(before[row.code], row) for row in rows if row.code in before]
    revised = tuple(revision for revision in known if revision.is_rename or revision.is_move)
    return Comparison(
        new=tuple(row for row in rows if row.code not in before),
        revised=revised,
        ended=tuple(division for division in stored if division.code in in_scope and division.code not in listed),
        unchanged=tuple(revision.stored for revision in known if not (revision.is_rename or revision.is_move)),
    )


def ends_many(comparison: Comparison, *, known_count: int) -> bool:
    """Tell whether a list would end more than a tenth of the divisions that are known."""
    return len(comparison.ended) * _USUAL_SHARE > known_count


def is_usual_code(code: str, *, level: str) -> bool:
    """Tell whether a code has the digits, length and block that its level usually has.

    Only ever a warning: real lists have exceptions (GB/T 2260, GB/T 10114, statistics bureaus' notes).
    """
    if not (code.isascii() and code.isdecimal() and len(code) == _CODE_LENGTHS[level]):
        return False
    if level not in {"street", "community"}:
        return True
    return 0 < int(code[-_BLOCK_LENGTH:]) <= _HIGHEST_BLOCK


def is_usual_parent(code: str, *, parent_code: str) -> bool:
    """Tell whether a code begins with its parent's, as it usually does."""
    return code.startswith(parent_code)
