"""Does a tenant that moves take along what it has, and leave behind what it was counted for? With the demo's cases."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from deploy.moving import move
from deploy.rollups import ROLLUPS
from deploy.settings import sqlalchemy_url
from services.onboarding.errors import AlreadyThere, ParentOfWrongKind, ReasonMissing, TenantNotInStatus
from services.onboarding.rules import Move
from services.rollups.checking import find_differences, find_sum_differences, fold, rebuild
from tests.days import day, today
from tests.fixtures.demo import Demo
from tests.journeys.working import Desk

_OFFICES = {
    "gudong": "dispatcher@gudong",
    "gulou": "officer@gulou",
    "xiangkou": "dispatcher@xiangkou",
    "xiangcheng": "officer@xiangcheng",
}
_COUNTERS = "reported accepted dispatched closed closedOnTime dueToClose reworked extended calledBack satisfied"
_SUMS = f"""
    query Sums($from: Date!, $to: Date!, $basis: SumBasis, $cutOff: Date, $tree: SumTree) {{
      %s {{
        all: caseSummary(from: $from, to: $to, basis: $basis, cutOff: $cutOff, tree: $tree) {{
          {_COUNTERS} previous {{ {_COUNTERS} }} lastYear {{ {_COUNTERS} }}
        }}
        months: caseSummariesByPeriod(
          from: $from, to: $to, basis: $basis, cutOff: $cutOff, tree: $tree, unit: MONTH
        ) {{ key: period {{ from }} {_COUNTERS} }}
        weeks: caseSummariesByPeriod(
          from: $from, to: $to, basis: $basis, cutOff: $cutOff, tree: $tree, unit: WEEK
        ) {{ key: period {{ from }} {_COUNTERS} }}
        categories: caseSummariesByCategory(from: $from, to: $to, basis: $basis, cutOff: $cutOff, tree: $tree) {{
          key: category {{ code }} {_COUNTERS}
        }}
        sources: caseSummariesBySource(from: $from, to: $to, basis: $basis, cutOff: $cutOff, tree: $tree) {{
          key: source {_COUNTERS}
        }}
      }}
    }}
