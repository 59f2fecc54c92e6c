"""Who sees which cases, and may do what with them? What the checks of roles.csv over HTTP ask about cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenants.policies.roles import Role
from tests.fixtures.demo import Demo

if TYPE_CHECKING:
    from tests.tenants.test_roles_over_http import Probe

_REPORT = """mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } errors { code field } } }"""
_DISPATCH = """mutation ($id: ID!, $input: DispatchCaseInput!) {
  acceptCase(caseId: $id) { errors { code } } dispatchCase(caseId: $id, input: $input) { errors { code } } }"""
_LIST = """query ($after: String) { cases(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  nodes { title accountable { publicName } reporter { id } steps { note } } } }"""
# What the post that a grant comes from reaches, in SQL: `$1` is the account, `$2` the tenant.
_POSTS = """(select p.* from positions p join accounts a on a.id = p.account_id
             where a.subject = $1 and p.tenant_id = $2)"""
_HANDED = f"""exists (select from {_POSTS} p left join bodies b on b.id = p.body_id
              where p.id = c.accountable_position_id or (p.body_id = c.accountable_body_id
                and b.kind in ('property_company', 'owners_committee', 'department', 'partner', 'volunteer_team')))"""
_REPORTED = """exists (select from case_details d join accounts a on a.id = d.reporter_account_id
                where d.tenant_id = c.tenant_id and d.id = c.id and a.subject = $1)"""
_AT_MY_PLACE = f"""exists (select from {_POSTS} p join case_details d on d.tenant_id = c.tenant_id and d.id = c.id
                   where p.place_id in (c.grid_id, d.building_id, d.estate_id))"""
_SERVED = f"""exists (select from case_shares s, {_POSTS} p left join bodies b on b.id = p.body_id
              where s.tenant_id = c.tenant_id and s.case_id = c.id and s.ended_at is null
                and s.receiver_tenant_id = $2 and s.receiver_body_id = case when b.kind = 'department' then b.id
                  else (select o.id from bodies o where o.represents_tenant_id = $2) end)"""
_REACH = {
    ("acting", "all"): "c.tenant_id = $2",
    ("subtree", "all"): "(c.street_id = $2 or c.district_id = $2)",
    ("acting", "place"): f"c.tenant_id = $2 and ({_HANDED} or {_REPORTED} or {_AT_MY_PLACE})",
    ("acting", "own"): f"c.tenant_id = $2 and ({_HANDED} or {_REPORTED})",
    ("served", "own"): _SERVED,
}


async def make_cases(demo: Demo) -> None:
    """Report cases in the community and the street that are looked at, and hand some of them on."""
    places = await demo.owner.fetch(
        """select p.kind, t.id as tenant_id, p.id from places p join tenants t on t.id = p.tenant_id
           where t.slug = 'guanyuan' and p.kind in ('grid', 'building') order by p.kind, p.sort_key, p.id"""
    )
    where = [f"{'grd' if row['kind'] == 'grid' else 'bld'}_{row['tenant_id']}_{row['id']}" for row in places]
    made = [await _report(demo, "worker@guanyuan", place) for place in (where[0], where[-1], where[0])]
    own = (await demo.ask("resident@guanyuan", "{ dwellings(first: 1) { nodes { id } } }")).json()
    await _report(demo, "resident@guanyuan", own["data"]["dwellings"]["nodes"][0]["id"])
    department = await demo.owner.fetchval("select id from bodies where name = '芗城区城市管理局'")
    await _hand(demo, made[0], {"bodyId": f"dep_0_{department}"})
    for account in ("grid-worker", "property-worker", "property-manager"):
        post = await demo.owner.fetchrow(
            """select p.tenant_id, p.id, p.place_id from positions p join accounts a on a.id = p.account_id
               where a.subject = $1""",
            f"{account}@guanyuan",
        )
        assert post is not None
        is_of_company = account.startswith("property")
        estate = f"est_{post['tenant_id']}_{post['place_id']}"
        case = await _report(demo, "worker@guanyuan", estate) if is_of_company else made[1]
        await _hand(demo, case, {"positionId": f"pos_{post['tenant_id']}_{post['id']}"})


async def _report(demo: Demo, account: str, place: str) -> str:
    source = "SNAPSHOT" if account.startswith("resident") else "PATROL"
    report = {"title": "路灯不亮", "description": "路灯坏了", "categoryCode": "0203", "kind": "HELP"}
    answer = await demo.ask(
        account, _REPORT, {"input": {**report, "at": {"placeId": place}, "source": source, "isConfidential": False}}
    )
    payload = answer.json()["data"]["reportCase"]
    assert payload["errors"] == [], payload
    return str(payload["case"]["id"])


async def _hand(demo: Demo, case: str, to: dict[str, str]) -> None:
    answer = await demo.ask("worker@guanyuan", _DISPATCH, {"id": case, "input": {"to": to}})
    assert answer.json()["data"] == {"acceptCase": {"errors": []}, "dispatchCase": {"errors": []}}, answer.text


async def check_cases(probe: Probe, lines: Sequence[Role]) -> None:
    """Check that exactly the cases that the lines reach are listed, and of each no more than they show."""
    answer = await probe.ask(_LIST)
    forbidden = {error["extensions"]["field"] for error in answer.get("errors", ())}
    if not lines:
        assert answer["data"] == {"cases": None}
        assert "cases" in forbidden
        return
    found = answer["data"]["cases"]
    reach = " or ".join(f"({_REACH[line.tenants, line.rows]})" for line in lines)
    assert found["totalCount"] == await probe.value(
        f"select count(*) from cases c where $1::text is not null and ({reach})", probe.account, probe.tenant_id
    )
    conditions = {line.condition for line in lines}
    assert ("cases.nodes.title" in forbidden) == (conditions == {"index"})
    assert ("cases.nodes.reporter" in forbidden) == (conditions <= {"index", "reporter_hidden"})
    assert ("cases.nodes.steps" in forbidden) == (conditions <= {"index", "as_reporter"})
    whole = " or ".join(f"({_REACH[line.tenants, line.rows]})" for line in lines if line.condition != "index")
    expected = f"select count(*) from cases c where $1::text is not null and $2 > 0 and ({whole or 'false'})"
    seen = await probe.value(expected, probe.account, probe.tenant_id)
    nodes = list(found["nodes"])
    while found["pageInfo"]["hasNextPage"]:
        found = (await probe.ask(_LIST, after=found["pageInfo"]["endCursor"]))["data"]["cases"]
        nodes += found["nodes"]
    assert sum(node["title"] is not None for node in nodes) == seen
