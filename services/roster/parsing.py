"""What does a roster say, sheet by sheet and row by row, and what is wrong with it?"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from services.roster import problems
from services.roster.assembling import Assembly
from services.roster.contents import Line, Roster, problem_of_line
from services.roster.errors import RosterFullOfProblems, RosterTooLarge, RosterWithoutHeader
from services.roster.headers import find_header
from services.roster.listing import SheetListing, listing_of
from services.roster.problems import Problem
from services.roster.reading import Sheet

# Called with the rows read and the rows there are.
Progress = Callable[[int, int], None]

# What there may be of each; a community has some thousands of people.
PEOPLE_LIMIT = 300_000
PROBLEM_LIMIT = 150_000
_PROGRESS_ROWS = 2_000


def parse_roster(sheets: Sequence[Sheet], *, progress: Progress | None = None) -> Roster:
    """Read places, people and posts out of sheets, with every problem met.

    Raises RosterWithoutHeader when no sheet has column titles.
    """
    with collection_paused():
        return _parse(sheets, progress)


@contextmanager
def collection_paused() -> Iterator[None]:
    """Hold the cyclic garbage collector back while much is made that lives on: a third of the time is its.

    Nothing here makes reference cycles, so no memory waits for it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(sheets: Sequence[Sheet], progress: Progress | None) -> Roster:
    assembly = Assembly()
    listings, found = _listings(sheets, assembly)
    row_total, rows_read = sum(len(each.entries) for each in listings), 0
    for each in listings:
        for start in range(0, len(each.entries), _PROGRESS_ROWS):
            end = min(start + _PROGRESS_ROWS, len(each.entries))
            each.read(start, end)
            rows_read += end - start
            _check_bounds(assembly, len(found) + each.problem_count, found or each.first_problems())
            if progress:
                progress(rows_read, row_total)
        found += each.finish()
    found += [
        problem_of_line(problems.UNITS_DIFFER, line, told=told, found=named)
        for line, told, named in assembly.complete_units()
    ]
    return Roster(
        grids=tuple(assembly.grids),
        estates=tuple(assembly.estates),
        buildings=assembly.buildings(),
        units=tuple(assembly.units),
        dwellings=tuple(assembly.dwellings),
        dwelling_lines=tuple(assembly.dwelling_lines),
        people=tuple(assembly.people),
        posts=tuple(assembly.posts),
        problems=tuple(found),
        rows_read=rows_read,
    )


def _check_bounds(assembly: Assembly, problem_count: int, first: Sequence[Problem]) -> None:
    if problem_count > PROBLEM_LIMIT:
        told = ", ".join(f"{each.code} {each.sheet}!{each.column}{each.row}" for each in first[:3])
        raise RosterFullOfProblems(limit=f"{PROBLEM_LIMIT:,}", first=told)
    if len(assembly.people) > PEOPLE_LIMIT:
        raise RosterTooLarge(what_zh=f"超过 {PEOPLE_LIMIT:,} 人", what_en=f"more than {PEOPLE_LIMIT:,} people")


def _listings(sheets: Sequence[Sheet], assembly: Assembly) -> tuple[list[SheetListing], list[Problem]]:
    listings: list[SheetListing] = []
    left_out: list[Problem] = []
    for sheet in sheets:
        header = None if sheet.is_hidden else find_header(sheet)
        listing = listing_of(header) if header else None
        if header and listing is not None:
            listings.append(SheetListing(sheet, header, listing, assembly))
        elif any(map(any, sheet.rows)):
            left_out.append(problem_of_line(problems.SHEET_LEFT_OUT, Line(sheet.name, 1)))
    if not listings:
        raise RosterWithoutHeader
    return sorted(listings, key=lambda each: each.listing), left_out
