"""Does a tenant set when its cases are urged or turn colour, for itself alone?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk

_SET = """mutation ($code: String, $marks: [CategoryMarkInput!]!, $basis: String!) {
  setCategoryMarks(categoryCode: $code, marks: $marks, basis: $basis) {
    category { code marks { mark side amount unit basis } } errors { code field } } }"""
_READ = """{ caseCategories { version defaultMarks { mark side amount unit }
  nodes { code marks { mark side amount unit } } } }"""
_URGE = {"mark": "URGE", "side": "BEFORE", "amount": 2, "unit": "WORKING_HOUR"}
_RED = {"mark": "RED", "side": "AFTER", "amount": 0, "unit": "HOUR"}


async def _set(demo: Demo, account: str, code: str | None, marks: list[dict[str, Any]], basis: str = "区办法") -> Any:  # noqa: ANN401 - JSON.
    answer = await demo.ask(account, _SET, {"code": code, "marks": marks, "basis": basis})
    return answer.json()["data"]["setCategoryMarks"]


async def _read(demo: Demo, account: str) -> Any:  # noqa: ANN401 - JSON.
    return (await demo.ask(account, _READ)).json()["data"]["caseCategories"]


def _of(found: Any, code: str) -> Any:  # noqa: ANN401 - JSON.
    return next(node["marks"] for node in found["nodes"] if node["code"] == code)


async def test_holds_for_the_next_cases_of_its_own_tenant(demo: Demo) -> None:
    before, elsewhere = await _read(demo, "worker@guanyuan"), await _read(demo, "worker@xiyuan")

    payload = await _set(demo, "admin@guanyuan", "0104", [_URGE, _RED])

    assert payload == {
        "category": {"code": "0104", "marks": [{**one, "basis": "区办法"} for one in (_RED, _URGE)]},
        "errors": [],
    }
    after = await _read(demo, "worker@guanyuan")
    assert (_of(after, "0104"), after["version"]) == ([_RED, _URGE], before["version"] + 1)
    assert after["defaultMarks"] == before["defaultMarks"] != []
    assert await _read(demo, "worker@xiyuan") == elsewhere
    resident = Desk(demo, "resident@guanyuan")
    case = await resident.report(await resident.home())
    waiting = await demo.owner.fetch("select mark from case_marks where case_id = $1::uuid order by at", case[-36:])
    assert [row["mark"] for row in waiting][-1] == "RED"
    assert len(waiting) <= 2


async def test_holds_for_all_that_say_nothing(demo: Demo) -> None:
    payload = await _set(demo, "admin@minzhucun", None, [_RED])

    assert payload == {"category": None, "errors": []}
    assert (await _read(demo, "worker@minzhucun"))["defaultMarks"] == [_RED]


@pytest.mark.parametrize(
    ("code", "marks", "basis", "refused"),
    [
        ("0104", [_RED, _RED], "甲", ("LIMITS_INVALID", "marks")),
        ("0104", [{**_URGE, "amount": n} for n in range(1, 14)], "甲", ("LIMITS_INVALID", "marks")),
        ("0104", [{**_URGE, "amount": 0}], "甲", ("LIMITS_INVALID", "marks.amount")),
        ("0104", [{**_RED, "amount": 1001}], "甲", ("LIMITS_INVALID", "marks.amount")),
        ("0104", [_RED], " ", ("LIMITS_INVALID", "basis")),
        ("9999", [_RED], "甲", ("NOT_FOUND", "categoryCode")),
    ],
)
async def test_is_refused_as_it_makes_no_sense(
    demo: Demo, code: str, marks: list[dict[str, Any]], basis: str, refused: tuple[str, str]
) -> None:
    before = await _read(demo, "worker@jiezilu")

    payload = await _set(demo, "admin@jiezilu", code, marks, basis)

    assert [(one["code"], one["field"]) for one in payload["errors"]] == [refused]
    assert await _read(demo, "worker@jiezilu") == before


async def test_is_set_by_the_administrator_alone(demo: Demo) -> None:
    for account in ("worker@jiezilu", "committee-chair@jiezilu", "resident@jiezilu"):
        assert (await _set(demo, account, "0104", [_RED]))["errors"][0]["code"] == "FORBIDDEN"
