"""How does a request load its rows? In one transaction, each level of the answer by one statement."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import asyncpg
import strawberry
from strawberry.dataloader import DataLoader

from deploy.bench.dataloader.types import (
    AccountableType,
    BodyType,
    BuildingType,
    CaseType,
    CategoryType,
    CommunityType,
    DwellingType,
    EstateType,
    GridType,
    UnitType,
)
from schema.cases.enums import CaseStatus
from schema.compiler.values import encode_id
from schema.places.types import Tenure

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")
# In the ids of what all tenants share.
_OF_NO_TENANT = 0
_BODY_PREFIXES = {"residents_committee": "rsc", "property_company": "prc", "department": "dep", "office": "ofc"}
Keyed = tuple[uuid.UUID, uuid.UUID | None]

_COMMUNITY = """
    select 'com_' || id || '_' || place_id as global_id, name
    from tenants where id = $1 and place_id = $2 and kind = 'community'
"""
_GRIDS = """
    select 'grd_' || tenant_id || '_' || id as global_id, name, code, id
    from places where tenant_id = $1 and kind = 'grid' order by sort_key, id limit $2
"""
_GRIDS_BY_ID = """
    select 'grd_' || tenant_id || '_' || id as global_id, name, code, id
    from places where tenant_id = $1 and id = any($2) and kind = 'grid'
"""
_BUILDINGS_BY_ID = """
    select 'bld_' || tenant_id || '_' || id as global_id, name, address, floor_count, id, grid_id
    from places where tenant_id = $1 and id = any($2) and kind = 'building'
"""
_BUILDINGS_OF_GRIDS = """
    select grid.number, found.*
    from unnest($2::uuid[]) with ordinality as grid (id, number)
    cross join lateral (
        select 'bld_' || b.tenant_id || '_' || b.id as global_id, b.name, b.address, b.floor_count, b.id, b.grid_id
        from grid_buildings seen join places b on b.tenant_id = seen.tenant_id and b.id = seen.id
        where seen.tenant_id = $1 and seen.grid_id = grid.id and b.kind = 'building'
        order by seen.sort_key, seen.id limit $3
    ) found
"""
_UNITS_OF_BUILDINGS = """
    select building.number, found.*
    from unnest($2::uuid[], $3::uuid[]) with ordinality as building (id, grid_id, number)
    cross join lateral (
        select 'unt_' || tenant_id || '_' || id as global_id, name, id
        from places
        where tenant_id = $1 and building_id = building.id and kind = 'unit'
            and (building.grid_id is null or places.grid_id = building.grid_id)
        order by sort_key, id limit $4
    ) found
"""
_UNITS_BY_ID = """
    select 'unt_' || tenant_id || '_' || id as global_id, name, id
    from places where tenant_id = $1 and id = any($2) and kind = 'unit'
"""
_ESTATES_BY_ID = """
    select 'est_' || tenant_id || '_' || id as global_id, name, id
    from places where tenant_id = $1 and id = any($2) and kind = 'estate'
"""
_DWELLINGS_OF_UNITS = """
    select unit.number, found.*
    from unnest($2::uuid[]) with ordinality as unit (id, number)
    cross join lateral (
        select 'dwl_' || tenant_id || '_' || id as global_id, address, room_number, floor_area, tenure,
            unit_id, estate_id
        from places
        where tenant_id = $1 and unit_id = unit.id and kind = 'dwelling'
        order by sort_key, id limit $3
    ) found
"""
_DWELLINGS = """
    select 'dwl_' || tenant_id || '_' || id as global_id, address, room_number, floor_area, tenure,
        unit_id, estate_id
    from places where tenant_id = $1 and grid_id = $2 and kind = 'dwelling'
    order by sort_key, id limit $3
"""
_DWELLINGS_BACKWARD = _DWELLINGS.replace("sort_key, id", "sort_key desc, id desc")
_DWELLING_COUNT = "select count(*) from places where tenant_id = $1 and grid_id = $2 and kind = 'dwelling'"
_CASES = """
    select 'cas_' || c.tenant_id || '_' || c.id as global_id, c.number, d.title, c.status, c.reported_at, c.due_at,
        c.due_order < now() as is_overdue, c.category_id, c.grid_id, d.building_id,
        c.accountable_body_id, c.accountable_position_id
    from cases c join case_details d on d.tenant_id = c.tenant_id and d.id = c.id
    where c.tenant_id = $1 and c.grid_id = $2
    order by c.reported_at desc, c.id desc limit $3
