"""Why may a household not be corrected?"""

from __future__ import annotations

from tenants.errors import Refused


class HouseholdDatesInvalid(Refused):
    """A household has lived there from a day to a day, neither of them to come."""

    code = "HOUSEHOLD_DATES_INVALID"
    zh = "入住、迁出日期不能晚于今天，迁出不能早于入住"
    en = "A household's days cannot lie in the future, nor its last before its first"


class HeadCountInvalid(Refused):
    """At least one lives in a household."""

    code = "HEAD_COUNT_INVALID"
    zh = "人数应为 1 到 {limit}"
    en = "A household counts 1 to {limit} people"
