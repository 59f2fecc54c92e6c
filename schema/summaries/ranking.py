"""How do the places below one stand beside each other? Ranked by a counter or a rate, ties alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Uuid, cast, func, null, select, true

from schema.compiler.declare import Derived, Made, One, Row, column, derived, plain_table, read, reads
from schema.compiler.json_sql import quoted
from schema.rollups.adding import Adding, Reach
from schema.rollups.spans import span_of
from schema.summaries.measures import CaseMeasure, measure
from schema.summaries.sources import SUMS, Asked
from schema.summaries.types import SPAN, CaseSumsInterface
from services.case_counts.tables import CASES
from services.places.tables import Place
from tenants.tables import Tenant

if TYPE_CHECKING:
    from schema.compiler.values import Value
    from schema.places.areas import PlaceInterface

_BELOW = {"district": "street", "street": "community", "community": "grid"}


@strawberry.enum(name="SumLevel", description="统计层级: which places below a district.")
class SumLevel(Enum):
    """Levels below a district."""

    STREET = strawberry.enum_value("STREET", description="街道")
    COMMUNITY = strawberry.enum_value("COMMUNITY", description="社区")


@dataclass(frozen=True)
class _Ranked(Asked):
    """By what it is ranked."""

    by: str
    is_ascending: bool

    def order(self, sums: Row) -> Any:
        """Order rows by it, those last of which it cannot be told."""
        by = measure(self.by)(sums)
        return (by.asc() if self.is_ascending else by.desc()).nulls_last()


def _in_order(sums: Row) -> tuple[Any, ...]:
    return (sums.made_by.order(sums), sums.c.place_id)


def _rank(sums: Row) -> Any:
    # Among the rows that the caller sees, or a rank would tell of others.
    ranked: _Ranked = sums.made_by
    return func.rank().over(order_by=ranked.order(sums))


@reads(SUMS)
@strawberry.type(name="CaseRankedSums", description="排名: a place below, with its sums and where it stands by them.")
class CaseRankedSumsType(CaseSumsInterface):
    """A place that is ranked."""

    rank: int = column(
        _rank, "名次: from 1, of those that you see; who has the same stands alike, the next ones after all of them."
    )
    place: Annotated[PlaceInterface, strawberry.lazy("schema.places.areas")] | None = read(
        One(on=lambda sums, place: (place.c.tenant_id == sums.c.tenant_id) & (place.c.id == sums.c.place_id))
    )


@dataclass(frozen=True)
class _Below:
    """Places of a kind that lie below another, as they do today: what they are read from, which, and whose sums."""

    source: Any
    here: list[Any]
    columns: list[Any]
    reach: Reach


def _grids(place: Row) -> _Below:
    grid = plain_table(Place).alias("below")
    columns = [grid.c.tenant_id, grid.c.street_id, grid.c.district_id, grid.c.id.label("grid_id")]
    here = [grid.c.tenant_id == place.c.id, grid.c.kind == quoted("grid")]
    return _Below(grid, here, [*columns, grid.c.id.label("place_id")], Reach("grid", grid, grid.c.tenant_id, grid.c.id))


def _tenants(kind: str, above: str, place: Row) -> _Below:
    tenant = plain_table(Tenant).alias("below")
    offices = [tenant.c.id.label("tenant_id"), tenant.c.street_id, tenant.c.district_id]
    columns = [*offices, cast(null(), Uuid).label("grid_id"), tenant.c.place_id]
    here = [tenant.c[f"{above}_id"] == place.c.id, tenant.c.kind == quoted(kind)]
    return _Below(tenant, here, columns, Reach(kind, tenant, tenant.c.id))


def _ranked(kind: str) -> Callable[[Row, Mapping[str, Value]], Made]:
    def rows(place: Row, arguments: Mapping[str, Value]) -> Made:
        level, span = arguments.get("level"), span_of(arguments)
        wanted = _BELOW[kind] if level is None else level.sample.name.lower()
        below = _grids(place) if wanted == "grid" else _tenants(wanted, kind, place)
        sums = Adding(CASES, below.reach, span).rows("key").lateral("sums")
        ascending = arguments.get("ascending")
        ranked = _Ranked(wanted, span, arguments["by"].sample.name, ascending is not None and bool(ascending.sample))
        counters = [sums.c[name] for name in CASES.counters]
        made = select(*below.columns, *counters).select_from(below.source.join(sums, true()))
        return Made(made.where(*below.here), ranked)

    return rows


def case_ranking(kind: str) -> Any:
    """Declare the ranking of the places below a kind of place."""
    arguments: dict[str, Any] = {**SPAN, "by": CaseMeasure}
    arguments["ascending"] = Annotated[bool | None, strawberry.argument(description="The least comes first.")]
    if kind == "district":
        arguments["level"] = Annotated[
            SumLevel | None, strawberry.argument(description="STREET, unless said otherwise.")
        ]
    by_rank = Derived(_ranked(kind), order=_in_order, expected=100, limit=1000)
    return derived(by_rank, "排名: the places right below it by a counter or a rate.", arguments=arguments)
