"""What may somebody do whom nobody appointed? Come into an open community, report, see what he reported; leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from services.onboarding.commands import resume_tenant, suspend_tenant
from tests.fixtures.demo import Demo
from tests.journeys.residents import LOCAL, Door, dwellings_of, open_door

_SLUG = "qingcheng"
_SETTINGS = """mutation ($input: ChangeResidencySettingsInput!) { changeResidencySettings(input: $input) {
  settings { takesVisitors openRequestLimit dailyRequestLimit tenantLimit } errors { code field } } }"""


@pytest.fixture(scope="module")
async def door(demo: Demo) -> AsyncIterator[Door]:
    """The demo, with the mini-program's accounts before it."""
    async with open_door(demo) as opened:
        yield opened


async def _change(door: Door, slug: str, **settings: object) -> dict[str, Any]:
    answer = await door.demo.ask(f"admin@{slug}", _SETTINGS, {"input": settings})
    payload: dict[str, Any] = answer.json()["data"]["changeResidencySettings"]
    return payload


async def test_lets_an_account_without_posts_report_and_read_its_own_cases(door: Door) -> None:
    somebody = door.somebody("13900001111")
    (home,) = await dwellings_of(door.demo, _SLUG, count=1)
    report = {"title": "路灯不亮", "description": "楼前路灯坏了", "categoryCode": "0203", "kind": "HELP"}
    report |= {"source": "SNAPSHOT"}
    assert await somebody.posts(_SLUG) is None

    joined = await somebody.do("Join", slug=_SLUG)
    reported = await somebody.do("Report", tenant=_SLUG, input={**report, "at": {"placeId": home.id}})

    assert joined == {"slug": _SLUG, "name": "庆城社区"}
    assert await somebody.posts(_SLUG) == ["visitor"]
    mine = await somebody.ask("Mine", tenant=_SLUG)
    assert mine["me"]["positions"][0]["place"] == {"__typename": "Community", "name": "庆城社区"}
    assert [node["id"] for node in mine["cases"]["nodes"]] == [reported["id"]]
    assert mine["cases"]["totalCount"] == 1
    others = await somebody.send("Home", tenant=_SLUG)
    assert others.json()["data"] == {"dwellings": None}
    # The community can call back: name and phone are there, masked.
    page = "query ($id: ID!) { case(id: $id) { reporter { displayName maskedPhone } } }"
    seen = (await door.demo.ask("worker@qingcheng", page, {"id": reported["id"]})).json()["data"]["case"]
    assert seen["reporter"] == {"displayName": "U*", "maskedPhone": "139****1111"}
    assert (await door.demo.ask("worker@zhongshan", page, {"id": reported["id"]})).json()["data"] == {"case": None}


async def test_joins_once_however_often_it_is_asked(door: Door) -> None:
    held = "select count(*) from positions p join accounts a on a.id = p.account_id where a.subject = $1"
    for _ in range(3):
        somebody = door.somebody()

        answers = await asyncio.gather(*(somebody.send("Join", slug=_SLUG, key="k") for _ in range(8)))
        again = await somebody.send("Join", tenant=_SLUG, slug=_SLUG, key="k")
        other = await somebody.refused("Join", tenant=_SLUG, slug="zhongshan", key="k")

        assert {answer.content for answer in (*answers, again)} == {answers[0].content}
        assert other == "IDEMPOTENCY_KEY_REUSED"
        assert await somebody.posts(_SLUG) == ["visitor"]
        assert await door.demo.owner.fetchval(held, somebody.subject) == 1


