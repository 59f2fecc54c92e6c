"""Why may a building or unit not go to another grid, or a building not have a code?"""

from __future__ import annotations

from tenants.errors import Refused


class AlreadyInGrid(Refused):
    """It lies in that grid."""

    code = "ALREADY_IN_GRID"
    zh = "{name}已经在{grid}中"
    en = "{name} lies in {grid} already"


class BuildingCodeInvalid(Refused):
    """A code is short and printable, for a sign at the door."""

    code = "BUILDING_CODE_INVALID"
    zh = "楼栋编码为 1 到 {limit} 个可见字符，不含空格"
    en = "A building's code has 1 to {limit} printable characters and no blanks"


class BuildingCodeTaken(Refused):
    """Another building of the tenant has the code."""

    code = "BUILDING_CODE_TAKEN"
    zh = "该编码已用于“{name}”"
    en = "{name} has this code"
