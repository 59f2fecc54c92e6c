"""Which tenants are simulated, and how much is in each? Decided before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.divisions.rules import DivisionRow
from services.onboarding.rules import KIND_NAMES, NewTenant
from tenants.errors import Refused

SLUG_PREFIX = "sim-"
_FEWEST = 3
# About what a large city has: a district office for ten streets, a street office for ten communities.
_TENANTS_PER_STREET = 11
_TENANTS_PER_DISTRICT = 110
_DWELLINGS_PER_GRID = 400
# Towns and villages have names of their own, which would look odd here (blocks as in services.divisions.rules).
_HIGHEST_URBAN = {"street": 99, "community": 199}
_DWELLINGS_PER_ESTATE = 700


class TooFewTenants(Refused):
    """A simulation is a whole tree of offices and communities."""

    code = "TOO_FEW_TENANTS"
    zh = "模拟至少要 {fewest} 个单位：一个区、一个街道、一个社区"
    en = "A simulation has at least {fewest} tenants: a district, a street and a community"


class TooFewDwellings(Refused):
    """A community without a dwelling has nobody in it."""

    code = "TOO_FEW_DWELLINGS"
    zh = "{communities} 个社区至少各要一套房屋"
    en = "{communities} communities need at least one dwelling each"


class OthersPresent(Refused):
    """The database holds tenants that are not simulated."""

    code = "OTHERS_PRESENT"
    zh = "数据库里有 {count} 个真实单位（例如 {slug}）。请用单独的数据库，或加 --beside-others"
    en = (
        "The database holds {count} tenants that are not simulated, {slug} for one."
        " Simulate in a database of its own, or say --beside-others"
    )


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """How many tenants and dwellings, from which seed, with accounts of which issuer."""

    tenant_count: int
    dwelling_count: int
    seed: int = 1
    issuer: str = "simulated"
    # Real divisions to be called after; the rows of a divisions file.
    divisions: tuple[DivisionRow, ...] = ()
    # Go on although the database has tenants that are not simulated.
    beside_others: bool = False
    # In each community, of the year before this month.
    cases_per_year: int = 0


@dataclass(frozen=True, slots=True)
class PlannedTenant:
    """A tenant to be made; communities have dwellings."""

    new: NewTenant
    dwelling_count: int = 0
    dwellings_per_grid: float = _DWELLINGS_PER_GRID
    dwellings_per_estate: float = _DWELLINGS_PER_ESTATE

    @property
    def grid_count(self) -> int:
        """How many grids a community of that size is cut into."""
        return max(2, round(self.dwelling_count / self.dwellings_per_grid))

    @property
    def estate_count(self) -> int:
        """How many estates a community of that size has."""
        return max(1, round(self.dwelling_count / self.dwellings_per_estate))


def plan_tenants(plan: SimulationPlan, *, first_number: int = 1) -> list[PlannedTenant]:
    """Plan all tenants, offices before those below them, the dwellings spread evenly.

    Raises TooFewTenants, TooFewDwellings.
    """
    if plan.tenant_count < _FEWEST:
        raise TooFewTenants(fewest=_FEWEST)
    districts = max(1, round(plan.tenant_count / _TENANTS_PER_DISTRICT))
    streets = max(districts, round(plan.tenant_count / _TENANTS_PER_STREET))
    communities = plan.tenant_count - districts - streets
    if plan.dwelling_count < communities:
        raise TooFewDwellings(communities=communities)
    tree = _Tree(districts, streets, communities, _children(plan.divisions), first_number)
    return list(tree.plan(plan.dwelling_count))


def _children(rows: Sequence[DivisionRow]) -> Mapping[str, Sequence[DivisionRow]]:
    found: dict[str, list[DivisionRow]] = defaultdict(list)
    for row in rows:
        if row.level in _HIGHEST_URBAN and int(row.code[-3:]) > _HIGHEST_URBAN[row.level]:
            continue
        # All districts together: which city they are of does not matter here.
        found["" if row.level == "district" else row.parent_code or ""].append(row)
    # The largest first, so that there are names enough for all.
    return {
        parent: sorted(siblings, key=lambda row: -len(found.get(row.code, ()))) for parent, siblings in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Tree:
    district_count: int
    street_count: int
    community_count: int
    children: Mapping[str, Sequence[DivisionRow]]
    first_number: int

    def plan(self, dwelling_count: int) -> Iterator[PlannedTenant]:
        districts = [self._tenant("district", number, None) for number in range(self.district_count)]
        streets = [
            self._tenant("street", number, districts[number % self.district_count])
            for number in range(self.street_count)
        ]
        communities = [
            self._tenant("community", number, streets[number % self.street_count])
            for number in range(self.community_count)
        ]
        yield from (PlannedTenant(new) for new in (*districts, *streets))
        each, left_over = divmod(dwelling_count, self.community_count)
        for number, new in enumerate(communities):
            yield PlannedTenant(new, each + (number < left_over))

    def _tenant(self, kind: str, number: int, parent: NewTenant | None) -> NewTenant:
        slug = f"{SLUG_PREFIX}{kind[0]}{self.first_number + number:04d}"
        siblings = self.children.get(parent.code or "-" if parent else "", ())
        # Tenants are dealt out to their parents in turn, so that the n-th round is everybody's n-th child.
        rounds = {"district": 1, "street": self.district_count, "community": self.street_count}[kind]
        place = number // rounds
        parent_slug = parent.slug if parent else None
        if place < len(siblings):
            found = siblings[place]
            return NewTenant(slug, found.name, kind, parent_slug, found.code, "statistics")
        return NewTenant(slug, f"模拟{self.first_number + number}{KIND_NAMES[kind]}", kind, parent_slug)
