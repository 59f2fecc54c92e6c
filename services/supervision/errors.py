"""Why may limits not be set so?"""

from __future__ import annotations

from tenants.errors import Refused


class LimitsInvalid(Refused):
    """Limits that no category can have."""

    code = "LIMITS_INVALID"
    zh = "预警规则不正确：{reason_zh}"
    en = "These limits will not do: {reason_en}"
