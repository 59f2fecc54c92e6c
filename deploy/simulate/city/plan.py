"""Which tenants has a city, how large is each, and how much is reported there? Seeded, from a file of divisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from deploy.simulate.plan import SLUG_PREFIX, PlannedTenant, TooFewDwellings
from services.divisions.rules import DivisionRow
from services.onboarding.rules import NewTenant
from tenants.errors import Refused

_KINDS = ("district", "street", "community")
# Of the logarithm of a community's size, and of how much is reported for each dwelling.
_SPREAD_OF_SIZES, _SPREAD_OF_CASES = 0.6, 0.5
# One in so many communities is so many times as large as its like: new towns with forty thousand residents.
_GIANTS, _GIANT = 400, 15.0
# What is built is less than in the real city, and is cut as the real one is: so many grids, estates on average.
_GRIDS, _ESTATES = 5, 3
_FEWEST_DWELLINGS = 3


class NoCommunities(Refused):
    """A city has communities."""

    code = "NO_COMMUNITIES"
    zh = "模拟全市需要一份含社区的区划文件（--divisions）"
    en = "A city is simulated from a file of divisions with communities in it: say --divisions"


@dataclass(frozen=True, slots=True)
class CityPlan:
    """How large a city, called after which divisions, from which seed, with accounts of which issuer."""

    divisions: tuple[DivisionRow, ...]
    dwelling_count: int = 60_000
    case_count: int = 200_000
    years: int = 2
    seed: int = 1
    # The last day of cases is the one before.
    today: date = date.min
    issuer: str = "simulated"
    # Who took which step, with names and words: as many rows as there are steps, which no sum reads.
    has_texts: bool = True
    beside_others: bool = False


@dataclass(frozen=True, slots=True)
class PlannedCity:
    """The tenants, offices before those below them, and how many cases each community has."""

    tenants: Sequence[PlannedTenant]
    # By slug.
    cases: Mapping[str, int]


def plan_city(plan: CityPlan, *, first_number: int = 1) -> PlannedCity:
    """Plan a tenant for each division. Raises NoCommunities, TooFewDwellings."""
    random = Random(f"{plan.seed} city")  # noqa: S311 - what is invented is no secret.
    opened = list(_tenants(plan.divisions, first_number))
    communities = [new for new in opened if new.kind == "community"]
    if not communities:
        raise NoCommunities
    if plan.dwelling_count < len(communities) * _FEWEST_DWELLINGS:
        raise TooFewDwellings(communities=len(communities))
    sizes = _sizes(len(communities), random)
    dwellings = dict(zip(communities, _share_out(plan.dwelling_count, sizes, fewest=_FEWEST_DWELLINGS), strict=True))
    reported = [size * random.lognormvariate(0, _SPREAD_OF_CASES) for size in sizes]
    slugs = [new.slug for new in communities]
    cases = dict(zip(slugs, _share_out(plan.case_count, reported), strict=True))
    each = plan.dwelling_count / len(communities)
    cut = (max(1.0, each / _GRIDS), max(1.0, each / _ESTATES))
    return PlannedCity([PlannedTenant(new, dwellings.get(new, 0), *cut) for new in opened], cases)


def _tenants(rows: Sequence[DivisionRow], first_number: int) -> Iterator[NewTenant]:
    slugs: dict[str, str] = {}
    for kind in _KINDS:
        for number, row in enumerate((row for row in rows if row.level == kind), start=first_number):
            slugs[row.code] = slug = f"{SLUG_PREFIX}{kind[0]}{number:04d}"
            parent = slugs.get(row.parent_code or "") if kind != "district" else None
            yield NewTenant(slug, row.name, kind, parent, row.code, "statistics")


def _sizes(count: int, random: Random) -> list[float]:
    sizes = [random.lognormvariate(0, _SPREAD_OF_SIZES) for _ in range(count)]
    for number in random.sample(range(count), max(1, count // _GIANTS)):
        sizes[number] = _GIANT * max(1.0, sizes[number])
    return sizes


def _share_out(total: int, weights: Sequence[float], *, fewest: int = 0) -> list[int]:
    """Share out so many by weight, exactly."""
    left, whole = total - fewest * len(weights), sum(weights)
    until = [round(left * part / whole) for part in accumulate(weights)]
    until[-1] = left
    return [fewest + end - begin for begin, end in zip([0, *until], until, strict=False)]
