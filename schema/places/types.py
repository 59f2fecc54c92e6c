"""What do clients see of grids, estates, buildings, units, dwellings and sites?"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from schema.bodies.sources import committee_of, company_of
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import (
    Connection,
    FieldClass,
    Many,
    Nothing,
    One,
    Order,
    column,
    connection,
    read,
    reads,
    table_of,
)
from schema.paging import ConnectionType
from schema.people.sources import is_owner, is_renter
from schema.places.areas import BY_ADDRESS, CommunityType, PlaceInterface
from schema.places.sources import (
    BUILDING,
    DWELLING,
    ESTATE,
    GRID,
    SITE,
    UNIT,
    counted,
    dwellings_of_unit,
    in_building,
    of_kind,
    outline_of_grid,
)
from schema.positions.sources import is_current, is_on_board
from schema.summaries.types import (
    CaseCategorySumsType,
    CaseHandlerSumsType,
    CasePeriodSumsType,
    CaseSourceSumsType,
    CaseSummaryType,
    case_summaries_by_category,
    case_summaries_by_handler,
    case_summaries_by_period,
    case_summaries_by_source,
    case_summary,
)
from services.cases.tables import CaseDetails
from services.places.tables import GridBuilding

if TYPE_CHECKING:
    from schema.bodies.types import OwnersCommitteeType, PropertyCompanyType
    from schema.cases.types import CaseType
    from schema.people.types import DwellingOwnerType, DwellingRenterType, HouseholdType
    from schema.positions.types import PositionType

Position = Annotated["PositionType", strawberry.lazy("schema.positions.types")]
Owner = Annotated["DwellingOwnerType", strawberry.lazy("schema.people.types")]
Renter = Annotated["DwellingRenterType", strawberry.lazy("schema.people.types")]
Household = Annotated["HouseholdType", strawberry.lazy("schema.people.types")]
PropertyCompany = Annotated["PropertyCompanyType", strawberry.lazy("schema.bodies.types")]
Case = Annotated["CaseType", strawberry.lazy("schema.cases.types")]
OwnersCommittee = Annotated["OwnersCommitteeType", strawberry.lazy("schema.bodies.types")]


@strawberry.enum(name="GridKind")
class GridKind(Enum):
    """Kinds of grid."""

    BASIC = strawberry.enum_value("BASIC", description="基础网格: of a few hundred households.")
    DEDICATED = strawberry.enum_value("DEDICATED", description="专属网格: an office tower, market, school or park.")


@strawberry.enum(name="Tenure")
class Tenure(Enum):
    """How a dwelling is held."""

    COMMERCIAL = strawberry.enum_value("COMMERCIAL", description="商品房: bought on the market.")
    REFORMED = strawberry.enum_value("REFORMED", description="房改房: bought in the housing reform.")
    PUBLIC = strawberry.enum_value("PUBLIC", description="公房: public housing.")
    SELF_BUILT = strawberry.enum_value("SELF_BUILT", description="自建房: built by its owner.")
    RESETTLEMENT = strawberry.enum_value("RESETTLEMENT", description="安置房: given for a demolished one.")
    OTHER = strawberry.enum_value("OTHER", description="其他: another way.")


def _same(column_name: str) -> Any:
    return lambda parent, child: (child.c.tenant_id == parent.c.tenant_id) & (child.c.id == parent.c[column_name])


def _posts_here(parent: Any, post: Any) -> Any:
    here = (post.c.tenant_id == parent.c.tenant_id) & (post.c.place_id == parent.c.id)
    return here & is_on_board(post) & is_current(post)


# Whoever sees the place sees its part of the duty board.
POSTS = Many(on=_posts_here, order=lambda post: (post.c.board_rank, post.c.id), covered=True)


@reads(GRID)
@strawberry.type(name="Grid", description="网格: a community's part in the care of a grid worker.")
class GridType(PlaceInterface):
    """A grid."""

    grid: Annotated[GridType, strawberry.lazy("schema.places.types")] | None = read(Nothing())
    code: str | None = column(lambda grid: grid.c.code)
    kind: GridKind | None = column(lambda grid: grid.c.grid_kind)
    community: CommunityType | None = read(One(on=lambda grid, community: community.c.id == grid.c.tenant_id))
    boundary: str | None = column(
        outline_of_grid,
        "边界: a GeoJSON geometry (Polygon or MultiPolygon) as text, in degrees of CGCS2000, which differs from WGS84 "
        "by centimetres; maps in GCJ02 have to shift it. Null without one.",
    )
    dwelling_count: int | None = column(
        counted("dwelling_count", lambda g, p: (p.c.tenant_id == g.c.tenant_id) & (p.c.grid_id == g.c.id)),
        "房屋数: dwellings of its units.",
        field_class=FieldClass.INTERNAL,
    )
    household_count: int | None = column(
        counted("household_count", lambda g, p: (p.c.tenant_id == g.c.tenant_id) & (p.c.grid_id == g.c.id)),
        "户数: households now living there.",
        field_class=FieldClass.INTERNAL,
    )
    case_summary: CaseSummaryType | None = case_summary("grid")
    case_summaries_by_period: list[CasePeriodSumsType] | None = case_summaries_by_period("grid")
    case_summaries_by_category: list[CaseCategorySumsType] | None = case_summaries_by_category("grid")
    case_summaries_by_source: list[CaseSourceSumsType] | None = case_summaries_by_source("grid")
    case_summaries_by_handler: list[CaseHandlerSumsType] | None = case_summaries_by_handler("grid")
    positions: list[Position] | None = read(POSTS, "Who has a post in this grid, as on the duty board.")
    buildings: ConnectionType[Annotated[BuildingType, strawberry.lazy("schema.places.types")]] | None = connection(
        Connection(
            on=lambda grid, seen: (seen.c.tenant_id == grid.c.tenant_id) & (seen.c.grid_id == grid.c.id),
            order=BY_ADDRESS,
            through=table_of(GridBuilding),
            through_on=lambda seen, building: (building.c.tenant_id == seen.c.tenant_id) & (building.c.id == seen.c.id),
            sees_from=lambda seen: seen.c.grid_id,
        ),
        "Every building with a unit in this grid, with those units and their counts only.",
    )
    sites: ConnectionType[Annotated[SiteType, strawberry.lazy("schema.places.types")]] | None = connection(
        Connection(
            on=lambda grid, site: (
                (site.c.tenant_id == grid.c.tenant_id) & (site.c.grid_id == grid.c.id) & of_kind("site")(site)
            ),
            order=BY_ADDRESS,
        )
    )


@reads(ESTATE)
@strawberry.type(
    name="Estate",
    description="小区(物业管理区域): cuts across grids; property companies and owners hang on it.",
)
class EstateType(PlaceInterface):
    """An estate."""

    grid: GridType | None = read(Nothing())
    property_company: PropertyCompany | None = read(
        One(on=company_of, order=lambda body: (body.c.sort_key, body.c.id)),
        "The company whose contract is in force.",
    )
    owners_committee: OwnersCommittee | None = read(
        One(on=committee_of, order=lambda body: (body.c.sort_key, body.c.id))
    )
    positions: list[Position] | None = read(POSTS)
    dwelling_count: int | None = column(
        counted("dwelling_count", lambda e, p: (p.c.tenant_id == e.c.tenant_id) & (p.c.estate_id == e.c.id)),
        field_class=FieldClass.INTERNAL,
    )
    buildings: ConnectionType[Annotated[BuildingType, strawberry.lazy("schema.places.types")]] | None = connection(
        Connection(
            on=lambda estate, building: (
                (building.c.tenant_id == estate.c.tenant_id)
                & (building.c.estate_id == estate.c.id)
                & of_kind("building")(building)
            ),
            order=BY_ADDRESS,
        )
    )


def _units_of(building: Any, unit: Any) -> Any:
    here = (unit.c.tenant_id == building.c.tenant_id) & (unit.c.building_id == building.c.id) & of_kind("unit")(unit)
    return here if building.seen_from is None else here & (unit.c.grid_id == building.seen_from)


@reads(BUILDING)
@strawberry.type(name="Building", description="楼栋: a building.")
class BuildingType(PlaceInterface):
    """A building."""

    code: str | None = column(
        lambda building: building.c.code,
        "楼栋编码: on a sign at the door, for residents to say where they live; see `setBuildingCode`.",
        field_class=FieldClass.INTERNAL,
    )
    floor_count: int | None = column(lambda building: building.c.floor_count, "层数")
    dwelling_count: int | None = column(
        counted("dwelling_count", in_building),
        "房屋数; under a grid, of the units in that grid.",
        field_class=FieldClass.INTERNAL,
    )
    household_count: int | None = column(
        counted("household_count", in_building),
        "户数; under a grid, of its units.",
        field_class=FieldClass.INTERNAL,
    )
    estate: EstateType | None = read(One(on=_same("estate_id")))
    leaders: list[Position] | None = read(POSTS, "楼栋长")
    units: ConnectionType[Annotated[UnitType, strawberry.lazy("schema.places.types")]] | None = connection(
        Connection(on=_units_of, order=BY_ADDRESS),
        "Its units; under a grid, those in that grid.",
    )


@reads(UNIT)
@strawberry.type(name="Unit", description="单元: a stairwell of a building.")
class UnitType(PlaceInterface):
    """A unit."""

    building: BuildingType | None = read(One(on=_same("building_id")))
    dwelling_count: int | None = column(dwellings_of_unit, "房屋数", field_class=FieldClass.INTERNAL)
    dwellings: ConnectionType[Annotated[DwellingType, strawberry.lazy("schema.places.types")]] | None = connection(
        Connection(
            on=lambda unit, dwelling: (
                (dwelling.c.tenant_id == unit.c.tenant_id)
                & (dwelling.c.unit_id == unit.c.id)
                & of_kind("dwelling")(dwelling)
            ),
            order=BY_ADDRESS,
        )
    )


@reads(DWELLING)
@strawberry.type(name="Dwelling", description="房屋: one flat or house. Areas are decimal text in square metres.")
class DwellingType(PlaceInterface):
    """A dwelling."""

    room_number: str | None = column(lambda dwelling: dwelling.c.room_number, "房号")
    floor_area: Decimal | None = column(lambda dwelling: dwelling.c.floor_area, "建筑面积, m²")
    inside_area: Decimal | None = column(lambda dwelling: dwelling.c.inside_area, "套内面积, m²")
    tenure: Tenure | None = column(lambda dwelling: dwelling.c.tenure, "产权性质")
    unit: UnitType | None = read(One(on=_same("unit_id")))
    estate: EstateType | None = read(One(on=_same("estate_id")))
    owners: list[Owner] | None = read(
        Many(on=is_owner, order=lambda holder: (holder.c.ordinal, holder.c.id)), "业主, masked."
    )
    renters: list[Renter] | None = read(
        Many(on=is_renter, order=lambda holder: (holder.c.ordinal, holder.c.id)),
        "承租人 of public housing, masked.",
    )
    households: list[Household] | None = read(
        Many(
            on=lambda dwelling, household: (
                (household.c.tenant_id == dwelling.c.tenant_id) & (household.c.dwelling_id == dwelling.c.id)
            ),
            order=lambda household: (household.c.sort_key, household.c.id),
            expected=2,
        ),
        "住户, those who live there now first.",
    )

    cases: ConnectionType[Case] | None = connection(
        Connection(
            # Which dwelling a case is about, nobody outside its tenant is told.
            on=lambda dwelling, details: (
                (details.c.tenant_id == dwelling.c.tenant_id)
                & (details.c.tenant_id == ACTING_TENANT)
                & (details.c.place_id == dwelling.c.id)
            ),
            order=Order(lambda details: details.c.reported_at, descending=True),
            through=table_of(CaseDetails),
            through_on=lambda details, case: (case.c.tenant_id == details.c.tenant_id) & (case.c.id == details.c.id),
        ),
        "What was reported of it, the newest first.",
    )


@reads(SITE)
@strawberry.type(name="Site", description="场所/点位: a shop, a road or river point, a park, a facility.")
class SiteType(PlaceInterface):
    """A site."""

    kind: str | None = column(lambda site: site.c.site_kind)
