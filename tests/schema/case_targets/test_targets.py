"""Does a tenant set targets, and do sums tell how far they are reached, to nobody else?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.days import day
from tests.fixtures.demo import Demo

_SET = """mutation ($input: CaseTargetInput!) {
  setCaseTarget(input: $input) { target { id measure bound value since until basis } errors { code field } } }"""
_END = """mutation ($id: ID!) { endCaseTarget(targetId: $id) { target { until } errors { code field } } }"""
_READ = """query ($from: Date!, $to: Date!) { communities { nodes { name caseSummary(from: $from, to: $to) {
  onTimeRate overdue targets { measure bound target actual isMet basis } } } } }"""
_LIST = "{ caseTargets { nodes { measure value } } }"
_TARGET = {
    "measure": "ON_TIME_RATE",
    "value": 0.95,
    "since": "2026-01-01",
    "until": "2099-12-31",
    "basis": "年度工作要点",
}


async def _set(demo: Demo, account: str, **given: object) -> dict[str, Any]:
    answer = (await demo.ask(account, _SET, {"input": {**_TARGET, **given}})).json()
    payload: dict[str, Any] = answer["data"]["setCaseTarget"]
    return payload


async def test_holds_sums_against_what_is_aimed_at(demo: Demo) -> None:
    made = await _set(demo, "admin@guanyuan")
    assert made["errors"] == []
    assert {**made["target"], "id": ""} == {"id": "", "bound": "AT_LEAST", **_TARGET}
    await _set(demo, "admin@guanyuan", measure="OVERDUE", bound="AT_MOST", value=100_000)

    period = {"from": day(-200), "to": day()}
    for account in ("worker@guanyuan", "dispatcher@xiangkou", "officer@xiangcheng"):
        (read,) = (await demo.ask(account, _READ, period)).json()["data"]["communities"]["nodes"]
        sums = read["caseSummary"]
        rate, overdue = sums["targets"]
        assert rate == {
            "measure": "ON_TIME_RATE",
            "bound": "AT_LEAST",
            "target": 0.95,
            "actual": sums["onTimeRate"],
            "isMet": sums["onTimeRate"] >= 0.95,
            "basis": "年度工作要点",
        }
        assert (overdue["actual"], overdue["isMet"]) == (sums["overdue"], True)
    # Each tenant's are its own.
    (read,) = (await demo.ask("worker@xiyuan", _READ, period)).json()["data"]["communities"]["nodes"]
    assert read["caseSummary"]["targets"] == []
    assert (await demo.ask("worker@xiyuan", _LIST)).json()["data"]["caseTargets"]["nodes"] == []


async def test_ends_a_target(demo: Demo) -> None:
    made = (await _set(demo, "admin@minzhucun"))["target"]
    for account, code in (("worker@minzhucun", "FORBIDDEN"), ("admin@xiyuan", "NOT_FOUND")):
        refused = (await demo.ask(account, _END, {"id": made["id"]})).json()["data"]["endCaseTarget"]
        assert [error["code"] for error in refused["errors"]] == [code]

    ended = (await demo.ask("admin@minzhucun", _END, {"id": made["id"]})).json()["data"]["endCaseTarget"]

    assert ended == {"target": {"until": day(-1)}, "errors": []}
    # From today on there may be another one.
    assert (await _set(demo, "admin@minzhucun", since=day()))["errors"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": 95}, "input.value"),
        ({"value": -0.1}, "input.value"),
        ({"measure": "CLOSED", "value": 1e12}, "input.value"),
        ({"until": "2020-01-01"}, "input.until"),
        ({"basis": " "}, "input.basis"),
        ({"basis": "长" * 201}, "input.basis"),
    ],
)
async def test_refuses_what_cannot_be_aimed_at(demo: Demo, given: dict[str, object], field: str) -> None:
    refused = await _set(demo, "admin@jiezilu", **given)

    assert refused == {"target": None, "errors": [{"code": "TARGET_INVALID", "field": field}]}


async def test_lets_one_target_hold_at_a_time(demo: Demo) -> None:
    assert (await _set(demo, "admin@qingcheng"))["errors"] == []

    again = await _set(demo, "admin@qingcheng", since=day(), value=0.9)

    assert again["errors"] == [{"code": "TARGET_INVALID", "field": "input.since"}]
    assert (await _set(demo, "worker@qingcheng", measure="SOLVED_RATE"))["errors"] == [
        {"code": "FORBIDDEN", "field": None}
    ]
