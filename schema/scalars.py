"""Which values of a scalar are taken in, where the type alone allows too many?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, wrap_parser

if TYPE_CHECKING:
    from collections.abc import Callable

# PostgreSQL's driver takes the first and the last day of Python's calendar for minus and plus infinity.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)
_read_instant = cast("Callable[[object], datetime]", DateTimeDefinition.parse_value)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        message = f"A day is from {FIRST_DAY} to {LAST_DAY}."
        raise ValueError(message)
    return day


def _instant(text: str) -> datetime:
    bounds = f"An instant is from {FIRST_DAY} to {LAST_DAY}, in UTC."
    try:
        instant = _read_instant(text)
        if instant.tzinfo is None:
            message = "An instant has an offset from UTC, for example Z or +08:00."
            raise ValueError(message)
        day = instant.astimezone(UTC).date()
    except OverflowError:
        # In UTC, or as the end of its last day, it is beyond Python's calendar.
        raise ValueError(bounds) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(bounds)
    return instant


DAY = replace(
    DateDefinition,
    description=f"Date (isoformat), from {FIRST_DAY} to {LAST_DAY}",
    parse_value=wrap_parser(_day, "Date"),
)
INSTANT = replace(
    DateTimeDefinition,
    description=f"Date with time and offset (isoformat), from {FIRST_DAY} to {LAST_DAY} in UTC",
    parse_value=wrap_parser(_instant, "DateTime"),
)
