"""Does a tenant change its categories, for itself alone?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.calendars.reading import SHIPPED, read_days
from services.calendars.rules import UNITS, Span, WorkCalendar
from services.cases.queries import DRAWING
from services.categories.commands import REPORTING
from tests.schema.categories.desk import RETIRE, SET, ask, book, report, set_category
from tests.schema.positions.conftest import Hall

_WHOLE: dict[str, Any] = {
    "code": "0160",
    "name": "违规搭建",
    "parentCode": "01",
    "limit": {"amount": 2, "unit": "WORKING_DAY", "basis": "市城管局2026年时限表"},
    "isPhotoRequired": True,
    "isEvidenceRequired": True,
    "filingCondition": "未经批准",
    "closingCondition": "拆除",
    "defaultHandlerKind": "department",
    "referral": None,
    "external": {"system": "GB/T 30428.2", "code": "0101"},
    "sort": "0100",
}


async def test_adds_a_category_as_a_whole_to_its_own_tenant_alone(hall: Hall) -> None:
    version, before, _ = await book(hall)
    elsewhere = await book(hall, slug="zhongshan")

    added = await set_category(hall, **_WHOLE)
    after_version, after, _ = await book(hall)

    # Nobody is asked for photos before the tenant has set that.
    told = {name: value for name, value in _WHOLE.items() if name not in {"parentCode", "sort"}}
    told["isPhotoRequired"] = False
    assert added["errors"] == []
    assert added["category"] == {**told, "parentId": before["01"]["id"], "isLeaf": True, "isActive": True}
    assert (after_version, set(after) - set(before)) == (version + 1, {"0160"})
    assert list(after)[:3] == ["01", "0160", "0101"]
    assert await book(hall, slug="zhongshan") == elsewhere


async def test_changes_a_category_and_leaves_out_what_is_left_out(hall: Hall) -> None:
    await set_category(hall, **{**_WHOLE, "code": "0161"})

    changed = await set_category(hall, code="0161", name=" 改名 ", limit={"amount": 3, "unit": "HOUR"})

    category = changed["category"]
    assert (category["name"], category["limit"]) == ("改名", {"amount": 3, "unit": "HOUR", "basis": None})
    assert [category[name] for name in ("filingCondition", "external", "defaultHandlerKind")] == [None] * 3
    assert (category["isPhotoRequired"], category["isEvidenceRequired"]) == (False, False)


async def test_moves_a_group_with_all_that_is_in_it(hall: Hall) -> None:
    await set_category(hall, code="A", name="甲", parentCode=None, limit=None)
    await set_category(hall, code="A1", name="甲一", parentCode="A", limit=None)
    await set_category(hall, code="A11", name="甲一一", parentCode="A1")

    moved = await set_category(hall, code="A1", name="甲一", parentCode="12", limit=None)

    _, nodes, _ = await book(hall)
    assert moved["errors"] == []
    assert list(nodes)[list(nodes).index("12") :][:5] == ["12", "1201", "1202", "A1", "A11"]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"code": "类别"}, "code"),
        ({"code": "0" * 21}, "code"),
        ({"name": " "}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"limit": {"amount": 0, "unit": "DAY"}}, "limit.amount"),
        ({"limit": {"amount": 10_000, "unit": "DAY"}}, "limit.amount"),
        ({"limit": {"amount": 1, "unit": "DAY", "basis": ""}}, "limit.basis"),
        ({"filingCondition": "长" * 501}, "filingCondition"),
        ({"closingCondition": "a\nb"}, "closingCondition"),
        ({"parentCode": "0104"}, "parentCode"),
        ({"parentCode": "nothing"}, "parentCode"),
        ({"defaultHandlerKind": "nobody"}, "defaultHandlerKind"),
        ({"referral": {"name": "消防", "phone": "一一九"}}, "referral.phone"),
        ({"referral": {"name": "", "phone": "119"}}, "referral.name"),
        ({"external": {"system": " ", "code": "1"}}, "external.system"),
        ({"external": {"system": "x", "code": ""}}, "external.code"),
        ({"sort": "-"}, "sort"),
        ({"code": "01", "parentCode": "01", "limit": None}, "parentCode"),
    ],
)
async def test_refuses_what_no_category_can_be(hall: Hall, terms: dict[str, Any], field: str) -> None:
    before = await book(hall)

    refused = await set_category(hall, **terms)

    assert refused["category"] is None
    assert [(error["code"], error["field"]) for error in refused["errors"]] == [("CATEGORY_INVALID", field)]
    assert await book(hall) == before


async def test_keeps_groups_from_standing_within_themselves_and_too_deep(hall: Hall) -> None:
    for code, parent in (("B", None), ("B1", "B"), ("B2", "B1"), ("B3", "B2")):
        await set_category(hall, code=code, parentCode=parent, limit=None)

    within = await set_category(hall, code="B", parentCode="B2", limit=None)
    too_deep = await set_category(hall, code="B4", parentCode="B3")
    too_deep_by_move = await set_category(hall, code="B", parentCode="02", limit=None)

    for refused in (within, too_deep, too_deep_by_move):
        assert [(error["code"], error["field"]) for error in refused["errors"]] == [("CATEGORY_INVALID", "parentCode")]


async def test_keeps_a_group_that_holds_others_and_a_leaf_that_holds_cases(hall: Hall) -> None:
    await set_category(hall, code="0170")
    await report(hall, "0170")
    before = await book(hall)

    group_to_leaf = await set_category(hall, code="02", parentCode=None)
    leaf_to_group = await set_category(hall, code="0170", limit=None)

    assert [refused["errors"][0]["code"] for refused in (group_to_leaf, leaf_to_group)] == ["CATEGORY_IN_USE"] * 2
    assert await book(hall) == before


async def test_makes_an_unused_leaf_a_group(hall: Hall) -> None:
    await set_category(hall, code="0171")

    changed = await set_category(hall, code="0171", limit=None)
    refused = await report(hall, "0171")

    assert (changed["errors"], changed["category"]["isLeaf"], changed["category"]["limit"]) == ([], False, None)
    assert refused["errors"] == [{"code": "CATEGORY_UNKNOWN", "field": "categoryCode"}]
    # Reports share this turn: whoever makes a group waits for them.
    assert REPORTING == DRAWING


async def test_takes_nothing_more_in_what_is_retired_and_shows_it_with_its_cases(hall: Hall) -> None:
    await set_category(hall, code="0172")
    case = (await report(hall, "0172"))["case"]
    version, _, _ = await book(hall)

    retired = await ask(hall, RETIRE, code="0172")
    refused = await report(hall, "0172")
    seen = await ask(
        hall, "query ($id: ID!) { case(id: $id) { category { code name isActive } } }", by="worker", id=case["id"]
    )
    after, nodes, out_of_use = await book(hall)

    assert retired == {"category": {"code": "0172", "isActive": False}, "errors": []}
    assert refused == {"case": None, "errors": [{"code": "CATEGORY_UNKNOWN", "field": "categoryCode"}]}
    assert seen == {"category": {"code": "0172", "name": "测试", "isActive": False}}
    assert (after, "0172" in nodes, "0172" in out_of_use) == (version + 1, False, True)

    await set_category(hall, code="0172")
    assert (await report(hall, "0172"))["errors"] == []


async def test_retires_a_group_after_what_is_in_it(hall: Hall) -> None:
    await set_category(hall, code="C", parentCode=None, limit=None)
    await set_category(hall, code="C1", parentCode="C")

    too_early = await ask(hall, RETIRE, code="C")
    await ask(hall, RETIRE, code="C1")
    retired = await ask(hall, RETIRE, code="C")
    under_it = await set_category(hall, code="C2", parentCode="C")
    unknown = await ask(hall, RETIRE, code="nothing")

    assert too_early["errors"] == [{"code": "CATEGORY_IN_USE", "field": "code"}]
    assert retired["errors"] == []
    assert under_it["errors"][0]["field"] == "parentCode"
    assert unknown == {"category": None, "errors": [{"code": "NOT_FOUND", "field": "code"}]}


async def test_retires_in_its_own_tenant_alone(hall: Hall) -> None:
    await ask(hall, RETIRE, code="1111")

    assert "1111" not in (await book(hall))[1]
    assert "1111" in (await book(hall, slug="zhongshan"))[1]
    assert (await report(hall, "1111", slug="zhongshan"))["errors"] == []


@pytest.mark.parametrize("by", ["worker", "auditor", "committee-chair"])
async def test_lets_nobody_else_change_them(hall: Hall, by: str) -> None:
    before = await book(hall)

    refused = [await set_category(hall, by=by, code="0180"), await ask(hall, RETIRE, by=by, code="0101")]

    assert [payload["errors"][0]["code"] for payload in refused] == ["FORBIDDEN"] * 2
    assert await book(hall) == before


@pytest.mark.parametrize(
    ("document", "given"), [(SET, {"input": {"code": "0180", "name": "测试"}}), (RETIRE, {"code": "0101"})]
)
async def test_lets_an_administrator_act_in_the_own_tenant_alone(
    hall: Hall, document: str, given: dict[str, object]
) -> None:
    before = await book(hall, slug="zhongshan")

    refused = await hall.client.ask(document, given, account="admin@qingcheng", tenant="zhongshan")

    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "TENANT_UNKNOWN")
    assert await book(hall, slug="zhongshan") == before


# --- what cases make of it -------------------------------------------------------------------------------------------


_CODES = {unit: f"U{number}" for number, unit in enumerate(UNITS)}


async def test_lets_a_case_be_due_by_the_tenants_calendar(hall: Hall) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    days = {listed.day: listed.is_working for listed in read_days(SHIPPED.read_bytes())}
    starting = WorkCalendar.of(shanghai, days=days, hours={date(2000, 1, 1): (Span(510, 720), Span(840, 1050))})
    round_the_clock = WorkCalendar.of(shanghai, days=days, hours={})
    all_day = {"validFrom": "2000-01-01", "spans": [{"opensAt": "00:00", "closesAt": "24:00"}]}
    set_hours = "mutation ($input: SetOfficeHoursInput!) { setOfficeHours(input: $input) { errors { code } } }"
    for unit in UNITS:
        await set_category(hall, code=_CODES[unit], limit={"amount": 9, "unit": unit})

    for calendar in (starting, round_the_clock):
        for unit in UNITS:
            case = (await report(hall, _CODES[unit]))["case"]
            reported, due = (datetime.fromisoformat(case[name]) for name in ("reportedAt", "dueAt"))
            assert due == calendar.add(reported, 9, unit), unit
        # From the very next report on.
        await ask(hall, set_hours, input=all_day)


async def test_asks_to_be_shown_what_was_done(hall: Hall) -> None:
    await set_category(hall, code="0190", isEvidenceRequired=True)
    case_id = (await report(hall, "0190"))["case"]["id"]
    resolve = """mutation ($id: ID!, $input: ResolveCaseInput!) {
      resolveCase(caseId: $id, input: $input) { case { status } errors { code field } } }"""
    worker = (await ask(hall, "{ me { positions { id } } }", by="worker"))["positions"][0]["id"]
    for step, given in (
        ("mutation ($id: ID!) { acceptCase(caseId: $id) { errors { code } } }", {}),
        (
            """mutation ($id: ID!, $to: ID!) {
              dispatchCase(caseId: $id, input: {to: {positionId: $to}}) { errors { code } } }""",
            {"to": worker},
        ),
    ):
        assert (await ask(hall, step, by="committee-chair", id=case_id, **given))["errors"] == []

    refused = await ask(hall, resolve, by="worker", id=case_id, input={"note": "已处理"})
    on_the_spot = await report(hall, "0190", handled={"note": "已处理"})
    status = await ask(hall, "query ($id: ID!) { case(id: $id) { status } }", by="worker", id=case_id)
    await set_category(hall, code="0190")
    resolved = await ask(hall, resolve, by="worker", id=case_id, input={"note": "已处理"})

    assert refused == {"case": None, "errors": [{"code": "EVIDENCE_REQUIRED", "field": "input.attachmentIds"}]}
    assert on_the_spot == {"case": None, "errors": [{"code": "EVIDENCE_REQUIRED", "field": "handled.attachmentIds"}]}
    assert status == {"status": "DISPATCHED"}
    assert resolved == {"case": {"status": "RESOLVED"}, "errors": []}
