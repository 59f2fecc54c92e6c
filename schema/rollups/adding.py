"""What is added up for a place and a span? Whole months from the sums, and the rest from the ledger.

With a cut-off of its own a span is read from the ledger alone: what was recorded by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Text, and_, cast, func, literal_column, not_, null, or_, select, union_all

from schema.compiler.declare import plain_table
from schema.compiler.json_sql import quoted
from schema.rollups.spans import Span
from services.rollups.declaring import MOVED, Rollup

if TYPE_CHECKING:
    from sqlalchemy import FromClause

# Of the ledger: the column that says what a dimension tells apart.
_MEMBERS = {"GRID": "grid_id", "CATEGORY": "category", "SOURCE": "source", "BODY": "body_id"}
_DAYS = {"HAPPENED": "happened_on", "OPENED": "opened_on"}
# Units that whole months do not add up to.
_WITHIN_MONTHS = frozenset({"DAY", "WEEK"})


@dataclass(frozen=True)
class Reach:
    """Whose sums: of a district, a street or a community by its tenant, of a grid by its tenant and id."""

    kind: str
    # What the two columns are of.
    source: FromClause
    tenant_id: Any
    grid_id: Any = None

    @property
    def is_office(self) -> bool:
        """Tell whether it is a place that others may come under, or leave."""
        return self.kind in ("street", "district")

    def of_ledger(self, row: Any, *, is_by_todays_tree: bool) -> Any:
        """Ask that a row of the ledger lies there, as the tree was when it happened, or as it is today."""
        if self.is_office:
            then = row.c[f"{self.kind}_id"] == self.tenant_id
            today = row.c[f"now_{self.kind}_id"] == self.tenant_id
            return or_(and_(then, not_(row.c.is_moved)), and_(today, row.c.is_moved)) if is_by_todays_tree else then
        own = row.c.tenant_id == self.tenant_id
        return own if self.grid_id is None else and_(own, row.c.grid_id == self.grid_id)


@dataclass(frozen=True)
class Adding:
    """Adds up a rollup for a place and a span, all together, or each period or member of a dimension by itself."""

    rollup: Rollup
    reach: Reach
    span: Span
    unit: str | None = None
    dimension: str = "ALL"

    def rows(self, key: str) -> Any:
        """Select the counters, under a key if anything is told apart; each key once."""
        parts = union_all(*self._parts()).subquery("parts")
        sums = [
            cast(func.coalesce(func.sum(parts.c[name]), literal_column("0")), parts.c[name].type).label(name)
            for name in self.rollup.counters
        ]
        if self.unit is None and self.dimension == "ALL":
            return select(*sums)
        return select(parts.c.key.label(key), *sums).where(parts.c.key.is_not(None)).group_by(parts.c.key)

    # --- which rows ----------------------------------------------------------------------------------------------

    @property
    def _has_sums(self) -> bool:
        """Tell whether there are sums of it: none of a grid's members, and none as of an earlier day."""
        return self.span.cut_off is None and (self.reach.grid_id is None or self.dimension == "ALL")

    @property
    def _has_days(self) -> bool:
        """Tell whether there are sums by day, by when it happened: of everything, and of a district's members."""
        if self.span.basis != "HAPPENED":
            return False
        return self.reach.kind == "district" or (self.dimension == "ALL" and self.reach.grid_id is None)

    @property
    def _has_months(self) -> bool:
        return self._has_sums and self.unit not in _WITHIN_MONTHS

    def _parts(self) -> Iterator[Any]:
        if not self._has_sums:
            yield self._from_ledger(self._is_recorded, self._within)
            return
        if self._has_months:
            yield self._from_sums("MONTH", self._in_whole_months)
            yield self._from_ledger(self._is_waiting, self._in_whole_months)
        if self._has_days:
            yield self._from_sums("DAY", self._at_the_ends)
            yield self._from_ledger(self._is_waiting, self._at_the_ends)
        else:
            yield self._from_ledger(self._has_happened, self._at_the_ends)
        if self._has_months:
            # What is in the sums of these months and is yet to happen: it falls due later.
            yield self._from_ledger(self._is_to_come, self._in_whole_months, sign="-")

    def _from_sums(self, grain: str, holds: Callable[[Any], Any]) -> Any:
        row = plain_table(self.rollup.sums).alias("s")
        is_grid = self.reach.grid_id is not None
        dimension = "GRID" if is_grid else self.dimension
        conditions = [
            row.c.tenant_id == self.reach.tenant_id,
            row.c.basis.in_([quoted(basis) for basis in self._bases]),
            row.c.dimension == quoted(dimension),
            row.c.grain == quoted(grain),
            holds(row.c.starts_on),
        ]
        if is_grid:
            conditions.append(row.c.member == cast(self.reach.grid_id, Text))
        return self._counters(row, row.c.starts_on, row.c.member, "").where(*conditions)

    @property
    def _bases(self) -> list[str]:
        differs = self.span.is_by_todays_tree and self.reach.is_office
        return [self.span.basis, self.span.basis + MOVED] if differs else [self.span.basis]

    def _from_ledger(self, which: Callable[[Any], Any], holds: Callable[[Any], Any], *, sign: str = "") -> Any:
        row = plain_table(self.rollup.counts).alias("l")
        day = row.c[_DAYS[self.span.basis]]
        member = cast(row.c[_MEMBERS[self.dimension]], Text) if self.dimension != "ALL" else null()
        lies_there = self.reach.of_ledger(row, is_by_todays_tree=self.span.is_by_todays_tree)
        return self._counters(row, day, member, sign).where(lies_there, which(row), holds(day))

    def _counters(self, row: Any, day: Any, member: Any, sign: str) -> Any:
        key = member if self.unit is None else cast(func.date_trunc(quoted(self.unit.lower()), day), Date)
        counters = [(-row.c[name] if sign else row.c[name]).label(name) for name in self.rollup.counters]
        return select(key.label("key"), *counters).correlate(self.reach.source)

    # --- which days ----------------------------------------------------------------------------------------------

    def _within(self, day: Any) -> Any:
        span = self.span
        return and_(day >= span.bind_counted(lambda one: one.first), day <= span.bind_counted(lambda one: one.last))

    def _in_whole_months(self, day: Any) -> Any:
        return and_(day >= self.span.bind_month(itemgetter(0)), day < self.span.bind_month(itemgetter(1)))

    def _at_the_ends(self, day: Any) -> Any:
        if not self._has_months:
            return self._within(day)
        begin, end = self.span.bind_month(itemgetter(0)), self.span.bind_month(itemgetter(1))
        return and_(self._within(day), or_(day < begin, day >= end))

    # --- which of the ledger -------------------------------------------------------------------------------------

    def _is_waiting(self, row: Any) -> Any:
        return and_(not_(row.c.is_folded), row.c.happened_on <= self.span.bind_cut())

    def _has_happened(self, row: Any) -> Any:
        return row.c.happened_on <= self.span.bind_cut()

    def _is_to_come(self, row: Any) -> Any:
        return and_(row.c.is_folded, row.c.happened_on > self.span.bind_cut())

    def _is_recorded(self, row: Any) -> Any:
        return and_(self._has_happened(row), row.c.recorded_on <= self.span.bind_cut())
