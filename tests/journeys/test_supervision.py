"""May offices urge what lies below them, and nobody anything else in another tenant?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk

_SLUG = "guanyuan"
_URGE = 'mutation($id: ID!) { urgeCase(caseId: $id, note: "请今天办结") { case { id title status } errors { code } } }'
_SUPERVISE = """
mutation($id: ID!, $level: SupervisionLevel!) {
  superviseCase(caseId: $id, input: {level: $level, note: "限三日内办结"}) {
    case { id supervisions { level points body { name } } } errors { code }
  }
}
"""
_TOLD = "{ notifications(first: 100) { nodes { kind note title case { id } } } }"
_STEPS = "query($id: ID!) { case(id: $id) { steps { action note actor { body { name } } } publicSteps { label } } }"


async def ask(demo: Demo, account: str, document: str, **variables: object) -> dict[str, Any]:
    answer = (await demo.ask(account, document, variables)).json()
    assert "data" in answer, answer
    (payload,) = answer["data"].values()
    found: dict[str, Any] = payload
    return found


async def codes(demo: Demo, account: str, document: str, case: str) -> list[str]:
    payload = await ask(demo, account, document, id=case, level="ORDINARY")
    return [error["code"] for error in payload["errors"]]


async def told(demo: Demo, account: str, case: str) -> list[tuple[str, str | None]]:
    nodes = (await ask(demo, account, _TOLD))["nodes"]
    return [(one["kind"], one["note"]) for one in nodes if one["case"]["id"] == case][::-1]


@pytest.fixture
async def case(demo: Demo) -> str:
    """A case that has just been reported in the community."""
    resident = Desk(demo, f"resident@{_SLUG}")
    return await resident.report(await resident.home())


async def test_urges_and_supervises_from_above_without_seeing_more_than_the_index(demo: Demo, case: str) -> None:
    office = "party-secretary@xiangkou"
    assert (await ask(demo, office, _SUPERVISE, id=case, level="RED"))["errors"][0]["code"] == "CARDS_OFF"
    await demo.owner.execute(
        """insert into tenant_settings (tenant_id, id, name, value, basis, purpose, until)
           select t.id, gen_random_uuid(), s.name, s.value, '街道督办办法', '督促按期办结', current_date + 30
           from tenants t join (values ('xiangkou', 'SUPERVISION_CARDS', 1), ('xiangkou', 'POINTS_RED', 10),
             ('xiangcheng', 'SUPERVISION_CARDS', 1)) s (slug, name, value) on s.slug = t.slug"""
    )
    # What is remembered of settings goes with the version of the grants.
    await demo.owner.execute("update tenants set grants_version = grants_version + 1 where slug like 'xiang%'")

    urged = await ask(demo, office, _URGE, id=case)
    supervised = await ask(demo, office, _SUPERVISE, id=case, level="RED")
    again = await ask(demo, "officer@xiangcheng", _SUPERVISE, id=case, level="YELLOW")

    assert urged == {"case": {"id": case, "title": None, "status": "REPORTED"}, "errors": []}
    first = {"level": "RED", "points": 10, "body": {"name": "巷口街道"}}
    assert supervised == {"case": {"id": case, "supervisions": [first]}, "errors": []}
    second = {"level": "YELLOW", "points": 0, "body": {"name": "芗城区"}}
    assert again["case"]["supervisions"] == [first, second]
    heard = [("URGE", "请今天办结"), ("SUPERVISED", "限三日内办结"), ("SUPERVISED", "限三日内办结")]
    assert await told(demo, f"worker@{_SLUG}", case) == heard
    page = await ask(demo, f"worker@{_SLUG}", _STEPS, id=case)
    assert [(step["action"], step["actor"]["body"]["name"]) for step in page["steps"][1:]] == [
        ("URGE", "巷口街道"),
        ("SUPERVISE", "巷口街道"),
        ("SUPERVISE", "芗城区"),
    ]
    assert [step["label"] for step in page["publicSteps"]] == ["已上报", "已催办", "已督办", "已督办"]


async def test_lets_the_communitys_own_posts_urge_and_not_supervise(demo: Demo, case: str) -> None:
    for account in (f"committee-chair@{_SLUG}", f"party-secretary@{_SLUG}"):
        assert await codes(demo, account, _URGE, case) == []
        assert await codes(demo, account, _SUPERVISE, case) == ["FORBIDDEN"]

    assert await told(demo, f"worker@{_SLUG}", case) == [("URGE", "请今天办结")] * 2


async def test_refuses_everybody_else_and_writes_nothing(demo: Demo, case: str) -> None:
    _, tenant_id, row_id = case.split("_")
    counts = """select (select count(*) from case_steps where tenant_id = $1), (select count(*) from events
        where tenant_id = $1), (select count(*) from audit_entries where tenant_id = $1),
        (select count(*) from case_supervisions), (select count(*) from notifications where tenant_id = $1)"""
    before = tuple(await demo.owner.fetchrow(counts, int(tenant_id)) or ())

    for document in (_URGE, _SUPERVISE):
        for account in ("worker", "grid-worker", "resident", "property-manager", "admin", "auditor"):
            assert await codes(demo, f"{account}@{_SLUG}", document, case) == ["FORBIDDEN"]
        # Posts of the office above that may not, and offices that are above others.
        for account in ("dispatcher@xiangkou", "department-handler@xiangcheng"):
            assert await codes(demo, account, document, case) == ["FORBIDDEN"]
        for account in ("officer@gulou",):
            assert await codes(demo, account, document, case) == ["NOT_FOUND"]
            assert await codes(demo, account, document, f"cas_99999_{row_id}") == ["NOT_FOUND"]
        # Beside it, and above: a community's grant is its own.
        for account in ("committee-chair@xiyuan",):
            assert await codes(demo, account, document, case) in (["NOT_FOUND"], ["FORBIDDEN"])

    assert tuple(await demo.owner.fetchrow(counts, int(tenant_id)) or ()) == before


async def test_urges_nothing_that_has_ended(demo: Demo, case: str) -> None:
    await Desk(demo, f"worker@{_SLUG}").do("Exclude", case, reason="WITHDRAWN", reply="已撤回")

    for document in (_URGE, _SUPERVISE):
        assert await codes(demo, "officer@xiangcheng", document, case) == ["CASE_NOT_IN_STATUS"]


async def test_loses_it_with_the_next_request_when_the_grant_is_taken(demo: Demo, case: str) -> None:
    office = "party-secretary@xiangkou"
    assert await codes(demo, office, _URGE, case) == []
    deny = """insert into policy_overrides (tenant_id, id, kind_code, permission, rows, condition, effect)
        select id, gen_random_uuid(), 'party-secretary', 'case:supervise', '*', '*', 'deny' from tenants
        where slug = 'xiangkou'"""
    await demo.owner.execute(deny)
    await demo.owner.execute("update tenants set grants_version = grants_version + 1 where slug = 'xiangkou'")

    refused = await codes(demo, office, _URGE, case)

    await demo.owner.execute("delete from policy_overrides where permission = 'case:supervise'")
    await demo.owner.execute("update tenants set grants_version = grants_version + 1 where slug = 'xiangkou'")
    assert refused == ["FORBIDDEN"]
