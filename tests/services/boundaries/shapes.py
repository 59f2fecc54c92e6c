"""What shapes do tests of boundaries use? Squares on the map, in steps of a hundredth of a degree."""

from __future__ import annotations

import json
from collections.abc import Sequence

from services.boundaries.geometry import Rings

WEST, SOUTH, STEP = 119.3, 26.0, 0.01
Square = tuple[int, int, int, int]


def ring(square: Square) -> list[list[float]]:
    """Give the closed ring around a box, named by its sides in steps."""
    west, south, east, north = square
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [[round(WEST + x * STEP, 7), round(SOUTH + y * STEP, 7)] for x, y in corners]


def rings(*squares: Square) -> Rings:
    """Give the rings of several boxes."""
    return tuple(tuple((x, y) for x, y in ring(square)) for square in squares)


def polygon(*squares: Square) -> dict[str, object]:
    """Give a polygon: the first box without the others."""
    return {"type": "Polygon", "coordinates": [ring(square) for square in squares]}


def feature(geometry: object, **properties: object) -> dict[str, object]:
    """Give a feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: object) -> bytes:
    """Give a file of features."""
    return json.dumps({"type": "FeatureCollection", "features": list(features)}, ensure_ascii=False).encode()


def grids(boxes: Sequence[tuple[str, Square]]) -> bytes:
    """Give a file of grids by their names."""
    return collection(*(feature(polygon(square), 网格名称=name) for name, square in boxes))
