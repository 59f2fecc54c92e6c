"""The types and fields that are measured, as resolvers: each level is loaded in one batch."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, NewType, Protocol, TypeVar
from zoneinfo import ZoneInfo

import strawberry
from strawberry import Private
from strawberry.dataloader import DataLoader

from schema.cases.enums import CaseOrder, CaseStatus
from schema.compiler.values import decode_id
from schema.places.filters import DwellingOrder
from schema.places.types import Tenure

Node = TypeVar("Node")
_ZONE = ZoneInfo("Asia/Shanghai")


def _written(at: datetime) -> str:
    return at.astimezone(_ZONE).isoformat(timespec="milliseconds")


# As the gateway writes instants: in the tenant's zone, with milliseconds.
Instant = NewType("Instant", datetime)
INSTANT = strawberry.scalar(name="DateTime", serialize=_written)


class Loading(Protocol):
    """What a request's context offers to the resolvers below."""

    async def find_community(self, place_id: uuid.UUID) -> CommunityType | None: ...
    async def list_grids(self, first: int) -> list[GridType]: ...
    async def list_dwellings(self, grid_id: uuid.UUID, first: int, *, is_backward: bool) -> list[DwellingType]: ...
    async def count_dwellings(self, grid_id: uuid.UUID) -> int: ...
    async def list_cases(self, grid_id: uuid.UUID, first: int) -> list[CaseType]: ...
    @property
    def grids(self) -> DataLoader[uuid.UUID, GridType | None]: ...
    @property
    def buildings(self) -> DataLoader[uuid.UUID, BuildingType | None]: ...
    @property
    def units(self) -> DataLoader[uuid.UUID, UnitType | None]: ...
    @property
    def estates(self) -> DataLoader[uuid.UUID, EstateType | None]: ...
    @property
    def categories(self) -> DataLoader[uuid.UUID, CategoryType | None]: ...
    @property
    def bodies(self) -> DataLoader[uuid.UUID, BodyType | None]: ...
    @property
    def post_names(self) -> DataLoader[uuid.UUID, str | None]: ...
    def buildings_of_grid(self, first: int) -> DataLoader[uuid.UUID, list[BuildingType]]: ...
    def units_of_building(self, first: int) -> DataLoader[tuple[uuid.UUID, uuid.UUID | None], list[UnitType]]: ...
    def dwellings_of_unit(self, first: int) -> DataLoader[uuid.UUID, list[DwellingType]]: ...


Info = strawberry.Info[Loading, None]
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.type(name="Connection")
class PageType(Generic[Node]):
    nodes: list[Node]


@strawberry.type(name="Estate")
class EstateType:
    id: strawberry.ID
    name: str


@strawberry.type(name="Unit")
class UnitType:
    id: strawberry.ID
    name: str
    row_id: Private[uuid.UUID]

    @strawberry.field
    async def dwellings(
        self, info: Info, first: int = 20
    ) -> PageType[Annotated[DwellingType, strawberry.lazy("deploy.bench.dataloader.types")]]:
        return PageType(nodes=await info.context.dwellings_of_unit(first).load(self.row_id))


@strawberry.type(name="Dwelling")
class DwellingType:
    id: strawberry.ID
    address: str
    room_number: str | None
    floor_area: Decimal | None
    tenure: Tenure | None
    unit_id: Private[uuid.UUID]
    estate_id: Private[uuid.UUID | None]

    @strawberry.field
    async def unit(self, info: Info) -> UnitType | None:
        return await info.context.units.load(self.unit_id)

    @strawberry.field
    async def estate(self, info: Info) -> EstateType | None:
        return None if self.estate_id is None else await info.context.estates.load(self.estate_id)


@strawberry.type(name="Building")
class BuildingType:
    id: strawberry.ID
    name: str
    address: str
    floor_count: int | None
    row_id: Private[uuid.UUID]
    grid_id: Private[uuid.UUID]
    # Reached through a grid, a building shows the units of that grid alone.
    seen_from: Private[uuid.UUID | None]

    @strawberry.field
    async def grid(self, info: Info) -> Annotated[GridType, strawberry.lazy("deploy.bench.dataloader.types")] | None:
        return await info.context.grids.load(self.grid_id)

    @strawberry.field
    async def units(self, info: Info, first: int = 20) -> PageType[UnitType]:
        return PageType(nodes=await info.context.units_of_building(first).load((self.row_id, self.seen_from)))


