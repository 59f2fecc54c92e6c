"""Does each line of roles.csv hold over HTTP, and nothing that is not in it?"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from deploy.demo.tokens import ISSUER
from tenants.database import new_id
from tenants.policies.roles import Role, permissions, starting_roles
from tests.fixtures.demo import Demo
from tests.tenants.case_roles import check_cases, make_cases
from tests.tenants.summary_roles import check_summaries

# Kinds of position in kinds of tenant that the demo has no account for are given one here.
_ACCOUNTS = {
    "district": "gulou",
    "street": "gudong",
    "community": "guanyuan",
}
_HOLDERS = sorted({(role.position, role.tenant_kind) for role in starting_roles()})
_CASES = [(*holder, permission) for holder, permission in itertools.product(_HOLDERS, sorted(permissions()))]


@dataclass(frozen=True, slots=True)
class Probe:
    """Somebody in a post, who asks."""

    demo: Demo
    account: str
    slug: str
    tenant_id: int

    async def ask(self, document: str, **variables: object) -> dict[str, Any]:
        answer = await self.demo.ask(self.account, document, variables)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def value(self, sql: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the statement selects.
        return await self.demo.owner.fetchval(sql, *arguments)


@pytest.fixture(scope="module")
async def everybody(demo: Demo) -> Callable[[str, str], Awaitable[Probe]]:
    """Find, or make, an account in each kind of post."""
    await make_cases(demo)
    await _ask_for_dwellings(demo)
    accounts = dict(demo.accounts)
    staffed = Demo(demo.http, demo.owner, accounts, demo.database)

    async def find(position: str, tenant_kind: str) -> Probe:
        slug = _ACCOUNTS[tenant_kind]
        account = f"{position}@{slug}"
        if account not in accounts:
            await _appoint(demo.owner, account, slug=slug, kind=position)
            accounts[account] = (slug,)
        tenant_id = await demo.owner.fetchval("select id from tenants where slug = $1", slug)
        return Probe(staffed, account, slug, tenant_id)

    return find


async def _appoint(owner: asyncpg.Connection[asyncpg.Record], account: str, *, slug: str, kind: str) -> None:
    tenant = await owner.fetchrow("select * from tenants where slug = $1", slug)
    assert tenant is not None
    person_id, account_id, position_id = new_id(), new_id(), new_id()
    await owner.execute("insert into accounts values ($1, $2, $3, $3)", account_id, ISSUER, account)
    await owner.execute(
        "insert into people (tenant_id, id, name_sealed, name_masked, name_index) values ($1, $2, '', '欧*', '')",
        tenant["id"],
        person_id,
    )
    await owner.execute(
        "insert into positions (tenant_id, id, street_id, district_id, kind_code, person_id, account_id, place_id,"
        " since, public_name) values ($1, $2, $3, $4, $5, $6, $7, $8, '2026-01-01', '欧')",
        tenant["id"],
        position_id,
        tenant["street_id"],
        tenant["district_id"],
        kind,
        person_id,
        account_id,
        tenant["place_id"],
    )
    await owner.execute(
        "insert into memberships values ($1, $2, $3, '2026-01-01')", account_id, tenant["id"], position_id
    )


async def _ask_for_dwellings(demo: Demo) -> None:
    """Let an account ask for a dwelling in each of two grids of the community that is looked at."""
    rows = await demo.owner.fetch(
        """select distinct on (d.grid_id) 'dwl_' || d.tenant_id || '_' || d.id as id from places d
           join tenants t on t.id = d.tenant_id where t.slug = 'guanyuan' and d.kind = 'dwelling' order by d.grid_id"""
    )
    account, slug = "nobody@nowhere", "guanyuan"
    join = 'mutation { joinCommunity(slug: "guanyuan") { errors { code } } }'
    ask = """mutation ($id: ID!) {
        requestResidency(input: {dwelling: {id: $id}, relation: OWNER}) { errors { code } } }"""
    answers = [await demo.ask(account, join)]
    answers += [await demo.ask(account, ask, {"id": row["id"]}, tenant=slug) for row in rows[:3]]
    payloads = [payload for answer in answers for payload in answer.json()["data"].values()]
    assert [payload["errors"] for payload in payloads] == [[]] * 4


Check = Callable[[Probe, Sequence[Role]], Awaitable[None]]
_MISSING = "00000000-0000-7000-8000-000000000000"


def _is_forbidden(answer: dict[str, Any], field: str) -> bool:
    return any(
        error["extensions"]["code"] == "FORBIDDEN" and error["extensions"]["field"] == field
        for error in answer.get("errors", ())
    )


async def _scope(probe: Probe, prefix: str = "") -> str:
    """Write the SQL condition that a dwelling lies in the place of the account's post."""
    place = await probe.demo.owner.fetchrow(
        "select p.place_id, l.kind from positions p join places l on l.tenant_id = p.tenant_id and l.id = p.place_id"
        " join accounts a on a.id = p.account_id where a.subject = $1 and p.tenant_id = $2",
        probe.account,
        probe.tenant_id,
    )
    assert place is not None
    column = "id" if place["kind"] == "dwelling" else f"{place['kind']}_id"
    return f"{prefix}{column} = '{place['place_id']}'"


