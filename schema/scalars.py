"""Which values of a scalar are taken in, where the type alone allows too many?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, wrap_parser

from tenants.calendar import FIRST_DAY, LAST_DAY, is_day_taken, is_instant_taken

if TYPE_CHECKING:
    from collections.abc import Callable

_read_instant = cast("Callable[[object], datetime]", DateTimeDefinition.parse_value)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not is_day_taken(day):
        message = f"A day is from {FIRST_DAY} to {LAST_DAY}."
        raise ValueError(message)
    return day


def _instant(text: str) -> datetime:
    bounds = f"An instant is from {FIRST_DAY} to {LAST_DAY}, in UTC."
    try:
        instant = _read_instant(text)
    except OverflowError:
        # 24:00 of the last day of Python's calendar.
        raise ValueError(bounds) from None
    if instant.tzinfo is None:
        message = "An instant has an offset from UTC, for example Z or +08:00."
        raise ValueError(message)
    if not is_instant_taken(instant):
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
