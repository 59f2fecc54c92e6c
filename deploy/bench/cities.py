"""In which cities are summaries measured? Of the same tenants, with few and with many cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.demo.tokens import ISSUER
from deploy.simulate.city.plan import CityPlan
from services.divisions.reading import read_divisions

_DIVISIONS = Path(__file__).with_name("divisions_fuzhou.csv")
# Some twenty in each community: cases hang on places, and nothing else is asked of them here.
_DWELLINGS = 60_000


@dataclass(frozen=True, slots=True)
class CitySizes:
    """How many cases the two cities have, over two years."""

    few: int = 200_000
    many: int = 2_000_000


def city_with(cases: int) -> CityPlan:
    """Plan a city with so many cases until the end of last month, so that it is kept as long as the month lasts."""
    rows = read_divisions(_DIVISIONS.read_bytes()).rows
    today = datetime.now(UTC).date().replace(day=1)
    return CityPlan(rows, _DWELLINGS, cases, today=today, issuer=ISSUER, has_texts=False)
