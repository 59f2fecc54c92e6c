"""Over which days is summed up, and as of when? Known when a request is served, and bound then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date

from schema.rollups.faults import BadPeriod, TooManyPeriods
from services.rollups.periods import Period

if TYPE_CHECKING:
    from sqlalchemy import BindParameter

    from schema.compiler.context import RequestContext
    from schema.compiler.values import Binds, Value, Variables

MOST_PERIODS = 400

Days = Callable[["Variables", "RequestContext"], Period]


@dataclass(frozen=True)
class Span:
    """The days asked for, and the day up to which events count; without a cut-off that is today, all of it."""

    binds: Binds
    asked: Days
    cut_off: Callable[[Variables, RequestContext], date] | None
    # Counted by when a case was reported (OPENED), or by when something happened.
    basis: str = "HAPPENED"
    # Whether a tenant that has moved counts where it lies today, and not where it lay when it happened.
    is_by_todays_tree: bool = False

    def moved(self, move: Callable[[Period], Period]) -> Span:
        """Give another span, as of the same day."""
        asked = self.asked
        return replace(self, asked=lambda variables, context: move(asked(variables, context)))

    def bind(self, tell: Callable[[Period], date]) -> BindParameter[Any]:
        """Bind a day of the period as it was asked for."""
        asked = self.asked
        return self.binds.bind(lambda variables, context: tell(asked(variables, context)), Date())

    def bind_counted(self, tell: Callable[[Period], date]) -> BindParameter[Any]:
        """Bind a day of what of the period counts: nothing beyond the cut-off has happened yet."""
        asked, cut = self.asked, self.cut

        def day(variables: Variables, context: RequestContext) -> date:
            return tell(asked(variables, context).until(cut(variables, context)))

        return self.binds.bind(day, Date())

    def bind_month(self, tell: Callable[[tuple[date, date]], date]) -> BindParameter[Any]:
        """Bind an end of the whole months: the running one counts as whole, less what is yet to come in it."""
        asked, cut = self.asked, self.cut

        def day(variables: Variables, context: RequestContext) -> date:
            return tell(asked(variables, context).through_month_of(cut(variables, context)).whole_months())

        return self.binds.bind(day, Date())

    def cut(self, variables: Variables, context: RequestContext) -> date:
        """Tell the last day of which events count."""
        return context.today if self.cut_off is None else self.cut_off(variables, context)

    def bind_cut(self) -> BindParameter[Any]:
        """Bind the last day of which events count."""
        return self.binds.bind(self.cut, Date())


def span_of(arguments: Mapping[str, Value]) -> Span:
    """Read a field's arguments: from, to, basis, cutOff, tree, and the unit of periods."""
    first, last = arguments["from"], arguments["to"]
    cut_off, basis, unit = arguments.get("cutOff"), arguments.get("basis"), arguments.get("unit")
    name = None if unit is None else unit.sample.name

    def asked(variables: Variables, context: RequestContext) -> Period:
        period = Period(first.get(variables, context), last.get(variables, context))
        if period.first > period.last:
            raise BadPeriod(first=period.first.isoformat(), last=period.last.isoformat())
        if name is not None and period.most_parts(name) > MOST_PERIODS + 2:
            raise TooManyPeriods(limit=MOST_PERIODS)
        return period

    by = "OPENED" if basis is not None and basis.sample.name == "REPORTED_IN" else "HAPPENED"
    tree = arguments.get("tree")
    is_by_todays_tree = tree is not None and tree.sample.name == "TODAY"
    return Span(first.binds, asked, None if cut_off is None else cut_off.get, by, is_by_todays_tree)
