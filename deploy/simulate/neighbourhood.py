"""How is a community built? Grids, estates, buildings, units and dwellings, as many as asked, and seeded.

Estates and grids are cut independently, as in real communities: each may hold parts of several of the other,
and a building at the edge of a grid has units on either side.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import cycle, islice
from random import Random
from typing import NamedTuple

from deploy.simulate.ids import IdSource
from deploy.simulate.names import invent_estate
from deploy.simulate.rows import PlaceRow
from services.places.rules import address_key

# Floors, units, rooms to a floor: walk-ups of the eighties, slabs with lifts, towers.
_SHAPES = ((6, 3, 2), (6, 2, 3), (7, 4, 2), (7, 2, 2), (11, 2, 2), (18, 1, 4), (18, 2, 3), (5, 1, 2))
_TENURES = (
    "COMMERCIAL",
    "COMMERCIAL",
    "COMMERCIAL",
    "REFORMED",
    "REFORMED",
    "PUBLIC",
    "SELF_BUILT",
    "RESETTLEMENT",
)
_SITES = (
    ("SHOP", "便民超市"),
    ("ROAD", "路口"),
    ("RIVER", "河道点位"),
    ("PARK", "口袋公园"),
    ("SHOP", "早餐店"),
    ("FACILITY", "垃圾分类屋"),
)
_DIGITS = "〇一二三四五六七八九"
_TEN, _HUNDRED = 10, 100


class Named(NamedTuple):
    """A place, person or body by id and name."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Whose place something is made in: the tenant, the offices above it, its one place, its body, its code."""

    tenant_id: int
    slug: str
    name: str
    street_id: int | None
    district_id: int | None
    place_id: uuid.UUID
    # The body that represents the tenant.
    body_id: uuid.UUID
    code: str | None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is built."""

    dwelling_count: int
    grid_count: int
    estate_count: int
    sites_per_grid: int = 3


@dataclass(slots=True)
class Neighbourhood:
    """What has been built, each list in its order."""

    grids: list[PlaceRow] = field(default_factory=list)
    estates: list[PlaceRow] = field(default_factory=list)
    buildings: list[PlaceRow] = field(default_factory=list)
    units: list[PlaceRow] = field(default_factory=list)
    dwellings: list[PlaceRow] = field(default_factory=list)
    sites: list[PlaceRow] = field(default_factory=list)

    def places(self) -> Iterator[PlaceRow]:
        """Go through all places, each after those it lies in."""
        for rows in (self.grids, self.estates, self.sites, self.buildings, self.units, self.dwellings):
            yield from rows


def build_neighbourhood(ground: Ground, extent: Extent, *, random: Random, ids: IdSource) -> Neighbourhood:
    """Build a community's grids, estates, buildings, units, dwellings and sites."""
    return _Builder(ground, extent, random, ids).build()


def build_sites(
    ground: Ground, grids: Sequence[Named], *, per_grid: int, random: Random, ids: IdSource
) -> list[PlaceRow]:
    """Put shops, road and river points, parks and facilities into grids, in turn."""
    kinds = cycle(_SITES)
    return [
        _place(ground, ids, "site", f"{grid.name}{name}", f"{grid.name}{random.randrange(1, 200)}号旁")._replace(
            grid_id=grid.id, site_kind=kind
        )
        for grid in grids
        for kind, name in islice(kinds, per_grid)
    ]


def _place(ground: Ground, ids: IdSource, kind: str, name: str, address: str) -> PlaceRow:
    return PlaceRow(
        ground.tenant_id,
        ids.next(),
        ground.street_id,
        ground.district_id,
        kind,
        name,
        address,
        address_key(address),
    )


def grid_name(number: int) -> str:
    """Name a grid as communities do: 第三网格, 第十二网格; 第112网格 where there are that many."""
    if number >= _HUNDRED:
        return f"第{number}网格"
    if number < _TEN:
        return f"第{_DIGITS[number]}网格"
    tens, ones = divmod(number, _TEN)
    return f"第{_DIGITS[tens] if tens > 1 else ''}十{_DIGITS[ones] if ones else ''}网格"


