"""Why may a target not be set?"""

from __future__ import annotations

from tenants.errors import Refused


class TargetInvalid(Refused):
    """A target without what it needs."""

    code = "TARGET_INVALID"
    zh = "目标无效：{reason_zh}"
    en = "The target cannot be set: {reason_en}"