async def _reach(probe: Probe, role: Role) -> str:
    """Write the SQL condition for the dwellings that the role reaches."""
    if role.tenants == "served":
        return "false"
    if role.tenants == "subtree":
        return f"(street_id = {probe.tenant_id} or district_id = {probe.tenant_id})"
    own = f"tenant_id = {probe.tenant_id}"
    return own if role.rows == "all" else f"{own} and {await _scope(probe)}"


async def _check_places(probe: Probe, role: Role | None) -> None:
    answer = await probe.ask(
        "{ me { tenant { place { name ... on Community { dwellingCount } } } }"
        ' communities(first: 100) { totalCount } placeSearch(text: "号楼", first: 100) { totalCount } }'
    )
    if role is None:
        assert _is_forbidden(answer, "communities")
        return
    reach = await _reach(probe, role)
    kinds = "kind in ('building', 'unit', 'site', 'estate') and address like '%号楼%'"
    own_places = f"select count(*) from places where tenant_id = {probe.tenant_id} and {kinds} and {reach}"
    # Those bound to a place see what surrounds it by name, so at least its own.
    if role.rows == "all":
        assert answer["data"]["placeSearch"]["totalCount"] == await probe.value(own_places)
    below = f"select count(*) from tenants where kind = 'community' and {reach.replace('tenant_id', 'id')}"
    if role.rows == "all":
        expected = await probe.value(below)
        assert answer["data"]["communities"]["totalCount"] == expected
    if probe.slug == _ACCOUNTS["community"] and (role.condition == "names" or role.rows != "all"):
        assert answer["data"]["me"]["tenant"]["place"]["dwellingCount"] is None
        assert answer["data"]["me"]["tenant"]["place"]["name"]


async def _check_dwellings(probe: Probe, role: Role | None) -> None:
    answer = await probe.ask("{ dwellings(first: 1) { totalCount } }")
    if role is None:
        assert answer["data"] == {"dwellings": None}
        assert _is_forbidden(answer, "dwellings")
        return
    expected = await probe.value(f"select count(*) from places where kind = 'dwelling' and {await _reach(probe, role)}")
    assert expected > 0
    assert answer["data"]["dwellings"]["totalCount"] == expected


async def _household(probe: Probe, reach: str) -> str | None:
    reach = reach.replace("tenant_id", "places.tenant_id")
    return await probe.value(  # type: ignore[no-any-return]
        "select 'hsh_' || h.tenant_id || '_' || h.id from households h join places on places.tenant_id = h.tenant_id"
        f" and places.id = h.dwelling_id where places.tenant_id = $1 and {reach} limit 1",
        probe.tenant_id,
    )


async def _check_residents(probe: Probe, role: Role | None) -> None:
    document = "query ($id: ID!) { node(id: $id) { ... on Household { head { displayName } } } }"
    if role is None:
        household = await _household(probe, "true") or f"hsh_{probe.tenant_id}_{new_id()}"
        answer = await probe.ask(document, id=household)
        assert answer["data"] == {"node": None}
        assert _is_forbidden(answer, "node")
        return
    inside = await _household(probe, (await _reach(probe, role)).replace(" id =", " places.id ="))
    seen = await probe.ask(document, id=inside)
    assert seen["data"]["node"]["head"]["displayName"].endswith("*")
    if role.rows != "all":
        outside = await _household(probe, f"not ({(await _scope(probe, 'places.'))})")
        assert (await probe.ask(document, id=outside))["data"] == {"node": None}


