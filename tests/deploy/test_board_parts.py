"""Does the board reckon rightly by itself: ranks, colours, changes, and the days of a period?"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from typing import Any

import pytest

from tests.architecture.sources import ROOT

_BOARD = ROOT / "deploy" / "web" / "board"
_NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(_NODE is None, reason="there is no Node.js on this machine")


async def _reckon(module: str, expression: str) -> Any:  # noqa: ANN401 - JSON.
    """Evaluate an expression with what a part of the board exports, as `board`."""
    assert _NODE is not None
    part = json.dumps((_BOARD / module).as_uri())
    script = f"const board = await import({part}); console.log(JSON.stringify({expression}));"
    process = await asyncio.create_subprocess_exec(
        _NODE,
        "--input-type=module",
        "--eval",
        script,
        env={"PATH": os.defpath, "TZ": "America/New_York"},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(told)


async def test_gives_equal_figures_one_place_and_leaves_the_next_out() -> None:
    rows = [
        {"name": f"第{number}网格", "caseSummary": {"rate": rate}}
        for number, rate in [(10, 0.5), (9, 0.5), (3, None), (4, 1), (5, 0.25)]
    ]
    order = "(one) => [one.row.name, one.place]"

    down = await _reckon("ranking.js", f'board.ranked({json.dumps(rows)}, {{by: "rate"}}).map({order})')
    up = await _reckon(
        "ranking.js", f'board.ranked({json.dumps(rows)}, {{by: "rate", isAscending: true}}).map({order})'
    )
    names = await _reckon(
        "ranking.js", f'board.ranked({json.dumps(rows)}, {{by: "name", isAscending: true}}).map({order})'
    )

    # Equal ones stand by name, where 9 comes before 10.
    assert down == [["第4网格", 1], ["第9网格", 2], ["第10网格", 2], ["第5网格", 4], ["第3网格", None]]
    assert up == [["第5网格", 1], ["第9网格", 2], ["第10网格", 2], ["第4网格", 4], ["第3网格", None]]
    assert [name for name, _ in names] == ["第3网格", "第4网格", "第5网格", "第9网格", "第10网格"]


async def test_colours_by_sevenths_of_the_largest() -> None:
    rows = [{"months": [{"reported": value} for value in (0, 1, 35, 69, 70)]}, {"months": [{"reported": None}]}, {}]
    scale = f'board.scaleOf({json.dumps(rows)}, {{name: "reported", isRate: false}})'

    steps = await _reckon("ranking.js", f"[0, 1, 35, 69, 70, null].map((value) => board.stepOf({scale}, value))")
    level = await _reckon("ranking.js", "[board.stepOf({low: 0, high: 0}, 0), board.stepOf({low: 1, high: 1}, 1)]")

    assert steps == [0, 0, 3, 6, 6, None]
    assert level == [0, 6]


async def test_compares_counts_by_percent_and_rates_by_points() -> None:
    told = await _reckon(
        "measures.js",
        """[["reported", 12, 10], ["overdue", 12, 10], ["overdue", 3, 0], ["solvedRate", 0.9, 0.95],
            ["reported", 5, 5], ["solvedRate", null, 0.5]].map(([name, now, before]) =>
            board.change(board.measureOf(name), now, before, "en"))""",
    )
    figures = await _reckon(
        "measures.js",
        """[["solvedRate", null], ["solvedRate", 0.9516], ["solvedRate", 0], ["reported", 12345]].map(([name, value]) =>
            board.figure(board.measureOf(name), value, "zh"))""",
    )

    assert [one and (one["direction"], one["isGood"], one["text"]) for one in told] == [
        (1, 0, "20%"),
        (1, -1, "20%"),
        (1, -1, "3"),
        (-1, -1, "5.0 pp"),
        (0, 0, "0%"),
        None,
    ]
    assert figures == ["–", "95.2%", "0.0%", "12,345"]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("thisMonth", "2026-01-01", "2026-01-01"),
        ("lastMonth", "2025-12-01", "2025-12-31"),
        ("quarter", "2026-01-01", "2026-01-01"),
        ("year", "2026-01-01", "2026-01-01"),
    ],
)
async def test_takes_days_as_they_are_in_china(period: str, first: str, last: str) -> None:
    # Half past midnight there, still the old year anywhere west of it.
    now = 'board.today(new Date("2025-12-31T16:30:00Z"))'

    days = await _reckon("periods.js", f'board.daysOf({{period: "{period}"}}, {now})')

    assert days == {"from": first, "to": last}


async def test_draws_a_period_by_parts_that_can_be_seen() -> None:
    periods = [
        ("2026-11-01", "2026-11-30"),
        ("2026-01-01", "2026-06-30"),
        ("2026-01-01", "2026-12-31"),
        ("2000-01-01", "2099-12-31"),
    ]
    given = json.dumps([{"from": first, "to": last} for first, last in periods])

    units = await _reckon("periods.js", f"{given}.map((days) => board.unitOf(days, ''))")
    asked = await _reckon("periods.js", f"{given}.map((days) => board.unitOf(days, 'DAY'))")
    months = await _reckon(
        "periods.js", f"{given}.map((days) => board.monthsOf({{...days, from: board.heatFrom(days)}}).length)"
    )
    leap = await _reckon(
        "periods.js", "[board.isDay('2024-02-29'), board.isDay('2026-02-29'), board.isDay('0026-02-01')]"
    )

    assert units == ["DAY", "WEEK", "MONTH", "YEAR"]
    assert asked == ["DAY", "DAY", "DAY", "YEAR"]
    assert months == [12, 12, 12, 24]
    assert leap == [True, False, False]


async def test_takes_from_an_address_only_what_it_knows() -> None:
    hashes = [
        "#at=street&id=str_2_01a219b9-8fbe&period=days&from=2026-02-01&to=2026-01-01&by=onTimeRate&order=up",
        "#at=palace&id=<script>&period=ever&measure=constructor&by=__proto__&token=secret",
        "",
    ]
    expression = f"{json.dumps(hashes)}.map((hash) => [board.readPlace(hash), board.addressOf(board.readPlace(hash))])"

    (good, address), (bad, nothing), (usual, _) = await _reckon("place.js", expression)

    assert (good["at"], good["by"], good["order"]) == ("street", "onTimeRate", "up")
    assert address == hashes[0]
    assert bad == usual
    assert nothing == "#"
