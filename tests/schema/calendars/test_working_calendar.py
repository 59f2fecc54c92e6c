"""Does a tenant read its working calendar, and change it for itself alone?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.positions.conftest import Hall

_CALENDAR = """{ workingCalendar { version knownThrough officeHours { validFrom opensAt closesAt }
  tenantDays { totalCount nodes { day isWorking name } } } }"""
_HOURS = """mutation ($input: SetOfficeHoursInput!) { setOfficeHours(input: $input) {
  calendar { officeHours { validFrom opensAt closesAt } } errors { code field } } }"""
_DAY = """mutation ($input: SetCalendarDayInput!) { setCalendarDay(input: $input) {
  calendar { tenantDays { nodes { day isWorking name } } } errors { code field } } }"""
_REMOVE = """mutation ($day: Date!) { removeCalendarDay(day: $day) {
  calendar { tenantDays { nodes { day } } } errors { code field } } }"""
_STARTING = [
    {"validFrom": "2000-01-01", "opensAt": "08:30", "closesAt": "12:00"},
    {"validFrom": "2000-01-01", "opensAt": "14:00", "closesAt": "17:30"},
]
_SUMMER = {"validFrom": "2027-06-01", "spans": [{"opensAt": "15:00", "closesAt": "24:00"}]}
_TYPHOON = {"day": "2027-08-12", "isWorking": False, "name": "台风停工"}


async def read(hall: Hall, *, slug: str = "qingcheng", by: str = "worker") -> dict[str, Any]:
    answer = await hall.client.ask(_CALENDAR, account=f"{by}@{slug}", tenant=slug)
    calendar: dict[str, Any] = answer.json()["data"]["workingCalendar"]
    return calendar


async def change(
    hall: Hall, document: str, *, by: str = "admin", slug: str = "qingcheng", **given: object
) -> dict[str, Any]:
    answer = await hall.client.ask(document, given, account=f"{by}@{slug}", tenant=slug)
    payload: dict[str, Any]
    (payload,) = answer.json()["data"].values()
    return payload


async def test_reads_the_nations_days_and_the_starting_office_hours(hall: Hall) -> None:
    asked = """query ($since: Date, $until: Date) { workingCalendar {
      nationalDays(since: $since, until: $until, first: 100) { totalCount nodes { day isWorking name } } } }"""
    span = {"since": "2026-09-28", "until": "2026-10-10"}

    calendar = await read(hall, by="auditor")
    told = await hall.client.ask(asked, span, account="auditor@qingcheng", tenant="qingcheng")
    all_told = await hall.client.ask(asked, {"since": None}, account="auditor@qingcheng", tenant="qingcheng")

    assert (calendar["knownThrough"], calendar["officeHours"]) == ("2026-12-31", _STARTING)
    assert told.json()["data"]["workingCalendar"]["nationalDays"]["nodes"] == [
        *({"day": f"2026-10-0{day}", "isWorking": False, "name": "国庆节"} for day in range(1, 8)),
        {"day": "2026-10-10", "isWorking": True, "name": "国庆节调休上班"},
    ]
    assert all_told.json()["data"]["workingCalendar"]["nationalDays"]["totalCount"] == 771


async def test_changes_office_hours_in_its_own_tenant_alone(hall: Hall) -> None:
    before = await read(hall)

    changed = await change(hall, _HOURS, input=_SUMMER)
    here, there = await read(hall), await read(hall, slug="zhongshan")
    taken_back = await change(hall, _HOURS, input={**_SUMMER, "spans": []})

    summer = {"validFrom": "2027-06-01", "opensAt": "15:00", "closesAt": "24:00"}
    assert changed == {"calendar": {"officeHours": [*_STARTING, summer]}, "errors": []}
    assert here == {**before, "version": before["version"] + 1, "officeHours": [*_STARTING, summer]}
    assert there["officeHours"] == _STARTING
    assert taken_back == {"calendar": {"officeHours": _STARTING}, "errors": []}


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        (["08:30-08:30"], "spans"),
        (["12:00-08:30"], "spans"),
        (["08:30-12:00", "11:59-14:00"], "spans"),
        ([f"{hour:02}:00-{hour:02}:30" for hour in range(9)], "spans"),
        (["8:30-12:00"], "spans.opensAt"),
        (["08:30-24:01"], "spans.closesAt"),
        (["08:30-25:00"], "spans.closesAt"),
        (["08:60-12:00"], "spans.opensAt"),
    ],
)
async def test_refuses_spans_that_are_none(hall: Hall, spans: list[str], field: str) -> None:
    before = await read(hall)
    given = [dict(zip(("opensAt", "closesAt"), span.split("-"), strict=True)) for span in spans]

    refused = await change(hall, _HOURS, input={"validFrom": "2027-01-01", "spans": given})

    assert refused == {"calendar": None, "errors": [{"code": "OFFICE_HOURS_INVALID", "field": field}]}
    assert await read(hall) == before


async def test_keeps_some_office_hours(hall: Hall) -> None:
    before = await read(hall)

    refused = await change(hall, _HOURS, input={"validFrom": "2000-01-01", "spans": []})

    assert refused["errors"] == [{"code": "OFFICE_HOURS_INVALID", "field": "spans"}]
    assert await read(hall) == before


async def test_holds_a_day_otherwise_in_its_own_tenant_alone(hall: Hall) -> None:
    first = await change(hall, _DAY, input=_TYPHOON)
    again = await change(hall, _DAY, input={**_TYPHOON, "isWorking": True, "name": " 补班 "})
    elsewhere = await change(hall, _REMOVE, slug="zhongshan", day=_TYPHOON["day"])
    there = await read(hall, slug="zhongshan")
    removed = await change(hall, _REMOVE, day=_TYPHOON["day"])
    twice = await change(hall, _REMOVE, day=_TYPHOON["day"])

    assert first == {"calendar": {"tenantDays": {"nodes": [_TYPHOON]}}, "errors": []}
    assert again["calendar"]["tenantDays"]["nodes"] == [{"day": "2027-08-12", "isWorking": True, "name": "补班"}]
    assert elsewhere["errors"] == twice["errors"] == [{"code": "NOT_FOUND", "field": "day"}]
    assert there["tenantDays"]["totalCount"] == 0
    assert removed == {"calendar": {"tenantDays": {"nodes": []}}, "errors": []}


@pytest.mark.parametrize("name", ["", "  ", "台" * 41, "台\n风"])
async def test_asks_what_day_it_is(hall: Hall, name: str) -> None:
    refused = await change(hall, _DAY, input={**_TYPHOON, "name": name})

    assert refused == {"calendar": None, "errors": [{"code": "CALENDAR_DAY_INVALID", "field": "name"}]}
    assert (await read(hall))["tenantDays"]["totalCount"] == 0


@pytest.mark.parametrize("by", ["worker", "auditor", "committee-chair"])
async def test_lets_nobody_else_change_it(hall: Hall, by: str) -> None:
    before = await read(hall)

    refused = [
        await change(hall, _HOURS, by=by, input=_SUMMER),
        await change(hall, _DAY, by=by, input=_TYPHOON),
        await change(hall, _REMOVE, by=by, day="2027-01-01"),
    ]

    assert [payload["errors"] for payload in refused] == [[{"code": "FORBIDDEN", "field": None}]] * 3
    assert await read(hall) == before


@pytest.mark.parametrize(
    ("document", "given"),
    [(_HOURS, {"input": _SUMMER}), (_DAY, {"input": _TYPHOON}), (_REMOVE, {"day": "2027-01-01"}), (_CALENDAR, {})],
)
async def test_lets_an_administrator_act_in_the_own_tenant_alone(
    hall: Hall, document: str, given: dict[str, object]
) -> None:
    before = await read(hall, slug="zhongshan")

    refused = await hall.client.ask(document, given, account="admin@qingcheng", tenant="zhongshan")

    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "TENANT_UNKNOWN")
    assert await read(hall, slug="zhongshan") == before


async def test_writes_changes_to_the_audit_log(hall: Hall) -> None:
    await change(hall, _DAY, input=_TYPHOON)
    await change(hall, _REMOVE, day=_TYPHOON["day"])

    told = await hall.client.ask(
        "{ auditEntries(first: 2) { nodes { action outcome } } }", account="auditor@qingcheng", tenant="qingcheng"
    )

    assert told.json()["data"]["auditEntries"]["nodes"] == [{"action": "settings:edit", "outcome": "DONE"}] * 2