async def _person(probe: Probe, condition: str) -> str | None:
    return await probe.value(  # type: ignore[no-any-return]
        "select 'per_' || h.tenant_id || '_' || h.head_id from households h join places on places.tenant_id ="
        f" h.tenant_id and places.id = h.dwelling_id where h.tenant_id = $1 and h.head_id is not null and {condition}"
        " limit 1",
        probe.tenant_id,
    )


async def _check_contact(probe: Probe, role: Role | None) -> None:
    document = (
        "mutation ($id: ID!) { revealContact(personId: $id, purpose: VISIT) { contact { name } errors { code } } }"
    )
    anybody = await _person(probe, "true") or f"per_{probe.tenant_id}_{new_id()}"
    if role is None:
        refused = await probe.ask(document, id=anybody)
        assert refused["data"]["revealContact"] == {"contact": None, "errors": [{"code": "FORBIDDEN"}]}
        return
    if role.rows == "own":
        # Of nobody whose case is not handed over.
        refused = await probe.ask(document, id=anybody)
        assert refused["data"]["revealContact"] == {"contact": None, "errors": [{"code": "NOT_FOUND"}]}
        return
    scope = "true" if role.rows == "all" else await _scope(probe, "places.")
    revealed = await probe.ask(document, id=await _person(probe, scope))
    assert revealed["data"]["revealContact"]["errors"] == []
    assert "*" not in revealed["data"]["revealContact"]["contact"]["name"]
    if role.rows == "place":
        refused = await probe.ask(document, id=await _person(probe, f"not ({scope})"))
        assert refused["data"]["revealContact"]["errors"] == [{"code": "NOT_FOUND"}]


def _only(check: Callable[[Probe, Role | None], Awaitable[None]]) -> Check:
    """Check what a permission's only line says."""

    async def check_line(probe: Probe, lines: Sequence[Role]) -> None:
        assert len(lines) < 2
        await check(probe, lines[0] if lines else None)

    return check_line


def _mutation(document: str) -> Check:
    """Check that a mutation is refused as forbidden to those without a grant, and to nobody else.

    What it names is not there, in the tenant `%d`; who may do such a thing at all is told so.
    """

    async def check(probe: Probe, lines: Sequence[Role]) -> None:
        answer = await probe.ask(document.replace("%d", f"{probe.tenant_id}"))
        (payload,) = answer["data"].values()
        codes = {error["code"] for error in payload["errors"]}
        assert codes, "the probe asks for what is not there"
        assert ("FORBIDDEN" in codes) == (not lines)

    return check


def _case_mutation(call: str) -> Check:
    name, _, arguments = call.partition("(")
    return _mutation(f'mutation {{ {name}(caseId: "cas_%d_{_MISSING}", {arguments} {{ errors {{ code }} }} }}')


async def _check_log(probe: Probe, role: Role | None) -> None:
    answer = await probe.ask("{ auditEntries(first: 1) { nodes { action } } }")
    assert _is_forbidden(answer, "auditEntries") == (role is None)
    assert (answer["data"]["auditEntries"] is None) == (role is None)


async def _check_deciding(probe: Probe, lines: Sequence[Role]) -> None:
    """Check that exactly the requests within the lines' places are listed and decided."""
    await _mutation(
        f'mutation {{ decideResidency(residencyId: "rsd_%d_{_MISSING}", isConfirmed: true) {{ errors {{ code }} }} }}'
    )(probe, lines)
    places = [await _scope(probe, "d.") if line.rows != "all" else "true" for line in lines]
    listed = await probe.ask("{ residencies(first: 100) { totalCount nodes { applicantName } } }")
    asked_for = "select count(*) from residencies r join places d on d.tenant_id = r.tenant_id and d.id = r.dwelling_id"
    expected = f"{asked_for} where r.tenant_id = $1 and ({' or '.join(places) or 'false'})"
    assert listed["data"]["residencies"]["totalCount"] == await probe.value(expected, probe.tenant_id)
    assert _is_forbidden(listed, "residencies.nodes.applicantName") == (not lines)


