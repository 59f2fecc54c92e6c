"""Do the contract's summaries say what the records say, to whom they are for, and to nobody else?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.documents import contract_document
from tests.days import day, today
from tests.fixtures.demo import Demo
from tests.journeys.working import Desk

# What cases say by themselves, by when it happened: counters.md, word by word.
_DAY = "(c.{} at time zone 'Asia/Shanghai')::date"
_IN = "{} between $2::date and least($3::date, $4::date)"
_COUNTED = "c.status not in ('EXCLUDED', 'MERGED')"
_SUMS = {
    "reported": _IN.format(_DAY.format("reported_at")),
    "accepted": _IN.format(_DAY.format("accepted_at")),
    "dueToClose": f"{_COUNTED} and {_IN.format(_DAY.format('due_at'))}",
    "closed": f"c.status = 'CLOSED' and {_IN.format(_DAY.format('closed_at'))}",
    "closedOnTime": f"c.status = 'CLOSED' and c.closed_at <= c.due_at and {_IN.format(_DAY.format('due_at'))}",
    "overdue": f"{_COUNTED} and {_IN.format(_DAY.format('due_at'))} and coalesce(c.closed_at > c.due_at, true)",
}
_FORBIDDEN = (
    "building-leader@qingcheng",
    "property-worker@qingcheng",
    "owners-chair@qingcheng",
    "resident@qingcheng",
    "admin@qingcheng",
    "auditor@qingcheng",
)


def _first() -> date:
    return today().replace(year=today().year - 1, day=9)


def _period() -> dict[str, str]:
    """Give a year and some days up to today."""
    return {"from": _first().isoformat(), "to": day()}


async def _ask(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    given = {**_period(), **variables}
    answer = await demo.ask(account, contract_document("summaries"), given, operation=operation)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _recount(
    demo: Demo, where: str, slug: str, first: date | None = None, last: date | None = None
) -> Mapping[str, int]:
    """Count a tenant's cases one by one, in the year asked for unless told otherwise."""
    sums = ", ".join(f'count(*) filter (where {condition}) as "{name}"' for name, condition in _SUMS.items())
    tenant = await demo.owner.fetchval("select id from tenants where slug = $1", slug)
    period = (first or _first(), last or today(), today())
    row = await demo.owner.fetchrow(f"select {sums} from cases c where c.{where} = $1", tenant, *period)
    assert row is not None
    return dict(row)


def _told(sums: Mapping[str, Any]) -> dict[str, int]:
    return {name: sums[name] for name in _SUMS}


async def _place(demo: Demo, slug: str) -> str:
    row = await demo.owner.fetchrow("select id, kind, place_id from tenants where slug = $1", slug)
    assert row is not None
    return f"{row['kind'][:3]}_{row['id']}_{row['place_id']}"


@pytest.mark.parametrize("account", ["officer@gulou", "analyst@gulou"])
async def test_sums_up_a_district_exactly(demo: Demo, account: str) -> None:
    answer = await _ask(demo, account, "DistrictSummary")

    assert "errors" not in answer, answer
    district = answer["data"]["district"]
    assert _told(district["caseSummary"]) == await _recount(demo, "district_id", "gulou")
    assert district["caseSummary"]["reported"] > 500
    first = _first()
    length, before_it = today() - first, first - timedelta(1)
    before = await _recount(demo, "district_id", "gulou", before_it - length, before_it)
    assert _told(district["caseSummary"]["previous"]) == before
    for parts in ("byMonth", "byCategory", "byHandler"):
        for name in _SUMS:
            assert sum(part[name] for part in district[parts]) == district["caseSummary"][name], (parts, name)
    assert [part["period"]["from"] for part in district["byMonth"]][:2] == [
        first.isoformat(),
        (first.replace(day=1) + timedelta(32)).replace(day=1).isoformat(),
    ]
    assert len(district["byMonth"]) == 13
    assert {part["handler"]["name"] for part in district["byHandler"]} > {"鼓楼区城市管理局"}
    (street,) = district["streets"]["nodes"]
    assert _told(street["caseSummary"]) == await _recount(demo, "street_id", "gudong")
    names = {one["name"]: one["caseSummary"] for one in street["communities"]["nodes"]}
    assert _told(names["庆城社区"]) == await _recount(demo, "tenant_id", "qingcheng")


