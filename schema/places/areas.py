"""What do clients see of a district, a street and a community, and of any place at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

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
)
from schema.node import NodeInterface
from schema.paging import ConnectionType
from schema.places.sources import COMMUNITY, DISTRICT, PLACE, STREET, counted, of_kind
from schema.positions.sources import is_current, is_on_board
from schema.summaries.ranking import CaseRankedSumsType, case_ranking
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

if TYPE_CHECKING:
    from schema.places.types import EstateType, GridType
    from schema.positions.types import PositionType

Grid = Annotated["GridType", strawberry.lazy("schema.places.types")]
Estate = Annotated["EstateType", strawberry.lazy("schema.places.types")]
Position = Annotated["PositionType", strawberry.lazy("schema.positions.types")]

BY_ADDRESS = Order(lambda row: row.c.sort_key)


@reads(PLACE)
@strawberry.interface(name="Place", description="场所/地点: any place, from the district down to the dwelling.")
class PlaceInterface(NodeInterface):
    """Any place."""

    name: str = column(lambda place: place.c.name)
    address: str | None = column(
        lambda place: place.c.address, "The address within the community; null for a whole area."
    )
    grid: Grid | None = read(
        One(on=lambda place, grid: (grid.c.tenant_id == place.c.tenant_id) & (grid.c.id == place.c.grid_id)),
        "The grid it lies in; null for what is larger than a grid or cuts across grids.",
    )


def _code() -> str | None:
    code: str | None = column(
        lambda area: area.c.code, "The official division code, as text; some working offices have none."
    )
    return code


@reads(DISTRICT)
@strawberry.type(name="District", description="区: a district.")
class DistrictType(PlaceInterface):
    """A district."""

    address: str | None = read(Nothing())
    grid: Grid | None = read(Nothing())
    code: str | None = _code()
    case_summary: CaseSummaryType | None = case_summary("district")
    case_summaries_by_period: list[CasePeriodSumsType] | None = case_summaries_by_period("district")
    case_summaries_by_category: list[CaseCategorySumsType] | None = case_summaries_by_category("district")
    case_summaries_by_source: list[CaseSourceSumsType] | None = case_summaries_by_source("district")
    case_summaries_by_handler: list[CaseHandlerSumsType] | None = case_summaries_by_handler("district")
    case_ranking: list[CaseRankedSumsType] | None = case_ranking("district")
    streets: ConnectionType[Annotated[StreetType, strawberry.lazy("schema.places.areas")]] | None = connection(
        Connection(on=lambda district, street: street.c.district_id == district.c.id, order=BY_ADDRESS)
    )
    dwelling_count: int | None = column(
        counted("dwelling_count", lambda area, presence: presence.c.district_id == area.c.id),
        "房屋数",
        field_class=FieldClass.INTERNAL,
        of_subtree=True,
    )
    household_count: int | None = column(
        counted("household_count", lambda area, presence: presence.c.district_id == area.c.id),
        "户数",
        field_class=FieldClass.INTERNAL,
        of_subtree=True,
    )


@reads(STREET)
@strawberry.type(name="Street", description="街道: a street office's area.")
class StreetType(PlaceInterface):
    """A street."""

    address: str | None = read(Nothing())
    grid: Grid | None = read(Nothing())
    code: str | None = _code()
    case_summary: CaseSummaryType | None = case_summary("street")
    case_summaries_by_period: list[CasePeriodSumsType] | None = case_summaries_by_period("street")
    case_summaries_by_category: list[CaseCategorySumsType] | None = case_summaries_by_category("street")
    case_summaries_by_source: list[CaseSourceSumsType] | None = case_summaries_by_source("street")
    case_summaries_by_handler: list[CaseHandlerSumsType] | None = case_summaries_by_handler("street")
    case_ranking: list[CaseRankedSumsType] | None = case_ranking("street")
    district: DistrictType | None = read(One(on=lambda street, district: district.c.id == street.c.district_id))
    communities: ConnectionType[Annotated[CommunityType, strawberry.lazy("schema.places.areas")]] | None = connection(
        Connection(on=lambda street, community: community.c.street_id == street.c.id, order=BY_ADDRESS)
    )
    dwelling_count: int | None = column(
        counted("dwelling_count", lambda area, presence: presence.c.street_id == area.c.id),
        "房屋数",
        field_class=FieldClass.INTERNAL,
        of_subtree=True,
    )
    household_count: int | None = column(
        counted("household_count", lambda area, presence: presence.c.street_id == area.c.id),
        "户数",
        field_class=FieldClass.INTERNAL,
        of_subtree=True,
    )


@reads(COMMUNITY)
@strawberry.type(name="Community", description="社区: a community.")
class CommunityType(PlaceInterface):
    """A community."""

    address: str | None = read(Nothing())
    grid: Grid | None = read(Nothing())
    code: str | None = _code()
    case_summary: CaseSummaryType | None = case_summary("community")
    case_summaries_by_period: list[CasePeriodSumsType] | None = case_summaries_by_period("community")
    case_summaries_by_category: list[CaseCategorySumsType] | None = case_summaries_by_category("community")
    case_summaries_by_source: list[CaseSourceSumsType] | None = case_summaries_by_source("community")
    case_summaries_by_handler: list[CaseHandlerSumsType] | None = case_summaries_by_handler("community")
    case_ranking: list[CaseRankedSumsType] | None = case_ranking("community")
    street: StreetType | None = read(One(on=lambda community, street: street.c.id == community.c.street_id))
    dwelling_count: int | None = column(
        counted("dwelling_count", lambda area, presence: presence.c.tenant_id == area.c.id),
        "房屋数",
        field_class=FieldClass.INTERNAL,
    )
    household_count: int | None = column(
        counted("household_count", lambda area, presence: presence.c.tenant_id == area.c.id),
        "户数",
        field_class=FieldClass.INTERNAL,
    )
    grids: ConnectionType[Grid] | None = connection(
        Connection(
            on=lambda community, grid: (grid.c.tenant_id == community.c.id) & of_kind("grid")(grid),
            order=BY_ADDRESS,
        )
    )
    estates: ConnectionType[Estate] | None = connection(
        Connection(
            on=lambda community, estate: (estate.c.tenant_id == community.c.id) & of_kind("estate")(estate),
            order=BY_ADDRESS,
        )
    )
    duty_board: list[Position] | None = read(
        Many(
            on=lambda community, post: (post.c.tenant_id == community.c.id) & is_on_board(post) & is_current(post),
            order=lambda post: (post.c.board_rank, post.c.id),
            expected=50,
        ),
        "公示牌(两长多员): who is in charge of what, with public names and duty phones.",
    )
