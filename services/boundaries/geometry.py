"""Does a point lie in an outline, is an outline sound, do two overlap? Pure rules, in degrees.

Degrees are taken for a plane: a grid is some hundred metres wide, so that it hardly matters what a straight line is.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

Position = tuple[float, float]
# Closed: the first position is also the last.
Ring = tuple[Position, ...]
# Rings around what belongs to it, and around holes in it.
Rings = tuple[Ring, ...]
Edge = tuple[Position, Position]

# Neighbours that were drawn by hand overlap by some metres; 0.00005 degrees are five.
TOLERANCE = 0.00005


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline that points are looked for in: its box, its edges as numbers in a row, x y x y, south end first."""

    west: float
    south: float
    east: float
    north: float
    edges: array[float]

    def holds(self, longitude: float, latitude: float) -> bool:
        """Tell whether a point lies in it; of outlines that share an edge, exactly one holds a point on it."""
        if not (self.west <= longitude <= self.east and self.south <= latitude <= self.north):
            return False
        is_inside = False
        numbers = iter(self.edges)
        # Each edge counts with its southern end and without its northern one. It is reckoned from the southern end
        # whichever way the ring goes round, so that both neighbours of an edge reckon alike.
        for x1, y1, x2, y2 in zip(numbers, numbers, numbers, numbers, strict=True):
            if y1 <= latitude < y2 and longitude < x1 + (latitude - y1) / (y2 - y1) * (x2 - x1):
                is_inside = not is_inside
        return is_inside


def outline_of(rings: Rings) -> Outline:
    """Make rings ready to look for points in."""
    xs, ys = zip(*(position for ring in rings for position in ring), strict=True)
    edges = array("d")
    for start, end in edges_of(rings):
        low, high = (start, end) if start[1] <= end[1] else (end, start)
        edges.extend((*low, *high))
    return Outline(min(xs), min(ys), max(xs), max(ys), edges)


def edges_of(rings: Iterable[Ring]) -> Iterator[Edge]:
    """List the edges of rings."""
    for ring in rings:
        yield from pairwise(ring)


def ring_area(ring: Ring) -> float:
    """Tell the area within a ring, in square degrees."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))) / 2


def meets_itself(rings: Rings) -> Position | None:
    """Find where edges cross or touch that do not follow each other in a ring; None if nowhere."""
    numbered = [
        (edge, at, number, len(ring) - 1) for number, ring in enumerate(rings) for at, edge in enumerate(pairwise(ring))
    ]
    numbered.sort(key=lambda one: min(one[0][0][0], one[0][1][0]))
    for place, (edge, at, number, count) in enumerate(numbered):
        east = max(edge[0][0], edge[1][0])
        for other, other_at, other_number, _ in numbered[place + 1 :]:
            if min(other[0][0], other[1][0]) > east:
                break
            follows = number == other_number and (at - other_at) % count in (1, count - 1)
            if not follows and _touch(edge, other):
                return edge[0]
    return None


def overlap(one: Rings, other: Rings) -> bool:
    """Tell whether two sound outlines share more than a strip as wide as hands draw."""
    mine, theirs = outline_of(one), outline_of(other)
    if mine.west > theirs.east or theirs.west > mine.east or mine.south > theirs.north or theirs.south > mine.north:
        return False
    return _reaches_into(one, other, theirs) or _reaches_into(other, one, mine)


def _reaches_into(one: Rings, other: Rings, outline: Outline) -> bool:
    box = outline_of(one)
    near = [edge for edge in edges_of(other) if _meets(edge, box)]
    return any(outline.holds(*point) and _distance(point, other) > TOLERANCE for point in _witnesses(one, near))


def _meets(edge: Edge, box: Outline) -> bool:
    (x1, y1), (x2, y2) = edge
    is_beside = max(x1, x2) < box.west or min(x1, x2) > box.east
    return not (is_beside or max(y1, y2) < box.south or min(y1, y2) > box.north)


def _witnesses(one: Rings, others: Sequence[Edge]) -> Iterator[Position]:
    """Give points of an outline of which one lies in another outline if it overlaps: pieces of edges, and an inner one.

    An edge is cut where the other's edges cross it, and each piece is either inside the other or outside.
    """
    for start, end in edges_of(one):
        cuts = sorted({0.0, 1.0, *(cut for edge in others if (cut := _crossing((start, end), edge)) is not None)})
        yield start
        for first, second in pairwise(cuts):
            yield _along((start, end), (first + second) / 2)
    yield inner_point(one)


def inner_point(rings: Rings) -> Position:
    """Give a point well inside: in the middle of the widest stretch, halfway up."""
    ys = sorted({y for ring in rings for _, y in ring})
    # Between two heights at which something turns, so that no corner is met.
    south, north = max(pairwise(ys), key=lambda two: two[1] - two[0])
    latitude = (south + north) / 2
    xs = sorted(
        x1 + (latitude - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in edges_of(rings)
        if min(y1, y2) <= latitude < max(y1, y2)
    )
    west, east = max(zip(xs[::2], xs[1::2], strict=True), key=lambda two: two[1] - two[0])
    return (west + east) / 2, latitude


def _distance(point: Position, rings: Rings) -> float:
    return min(_distance_to(point, edge) for edge in edges_of(rings))


def _distance_to(point: Position, edge: Edge) -> float:
    (x, y), ((x1, y1), (x2, y2)) = point, edge
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / length))
    return hypot(x - x1 - share * dx, y - y1 - share * dy)


def _along(edge: Edge, share: float) -> Position:
    (x1, y1), (x2, y2) = edge
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)


def _crossing(edge: Edge, other: Edge) -> float | None:
    """Tell at which share of its length an edge is crossed by another; None if it is not, or runs beside it."""
    (x1, y1), (x2, y2) = edge
    (x3, y3), (x4, y4) = other
    turn = (x2 - x1) * (y4 - y3) - (y2 - y1) * (x4 - x3)
    if turn == 0:
        return None
    mine = ((x3 - x1) * (y4 - y3) - (y3 - y1) * (x4 - x3)) / turn
    theirs = ((x3 - x1) * (y2 - y1) - (y3 - y1) * (x2 - x1)) / turn
    return mine if 0 < mine < 1 and 0 <= theirs <= 1 else None


def _touch(edge: Edge, other: Edge) -> bool:
    (a, b), (c, d) = edge, other
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    corners = ((c, edge, sides[0]), (d, edge, sides[1]), (a, other, sides[2]), (b, other, sides[3]))
    return any(side == 0 and _is_beside(point, line) for point, line, side in corners)


def _side(start: Position, end: Position, point: Position) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _is_beside(point: Position, edge: Edge) -> bool:
    (x, y), ((x1, y1), (x2, y2)) = point, edge
    return min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
