"""How many cases lie in each tenant of the demo?"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from deploy.demo.contents import COMMUNITIES, OFFICES
from deploy.demo.making import SEED
from deploy.simulate.case_year import Extent
from deploy.simulate.cases import Caseload

_FULL, _SMALL, _STREET = (400, 600), (60, 100), (10, 20)
_OPEN_IN_FULL, _OPEN_IN_SMALL, _OPEN_IN_STREET = 36, 10, 5


def caseloads(tenant_ids: Mapping[str, int]) -> list[Caseload]:
    """Tell how many cases each community and street has of its own; the tenants are given by their slugs."""
    extents = {one.new.slug: (_STREET, _OPEN_IN_STREET) for one in OFFICES if one.new.kind == "street"}
    extents |= {
        one.new.slug: (_SMALL, _OPEN_IN_SMALL) if one.is_small else (_FULL, _OPEN_IN_FULL) for one in COMMUNITIES
    }
    return [
        Caseload(tenant_ids[slug], slug, Extent(_between(slug, bounds), open_count))
        for slug, (bounds, open_count) in extents.items()
    ]


def _between(slug: str, bounds: tuple[int, int]) -> int:
    return Random(f"{SEED} caseload {slug}").randint(*bounds)  # noqa: S311 - what is invented is no secret.
