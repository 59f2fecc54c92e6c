"""Do posts come and go over HTTP, and what they grant with them?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.gateway import ISSUER
from tests.schema.positions.conftest import Hall

APPOINT = """
mutation ($input: AppointPositionInput!) {
  appointPosition(input: $input) {
    position { id kind { code name } publicName dutyPhone since until place { __typename name } body { name } }
    errors { code message field }
  }
}
"""
END = """
mutation ($id: ID!, $until: Date!) {
  endPosition(positionId: $id, until: $until) { position { id until } errors { code field } }
}
"""
LINK = """
mutation ($id: ID!, $account: AccountInput!) {
  linkAccount(positionId: $id, account: $account) { position { id } errors { code field } }
}
"""
ME = "{ me { tenant { slug } positions { kind { code } } grants { permission } } }"
_numbers: Iterator[int] = itertools.count(1000)


async def appoint(hall: Hall, place: str, *, by: str = "admin@qingcheng", **given: object) -> dict[str, Any]:
    """Appoint a grid worker, or what is said otherwise."""
    name, phone = "张三", f"1380000{next(_numbers)}"
    wanted = {
        "kind": "grid-worker",
        "placeId": hall.place_id(place),
        "since": "2026-01-01",
        "name": name,
        "phone": phone,
    }
    answer = await hall.client.ask(APPOINT, {"input": {**wanted, **given}}, account=by, tenant="qingcheng")
    payload: dict[str, Any] = answer.json()["data"]["appointPosition"]
    return payload


async def test_gives_a_post_and_shows_it(hall: Hall) -> None:
    payload = await appoint(hall, "qingcheng/第一网格", dutyPhone="0591-1234", until="2099-12-31")

    assert payload["errors"] == []
    assert payload["position"].pop("id").startswith("pos_3_")
    assert payload["position"] == {
        "kind": {"code": "grid-worker", "name": "网格员"},
        "publicName": "张三",
        "dutyPhone": "0591-1234",
        "since": "2026-01-01",
        "until": "2099-12-31",
        "place": {"__typename": "Grid", "name": "第一网格"},
        "body": None,
    }


async def test_an_account_may_from_the_next_request_what_its_post_grants_and_no_longer(hall: Hall) -> None:
    account = {"issuer": ISSUER.name, "subject": "newcomer"}
    before = await hall.client.ask(ME, account="newcomer", tenant=None)
    given = await appoint(hall, "qingcheng/第一网格", account=account)
    during = await hall.client.ask(ME, account="newcomer", tenant="qingcheng")

    post_id = given["position"]["id"]
    ended = await hall.client.ask(END, {"id": post_id, "until": "2026-01-02"}, account="admin@qingcheng")
    after = await hall.client.ask(ME, account="newcomer", tenant="qingcheng")

    assert before.json()["data"]["me"] == {"tenant": None, "positions": [], "grants": []}
    assert during.json()["data"]["me"]["tenant"] == {"slug": "qingcheng"}
    assert during.json()["data"]["me"]["positions"] == [{"kind": {"code": "grid-worker"}}]
    assert ended.json()["data"]["endPosition"] == {"position": {"id": post_id, "until": "2026-01-02"}, "errors": []}
    assert after.status_code == 403
    assert after.json()["errors"][0]["extensions"]["code"] == "TENANT_UNKNOWN"


async def test_who_ends_his_own_last_post_is_told_so_and_gone(hall: Hall) -> None:
    account = {"issuer": ISSUER.name, "subject": "leaving-admin"}
    given = await appoint(hall, "qingcheng", kind="admin", account=account)

    ended = await hall.client.ask(END, {"id": given["position"]["id"], "until": "2026-01-02"}, account="leaving-admin")
    after = await hall.client.ask(ME, account="leaving-admin", tenant="qingcheng")

    assert ended.status_code == 200
    assert ended.json() == {
        "data": {"endPosition": {"position": {"id": given["position"]["id"], "until": "2026-01-02"}, "errors": []}}
    }
    assert after.status_code == 403


async def test_links_an_account_to_a_post_given_without(hall: Hall) -> None:
    account = {"issuer": ISSUER.name, "subject": "latecomer"}
    post_id = (await appoint(hall, "qingcheng/第一网格"))["position"]["id"]

    linked = await hall.client.ask(LINK, {"id": post_id, "account": account}, account="admin@qingcheng")
    again = await hall.client.ask(LINK, {"id": post_id, "account": account}, account="admin@qingcheng")
    me = await hall.client.ask(ME, account="latecomer", tenant=None)

    assert linked.json()["data"]["linkAccount"] == {"position": {"id": post_id}, "errors": []}
    assert again.json()["data"]["linkAccount"]["errors"] == [{"code": "POSITION_HAS_ACCOUNT", "field": "positionId"}]
    assert me.json()["data"]["me"]["tenant"] == {"slug": "qingcheng"}


async def test_a_manager_appoints_its_own_staff_on_its_own_estate(hall: Hall) -> None:
    company = f"prc_3_{hall.town.bodies['qingcheng/物业']}"
    staff = {"kind": "property-worker", "bodyId": company}

    given = await appoint(hall, "qingcheng/花园小区", by="manager", **staff)
    elsewhere = await appoint(hall, "qingcheng/新村小区", by="manager", **staff)
    equal = await appoint(hall, "qingcheng/花园小区", by="manager", **{**staff, "kind": "property-manager"})

    assert given["errors"] == []
    assert given["position"]["body"] == {"name": "物业"}
    assert [refused["errors"][0]["code"] for refused in (elsewhere, equal)] == ["FORBIDDEN"] * 2


async def test_refuses_in_the_callers_language(hall: Hall) -> None:
    variables = {
        "input": {"kind": "mayor", "placeId": hall.place_id("qingcheng"), "since": "2026-01-01", "name": "张三"}
    }
    texts = []

    for language in ("zh-CN", "en"):
        headers = {"Accept-Language": language}
        answer = await hall.client.ask(APPOINT, variables, account="admin@qingcheng", headers=headers)
        (error,) = answer.json()["data"]["appointPosition"]["errors"]
        assert (error["code"], error["field"]) == ("POSITION_KIND_UNKNOWN", "kind")
        texts.append(error["message"])

    assert texts == ["本单位没有岗位类型“mayor”", "This tenant has no kind of position mayor"]


async def test_publishes_no_phone_with_a_post_off_the_board(hall: Hall) -> None:
    payload = await appoint(hall, "qingcheng/101室", kind="resident", dutyPhone="13800001234")

    assert payload["position"] is None
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("DUTY_PHONE_UNPUBLISHED", "dutyPhone")
    assert error["message"].startswith("“居民”不上公示牌")


async def test_each_caller_is_refused_what_is_not_theirs(hall: Hall) -> None:
    codes = {}

    for by in ("auditor@qingcheng", "worker@qingcheng", "committee-chair@qingcheng"):
        payload = await appoint(hall, "qingcheng", by=by, kind="worker")
        codes[by] = (payload["position"], payload["errors"][0]["code"])

    assert set(codes.values()) == {(None, "FORBIDDEN")}


async def test_ids_of_another_tenant_and_type_are_not_found(hall: Hall) -> None:
    foreign = await appoint(hall, "zhongshan/第一网格")
    post_id = (await appoint(hall, "qingcheng/第一网格"))["position"]["id"]
    wrong_type = await appoint(hall, "qingcheng", placeId=post_id)
    nonsense = await appoint(hall, "qingcheng", placeId="nonsense")

    ended = await hall.client.ask(
        END, {"id": post_id, "until": "2026-01-02"}, account="admin@zhongshan", tenant="zhongshan"
    )

    assert [refused["errors"][0]["code"] for refused in (foreign, wrong_type, nonsense)] == ["NOT_FOUND"] * 3
    assert ended.json()["data"]["endPosition"]["errors"] == [{"code": "NOT_FOUND", "field": None}]


async def test_texts_that_cannot_be_stored_are_refused(hall: Hall) -> None:
    nul = {"issuer": "a\0b", "subject": "c"}

    answer = await hall.client.ask(
        APPOINT,
        {
            "input": {
                "kind": "grid-worker",
                "placeId": hall.place_id("qingcheng/第一网格"),
                "since": "2026-01-01",
                "name": "张三",
                "account": nul,
            }
        },
        account="admin@qingcheng",
    )

    assert answer.status_code == 200
    assert answer.json()["data"]["appointPosition"]["position"] is None


@pytest.mark.parametrize(
    "account",
    [
        {"issuer": "", "subject": "a"},
        {"issuer": "a", "subject": ""},
        {"issuer": "a" * 256, "subject": "a"},
        {"issuer": "a", "subject": "a" * 256},
        {"issuer": "a", "subject": "a\0b"},
        {"issuer": "a\n", "subject": "a"},
    ],
    ids=repr,
)
async def test_refuses_accounts_that_no_token_can_be_of(hall: Hall, account: dict[str, str]) -> None:
    given = await appoint(hall, "qingcheng/第二网格")

    appointed = await appoint(hall, "qingcheng/第一网格", account=account)
    asked = {"id": given["position"]["id"], "account": account}
    linked = await hall.client.ask(LINK, asked, account="admin@qingcheng")

    assert [error["code"] for error in appointed["errors"]] == ["ACCOUNT_INVALID"]
    assert linked.json()["data"]["linkAccount"] == {
        "position": None,
        "errors": [{"code": "ACCOUNT_INVALID", "field": "account"}],
    }


async def test_repeats_no_long_text(hall: Hall) -> None:
    unknown = await appoint(hall, "qingcheng/第一网格", kind="x" * 100_000)

    (error,) = unknown["errors"]
    assert (error["code"], len(error["message"])) == ("POSITION_KIND_UNKNOWN", len("本单位没有岗位类型“”") + 40)
