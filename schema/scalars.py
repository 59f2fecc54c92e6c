"""Which values of a scalar are taken in, where the type alone allows too many?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from strawberry.schema.types.base_scalars import DateDefinition, wrap_parser

# PostgreSQL's driver takes the first and the last day of Python's calendar for minus and plus infinity.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        message = f"A day is from {FIRST_DAY} to {LAST_DAY}."
        raise ValueError(message)
    return day


DAY = replace(
    DateDefinition,
    description=f"Date (isoformat), from {FIRST_DAY} to {LAST_DAY}",
    parse_value=wrap_parser(_day, "Date"),
)
