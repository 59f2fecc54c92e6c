"""Why may a file of grid boundaries not be imported as a whole?"""

from __future__ import annotations

from tenants.errors import Refused


class BoundariesBroken(Refused):
    """The file is no GeoJSON of grids."""

    code = "BOUNDARIES_BROKEN"
    zh = "不是可用的 GeoJSON 文件：应为 FeatureCollection，每个网格一个 Feature"
    en = "This is no GeoJSON file that can be used: it takes a FeatureCollection, one Feature a grid"


class BoundariesTooLarge(Refused):
    """More than the outlines of a tenant's grids."""

    code = "BOUNDARIES_TOO_LARGE"
    zh = "文件太大：最多 {mib} MiB、{features} 个网格"
    en = "The file is too large: {mib} MiB and {features} grids at most"


class BoundariesBad(Refused):
    """Boundaries are wrong; all or nothing, so nothing was imported."""

    code = "BOUNDARIES_BAD"
    zh = "有 {count} 处有误，整个文件都没有导入。请改正后再导入"
    en = "{count} things are wrong, so nothing was imported. Correct them and try again"
