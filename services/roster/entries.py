"""Which rows of a sheet are entries of its list, and what do cells left blank for a whole group stand for?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.roster.cells import is_ditto, text_of
from services.roster.headers import Header, is_header_row, text_of_title
from services.roster.reading import Cell, Sheet
from services.roster.rules import is_note, told_total

# A column that is blank in more than half of at least so many rows is written once a group.
_GROUPED_ROWS = 4
# A line of one text all over is a title or a note when it spans so many cells.
_SPANNED_CELLS = 3


class Entry(NamedTuple):
    """A row of the list: its number as Excel shows it, and its cells with a blank one at the end."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a sheet, and the totals that it tells below them as (row, dwellings)."""

    rows: list[Entry]
    totals: list[tuple[int, int]]


def entries_of(sheet: Sheet, header: Header) -> Entries:
    """Find the entries below the column titles; repeated titles, totals, notes and signatures are none."""
    rows: list[Entry] = []
    totals: list[tuple[int, int]] = []
    width = max(len(header.titles), max(map(len, sheet.rows), default=0)) + 1
    first = header.last_row + 1
    # Many rows begin alike: what a beginning can stand for is worked out once.
    is_doubtful: dict[str, bool] = {}
    for number, cells in enumerate(sheet.rows[first:], start=first + 1):
        written = [cell for cell in cells if cell]
        if not written:
            continue
        begin = written[0]
        if isinstance(begin, str) and begin not in is_doubtful:
            is_doubtful[begin] = is_note(text_of(begin)) or text_of_title(begin) in header.titles
        if isinstance(begin, str) and (is_doubtful[begin] or begin == written[-1]) and _is_no_entry(written, header):
            total = told_total(text_of(cell) for cell in dict.fromkeys(written))
            if total is not None and is_note(text_of(written[0])):
                totals.append((number, total))
            continue
        rows.append(Entry(number, cells + [""] * (width - len(cells))))
    return Entries(rows, totals)


def _is_no_entry(written: Sequence[Cell], header: Header) -> bool:
    if is_note(text_of(written[0])) or is_header_row(written, header):
        return True
    return len(written) >= _SPANNED_CELLS and len(set(written)) == 1


def fill_groups(entries: list[Entry], columns: Sequence[int]) -> None:
    """Write out what is written once for a group of rows, and signs for "as above".

    `columns` go from the outer to the inner: a blank unit is not filled from another building's last one.
    """
    for order, column in enumerate(columns):
        outer = columns[:order]
        told = Counter([entry.cells[column] for entry in entries])
        blank_count = sum(count for cell, count in told.items() if not cell)
        is_grouped = len(entries) >= _GROUPED_ROWS and 2 * blank_count > len(entries)
        if not is_grouped and not any(isinstance(cell, str) and is_ditto(cell.strip()) for cell in told):
            continue
        above: Cell = ""
        around: list[Cell] = []
        for entry in entries:
            cell = entry.cells[column]
            if not cell:
                if is_grouped and around == [entry.cells[at] for at in outer]:
                    entry.cells[column] = above
            elif isinstance(cell, str) and is_ditto(cell.strip()):
                entry.cells[column] = above
            else:
                above = cell
                if is_grouped:
                    around = [entry.cells[at] for at in outer]
