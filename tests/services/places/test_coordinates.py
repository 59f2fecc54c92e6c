"""Are points of the three coordinate systems brought to one, and what is no point of the country refused?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.places.coordinates import check_in_country, to_cgcs2000, to_gcj02
from services.places.errors import PointOutside, PointSwapped

# Longitude and latitude in WGS84 and in GCJ02, as github.com/googollee/eviltransform publishes them.
_PAIRS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


@pytest.mark.parametrize(("real", "shifted"), _PAIRS)
def test_shifts_as_published(real: tuple[float, float], shifted: tuple[float, float]) -> None:
    assert to_gcj02(*real) == pytest.approx(shifted, abs=1e-9)
    assert to_cgcs2000(*shifted, system="GCJ02") == pytest.approx(real, abs=1e-9)


@given(st.floats(73, 136), st.floats(3, 54))
def test_comes_back_from_everywhere_in_the_country(longitude: float, latitude: float) -> None:
    shifted = to_gcj02(longitude, latitude)

    assert to_cgcs2000(*shifted, system="GCJ02") == pytest.approx((longitude, latitude), abs=1e-8)
    # Never by as much as a kilometre and a half.
    assert abs(shifted[0] - longitude) + abs(shifted[1] - latitude) < 0.03


@pytest.mark.parametrize("system", ["WGS84", "CGCS2000"])
def test_takes_the_two_geocentric_systems_for_one(system: str) -> None:
    assert to_cgcs2000(119.3, 26.08, system=system) == (119.3, 26.08)


@pytest.mark.parametrize("point", [(139.7, 35.7), (-0.1, 51.5), (103.8, 0.5), (71.9, 30.0)])
def test_shifts_nothing_beyond_the_country(point: tuple[float, float]) -> None:
    assert to_gcj02(*point) == point
    assert to_cgcs2000(*point, system="GCJ02") == pytest.approx(point, abs=1e-12)


def test_tells_swapped_from_outside() -> None:
    check_in_country(119.3, 26.08)

    with pytest.raises(PointSwapped):
        check_in_country(26.08, 119.3)
    for longitude, latitude in ((0.0, 0.0), (119.3, 60.0), (181.0, 26.0), (float("nan"), 26.0), (float("inf"), 26.0)):
        with pytest.raises(PointOutside):
            check_in_country(longitude, latitude)
