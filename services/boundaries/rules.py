"""Which grid does a feature mean, and which boundaries cannot be as they are? Pure rules, no storage."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.boundaries.geometry import Rings, overlap
from services.boundaries.reading import BoundaryProblem, NamedOutline
from services.places.rules import address_key

IMPORT = "register:edit"
# What the audit log calls it.
IMPORTED = "boundary:import"


@dataclass(frozen=True, slots=True)
class KnownGrid:
    """A grid of the tenant."""

    id: uuid.UUID
    name: str
    address: str
    code: str | None


@dataclass(slots=True)
class GridBook:
    """The tenant's grids, to be found by what a feature calls them."""

    tenant_name: str
    grids: Sequence[KnownGrid]
    _by_key: dict[str, set[uuid.UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index by every way to say it: code, name, address, also without the tenant's name before it."""
        for grid in self.grids:
            ways = [way for way in (grid.code, grid.name, grid.address) if way]
            ways += [way.removeprefix(self.tenant_name) for way in ways if way != self.tenant_name]
            for way in ways:
                self._by_key.setdefault(address_key(way), set()).add(grid.id)

    def find(self, outline: NamedOutline) -> uuid.UUID | BoundaryProblem:
        """Find the grid by the surest of its names that is known; else tell why there is none."""
        found = [self._called(value) for _, value in outline.names]
        one = next((ids for ids in found if len(ids) == 1), None)
        if one is not None:
            return next(iter(one))
        name, value = outline.names[0]
        if any(found):
            return BoundaryProblem(
                outline.feature, name, "GRID_AMBIGUOUS", value, "有几个网格都这样叫", "several grids are called so"
            )
        return BoundaryProblem(
            outline.feature, name, "GRID_UNKNOWN", value, "没有这个网格", "there is no such grid in the tenant"
        )

    def _called(self, value: str) -> set[uuid.UUID]:
        whole = self._by_key.get(address_key(value))
        return whole or self._by_key.get(address_key(value.removeprefix(self.tenant_name)), set())

    def name(self, grid_id: uuid.UUID) -> str:
        """Tell what a grid is called."""
        return next((grid.name for grid in self.grids if grid.id == grid_id), "")


@dataclass(frozen=True, slots=True)
class Matched:
    """The outlines of a file by their grids, and what is wrong."""

    outlines: Mapping[uuid.UUID, NamedOutline]
    problems: tuple[BoundaryProblem, ...]


def match_grids(outlines: Sequence[NamedOutline], book: GridBook) -> Matched:
    """Find the grid of each outline; one that comes twice is told."""
    found: dict[uuid.UUID, NamedOutline] = {}
    problems = []
    for outline in outlines:
        grid = book.find(outline)
        if isinstance(grid, BoundaryProblem):
            problems.append(grid)
            continue
        first = found.setdefault(grid, outline)
        if first is not outline:
            name, value = outline.names[0]
            zh = f"第 {first.feature} 个要素已是“{book.name(grid)}”的边界"
            en = f"feature {first.feature} is the boundary of {book.name(grid)} already"
            problems.append(BoundaryProblem(outline.feature, name, "GRID_TWICE", value, zh, en))
    return Matched(found, tuple(problems))


def find_overlaps(matched: Matched, kept: Mapping[uuid.UUID, Rings], book: GridBook) -> Iterator[BoundaryProblem]:
    """Tell which outlines of a file overlap with each other, or with boundaries that stay as they are."""
    mine = [(grid_id, outline, outline.rings) for grid_id, outline in matched.outlines.items()]
    for at, (grid_id, outline, rings) in enumerate(mine):
        others = [(other_id, other) for other_id, _, other in mine[at + 1 :]] + list(kept.items())
        for other_id, other in others:
            if overlap(rings, other):
                name, other_name = book.name(grid_id), book.name(other_id)
                yield BoundaryProblem(
                    outline.feature,
                    "geometry",
                    "GRIDS_OVERLAP",
                    name,
                    f"“{name}”与“{other_name}”的边界重叠",
                    f"the boundaries of {name} and {other_name} overlap",
                )
