"""Where is a point that a phone or a map names in its own coordinate system? Pure rules, no storage.

Three systems are in use. GCJ02 (国测局坐标) is what Chinese map services show: WGS84, shifted by some hundred metres by
a function that is not published officially, but widely known (formula and pairs: github.com/googollee/eviltransform).
CGCS2000 (GB 22021-2008, of offices and surveyors) and WGS84 have nearly the same ellipsoid, and differ by centimetres
(程鹏飞等, 2000国家大地坐标系椭球参数与GRS 80和WGS 84的比较, 测绘学报 38(3), 2009): here they are one.
"""

from __future__ import annotations

from math import cos, hypot, isfinite, pi, sin, sqrt

from services.places.errors import PointOutside, PointSwapped

# The outermost points of the country, rounded outwards.
WEST, SOUTH, EAST, NORTH = 73.0, 3.0, 136.0, 54.0
# Within this box the shift is made.
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
# The Krasovsky ellipsoid.
_HALF_AXIS = 6378245.0
_FLATNESS = 0.00669342162296594323
# A tenth of a millimetre.
_NEAR = 1e-9
_MOST_ROUNDS = 30

Position = tuple[float, float]


def to_cgcs2000(longitude: float, latitude: float, *, system: str) -> Position:
    """Give a point of GCJ02, WGS84 or CGCS2000 in CGCS2000, as degrees east and north."""
    return _unshift(longitude, latitude) if system == "GCJ02" else (longitude, latitude)


def to_gcj02(longitude: float, latitude: float) -> Position:
    """Give a point of CGCS2000 or WGS84 in GCJ02; beyond the country nothing is shifted."""
    west, south, east, north = _SHIFTED
    if not (west <= longitude <= east and south <= latitude <= north):
        return longitude, latitude
    x, y = longitude - 105.0, latitude - 35.0
    radians = latitude / 180.0 * pi
    bulge = 1 - _FLATNESS * sin(radians) ** 2
    metres_north = pi / 180 * _HALF_AXIS * (1 - _FLATNESS) / (bulge * sqrt(bulge))
    metres_east = pi / 180 * _HALF_AXIS / sqrt(bulge) * cos(radians)
    return longitude + _shift_east(x, y) / metres_east, latitude + _shift_north(x, y) / metres_north


def check_in_country(longitude: float, latitude: float, *, field: str | None = None) -> None:
    """Go on only with a point in the country. Raises PointSwapped, PointOutside."""
    if is_in_country(longitude, latitude):
        return
    if is_in_country(latitude, longitude):
        raise PointSwapped(field=field)
    raise PointOutside(west=WEST, south=SOUTH, east=EAST, north=NORTH, field=field)


def is_in_country(longitude: float, latitude: float) -> bool:
    """Tell whether a point lies within the outermost points of the country."""
    is_number = isfinite(longitude) and isfinite(latitude)
    return is_number and WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH


def _unshift(longitude: float, latitude: float) -> Position:
    """Find the point whose shift is the given one: the shift hardly changes over its own length."""
    east, north = longitude, latitude
    for _ in range(_MOST_ROUNDS):
        shifted_east, shifted_north = to_gcj02(east, north)
        east, north = east + longitude - shifted_east, north + latitude - shifted_north
        if hypot(longitude - shifted_east, latitude - shifted_north) < _NEAR:
            break
    return east, north


def _shift_north(x: float, y: float) -> float:
    shift = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    return shift + _waves(x) + _wave(y, 20, 1) + _wave(y, 40, 3) + _wave(y, 160, 12) + _wave(y, 320, 30)


def _shift_east(x: float, y: float) -> float:
    shift = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    return shift + _waves(x) + _wave(x, 20, 1) + _wave(x, 40, 3) + _wave(x, 150, 12) + _wave(x, 300, 30)


def _waves(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _wave(value: float, height: float, length: float) -> float:
    return height * sin(value * pi / length) * 2 / 3
