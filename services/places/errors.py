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


class PointOutside(Refused):
    """No point of the country."""

    code = "POINT_OUTSIDE"
    zh = "点位不在国内：经度应为 {west:g} 到 {east:g}，纬度应为 {south:g} 到 {north:g}"
    en = "The point lies outside the country: {west:g} to {east:g} degrees east, {south:g} to {north:g} degrees north"


class PointSwapped(Refused):
    """Longitude and latitude in each other's place."""

    code = "POINT_SWAPPED"
    zh = "经度和纬度写反了：先经度，后纬度"
    en = "Longitude and latitude are swapped: longitude comes first"
