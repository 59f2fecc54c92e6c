"""In which order do a dwelling's households come? Pure rules, no storage."""

from __future__ import annotations

from datetime import date

_BEYOND_ALL_DATES = 99_999_999


def household_key(*, since: date | None, until: date | None) -> str:
    """Make the text that orders a dwelling's households: present ones by arrival, then the last to leave."""
    if until is None:
        return f"0{_digits(since):08d}" if since else "0"
    return f"1{_BEYOND_ALL_DATES - _digits(until):08d}"


def _digits(day: date) -> int:
    return (day.year * 100 + day.month) * 100 + day.day
