"""Which days and instants are taken in, by whichever way they come?"""

from __future__ import annotations

from datetime import UTC, date, datetime

# PostgreSQL's driver takes the first and the last day of Python's calendar for minus and plus infinity.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)


def is_day_taken(day: date) -> bool:
    """Tell whether a day is one that somebody may mean."""
    return FIRST_DAY <= day <= LAST_DAY


def is_instant_taken(instant: datetime) -> bool:
    """Tell whether an aware instant lies, in UTC, on a day that somebody may mean."""
    try:
        return is_day_taken(instant.astimezone(UTC).date())
    except OverflowError:
        # In UTC it is before or after Python's calendar.
        return False