_CHECKS: dict[str, Check] = {
    "case:accept": _case_mutation('excludeCase(reason: WITHDRAWN, reply: "撤回")'),
    "case:call_back": _case_mutation("callBackCase(input: {isContacted: false})"),
    "case:close": _case_mutation('reopenCase(reason: "未解决")'),
    "case:dispatch": _case_mutation('escalateCase(summary: "积水")'),
    "case:hand_on": _case_mutation(f'handOnCase(positionId: "pos_%d_{_MISSING}")'),
    "case:handle": _case_mutation('returnCase(reason: "非本单位职责")'),
    "case:rate": _case_mutation("rateCase(input: {isSolved: true, satisfaction: SATISFIED})"),
    "case:read": check_cases,
    "case:report": _mutation(
        f'mutation {{ reportCase(input: {{title: "积水", description: "积水", categoryCode: "0104", kind: HELP,'
        f' at: {{placeId: "grd_%d_{_MISSING}"}}, source: PATROL}}) {{ errors {{ code }} }} }}'
    ),
    "case:supervise": _case_mutation('urgeCase(note: "请尽快办理")'),
    "place:read": _only(_check_places),
    "dwelling:read": _only(_check_dwellings),
    "resident:read": _only(_check_residents),
    "contact:reveal": _only(_check_contact),
    "audit:read": _only(_check_log),
    "export:approve": _mutation(
        f'mutation {{ decideExport(exportId: "exp_%d_{_MISSING}", isGranted: true) {{ errors {{ code }} }} }}'
    ),
    "register:edit": _mutation(
        f'mutation {{ moveUnit(unitId: "unt_%d_{_MISSING}", gridId: "grd_%d_{_MISSING}") {{ errors {{ code }} }} }}'
    ),
    "position:end": _mutation(
        f'mutation {{ endPosition(positionId: "pos_%d_{_MISSING}", until: "2026-01-01") {{ errors {{ code }} }} }}'
    ),
    "position:appoint": _mutation(
        f'mutation {{ appointPosition(input: {{kind: "nothing", placeId: "grd_%d_{_MISSING}", since: "2026-01-01",'
        ' name: "欧"}) { errors { code } } }'
    ),
    "residency:decide": _check_deciding,
    "residency:request": _mutation(
        f'mutation {{ requestResidency(input: {{dwelling: {{id: "dwl_%d_{_MISSING}"}}, relation: OWNER}})'
        " { errors { code } } }"
    ),
    "roster:import": _mutation(
        f'mutation {{ importRoster(input: {{fileId: "fil_%d_{_MISSING}", dryRun: true, skipBadRows: false}})'
        " { errors { code } } }"
    ),
    "whistle:answer": _mutation(
        f'mutation {{ answerWhistle(calleeId: "whc_%d_{_MISSING}", isComing: true) {{ errors {{ code }} }} }}'
    ),
    "whistle:blow": _mutation(
        f'mutation {{ refuseWhistle(whistleId: "whi_%d_{_MISSING}", reason: "不必") {{ errors {{ code }} }} }}'
    ),
    "whistle:request": _case_mutation('requestWhistle(input: {reason: EMERGENCY, summary: "积水"})'),
    "ticket:import": _mutation(
        f'mutation {{ importTickets(input: {{fileId: "fil_%d_{_MISSING}", system: "12345", dryRun: true}})'
        " { errors { code } } }"
    ),
    "summary:read": check_summaries,
    "settings:edit": _mutation(
        'mutation { overrideGrant(input: {kind: "nothing", permission: "place:read", rows: "all", effect: DENY})'
        " { errors { code } } }"
    ),
}


@pytest.mark.parametrize(("position", "tenant_kind", "permission"), _CASES)
async def test_grants_what_the_table_says_and_nothing_else(
    everybody: Callable[[str, str], Awaitable[Probe]], position: str, tenant_kind: str, permission: str
) -> None:
    probe = await everybody(position, tenant_kind)
    lines = [
        role
        for role in starting_roles()
        if (role.position, role.tenant_kind, role.permission) == (position, tenant_kind, permission)
    ]

    mine = await probe.ask("{ me { grants { permission tenants rows condition } } }")

    told = [grant for grant in mine["data"]["me"]["grants"] if grant["permission"] == permission]
    assert told == [
        {"permission": permission, "tenants": role.tenants, "rows": role.rows, "condition": role.condition or None}
        for role in sorted(lines, key=lambda line: (line.tenants, line.rows, line.condition))
    ]
    await _CHECKS[permission](probe, lines)