"""
_SPANS: tuple[dict[str, str], ...] = (
    {"from": day(-360), "to": day(-1)},
    {"from": day(-200), "to": day(-40)},
    {"from": day(-360), "to": day(-1), "basis": "REPORTED_IN", "cutOff": day(-1)},
    {"from": day(-250), "to": day(), "cutOff": day(-9)},
)
_BECAUSE = "区划调整"

Flat = Counter[tuple[str, ...]]


@asynccontextmanager
async def _engine(demo: Demo) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(sqlalchemy_url(demo.database.owner_url))
    try:
        yield engine
    finally:
        await engine.dispose()


async def _move(demo: Demo, slug: str, under: str, reason: str = _BECAUSE) -> int:
    async with _engine(demo) as engine:
        return await move(engine, Move(slug, under, reason), tell=lambda _: None)


async def _differences(demo: Demo) -> list[object]:
    async with _engine(demo) as engine, engine.begin() as connection:
        found: list[object] = []
        for rollup in ROLLUPS:
            await _fold_all(connection, rollup)
            found += await find_differences(connection, rollup)
            found += await find_sum_differences(connection, rollup)
        return found


async def _fold_all(connection: AsyncConnection, rollup: Any) -> None:  # noqa: ANN401 - any of them.
    while await fold(connection, rollup, most=1000):
        pass


async def _place(demo: Demo, slug: str) -> str:
    row = await demo.owner.fetchrow("select id, kind, place_id from tenants where slug = $1", slug)
    assert row is not None
    kind: str = row["kind"]
    # Of districts everybody sees the own one.
    return kind if kind == "district" else f'{kind}(id: "{kind[:3]}_{row["id"]}_{row["place_id"]}")'


async def _answer(demo: Demo, account: str, slug: str, span: dict[str, str], tree: str) -> dict[str, Any]:
    answer = await demo.ask(account, _SUMS % await _place(demo, slug), {**span, "tree": tree})
    found: dict[str, Any] = answer.json()
    return found


def _flat(sums: dict[str, Any]) -> Flat:
    """Give every figure by where it stands."""
    flat: Flat = Counter()
    for name, value in sums["all"].items():
        for inner, number in value.items() if isinstance(value, dict) else [("", value)]:
            flat["all", name, inner] += number
    for part in ("months", "weeks", "categories", "sources"):
        for row in sums[part]:
            for name, number in row.items():
                if name != "key":
                    flat[part, str(row["key"]), name] += number
    return +flat


async def _sums(
    demo: Demo, account: str, slug: str, tree: str, spans: tuple[dict[str, str], ...] = _SPANS
) -> list[Flat]:
    answers = [await _answer(demo, account, slug, span, tree) for span in spans]
    assert not [answer for answer in answers if "errors" in answer], answers
    return [_flat(next(iter(answer["data"].values()))) for answer in answers]


async def _all_sums(demo: Demo, tree: str, spans: tuple[dict[str, str], ...] = _SPANS) -> dict[str, list[Flat]]:
    return {slug: await _sums(demo, account, slug, tree, spans) for slug, account in _OFFICES.items()}


def _plus(ones: list[Flat], others: list[Flat]) -> list[Flat]:
    return [one + other for one, other in zip(ones, others, strict=True)]


def _less(ones: list[Flat], others: list[Flat]) -> list[Flat]:
    found = [Counter(one) for one in ones]
    for one, other in zip(found, others, strict=True):
        one.subtract(other)
        assert min(one.values()) >= 0
    return [+one for one in found]


@pytest.fixture(scope="module")
async def origin(demo: Demo) -> dict[str, list[Flat]]:
    """What the offices sum up before anything moves."""
    return await _all_sums(demo, "THEN")


@pytest.fixture(scope="module")
async def own(demo: Demo) -> list[Flat]:
    """What the community that moves sums up by itself."""
    return await _sums(demo, "worker@qingcheng", "qingcheng", "THEN")


async def test_leaves_behind_what_happened_and_shows_it_by_todays_tree_when_asked(
    demo: Demo, origin: dict[str, list[Flat]], own: list[Flat]
) -> None:
    assert origin == await _all_sums(demo, "TODAY")
    assert own[0]["all", "reported", ""] > 100
    due, due_of_own = await _due_today(demo), await _due_today(demo, {"qingcheng": "worker@qingcheng"})
    assert due_of_own["qingcheng"] > 0

    assert await _move(demo, "qingcheng", "xiangkou") == 1

    assert await _all_sums(demo, "THEN") == origin
    by_today, due_after = await _all_sums(demo, "TODAY"), await _due_today(demo)
    for office in ("gudong", "gulou"):
        assert by_today[office] == _less(origin[office], own), office
        assert due_after[office] == due[office] - due_of_own["qingcheng"], "from the day of the move on"
    for office in ("xiangkou", "xiangcheng"):
        assert by_today[office] == _plus(origin[office], own), office
        assert due_after[office] == due[office] + due_of_own["qingcheng"]
    assert await _differences(demo) == []


async def test_is_read_by_its_new_offices_alone(demo: Demo, own: list[Flat]) -> None:
    for tree in ("THEN", "TODAY"):
        for account in ("worker@qingcheng", "dispatcher@xiangkou", "officer@xiangcheng"):
            assert await _sums(demo, account, "qingcheng", tree) == own, account
        for account in ("dispatcher@gudong", "officer@gulou"):
            answer = await _answer(demo, account, "qingcheng", _SPANS[0], tree)
            assert answer["data"]["community"] is None, account


async def test_moves_a_street_with_all_below_it_and_back(
    demo: Demo, origin: dict[str, list[Flat]], own: list[Flat]
) -> None:
    assert await _move(demo, "xiangkou", "gulou") == 3

    assert await _differences(demo) == []
    assert await _all_sums(demo, "THEN") == origin
    by_today = await _all_sums(demo, "TODAY")
    with_own = _plus(origin["xiangkou"], own)
    assert by_today["xiangkou"] == with_own
    assert by_today["gulou"] == _plus(_less(origin["gulou"], own), with_own)
    assert by_today["xiangcheng"] == _less(origin["xiangcheng"], origin["xiangkou"])
    assert await _sums(demo, "officer@gulou", "qingcheng", "TODAY") == own

    await _move(demo, "xiangkou", "xiangcheng")
    await _move(demo, "qingcheng", "gudong")

    assert await _differences(demo) == []
    assert await _all_sums(demo, "TODAY") == origin == await _all_sums(demo, "THEN")


async def test_takes_back_where_it_was_counted(demo: Demo) -> None:
    await _move(demo, "qingcheng", "xiangkou")
    worker, resident = Desk(demo, "worker@qingcheng"), Desk(demo, "resident@qingcheng")
    spans = (_SPANS[0], _only_today())
    before = await _all_sums(demo, "THEN", spans)
    closed = await demo.owner.fetchrow(
        """select 'cas_' || c.tenant_id || '_' || c.id as id, (closed_at at time zone t.time_zone)::date as day
           from cases c join tenants t on t.id = c.tenant_id
           where t.slug = 'qingcheng' and c.status = 'CLOSED' order by closed_at desc limit 1"""
    )
    assert closed is not None
    assert closed["day"] < today()

    await worker.do("Reopen", closed["id"], reason="问题重现")
    fresh = await resident.report(await resident.home())

    after = await _all_sums(demo, "THEN", spans)
    key = ("months", str({"from": max(str(closed["day"].replace(day=1)), _SPANS[0]["from"])}), "closed")
    assert before["gudong"][0][key] - after["gudong"][0][key] == 1
    assert after["xiangkou"][0][key] == before["xiangkou"][0][key]
    # What happens now is counted under the new offices alone.
    for office, more in (("gudong", 0), ("gulou", 0), ("xiangkou", 1), ("xiangcheng", 1)):
        for counter in ("reported", "reworked"):
            told = ("all", counter, "")
            assert after[office][1][told] - before[office][1][told] == more, (office, counter)
    for account, is_listed in (("dispatcher@xiangkou", True), ("dispatcher@gudong", False)):
        listed = await demo.ask(account, "{ cases(first: 50, orderBy: [REPORTED_AT_DESC]) { nodes { id } } }")
        assert (fresh in {row["id"] for row in listed.json()["data"]["cases"]["nodes"]}) == is_listed, account
    assert await _differences(demo) == []
    assert await _all_sums(demo, "THEN", spans) == after


async def test_can_be_rebuilt_from_the_records(demo: Demo) -> None:
    before = await _all_sums(demo, "THEN"), await _all_sums(demo, "TODAY")
    await demo.owner.execute("truncate case_counts, case_sums")
    async with _engine(demo) as engine, engine.begin() as connection:
        await rebuild(connection, ROLLUPS[0])

    assert (await _all_sums(demo, "THEN"), await _all_sums(demo, "TODAY")) == before


def _only_today() -> dict[str, str]:
    return {"from": day(), "to": day()}


async def _due_today(demo: Demo, whose: dict[str, str] = _OFFICES) -> dict[str, int]:
    sums = {slug: await _sums(demo, account, slug, "THEN", (_only_today(),)) for slug, account in whose.items()}
    return {slug: one[0]["all", "dueToClose", ""] for slug, one in sums.items()}


async def test_keeps_writers_out_and_waits_for_those_who_are_in(demo: Demo) -> None:
    # Somebody has entered, and has yet to write; it bears the offices that it found.
    writer = await asyncpg.connect(demo.database.gateway_url)
    tenant = await demo.owner.fetchrow("select id, grants_version from tenants where slug = 'zhongshan'")
    assert tenant is not None
    account = await demo.owner.fetchval("select account_id from memberships where tenant_id = $1 limit 1", tenant["id"])
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute("select app.enter($1, $2, $3)", tenant["id"], account, tenant["grants_version"])
    moving = asyncio.create_task(_move(demo, "zhongshan", "xiangkou"))
    await asyncio.sleep(1)
    assert not moving.done()
    status = "select status from tenants where slug = 'zhongshan'"
    assert await demo.owner.fetchval(status) == "suspended"

    await transaction.commit()
    await writer.close()

    assert await moving == 1
    assert await demo.owner.fetchval(status) == "open"
    strays = """select count(*) from cases c join tenants t on t.id = c.tenant_id where t.slug = 'zhongshan'
        and (c.street_id, c.district_id) is distinct from (t.street_id, t.district_id)"""
    assert await demo.owner.fetchval(strays) == 0


@pytest.mark.parametrize(
    ("slug", "under", "reason", "refusal"),
    [
        ("kaiyuan", "gudong", _BECAUSE, AlreadyThere),
        ("kaiyuan", "gulou", _BECAUSE, ParentOfWrongKind),
        ("gulou", "xiangcheng", _BECAUSE, ParentOfWrongKind),
        ("kaiyuan", "xiangkou", "  ", ReasonMissing),
    ],
)
async def test_refuses_what_makes_no_sense_and_leaves_everything(
    demo: Demo, slug: str, under: str, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await _move(demo, slug, under, reason)

    assert await demo.owner.fetchval("select status from tenants where slug = $1", slug) == "open"


async def test_moves_nobody_who_was_let_work_again_meanwhile(demo: Demo) -> None:
    writer = await asyncpg.connect(demo.database.gateway_url)
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute("select 1")
    moving = asyncio.create_task(_move(demo, "shudou", "xiangkou"))
    await asyncio.sleep(1)
    await demo.owner.execute("update tenants set status = 'open' where slug = 'shudou'")
    await transaction.rollback()
    await writer.close()

    with pytest.raises(TenantNotInStatus):
        await moving

    row = await demo.owner.fetchrow(
        "select t.status, p.slug from tenants t join tenants p on p.id = t.parent_id where t.slug = 'shudou'"
    )
    assert tuple(row or ()) == ("open", "gudong")
