"""Where are sums of cases read from, and who sees which?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Date,
    DateTime,
    Interval,
    Text,
    Uuid,
    cast,
    func,
    literal_column,
    null,
    select,
)

from schema.compiler.context import NOW, ScopeBinds
from schema.compiler.declare import Made, Row, Source, plain_table
from schema.compiler.json_sql import quoted
from schema.rollups.adding import Adding, Reach
from schema.rollups.spans import Span, span_of
from services.case_counts.tables import CASES
from services.categories.tables import CaseCategory
from services.rollups.periods import Period

if TYPE_CHECKING:
    from schema.compiler.values import Value

_PERMISSION = "summary:read"
_OFFICES = ("street_id", "district_id")


def _never_stored(_: str) -> Any:
    message = "sums are derived"
    raise AssertionError(message)


def _grid_inside(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(grid_ids=row.c.grid_id)


def _grid_or_body_inside(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(grid_ids=row.c.grid_id, body_ids=cast(row.c.member, Uuid))


def _of_body(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(body_ids=cast(row.c.member, Uuid))


SUMS = Source(table=_never_stored, name="case_sums", permission=_PERMISSION, within=_grid_inside)
# Whoever works for a body reads what it answers for.
HANDLER_SUMS = replace(SUMS, name="handler_sums", within=_grid_or_body_inside, served=_of_body)


@dataclass(frozen=True)
class Asked:
    """What a summary was made by: what is compared with it is made likewise."""

    kind: str
    span: Span


def _reach(kind: str, row: Row) -> Reach:
    """Tell whose sums they are: a place's, or those that a derived row was made of."""
    if kind == "grid":
        return Reach(kind, row.source, row.c.tenant_id, row.c.grid_id if row.made_by else row.c.id)
    return Reach(kind, row.source, row.c.tenant_id if row.made_by else row.c.id)


def _where(kind: str, row: Row, reach: Reach) -> list[Any]:
    """Say whose sums they are, as the caller's sight asks."""
    grid_id = reach.grid_id if kind == "grid" else cast(null(), Uuid)
    offices = [row.c[name].label(name) for name in _OFFICES]
    return [reach.tenant_id.label("tenant_id"), *offices, grid_id.label("grid_id")]


def _days(span: Span) -> list[Any]:
    first, last = span.bind(lambda one: one.first), span.bind(lambda one: one.last)
    return [cast(first, Date).label("first_day"), cast(last, Date).label("last_day")]


def _made(adding: Adding, where: list[Any], columns: Callable[[Any], list[Any]], asked: Asked) -> Made:
    sums = adding.rows("key").subquery("sums")
    return Made(select(*where, *columns(sums), *(sums.c[name] for name in CASES.counters)).select_from(sums), asked)


def summary_of(kind: str) -> Callable[[Row, Mapping[str, Value]], Made]:
    """Sum up a period of a place."""

    def rows(place: Row, arguments: Mapping[str, Value]) -> Made:
        span, reach = span_of(arguments), _reach(kind, place)
        cut = span.bind_cut()
        midnight = cast(cast(cut, Date) + literal_column("1"), DateTime(timezone=True))
        columns = [*_days(span), func.least(NOW, midnight).label("cut_off_at")]
        return _made(Adding(CASES, reach, span), _where(kind, place, reach), lambda _: columns, Asked(kind, span))

    return rows


def compared(move: Callable[[Period], Period]) -> Callable[[Row, Mapping[str, Value]], Made]:
    """Sum up what a summary is compared with, as of the same day."""

    def rows(summary: Row, _: Mapping[str, Value]) -> Made:
        asked: Asked = summary.made_by
        span, reach = asked.span.moved(move), _reach(asked.kind, summary)
        where = _where(asked.kind, summary, reach)
        return _made(Adding(CASES, reach, span), where, lambda _: _days(span), replace(asked, span=span))

    return rows


def by_period(kind: str) -> Callable[[Row, Mapping[str, Value]], Made]:
    """Sum up each day, week, month, quarter or year of a period, also those in which nothing happened."""

    def rows(place: Row, arguments: Mapping[str, Value]) -> Made:
        span, reach = span_of(arguments), _reach(kind, place)
        unit = arguments["unit"].sample.name
        where = _where(kind, place, reach)
        sums = Adding(CASES, reach, span, unit=unit).rows("key").subquery("sums")
        step = {"QUARTER": "3 months"}.get(unit, f"1 {unit.lower()}")
        first, last = span.bind(lambda one: one.first), span.bind(lambda one: one.last)
        begins = func.date_trunc(quoted(unit.lower()), cast(first, Date))
        series = func.generate_series(begins, cast(last, Date), cast(quoted(step), Interval))
        part = series.table_valued("begins_at", name="part").render_derived()
        begin = cast(part.c.begins_at, Date)
        end = cast(part.c.begins_at + cast(quoted(step), Interval), Date) - literal_column("1")
        days = [
            func.greatest(begin, cast(first, Date)).label("first_day"),
            func.least(end, cast(last, Date)).label("last_day"),
        ]
        counters = [func.coalesce(sums.c[name], literal_column("0")).label(name) for name in CASES.counters]
        joined = part.join(sums, sums.c.key == begin, isouter=True)
        return Made(select(*where, *days, *counters).select_from(joined), Asked(kind, span))

    return rows


def by_member(kind: str, dimension: str) -> Callable[[Row, Mapping[str, Value]], Made]:
    """Sum up each category, source or body of a period by itself."""

    def rows(place: Row, arguments: Mapping[str, Value]) -> Made:
        span, reach = span_of(arguments), _reach(kind, place)
        adding = Adding(CASES, reach, span, dimension=dimension)
        asked = Asked(kind, span)
        return _made(adding, _where(kind, place, reach), lambda sums: [sums.c.key.label("member")], asked)

    return rows


def category_name(row: Row) -> Any:
    """Find what a category is called: by the place's own tenant, or else by one below it."""
    own, below = plain_table(CaseCategory).alias("named"), plain_table(CaseCategory).alias("named_below")
    here = select(own.c.name).where(own.c.tenant_id == row.c.tenant_id, own.c.code == row.c.member)
    elsewhere = (
        select(below.c.name)
        .where((below.c.street_id == row.c.tenant_id) | (below.c.district_id == row.c.tenant_id))
        .where(below.c.code == row.c.member)
        .order_by(below.c.tenant_id)
        .limit(literal_column("1"))
    )
    return func.coalesce(
        here.correlate_except(own).scalar_subquery(),
        elsewhere.correlate_except(below).scalar_subquery(),
        row.c.member,
    )


def handled_by(row: Row, body: Row) -> Any:
    """Link the sums of a body with it."""
    return body.c.id == cast(row.c.member, Uuid)


def source_of(row: Row) -> Any:
    """Tell by which way the cases came."""
    return cast(row.c.member, Text)
