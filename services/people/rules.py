"""What can a person or a household be, and in which order do households come? Pure rules, no storage."""

from __future__ import annotations

import re
from datetime import date

from services.people.errors import HeadCountInvalid, HouseholdDatesInvalid, NameInvalid, PhoneInvalid

# A typing mistake rather than a family.
LARGEST_HOUSEHOLD = 50
LONGEST_NAME = 50
_PHONE = re.compile(r"[0-9+() -]{3,30}")
_PHONE_DIGITS = range(3, 21)
_BEYOND_ALL_DATES = 99_999_999


def household_key(*, since: date | None, until: date | None) -> str:
    """Make the text that orders a dwelling's households: present ones by arrival, then the last to leave."""
    if until is None:
        return f"0{_digits(since):08d}" if since else "0"
    return f"1{_BEYOND_ALL_DATES - _digits(until):08d}"


def _digits(day: date) -> int:
    return (day.year * 100 + day.month) * 100 + day.day


def check_household(*, head_count: int | None, since: date | None, until: date | None, today: date) -> None:
    """Go on only with a household that can have been.

    Raises HeadCountInvalid, HouseholdDatesInvalid.
    """
    if head_count is not None and not 1 <= head_count <= LARGEST_HOUSEHOLD:
        raise HeadCountInvalid(limit=LARGEST_HOUSEHOLD, field="headCount")
    for name, day in (("since", since), ("until", until)):
        if day is not None and day > today:
            raise HouseholdDatesInvalid(field=name)
    if since is not None and until is not None and until < since:
        raise HouseholdDatesInvalid(field="until")


def check_name(name: str, *, field: str = "name") -> None:
    """Go on only with what can be a person's name. Raises NameInvalid."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise NameInvalid(limit=LONGEST_NAME, field=field)


def check_phone(phone: str, *, field: str = "phone") -> None:
    """Go on only with what can be a phone number, fixed, mobile or a service's. Raises PhoneInvalid."""
    if not _PHONE.fullmatch(phone) or sum(sign.isdigit() for sign in phone) not in _PHONE_DIGITS:
        raise PhoneInvalid(field=field)
