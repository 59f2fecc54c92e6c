"""What do the counts of a ledger add up to? Row by row in Python, as counters.md and the design tell it."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, DateTime, Double, Float, Integer, Text, Uuid, select
from sqlalchemy.types import TypeEngine

from schema.compiler.declare import plain_table
from services.case_counts.tables import CASE_COUNTERS, CASES
from services.case_targets.tables import CaseTarget
from services.places.tables import Place
from tenants.tables import Tenant
from tests.schema.compiler.interpreter.rows import Found, Rows

_DAY = dt.timedelta(days=1)
_MEMBERS = {"category": "category", "source": "source", "handler": "body_id"}
_RATES = {
    "CLOSURE_RATE": ("closed_of_due", "due_to_close"),
    "ON_TIME_RATE": ("closed_on_time", "due_to_close"),
    "CONTACT_RATE": ("contacted", "called_back"),
    "SOLVED_RATE": ("solved", "contacted"),
    "SATISFIED_RATE": ("satisfied", "contacted"),
}
_COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "tenant_id": Integer(),
    "street_id": Integer(),
    "district_id": Integer(),
    "grid_id": Uuid(),
    "first_day": Date(),
    "last_day": Date(),
    "cut_off_at": DateTime(timezone=True),
    "member": Text(),
    # What it was made by, which no expression asks for.
    "made_by": Text(),
    **dict.fromkeys(CASE_COUNTERS, Integer()),
}


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked of a place."""

    kind: str
    first: dt.date
    last: dt.date
    cut_off: dt.date
    is_by_report: bool