@pytest.mark.parametrize("account", ["dispatcher@gudong", "party-secretary@gudong"])
async def test_sums_up_a_street_by_when_cases_were_reported(demo: Demo, account: str) -> None:
    street = await _place(demo, "gudong")

    now = (await _ask(demo, account, "StreetSummary", streetId=street))["data"]["street"]
    then = (await _ask(demo, account, "StreetSummary", streetId=street, cutOff=day(-40)))["data"]

    # As of today the ledger alone says the same as the sums of whole months.
    by_ledger = (await _ask(demo, account, "StreetSummary", streetId=street, cutOff=day()))["data"]["street"]
    ignored = ("cutOffAt",)
    assert {k: v for k, v in now["caseSummary"].items() if k not in ignored} == {
        k: v for k, v in by_ledger["caseSummary"].items() if k not in ignored
    }
    assert sorted(now["byHandler"], key=repr) == sorted(by_ledger["byHandler"], key=repr)
    assert now["caseSummary"]["reported"] == (await _recount(demo, "street_id", "gudong"))["reported"]
    earlier = then["street"]["caseSummary"]
    assert 0 < earlier["closed"] < now["caseSummary"]["closed"]
    assert earlier["closed"] + earlier["overdue"] >= earlier["dueToClose"]


@pytest.mark.parametrize("account", ["worker@qingcheng", "committee-chair@qingcheng", "party-secretary@qingcheng"])
async def test_sums_up_a_community_and_its_grids(demo: Demo, account: str) -> None:
    answer = await _ask(demo, account, "CommunitySummary", communityId=await _place(demo, "qingcheng"))

    assert "errors" not in answer, answer
    community = answer["data"]["community"]
    assert _told(community["caseSummary"]) == await _recount(demo, "tenant_id", "qingcheng")
    # Cases at no grid are the community's alone.
    gridless = await demo.owner.fetchval(
        f"""select count(*) from cases c join tenants t on t.id = c.tenant_id and t.slug = 'qingcheng'
            where c.grid_id is null and {_DAY.format("reported_at")} between $1 and $2""",
        _first(),
        today(),
    )
    in_grids = sum(grid["caseSummary"]["reported"] for grid in community["grids"]["nodes"])
    assert in_grids + gridless == community["caseSummary"]["reported"]


@pytest.mark.parametrize("account", ["grid-worker@qingcheng", "grid-leader@jiezilu"])
async def test_shows_posts_of_grids_the_sums_of_theirs(demo: Demo, account: str) -> None:
    slug = account.partition("@")[2]
    answer = await _ask(demo, account, "CommunitySummary", communityId=await _place(demo, slug))

    assert "errors" not in answer, answer
    community = answer["data"]["community"]
    assert community["caseSummary"] is None
    assert len([grid for grid in community["grids"]["nodes"] if grid["caseSummary"]]) == 1


@pytest.mark.parametrize("account", _FORBIDDEN)
async def test_refuses_whoever_has_no_sums(demo: Demo, account: str) -> None:
    answer = await _ask(demo, account, "CommunitySummary", communityId=await _place(demo, "qingcheng"))

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    assert answer["data"]["community"] is None or answer["data"]["community"]["caseSummary"] is None


async def test_shows_bodies_what_they_answer_for(demo: Demo) -> None:
    document = """query ($id: ID!, $from: Date!, $to: Date!) { community(id: $id) {
      caseSummary(from: $from, to: $to) { reported }
      caseSummariesByHandler(from: $from, to: $to) { handler { name } reported closed } } }"""
    given = {"id": await _place(demo, "qingcheng"), **_period()}
    everything = (await demo.ask("worker@qingcheng", document, given)).json()["data"]["community"]
    mine = (await demo.ask("property-manager@qingcheng", document, given)).json()["data"]["community"]

    assert mine["caseSummary"] is None
    (company,) = mine["caseSummariesByHandler"]
    assert company in everything["caseSummariesByHandler"]
    department = """query ($from: Date!, $to: Date!) { district {
      caseSummary(from: $from, to: $to) { reported }
      caseSummariesByHandler(from: $from, to: $to) { handler { name } closed } } }"""
    theirs = (await demo.ask("department-handler@gulou", department, _period())).json()["data"]["district"]
    assert theirs["caseSummary"] is None
    assert [one["handler"]["name"] for one in theirs["caseSummariesByHandler"]] == ["鼓楼区城市管理局"]