async def test_answers_alike_whoever_lets_nobody_in(door: Door) -> None:
    engine = create_async_engine(sqlalchemy_url(door.demo.database.owner_url))
    async with engine.begin() as connection:
        await suspend_tenant(connection, slug="zhongshan")
    closed = await _change(door, "xiyuan", takesVisitors=False)
    assert closed["settings"]["takesVisitors"] is False
    slugs = ["xiyuan", "zhongshan", "gudong", "gulou", "no-such-place", "", "'", "庆城", "a" * 5000]
    rows = "select (select count(*) from positions), (select count(*) from people), (select count(*) from memberships)"
    before = await door.demo.owner.fetchrow(rows)

    answers = [await door.somebody().send("Join", slug=slug, key="k") for slug in slugs]
    # One street's sign-on vouches for nobody outside it.
    answers.append(await door.somebody(issuer=LOCAL).send("Join", slug="minzhucun"))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert b"COMMUNITY_NOT_OPEN" in answers[0].content
    assert await door.demo.owner.fetchrow(rows) == before
    async with engine.begin() as connection:
        await resume_tenant(connection, slug="zhongshan")
    await engine.dispose()
    assert await door.somebody(issuer=LOCAL).do("Join", slug="zhongshan") == {"slug": "zhongshan", "name": "中山社区"}


async def test_changes_nothing_in_a_suspended_community(door: Door) -> None:
    somebody = door.somebody()
    await somebody.do("Join", slug="guanyuan")
    (home,) = await dwellings_of(door.demo, "guanyuan", count=1)
    engine = create_async_engine(sqlalchemy_url(door.demo.database.owner_url))
    async with engine.begin() as connection:
        await suspend_tenant(connection, slug="guanyuan")

    request = {"dwelling": {"id": home.id}, "relation": "OWNER"}
    refused = {
        await somebody.refused("Request", tenant="guanyuan", input=request),
        await somebody.refused("Leave", tenant="guanyuan", slug="guanyuan"),
        await door.refused("worker@guanyuan", "Decide", id=f"rsd_1_{home.id[-36:]}", yes=True),
    }

    assert refused == {"TENANT_SUSPENDED"}
    async with engine.begin() as connection:
        await resume_tenant(connection, slug="guanyuan")
    await engine.dispose()
    assert await somebody.posts("guanyuan") == ["visitor"]


async def test_lets_nobody_collect_communities_or_go_in_and_out(door: Door) -> None:
    somebody = door.somebody()
    assert (await _change(door, "minzhucun", tenantLimit=1))["errors"] == []
    await somebody.do("Join", slug=_SLUG)

    assert await somebody.refused("Join", slug="minzhucun") == "COMMUNITY_NOT_OPEN"
    for _ in range(4):
        await somebody.do("Leave", tenant=_SLUG, slug=_SLUG)
        await somebody.do("Join", slug=_SLUG)
    await somebody.do("Leave", tenant=_SLUG, slug=_SLUG)
    assert await somebody.refused("Join", slug=_SLUG) == "COMMUNITY_NOT_OPEN"
    assert await somebody.posts(_SLUG) is None


async def test_lets_administrators_alone_change_whom_it_lets_in(door: Door) -> None:
    for limit in (0, -1, 1001):
        refused = await _change(door, "jiezilu", openRequestLimit=limit)
        assert refused["errors"] == [{"code": "RESIDENCY_LIMIT_INVALID", "field": "openRequestLimit"}]
    changed = await _change(door, "jiezilu", openRequestLimit=7)
    assert changed["settings"] == {
        "takesVisitors": True,
        "openRequestLimit": 7,
        "dailyRequestLimit": 5,
        "tenantLimit": 10,
    }
    for account in ("worker@jiezilu", "resident@jiezilu", "auditor@jiezilu"):
        answer = await door.demo.ask(account, _SETTINGS, {"input": {"takesVisitors": False}})
        assert answer.json()["data"]["changeResidencySettings"]["errors"] == [{"code": "FORBIDDEN", "field": None}]


async def test_takes_no_kind_of_the_tenants_own_for_visitors(door: Door) -> None:
    await door.demo.owner.execute(
        "update position_kinds k set grants_as = 'worker' from tenants t"
        " where t.id = k.tenant_id and t.slug = 'jiezilu' and k.code = 'visitor'"
    )

    assert await door.somebody().refused("Join", slug="jiezilu") == "COMMUNITY_NOT_OPEN"
