"""Does every point lie in one grid and no more, and are unsound and overlapping outlines found?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.boundaries.geometry import Ring, inner_point, meets_itself, outline_of, overlap
from tests.services.boundaries.shapes import SOUTH, STEP, WEST, rings

_SLANTED: tuple[Ring, Ring] = (
    ((119.3, 26.0), (119.4, 26.0), (119.337, 26.1), (119.3, 26.1), (119.3, 26.0)),
    # Round the other way, along the same slanted edge.
    ((119.337, 26.1), (119.5, 26.1), (119.5, 26.0), (119.4, 26.0), (119.337, 26.1)),
)


@given(st.floats(0, 1), st.integers(0, 1))
def test_gives_a_point_on_a_shared_edge_to_exactly_one(share: float, direction: int) -> None:
    (x1, y1), (x2, y2) = ((119.4, 26.0), (119.337, 26.1))[:: 1 if direction else -1]
    point = x1 + share * (x2 - x1), min(max(y1 + share * (y2 - y1), 26.0), 26.0999999)

    holding = [outline_of((ring,)).holds(*point) for ring in _SLANTED]

    assert sum(holding) == 1


@given(st.integers(0, 40), st.integers(0, 40))
def test_gives_each_corner_and_edge_of_a_board_to_exactly_one(x: int, y: int) -> None:
    board = [outline_of(rings((a, b, a + 1, b + 1))) for a in range(4) for b in range(4)]
    point = round(WEST + x * STEP / 10, 7), round(SOUTH + y * STEP / 10, 7)

    holding = sum(outline.holds(*point) for outline in board)

    # The eastern and the northern rim of all lie outside.
    assert holding == (0 if 40 in (x, y) else 1)


def test_leaves_holes_out_and_takes_all_parts_in() -> None:
    with_hole = outline_of(rings((0, 0, 9, 9), (3, 3, 6, 6)))
    in_two_parts = outline_of(rings((0, 0, 2, 2), (5, 5, 7, 7)))
    middle, corner, between = (119.345, 26.045), (119.31, 26.01), (119.335, 26.035)

    assert [with_hole.holds(*point) for point in (middle, corner)] == [False, True]
    assert [in_two_parts.holds(*point) for point in (corner, between, (119.36, 26.06))] == [True, False, True]


def test_finds_where_a_ring_meets_itself() -> None:
    bow: Ring = ((0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0), (0.0, 0.0))
    pinched: Ring = ((0.0, 0.0), (4.0, 0.0), (2.0, 2.0), (4.0, 4.0), (0.0, 4.0), (2.0, 2.0), (0.0, 0.0))

    assert meets_itself((bow,)) is not None
    assert meets_itself((pinched,)) is not None
    assert meets_itself(rings((0, 0, 4, 4), (1, 1, 2, 2))) is None
    # A hole that reaches out of what it is a hole in.
    assert meets_itself(rings((0, 0, 4, 4), (3, 3, 5, 5))) is not None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 2, 2), (2, 0, 4, 2), False),
        ((0, 0, 2, 2), (2, 2, 4, 4), False),
        ((0, 0, 2, 2), (5, 5, 6, 6), False),
        ((0, 0, 2, 2), (1, 1, 3, 3), True),
        ((0, 0, 2, 2), (0, 0, 2, 2), True),
        ((0, 0, 4, 4), (1, 1, 2, 2), True),
        # With all of its corners on the other's edges, and as a cross, with none inside.
        ((0, 0, 4, 4), (0, 0, 2, 4), True),
        ((0, 1, 3, 2), (1, 0, 2, 3), True),
        ((0, 0, 3, 1), (1, 0, 4, 1), True),
    ],
)
def test_finds_what_overlaps(one: tuple[int, ...], other: tuple[int, ...], *, expected: bool) -> None:
    mine, theirs = rings(one), rings(other)  # type: ignore[arg-type]

    assert overlap(mine, theirs) is expected
    assert overlap(theirs, mine) is expected


def test_overlooks_what_hands_draw() -> None:
    metres = 0.00001
    one = rings((0, 0, 2, 2))
    near: Ring = tuple((x - 3 * metres, y) for x, y in rings((2, 0, 4, 2))[0])
    far: Ring = tuple((x - 9 * metres, y) for x, y in rings((2, 0, 4, 2))[0])

    assert [overlap(one, (near,)), overlap(one, (far,))] == [False, True]


def test_a_hole_may_hold_another() -> None:
    assert not overlap(rings((0, 0, 9, 9), (3, 3, 6, 6)), rings((3, 3, 6, 6)))


def test_finds_a_point_inside() -> None:
    for shape in (rings((0, 0, 1, 1)), rings((0, 0, 9, 9), (1, 1, 8, 8)), (_SLANTED[0],)):
        assert outline_of(shape).holds(*inner_point(shape))
