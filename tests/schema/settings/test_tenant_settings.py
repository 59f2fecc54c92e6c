"""Is what burdens people off until a tenant sets it, with a basis, a purpose and an end, and for itself alone?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.days import day, today
from tests.fixtures.demo import Demo
from tests.journeys.working import Desk

_SET = """mutation ($input: TenantSettingInput!, $key: String) { setTenantSetting(input: $input, idempotencyKey: $key) {
  setting { name value basis purpose until isInForce } errors { code field } } }"""
_END = """mutation ($name: TenantSettingName!) { endTenantSetting(name: $name) {
  setting { name value isInForce } errors { code field } } }"""
_LIST = "{ tenantSettings { nodes { name value basis purpose until isInForce } } }"
_CHECKS = {
    "name": "SPOT_CHECK_PERCENT",
    "value": 100,
    "basis": "街道〔2026〕3号",
    "purpose": "核实即报即结",
    "until": day(90),
}


async def _send(demo: Demo, account: str, document: str, **variables: object) -> dict[str, Any]:
    answer = (await demo.ask(account, document, variables)).json()
    payload: dict[str, Any]
    (payload,) = answer["data"].values()
    return payload


async def _listed(demo: Demo, account: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await _send(demo, account, _LIST))["nodes"]
    return nodes


async def _fix_on_the_spot(demo: Demo, slug: str) -> bool:
    """Fix something on the spot and tell whether it was drawn for verification."""
    worker = Desk(demo, f"worker@{slug}")
    home = await Desk(demo, f"resident@{slug}").home()
    case = await worker.report(home, source="PATROL", handled={"note": "已清理"})
    page = await worker.asked(case)
    assert page is not None
    return bool(page["needsVerification"])


async def test_holds_from_the_next_request_in_its_own_tenant(demo: Demo) -> None:
    assert await _listed(demo, "worker@guanyuan") == []

    payload = await _send(demo, "admin@guanyuan", _SET, input=_CHECKS)

    assert payload == {"setting": {**_CHECKS, "isInForce": True}, "errors": []}
    # Whoever it concerns reads by which rule and until when.
    assert await _listed(demo, "grid-worker@guanyuan") == [{**_CHECKS, "isInForce": True}]
    assert await _listed(demo, "worker@xiyuan") == []
    assert [await _fix_on_the_spot(demo, "guanyuan") for _ in range(3)] == [True] * 3
    await _send(demo, "admin@xiyuan", _SET, input={**_CHECKS, "value": 0})
    assert [await _fix_on_the_spot(demo, "xiyuan") for _ in range(3)] == [False] * 3


async def test_is_changed_and_taken_back(demo: Demo) -> None:
    photos = {**_CHECKS, "name": "COMPULSORY_PHOTOS", "value": 1}
    await _send(demo, "admin@minzhucun", _SET, input=photos)
    await _send(demo, "admin@minzhucun", _SET, input={**photos, "purpose": "核实整改"})
    assert [one["purpose"] for one in await _listed(demo, "worker@minzhucun")] == ["核实整改"]

    ended = await _send(demo, "admin@minzhucun", _END, name="COMPULSORY_PHOTOS")

    assert ended == {"setting": {"name": "COMPULSORY_PHOTOS", "value": 1, "isInForce": False}, "errors": []}
    refused = await _send(demo, "admin@minzhucun", _END, name="RANKINGS")
    assert refused["errors"] == [{"code": "NOT_FOUND", "field": "name"}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": 101}, "input.value"),
        ({"value": -1}, "input.value"),
        ({"name": "RANKINGS", "value": 2}, "input.value"),
        ({"basis": " "}, "input.basis"),
        ({"purpose": "甲" * 301}, "input.purpose"),
    ],
)
async def test_is_not_set_without_value_basis_purpose_and_end(demo: Demo, given: dict[str, object], field: str) -> None:
    payload = await _send(demo, "admin@jiezilu", _SET, input={**_CHECKS, **given})

    assert payload == {"setting": None, "errors": [{"code": "SETTING_INVALID", "field": field}]}
    assert await _listed(demo, "admin@jiezilu") == []


@pytest.mark.parametrize("days", [-1, 732])
async def test_is_not_set_for_the_past_or_for_years(demo: Demo, days: int) -> None:
    payload = await _send(demo, "admin@jiezilu", _SET, input={**_CHECKS, "until": day(days)})

    assert payload == {"setting": None, "errors": [{"code": "SETTING_INVALID", "field": "input.until"}]}
    assert await _listed(demo, "admin@jiezilu") == []


@pytest.mark.parametrize(
    "account", ["worker@guanyuan", "committee-chair@guanyuan", "resident@guanyuan", "auditor@guanyuan"]
)
async def test_is_set_by_the_administrator_alone(demo: Demo, account: str) -> None:
    for document, given in ((_SET, {"input": _CHECKS}), (_END, {"name": "SPOT_CHECK_PERCENT"})):
        assert (await _send(demo, account, document, **given))["errors"][0]["code"] == "FORBIDDEN"


async def test_ends_with_its_last_day(demo: Demo) -> None:
    await _send(demo, "admin@jiezilu", _SET, input=_CHECKS)

    await demo.owner.execute("update tenant_settings set until = $1", today(plus=-1))

    assert [one["isInForce"] for one in await _listed(demo, "worker@jiezilu")] == [False]
