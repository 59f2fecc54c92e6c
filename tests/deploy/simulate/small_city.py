"""A small city for tests: a cut of a real one, with two districts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.divisions.reading import read_divisions
from services.divisions.rules import DivisionRow

FILE = Path(__file__).parents[3] / "deploy/bench/divisions_fuzhou.csv"


def cut() -> tuple[DivisionRow, ...]:
    """Give two districts, two streets of each, five communities of each."""
    rows = read_divisions(FILE.read_bytes()).rows
    districts = [row for row in rows if row.level == "district"][:2]
    streets = [row for one in districts for row in _below(rows, one)[:2]]
    return (*districts, *streets, *(row for one in streets for row in _below(rows, one)[:5]))


def _below(rows: Sequence[DivisionRow], parent: DivisionRow) -> list[DivisionRow]:
    return [row for row in rows if row.parent_code == parent.code]