@dataclass(frozen=True, slots=True)
class Summing:
    """Adds up for one request."""

    rows: Rows

    async def derive(self, type_name: str, name: str, row: Found, arguments: Mapping[str, Any]) -> list[Found]:
        """Make the rows of a derived field, in their order."""
        if name == "targets":
            return await self._attained(row)
        if type_name == "CaseSummary":
            return [await self._row(row, self._compared(row, name))]
        context = self.rows.context
        basis = getattr(arguments.get("basis"), "name", "HAPPENED_IN")
        cut_off = arguments.get("cutOff") or context.today
        kind = type_name.lower()
        span = Span(kind, arguments["from"], arguments["to"], cut_off, basis == "REPORTED_IN")
        if name == "caseSummary":
            return [await self._row(row, span)]
        if name == "caseSummariesByPeriod":
            unit = arguments["unit"].name
            parts = [Span(kind, first, last, cut_off, span.is_by_report) for first, last in _periods(span, unit)]
            return [await self._row(row, part) for part in parts]
        if name == "caseRanking":
            return await self._ranking(row, span, arguments)
        column = _MEMBERS[name.removeprefix("caseSummariesBy").lower()]
        counts = await self._counts(row, span)
        members = sorted({str(one[column]) for one in counts if one[column] is not None})
        return [await self._row(row, span, column, member) for member in members]

    async def _ranking(self, row: Found, span: Span, arguments: Mapping[str, Any]) -> list[Found]:
        below = {"district": "street", "street": "community", "community": "grid"}[span.kind]
        below = arguments["level"].name.lower() if "level" in arguments else below
        made = [await self._row(one, replace(span, kind=below)) for one in await self._below(row, span.kind, below)]
        by = arguments["by"].name
        # The least first, or the most; what cannot be told last of all.
        sign = 1 if arguments.get("ascending") else -1
        values = [_measure(one, by) for one in made]
        keys = [math.inf if value is None else sign * value for value in values]
        ranked = [
            replace(
                one,
                columns=(*one.columns, "key", "place_id"),
                types=(*one.types, Float(), Uuid()),
                values=(*one.values, key, place),
            )
            for one, key, place in zip(made, keys, await self._places(row, span.kind, below), strict=True)
        ]
        return sorted(ranked, key=lambda one: (one["key"], one["place_id"]))

    async def _attained(self, row: Found) -> list[Found]:
        """Hold the tenant's targets against a summary."""
        if row["grid_id"] is not None:
            return []
        table = plain_table(CaseTarget)
        found = (await self.rows.connection.execute(select(*table.c).order_by(table.c.id))).mappings()
        names, types = tuple(one.name for one in table.c), tuple(one.type for one in table.c)
        held = [
            Found("attainments", (*names, "actual"), (*types, Double()), (*one.values(), _measure(row, one["measure"])))
            for one in found
            if one["tenant_id"] == row["tenant_id"]
            and one["since"] <= row["last_day"]
            and one["until"] >= row["first_day"]
        ]
        return sorted(held, key=lambda one: (one["measure"], one["bound"], one["since"], one["id"]))

    @staticmethod
    def rank(seen: list[Found]) -> list[Found]:
        """Let the rows that are seen know where they stand among each other."""
        return [
            replace(
                one,
                columns=(*one.columns, "rank"),
                types=(*one.types, Integer()),
                values=(*one.values, 1 + sum(other["key"] < one["key"] for other in seen)),
            )
            for one in seen
        ]

    async def _below(self, row: Found, kind: str, below: str) -> list[Found]:
        table = plain_table(Place if below == "grid" else Tenant)
        column = table.c.tenant_id if below == "grid" else table.c[f"{kind}_id"]
        found = await self.rows.connection.execute(
            select(*table.c).where(column == row["id"], table.c.kind == below).order_by(table.c.id)
        )
        names = tuple(one.name for one in table.c)
        return [Found("below", names, tuple(one.type for one in table.c), tuple(one)) for one in found]

    async def _places(self, row: Found, kind: str, below: str) -> list[uuid.UUID]:
        name = "id" if below == "grid" else "place_id"
        return [one[name] for one in await self._below(row, kind, below)]

    def _compared(self, row: Found, name: str) -> Span:
        kind, cut_off, basis = row["made_by"].split()
        first, last = row["first_day"], row["last_day"]
        if name == "previous":
            first, last = first - (last - first) - _DAY, first - _DAY
        else:
            first, last = (one - _DAY if (one.month, one.day) == (2, 29) else one for one in (first, last))
            first, last = first.replace(year=first.year - 1), last.replace(year=last.year - 1)
        return Span(kind, first, last, dt.date.fromisoformat(cut_off), basis == "True")

    async def _counts(self, row: Found, span: Span) -> list[Mapping[str, Any]]:
        """List the ledger's rows that count for a place and span."""
        ledger = CASES.counts.__table__
        key = "the whole ledger"
        if key not in self.rows.known:
            found = (await self.rows.connection.execute(select(*ledger.c))).mappings()
            self.rows.known[key] = [dict(one) for one in found]
        day = "opened_on" if span.is_by_report else "happened_on"
        where = self._where(row, span.kind)
        return [
            one
            for one in self.rows.known[key]
            if all(one[name] == value for name, value in where.items())
            and span.first <= one[day] <= span.last
            and max(one["happened_on"], one["recorded_on"]) <= span.cut_off
        ]

    def _where(self, row: Found, kind: str) -> dict[str, Any]:
        is_made = "made_by" in row.columns
        if kind == "grid":
            return {"tenant_id": row["tenant_id"], "grid_id": row["grid_id" if is_made else "id"]}
        column = {"district": "district_id", "street": "street_id"}.get(kind, "tenant_id")
        return {column: row["tenant_id" if is_made else "id"]}

    async def _row(self, row: Found, span: Span, column: str | None = None, member: str | None = None) -> Found:
        total: Counter[str] = Counter()
        for one in await self._counts(row, span):
            if column is None or str(one[column]) == member:
                total.update({name: one[name] for name in CASE_COUNTERS})
        where = self._where(row, span.kind)
        is_grid = span.kind == "grid"
        grid_id: uuid.UUID | None = where["grid_id"] if is_grid else None
        values = {
            "tenant_id": where["tenant_id"] if is_grid else next(iter(where.values())),
            "street_id": row["street_id"],
            "district_id": row["district_id"],
            "grid_id": grid_id,
            "first_day": span.first,
            "last_day": span.last,
            "cut_off_at": self._cut_off_at(span.cut_off),
            "member": member,
            "made_by": f"{span.kind} {span.cut_off} {span.is_by_report}",
            **{name: total[name] for name in CASE_COUNTERS},
        }
        name = "handler_sums" if column == "body_id" else "case_sums"
        return Found(name, tuple(_COLUMNS), tuple(_COLUMNS.values()), tuple(values[one] for one in _COLUMNS))

    def _cut_off_at(self, cut_off: dt.date) -> dt.datetime:
        tenant = self.rows.context.grants.tenant
        zone = ZoneInfo(tenant.time_zone if tenant else "UTC")
        return min(self.rows.context.now, dt.datetime.combine(cut_off + _DAY, dt.time(), zone))


def _measure(row: Found, name: str) -> float | None:
    if name == "OVERDUE":
        return float(row["due_to_close"] - row["closed_on_time"])
    if not name.endswith("_RATE"):
        return float(row[name.lower()])
    of, among = _RATES[name]
    return round(row[of] / row[among], 4) if row[among] else None


def _periods(span: Span, unit: str) -> Iterator[tuple[dt.date, dt.date]]:
    """Cut a span into units, the first and the last as far as they go."""
    day = span.first
    while day <= span.last:
        end = day
        while end < span.last and _begin(end + _DAY, unit) == _begin(day, unit):
            end += _DAY
        yield day, end
        day = end + _DAY


def _begin(day: dt.date, unit: str) -> tuple[int, ...]:
    return {
        "DAY": (day.toordinal(),),
        "WEEK": day.isocalendar()[:2],
        "MONTH": (day.year, day.month),
        "QUARTER": (day.year, (day.month - 1) // 3),
        "YEAR": (day.year,),
    }[unit]
