"""In which units are time limits told?"""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(name="LimitUnit")
class LimitUnit(Enum):
    """Units of a time limit."""

    WORKING_HOUR = strawberry.enum_value("WORKING_HOUR", description="工作时: hours in which the office is open.")
    WORKING_DAY = strawberry.enum_value(
        "WORKING_DAY", description="工作日: until the office closes; the day of the beginning is not counted."
    )
    HOUR = strawberry.enum_value("HOUR", description="小时: calendar hours.")
    DAY = strawberry.enum_value("DAY", description="天: calendar days, to the same time of the day.")