async def test_shows_nobody_the_sums_of_other_tenants(demo: Demo) -> None:
    document = """query ($id: ID!, $from: Date!, $to: Date!) {
      community(id: $id) { caseSummary(from: $from, to: $to) { reported } } }"""
    given = {"id": await _place(demo, "qingcheng"), **_period()}

    for account in ("worker@guanyuan", "officer@xiangcheng", "dispatcher@xiangkou", "worker@zhongshan"):
        answer = (await demo.ask(account, document, given)).json()
        assert answer["data"]["community"] in (None, {"caseSummary": None}), account


async def test_counts_what_was_just_done(demo: Demo) -> None:
    desk = Desk(demo, "worker@guanyuan")
    document = """query ($from: Date!, $to: Date!, $unit: PeriodUnit!) { communities { nodes {
      caseSummary(from: $from, to: $to) { reported accepted }
      caseSummariesByPeriod(from: $from, to: $to, unit: $unit) { period { from } reported } } } }"""
    given = {"from": day(), "to": day(), "unit": "WEEK"}

    async def told() -> Any:  # noqa: ANN401 - JSON.
        return (await demo.ask(desk.account, document, given)).json()["data"]["communities"]["nodes"][0]

    before = await told()
    case = await desk.report(await Desk(demo, "resident@guanyuan").home(), source="PATROL")
    await desk.do("Accept", case)
    after = await told()

    assert after["caseSummary"] == {name: number + 1 for name, number in before["caseSummary"].items()}
    assert after["caseSummariesByPeriod"] == [
        {"period": {"from": given["from"]}, "reported": before["caseSummariesByPeriod"][0]["reported"] + 1}
    ]


@pytest.mark.parametrize(
    ("first", "last", "unit", "code"),
    [("2026-05-02", "2026-05-01", "DAY", "BAD_PERIOD"), ("2020-01-01", "2026-05-01", "DAY", "TOO_MANY_PERIODS")],
)
async def test_says_what_is_wrong_with_a_period(demo: Demo, first: str, last: str, unit: str, code: str) -> None:
    document = """query ($from: Date!, $to: Date!, $unit: PeriodUnit!) { communities { nodes {
      caseSummariesByPeriod(from: $from, to: $to, unit: $unit) { reported } } } }"""

    answer = (await demo.ask("worker@guanyuan", document, {"from": first, "to": last, "unit": unit})).json()

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_ranks_places_and_lets_ties_stand_alike(demo: Demo) -> None:
    document = """query ($from: Date!, $to: Date!, $by: CaseMeasure!, $ascending: Boolean) { district {
      caseRanking(from: $from, to: $to, by: $by, level: COMMUNITY, ascending: $ascending) {
        rank place { id name } reported whistled onTimeRate } } }"""
    given = {**_period(), "by": "ON_TIME_RATE"}

    ranked = (await demo.ask("officer@gulou", document, given)).json()["data"]["district"]["caseRanking"]

    assert len(ranked) == 5
    rates = [one["onTimeRate"] for one in ranked]
    assert rates == sorted(rates, reverse=True)
    assert [one["rank"] for one in ranked] == [1 + sum(other > rate for other in rates) for rate in rates]
    least = (await demo.ask("officer@gulou", document, {**given, "ascending": True})).json()
    assert least["data"]["district"]["caseRanking"][0]["onTimeRate"] == rates[-1]
    # Of what happened nowhere, all have the same.
    none = (await demo.ask("officer@gulou", document, {**given, "by": "WHISTLED"})).json()["data"]["district"]
    assert {one["rank"] for one in none["caseRanking"]} == {1}
    # Who sees but the own sums stands first of one.
    (own,) = (await demo.ask("worker@qingcheng", document, given)).json()["data"]["district"]["caseRanking"]
    assert (own["rank"], own["place"]["name"]) == (1, "庆城社区")