@dataclass(slots=True)
class _Builder:
    ground: Ground
    extent: Extent
    random: Random
    ids: IdSource
    built: Neighbourhood = field(default_factory=Neighbourhood)
    buildings_of_estate: dict[uuid.UUID, int] = field(default_factory=dict)

    def build(self) -> Neighbourhood:
        taken: set[str] = set()
        for number in range(1, self.extent.grid_count + 1):
            code = f"{self.ground.code}{number:03d}" if self.ground.code else None
            grid = _place(self.ground, self.ids, "grid", grid_name(number), grid_name(number))
            self.built.grids.append(grid._replace(code=code, grid_kind="BASIC"))
        for _ in range(self.extent.estate_count):
            name = invent_estate(self.random, taken=taken)
            self.built.estates.append(_place(self.ground, self.ids, "estate", name, name))
        self.built.sites = build_sites(
            self.ground,
            [Named(grid.id, grid.name) for grid in self.built.grids],
            per_grid=self.extent.sites_per_grid,
            random=self.random,
            ids=self.ids,
        )
        while len(self.built.dwellings) < self.extent.dwelling_count:
            self._add_building()
        return self.built

    def _share(self, parts: list[PlaceRow]) -> PlaceRow:
        # The next dwelling's part, when all dwellings are cut into parts of the same size.
        return parts[len(self.built.dwellings) * len(parts) // self.extent.dwelling_count]

    def _add_building(self) -> None:
        floors, units, rooms = self.random.choice(_SHAPES)
        estate = self._share(self.built.estates)
        number = self.buildings_of_estate.get(estate.id, 0) + 1
        self.buildings_of_estate[estate.id] = number
        name = f"{number}号楼"
        building = _place(self.ground, self.ids, "building", name, f"{estate.name}{name}")._replace(
            grid_id=self._share(self.built.grids).id, estate_id=estate.id, floor_count=floors
        )
        self.built.buildings.append(building)
        tenure = self.random.choice(_TENURES)
        for index in range(1, units + 1):
            if len(self.built.dwellings) == self.extent.dwelling_count:
                return
            self._add_unit(building, index, rooms=rooms, tenure=tenure)

    def _add_unit(self, building: PlaceRow, number: int, *, rooms: int, tenure: str) -> None:
        name = f"{number}单元"
        unit = _place(self.ground, self.ids, "unit", name, f"{building.address}{name}")._replace(
            grid_id=self._share(self.built.grids).id, estate_id=building.estate_id, building_id=building.id
        )
        self.built.units.append(unit)
        # Rooms one above the other are cut the same.
        areas = [self._areas() for _ in range(rooms)]
        for floor in range(1, (building.floor_count or 1) + 1):
            for room, (floor_area, inside_area) in enumerate(areas, start=1):
                if len(self.built.dwellings) == self.extent.dwelling_count:
                    return
                self._add_dwelling(unit, f"{floor}{room:02d}", floor_area, inside_area, tenure)

    def _areas(self) -> tuple[Decimal, Decimal]:
        hundredths = self.random.randrange(3_800, 14_500)
        return Decimal(hundredths).scaleb(-2), Decimal(hundredths * 78 // 100).scaleb(-2)

    def _add_dwelling(self, unit: PlaceRow, room: str, floor_area: Decimal, inside: Decimal, tenure: str) -> None:
        self.built.dwellings.append(
            PlaceRow(
                unit.tenant_id,
                self.ids.next(),
                unit.street_id,
                unit.district_id,
                "dwelling",
                room,
                f"{unit.address}{room}室",
                # The key of the whole address, put together from keys that are made once.
                unit.sort_key + address_key(f"{room}室"),
                None,
                unit.grid_id,
                unit.estate_id,
                unit.building_id,
                unit.id,
                room_number=room,
                floor_area=floor_area,
                inside_area=inside,
                tenure=tenure,
            )
        )
