"""Why may a setting not be set?"""

from __future__ import annotations

from tenants.errors import Refused


class SettingInvalid(Refused):
    """A setting without what it needs."""

    code = "SETTING_INVALID"
    zh = "设置无效：{reason_zh}"
    en = "The setting cannot be set: {reason_en}"