"""
_CATEGORIES = """
    select 'cat_' || tenant_id || '_' || id as global_id, code, name, id
    from case_categories where tenant_id = $1 and id = any($2)
"""
# The directory is shared; the acting tenant is let in by row-level security.
_BODIES = "select id, kind, name from bodies where $1::int is not null and id = any($2)"
_POST_NAMES = """
    select id, public_name from positions where tenant_id = $1 and id = any($2) and board_rank < 9999
"""


class LoadingContext:
    """One request: its connection, inside the tenant, and its loaders, made when they are first wanted."""

    def __init__(self, pool: asyncpg.Pool, tenant_id: int) -> None:
        self.pool = pool
        self.connection: Any = None
        self._tenant_id = tenant_id
        # A connection answers one statement at a time; loaders of one level may ask side by side.
        self._one_at_a_time = asyncio.Lock()
        self._loaders: dict[tuple[str, int], DataLoader[Any, Any]] = {}

    async def _fetch(self, sql: str, *values: object) -> list[asyncpg.Record]:
        async with self._one_at_a_time:
            found: list[asyncpg.Record] = await self.connection.fetch(sql, self._tenant_id, *values)
            return found

    # --- by id ---------------------------------------------------------------------------------------------------

    async def find_community(self, place_id: uuid.UUID) -> CommunityType | None:
        rows = await self._fetch(_COMMUNITY, place_id)
        return CommunityType(id=rows[0]["global_id"], name=rows[0]["name"]) if rows else None

    @property
    def grids(self) -> DataLoader[uuid.UUID, GridType | None]:
        return self._by_id("grids", _GRIDS_BY_ID, _grid)

    @property
    def buildings(self) -> DataLoader[uuid.UUID, BuildingType | None]:
        return self._by_id("buildings", _BUILDINGS_BY_ID, _building)

    @property
    def units(self) -> DataLoader[uuid.UUID, UnitType | None]:
        return self._by_id("units", _UNITS_BY_ID, _unit)

    @property
    def estates(self) -> DataLoader[uuid.UUID, EstateType | None]:
        return self._by_id("estates", _ESTATES_BY_ID, _estate)

    @property
    def categories(self) -> DataLoader[uuid.UUID, CategoryType | None]:
        return self._by_id("categories", _CATEGORIES, _category)

    @property
    def bodies(self) -> DataLoader[uuid.UUID, BodyType | None]:
        return self._by_id("bodies", _BODIES, _body)

    @property
    def post_names(self) -> DataLoader[uuid.UUID, str | None]:
        return self._by_id("post names", _POST_NAMES, _public_name)

    def _by_id(self, name: str, sql: str, make: Callable[[asyncpg.Record], Made]) -> DataLoader[uuid.UUID, Made | None]:
        async def load(ids: list[uuid.UUID]) -> list[Made | None]:
            found = {row["id"]: make(row) for row in await self._fetch(sql, ids)}
            return [found.get(row_id) for row_id in ids]

        return self._loader(name, 0, load)

    # --- pages ---------------------------------------------------------------------------------------------------

    async def list_grids(self, first: int) -> list[GridType]:
        return [_grid(row) for row in await self._fetch(_GRIDS, first)]

    async def list_dwellings(self, grid_id: uuid.UUID, first: int, *, is_backward: bool) -> list[DwellingType]:
        sql = _DWELLINGS_BACKWARD if is_backward else _DWELLINGS
        return [_dwelling(row) for row in await self._fetch(sql, grid_id, first)]

    async def list_cases(self, grid_id: uuid.UUID, first: int) -> list[CaseType]:
        return [_case(row) for row in await self._fetch(_CASES, grid_id, first)]

    async def count_dwellings(self, grid_id: uuid.UUID) -> int:
        count: int = (await self._fetch(_DWELLING_COUNT, grid_id))[0][0]
        return count

    def buildings_of_grid(self, first: int) -> DataLoader[uuid.UUID, list[BuildingType]]:
        async def load(ids: list[uuid.UUID]) -> list[list[BuildingType]]:
            pages: list[list[BuildingType]] = [[] for _ in ids]
            for row in await self._fetch(_BUILDINGS_OF_GRIDS, ids, first):
                place = row["number"] - 1
                pages[place].append(_building(row, seen_from=ids[place]))
            return pages

        return self._loader("buildings of grid", first, load)

    def units_of_building(self, first: int) -> DataLoader[Keyed, list[UnitType]]:
        async def load(keys: list[Keyed]) -> list[list[UnitType]]:
            buildings, grids = [key[0] for key in keys], [key[1] for key in keys]
            rows = await self._fetch(_UNITS_OF_BUILDINGS, buildings, grids, first)
            return _paged(rows, len(keys), _unit)

        return self._loader("units of building", first, load)

    def dwellings_of_unit(self, first: int) -> DataLoader[uuid.UUID, list[DwellingType]]:
        async def load(ids: list[uuid.UUID]) -> list[list[DwellingType]]:
            return _paged(await self._fetch(_DWELLINGS_OF_UNITS, ids, first), len(ids), _dwelling)

        return self._loader("dwellings of unit", first, load)

    def _loader(self, name: str, first: int, load: Any) -> DataLoader[Any, Any]:  # noqa: ANN401
        found = self._loaders.get((name, first))
        if found is None:
            found = self._loaders[name, first] = DataLoader(load_fn=load)
        return found


def _paged(rows: Sequence[asyncpg.Record], count: int, make: Callable[[asyncpg.Record], Made]) -> list[list[Made]]:
    pages: list[list[Made]] = [[] for _ in range(count)]
    for row in rows:
        pages[row["number"] - 1].append(make(row))
    return pages


def _grid(row: asyncpg.Record) -> GridType:
    return GridType(id=strawberry.ID(row["global_id"]), name=row["name"], code=row["code"], row_id=row["id"])


def _building(row: asyncpg.Record, seen_from: uuid.UUID | None = None) -> BuildingType:
    return BuildingType(
        id=strawberry.ID(row["global_id"]),
        name=row["name"],
        address=row["address"],
        floor_count=row["floor_count"],
        row_id=row["id"],
        grid_id=row["grid_id"],
        seen_from=seen_from,
    )


def _unit(row: asyncpg.Record) -> UnitType:
    return UnitType(id=strawberry.ID(row["global_id"]), name=row["name"], row_id=row["id"])


def _estate(row: asyncpg.Record) -> EstateType:
    return EstateType(id=strawberry.ID(row["global_id"]), name=row["name"])


def _dwelling(row: asyncpg.Record) -> DwellingType:
    tenure = row["tenure"]
    return DwellingType(
        id=strawberry.ID(row["global_id"]),
        address=row["address"],
        room_number=row["room_number"],
        floor_area=row["floor_area"],
        tenure=None if tenure is None else Tenure[tenure],
        unit_id=row["unit_id"],
        estate_id=row["estate_id"],
    )


def _case(row: asyncpg.Record) -> CaseType:
    return CaseType(
        id=strawberry.ID(row["global_id"]),
        number=row["number"],
        title=row["title"],
        status=CaseStatus[row["status"]],
        reported_at=row["reported_at"],
        due_at=row["due_at"],
        is_overdue=row["is_overdue"],
        category_id=row["category_id"],
        grid_id=row["grid_id"],
        building_id=row["building_id"],
        accountable=AccountableType(body_id=row["accountable_body_id"], position_id=row["accountable_position_id"]),
    )


def _category(row: asyncpg.Record) -> CategoryType:
    return CategoryType(id=strawberry.ID(row["global_id"]), code=row["code"], name=row["name"])


def _body(row: asyncpg.Record) -> BodyType:
    global_id = encode_id(_BODY_PREFIXES[row["kind"]], _OF_NO_TENANT, row["id"])
    return BodyType(id=strawberry.ID(global_id), name=row["name"])


def _public_name(row: asyncpg.Record) -> str | None:
    name: str | None = row["public_name"]
    return name