@strawberry.type(name="Grid")
class GridType:
    id: strawberry.ID
    name: str
    code: str | None
    row_id: Private[uuid.UUID]

    @strawberry.field
    async def buildings(self, info: Info, first: int = 20) -> PageType[BuildingType]:
        return PageType(nodes=await info.context.buildings_of_grid(first).load(self.row_id))


@strawberry.type(name="Community")
class CommunityType:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def grids(self, info: Info, first: int = 20) -> PageType[GridType]:
        return PageType(nodes=await info.context.list_grids(first))


@strawberry.type(name="CountedDwellings")
class DwellingPageType:
    nodes: list[DwellingType]
    count: Private[Callable[[], Awaitable[int]]]

    @strawberry.field
    async def total_count(self) -> int:
        return await self.count()


@strawberry.type(name="CaseCategory")
class CategoryType:
    id: strawberry.ID
    code: str
    name: str


@strawberry.type(name="Body")
class BodyType:
    id: strawberry.ID
    name: str


@strawberry.type(name="CaseAccountable")
class AccountableType:
    body_id: Private[uuid.UUID]
    position_id: Private[uuid.UUID | None]

    @strawberry.field
    async def body(self, info: Info) -> BodyType | None:
        return await info.context.bodies.load(self.body_id)

    @strawberry.field
    async def public_name(self, info: Info) -> str | None:
        return None if self.position_id is None else await info.context.post_names.load(self.position_id)


@strawberry.type(name="Case")
class CaseType:
    id: strawberry.ID
    number: str
    title: str
    status: CaseStatus
    reported_at: Instant
    due_at: Instant | None
    is_overdue: bool
    category_id: Private[uuid.UUID]
    grid_id: Private[uuid.UUID | None]
    building_id: Private[uuid.UUID | None]
    accountable: AccountableType

    @strawberry.field
    async def category(self, info: Info) -> CategoryType | None:
        return await info.context.categories.load(self.category_id)

    @strawberry.field
    async def grid(self, info: Info) -> GridType | None:
        return None if self.grid_id is None else await info.context.grids.load(self.grid_id)

    @strawberry.field
    async def building(self, info: Info) -> BuildingType | None:
        return None if self.building_id is None else await info.context.buildings.load(self.building_id)


@strawberry.type(name="PageInfo")
class PageInfoType:
    has_next_page: bool


@strawberry.type(name="Cases")
class CasePageType:
    nodes: list[CaseType]
    page_info: PageInfoType


@strawberry.input(name="CaseFilter")
class CaseFilter:
    grid_id: strawberry.ID


@strawberry.input(name="DwellingFilter")
class DwellingFilter:
    grid_id: strawberry.ID


@strawberry.type
class Query:
    @strawberry.field
    async def community(self, info: Info, community_id: Id) -> CommunityType | None:
        return await info.context.find_community(_row_id(community_id))

    @strawberry.field
    async def cases(
        self,
        info: Info,
        where: Annotated[CaseFilter, strawberry.argument(name="filter")],
        order_by: list[CaseOrder],
        first: int = 20,
    ) -> CasePageType:
        if order_by != [CaseOrder.REPORTED_AT_DESC]:
            raise ValueError(order_by)
        # One more than is shown tells whether there is a next page.
        found = await info.context.list_cases(_row_id(where.grid_id), first + 1)
        return CasePageType(nodes=found[:first], page_info=PageInfoType(has_next_page=len(found) > first))

    @strawberry.field
    async def building(self, info: Info, building_id: Id) -> BuildingType | None:
        return await info.context.buildings.load(_row_id(building_id))

    @strawberry.field
    async def dwellings(
        self,
        info: Info,
        where: Annotated[DwellingFilter, strawberry.argument(name="filter")],
        order_by: list[DwellingOrder],
        first: int = 20,
    ) -> DwellingPageType:
        grid_id = _row_id(where.grid_id)
        is_backward = order_by == [DwellingOrder.ADDRESS_DESC]
        return DwellingPageType(
            nodes=await info.context.list_dwellings(grid_id, first, is_backward=is_backward),
            count=lambda: info.context.count_dwellings(grid_id),
        )


def _row_id(global_id: strawberry.ID) -> uuid.UUID:
    found = decode_id(global_id)
    if found is None:
        raise ValueError(global_id)
    return found.row_id
