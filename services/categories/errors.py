"""Why may a category not be changed so?"""

from __future__ import annotations

from tenants.errors import Refused


class CategoryInvalid(Refused):
    """Terms that no category can have."""

    code = "CATEGORY_INVALID"
    zh = "类别不正确：{reason_zh}"
    en = "This category will not do: {reason_en}"


class CategoryInUse(Refused):
    """Cases or other categories hang on it as it is."""

    code = "CATEGORY_IN_USE"
    zh = "该类别正在使用：{reason_zh}"
    en = "This category is in use: {reason_en}"
