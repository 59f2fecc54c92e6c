"""Which grids does a GeoJSON file name, with which outlines, and what is wrong with them? Without a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from services.boundaries.errors import BoundariesBroken, BoundariesTooLarge
from services.boundaries.geometry import Position, Ring, Rings, meets_itself, ring_area
from services.places.coordinates import check_in_country, to_cgcs2000
from services.places.errors import PointOutside, PointSwapped

MIB = 1024 * 1024
FILE_LIMIT = 16 * MIB
FEATURE_LIMIT = 1_000
# Of one grid: finer than any grid is drawn.
POSITION_LIMIT = 2_000
# A centimetre.
_DIGITS = 7
_SHORTEST_RING = 4
_LONGEST_NAME = 100
# How people call the property that names the grid, the surest first.
GRID_PROPERTIES = ("网格编码", "网格代码", "code", "网格名称", "网格", "name")


@dataclass(frozen=True, slots=True)
class BoundaryProblem:
    """What is wrong: with which feature, from 1, 0 for all; with which of its properties; code, value and texts."""

    feature: int
    property: str
    code: str
    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class NamedOutline:
    """The outline of a feature, and what it calls its grid: property and value, the surest first."""

    feature: int
    names: tuple[tuple[str, str], ...]
    kind: str
    # The polygons, each with its outer ring first.
    polygons: tuple[Rings, ...]

    @property
    def rings(self) -> Rings:
        """All rings of all polygons."""
        return tuple(ring for polygon in self.polygons for ring in polygon)

    def geometry(self) -> dict[str, object]:
        """Write it as GeoJSON."""
        polygons = [[[list(position) for position in ring] for ring in polygon] for polygon in self.polygons]
        is_one = self.kind == "Polygon"
        return {"type": self.kind, "coordinates": polygons[0] if is_one else polygons}


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """What a file holds: outlines that can be used, and what is wrong with others."""

    outlines: tuple[NamedOutline, ...]
    problems: tuple[BoundaryProblem, ...]


class _Unsound(Exception):  # noqa: N818 - becomes a problem of the feature.
    def __init__(self, code: str, zh: str, en: str, *, where: str = "geometry", value: str = "") -> None:
        super().__init__(en)
        self.code, self.zh, self.en, self.where, self.value = code, zh, en, where, value

    def of(self, feature: int) -> BoundaryProblem:
        return BoundaryProblem(feature, self.where, self.code, self.value, self.zh, self.en)


def read_boundary_file(path: Path) -> bytes:
    """Read a file from disk, unless it is too large. Raises BoundariesTooLarge."""
    with path.open("rb") as file:
        content = file.read(FILE_LIMIT + 1)
    if len(content) > FILE_LIMIT:
        raise BoundariesTooLarge(mib=FILE_LIMIT // MIB, features=FEATURE_LIMIT)
    return content


def read_boundaries(content: bytes, *, system: str) -> BoundaryFile:
    """Read a FeatureCollection of polygons in a coordinate system into outlines in CGCS2000.

    Raises BoundariesBroken, BoundariesTooLarge.
    """
    if len(content) > FILE_LIMIT:
        raise BoundariesTooLarge(mib=FILE_LIMIT // MIB, features=FEATURE_LIMIT)
    try:
        held = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise BoundariesBroken from None
    features = held.get("features") if isinstance(held, dict) and held.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features:
        raise BoundariesBroken
    if len(features) > FEATURE_LIMIT:
        raise BoundariesTooLarge(mib=FILE_LIMIT // MIB, features=FEATURE_LIMIT)
    outlines, problems = [], []
    for number, feature in enumerate(features, start=1):
        try:
            outlines.append(_outline(feature, number, system))
        except _Unsound as unsound:
            problems.append(unsound.of(number))
    return BoundaryFile(tuple(outlines), tuple(problems))


def _outline(feature: object, number: int, system: str) -> NamedOutline:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Unsound("FEATURE_BROKEN", "不是 Feature", "this is no Feature", where="type")
    names = tuple(_names(feature.get("properties")))
    if not names:
        listed = "、".join(GRID_PROPERTIES)
        raise _Unsound(
            "GRID_NAME_MISSING",
            f"没有写明是哪个网格，可用属性：{listed}",
            f"it does not say which grid it is of, by one of {listed}",
            where="properties",
        )
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise _Unsound("GEOMETRY_UNFIT", "应为 Polygon 或 MultiPolygon", "it takes a Polygon or a MultiPolygon")
    held = geometry.get("coordinates")
    polygons = [held] if kind == "Polygon" else held
    _check_size(polygons)
    outline = NamedOutline(number, names, kind, tuple(_rings(polygon, system) for polygon in _listed(polygons)))
    met = meets_itself(outline.rings)
    if met is not None:
        raise _crossed(met)
    if not all(map(ring_area, outline.rings)):
        raise _Unsound("RING_EMPTY", "边界围成的面积为零", "a ring has nothing within")
    return outline


def _names(properties: object) -> Iterator[tuple[str, str]]:
    held: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
    known = {str(name).strip().casefold(): name for name in held}
    for wanted in GRID_PROPERTIES:
        value = held.get(known.get(wanted, wanted))
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            yield known[wanted], str(value).strip()[:_LONGEST_NAME]


def _check_size(polygons: object) -> None:
    """Count before anything is reckoned."""
    count = 0
    for polygon in _listed(polygons):
        for ring in _listed(polygon):
            count += len(_listed(ring))
    if count > POSITION_LIMIT:
        raise _Unsound(
            "TOO_MANY_POSITIONS",
            f"共有 {count:,} 个点，一个网格最多 {POSITION_LIMIT:,} 个，请简化边界",
            f"{count:,} positions, and a grid has {POSITION_LIMIT:,} at most: simplify its boundary",
        )


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _Unsound("GEOMETRY_BROKEN", "坐标结构不完整", "its coordinates are not nested as they should be")
    return value


def _rings(polygon: list[Any], system: str) -> Rings:
    return tuple(_ring(ring, system) for ring in polygon)


def _ring(given: list[Any], system: str) -> Ring:
    positions = [_position(each, system) for each in given]
    ring = tuple(here for at, here in enumerate(positions) if at == 0 or here != positions[at - 1])
    if len(ring) < _SHORTEST_RING or ring[0] != ring[-1]:
        raise _Unsound(
            "RING_NOT_CLOSED",
            "边界没有闭合：首尾两点应相同，且至少有三个角",
            "a ring is not closed: its first position is its last, and it has three corners at least",
        )
    return ring


def _position(given: object, system: str) -> Position:
    pair = given[:2] if isinstance(given, list) else []
    if len(pair) < 2 or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in pair):  # noqa: PLR2004
        raise _Unsound("POSITION_BROKEN", "点应为 [经度, 纬度]", "a position is [longitude, latitude]")
    longitude, latitude = float(pair[0]), float(pair[1])
    try:
        check_in_country(longitude, latitude)
    except (PointOutside, PointSwapped) as refused:
        shown = f"{longitude:g}, {latitude:g}"
        raise _Unsound(refused.code, refused.text("zh"), refused.text("en"), value=shown) from None
    east, north = to_cgcs2000(longitude, latitude, system=system)
    return round(east, _DIGITS), round(north, _DIGITS)


def _crossed(met: Position) -> _Unsound:
    return _Unsound(
        "RING_CROSSES_ITSELF",
        "边界自相交或相接",
        "its boundary crosses or touches itself",
        value=f"{met[0]:.6f}, {met[1]:.6f}",
    )
