"""By what are places compared? By each counter and each rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Float, Integer, Numeric, cast, func, literal_column

from schema.compiler.declare import Row


def overdue(row: Row) -> Any:
    """Count what fell due and was not closed by then."""
    return row.c.due_to_close - row.c.closed_on_time


def counter(name: str) -> Callable[[Row], Any]:
    """Read a counter."""
    return lambda row: row.c[name]


def rate(of: str, among: str) -> Callable[[Row], Any]:
    """Divide two counters: null over zero, four decimals."""

    def divided(row: Row) -> Any:
        share = cast(row.c[of], Numeric) / func.nullif(row.c[among], literal_column("0", Integer))
        return cast(func.round(share, literal_column("4")), Float)

    return divided


@strawberry.enum(name="CaseMeasure", description="统计指标: a counter or a rate of sums of cases.")
class CaseMeasure(Enum):
    """Measures."""

    REPORTED = strawberry.enum_value("REPORTED", description="上报")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="受理")
    DISPATCHED = strawberry.enum_value("DISPATCHED", description="派单")
    HANDLED_ON_SPOT = strawberry.enum_value("HANDLED_ON_SPOT", description="即报即结")
    DUE_TO_CLOSE = strawberry.enum_value("DUE_TO_CLOSE", description="应结案")
    CLOSED = strawberry.enum_value("CLOSED", description="结案")
    CLOSED_ON_TIME = strawberry.enum_value("CLOSED_ON_TIME", description="按期结案")
    OVERDUE = strawberry.enum_value("OVERDUE", description="超期")
    REWORKED = strawberry.enum_value("REWORKED", description="返工")
    EXTENDED = strawberry.enum_value("EXTENDED", description="延期")
    WHISTLED = strawberry.enum_value("WHISTLED", description="吹哨")
    CALLED_BACK = strawberry.enum_value("CALLED_BACK", description="回访")
    CONTACTED = strawberry.enum_value("CONTACTED", description="接通")
    SOLVED = strawberry.enum_value("SOLVED", description="解决")
    SATISFIED = strawberry.enum_value("SATISFIED", description="满意")
    CLOSURE_RATE = strawberry.enum_value("CLOSURE_RATE", description="结案率")
    ON_TIME_RATE = strawberry.enum_value("ON_TIME_RATE", description="按期结案率")
    CONTACT_RATE = strawberry.enum_value("CONTACT_RATE", description="接通率")
    SOLVED_RATE = strawberry.enum_value("SOLVED_RATE", description="解决率")
    SATISFIED_RATE = strawberry.enum_value("SATISFIED_RATE", description="满意率")


RATES: Mapping[str, Callable[[Row], Any]] = {
    "CLOSURE_RATE": rate("closed_of_due", "due_to_close"),
    "ON_TIME_RATE": rate("closed_on_time", "due_to_close"),
    "CONTACT_RATE": rate("contacted", "called_back"),
    "SOLVED_RATE": rate("solved", "contacted"),
    "SATISFIED_RATE": rate("satisfied", "contacted"),
}


def measure(name: str) -> Callable[[Row], Any]:
    """Tell how a measure is read from sums."""
    return RATES.get(name) or (overdue if name == "OVERDUE" else counter(name.lower()))
