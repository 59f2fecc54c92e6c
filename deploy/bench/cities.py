"""In which cities are summaries measured? Of the same tenants, with few and with many cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.demo.tokens import ISSUER
from deploy.simulate.city.plan import CityPlan
from services.divisions.reading import read_divisions
from services.divisions.rules import DivisionRow

_DIVISIONS = Path(__file__).with_name("divisions_fuzhou.csv")


@dataclass(frozen=True, slots=True)
class Scale:
    """How many cases the two cities have, over two years, and how long writers are measured, in seconds."""

    few: int = 200_000
    many: int = 2_000_000
    seconds: float = 5.0
    # Some twenty in each community: cases hang on places, and nothing else is asked of them here.
    dwellings: int = 60_000
    # All of Fuzhou, unless told otherwise.
    divisions: tuple[DivisionRow, ...] = ()

    def city(self, cases: int) -> CityPlan:
        """Plan a city with so many cases until the end of last month."""
        rows = self.divisions or read_divisions(_DIVISIONS.read_bytes()).rows
        today = datetime.now(UTC).date().replace(day=1)
        return CityPlan(rows, self.dwellings, cases, today=today, issuer=ISSUER, has_texts=False)
