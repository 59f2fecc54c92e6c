"""What does a list of divisions change in what is stored?"""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.divisions.commands import Edition, import_divisions
from services.divisions.errors import (
    DivisionsAreOlder,
    DivisionsHaveBadRows,
    DivisionsOfTheFuture,
    DivisionsWouldEnd,
    UnknownCodeSystem,
)
from services.divisions.reading import read_divisions
from services.divisions.rules import Comparison
from tenants.tables import Division

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 3, 1)
DEMO = Path(__file__).parents[3] / "deploy" / "demo" / "divisions_demo.csv"

GULOU = "350102,district,鼓楼区,3501"
GUDONG = "350102001,street,鼓东街道,350102"
ZHONGSHAN = "350102001001,community,中山社区,350102001"
QINGCHENG = "350102001002,community,庆城社区,350102001"
HUADA = "350102005,street,华大街道,350102"
TAIJIANG = "350103,district,台江区,3501"


async def take_in(
    engine: AsyncEngine, *lines: str, as_of: str, system: str = "statistics", may_end_many: bool = True
) -> Comparison:
    """Import a list made of the given lines."""
    file = read_divisions("\n".join(("code,level,name,parent_code", *lines)).encode())
    async with engine.begin() as connection:
        edition = Edition(system, date.fromisoformat(as_of))
        return await import_divisions(connection, file=file, edition=edition, today=TODAY, may_end_many=may_end_many)


async def history(engine: AsyncEngine) -> list[tuple[str, str, str | None, str, str | None]]:
    """Tell what is stored, as code, name, parent, first and last day."""
    async with engine.connect() as connection:
        found = await connection.execute(select(Division).order_by(Division.code, Division.valid_from))
        return [
            (row.code, row.name, row.parent_code, str(row.valid_from), row.valid_to and str(row.valid_to))
            for row in found
        ]


async def test_asks_before_it_ends_more_than_a_tenth_of_what_is_known(owner_engine: AsyncEngine) -> None:
    communities = [f"350102001{number:03},community,第{number}社区,350102001" for number in range(1, 19)]
    await take_in(owner_engine, GULOU, GUDONG, *communities, as_of="2023-06-30")
    before = await history(owner_engine)

    with pytest.raises(DivisionsWouldEnd, match="would end 3 of the 20 divisions"):
        await take_in(owner_engine, GULOU, GUDONG, *communities[3:], as_of="2024-06-30", may_end_many=False)
    assert await history(owner_engine) == before
    fewer = await take_in(owner_engine, GULOU, GUDONG, *communities[2:], as_of="2024-06-30", may_end_many=False)

    assert len(fewer.ended) == 2


async def test_takes_in_the_demo_list_in_seconds_and_again_without_harm(owner_engine: AsyncEngine) -> None:
    lines = DEMO.read_text(encoding="utf-8").splitlines()[1:]
    began = time.perf_counter()

    first = await take_in(owner_engine, *lines, as_of="2023-06-30")
    second = await take_in(owner_engine, *lines, as_of="2023-06-30")
    third = await take_in(owner_engine, *lines, as_of="2024-06-30")

    assert time.perf_counter() - began < 10
    assert len(first.new) == 711
    assert [len(one.unchanged) for one in (first, second, third)] == [0, 711, 711]
    assert [(one.revised, one.ended) for one in (first, second, third)] == [((), ())] * 3
    assert len(await history(owner_engine)) == 711


async def test_tells_renamed_moved_new_and_ended_and_keeps_the_history(owner_engine: AsyncEngine) -> None:
    await take_in(owner_engine, GULOU, GUDONG, ZHONGSHAN, QINGCHENG, HUADA, as_of="2023-06-30")

    change = await take_in(
        owner_engine,
        GULOU,
        "350102001,street,鼓东新街道,350102",
        "350102001001,community,中山社区,350102005",
        "350102001003,community,新村社区,350102001",
        HUADA,
        as_of="2024-06-30",
    )

    assert [one.stored.name for one in change.renamed] == ["鼓东街道"]
    assert [one.stored.name for one in change.moved] == ["中山社区"]
    assert [row.name for row in change.new] == ["新村社区"]
    assert [one.name for one in change.ended] == ["庆城社区"]
    assert await history(owner_engine) == [
        ("350102", "鼓楼区", "3501", "2023-06-30", None),
        ("350102001", "鼓东街道", "350102", "2023-06-30", "2024-06-29"),
        ("350102001", "鼓东新街道", "350102", "2024-06-30", None),
        ("350102001001", "中山社区", "350102001", "2023-06-30", "2024-06-29"),
        ("350102001001", "中山社区", "350102005", "2024-06-30", None),
        ("350102001002", "庆城社区", "350102001", "2023-06-30", "2024-06-29"),
        ("350102001003", "新村社区", "350102001", "2024-06-30", None),
        ("350102005", "华大街道", "350102", "2023-06-30", None),
    ]


async def test_ends_nothing_outside_what_the_list_speaks_for(owner_engine: AsyncEngine) -> None:
    await take_in(owner_engine, GULOU, GUDONG, HUADA, TAIJIANG, as_of="2023-06-30")
    await take_in(owner_engine, GULOU, GUDONG, as_of="2023-06-30", system="civil-affairs")

    of_a_street = await take_in(owner_engine, GUDONG, ZHONGSHAN, as_of="2024-06-30")
    of_a_district = await take_in(owner_engine, GULOU, GUDONG, ZHONGSHAN, as_of="2024-06-30")

    assert of_a_street.ended == ()
    assert [one.name for one in of_a_district.ended] == ["华大街道"]
    assert len([row for row in await history(owner_engine) if row[4] is None]) == 6


async def test_a_corrected_list_of_the_same_day_leaves_no_trace_of_the_mistake(
    owner_engine: AsyncEngine,
) -> None:
    await take_in(owner_engine, GULOU, GUDONG, as_of="2023-06-30")
    await take_in(owner_engine, GULOU, "350102001,street,古东街道,350102", HUADA, as_of="2024-06-30")

    change = await take_in(owner_engine, GULOU, "350102001,street,固东街道,350102", as_of="2024-06-30")

    assert [one.name for one in change.ended] == ["华大街道"]
    assert await history(owner_engine) == [
        ("350102", "鼓楼区", "3501", "2023-06-30", None),
        ("350102001", "鼓东街道", "350102", "2023-06-30", "2024-06-29"),
        ("350102001", "固东街道", "350102", "2024-06-30", None),
    ]


async def test_a_code_given_again_is_new(owner_engine: AsyncEngine) -> None:
    await take_in(owner_engine, GULOU, GUDONG, as_of="2023-06-30")
    await take_in(owner_engine, GULOU, as_of="2024-06-30")

    change = await take_in(owner_engine, GULOU, "350102001,street,新街道,350102", as_of="2025-06-30")

    assert [row.name for row in change.new] == ["新街道"]
    assert [row[1:] for row in await history(owner_engine) if row[0] == "350102001"] == [
        ("鼓东街道", "350102", "2023-06-30", "2024-06-29"),
        ("新街道", "350102", "2025-06-30", None),
    ]


async def test_refuses_a_list_older_than_one_that_confirmed_the_same(owner_engine: AsyncEngine) -> None:
    await take_in(owner_engine, GULOU, GUDONG, as_of="2023-06-30")
    await take_in(owner_engine, GULOU, GUDONG, as_of="2025-06-30")
    before = await history(owner_engine)

    with pytest.raises(DivisionsAreOlder, match="2025-06-30"):
        await take_in(owner_engine, GULOU, HUADA, as_of="2024-06-30")
    other_district = await take_in(owner_engine, TAIJIANG, as_of="2024-06-30")

    assert len(other_district.new) == 1
    assert await history(owner_engine) == [*before, ("350103", "台江区", "3501", "2024-06-30", None)]


async def test_refuses_bad_rows_the_future_and_unknown_systems(owner_engine: AsyncEngine) -> None:
    with pytest.raises(DivisionsHaveBadRows, match="2 rows"):
        await take_in(owner_engine, GULOU, ",x,,", "350102001,x,y,z", as_of="2023-06-30")
    with pytest.raises(DivisionsOfTheFuture):
        await take_in(owner_engine, GULOU, as_of="2026-03-02")
    with pytest.raises(UnknownCodeSystem):
        await take_in(owner_engine, GULOU, as_of="2023-06-30", system="stats")

    assert await history(owner_engine) == []
