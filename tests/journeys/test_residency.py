"""How does a resident get in? As a visitor, then bound to a dwelling: by phone at once, or as a worker decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest

from tests.fixtures.demo import Demo
from tests.journeys.residents import LOCAL, Door, Dwelling, Knocking, dwellings_of, open_door

_SLUG = "guanyuan"
_WORKER = "worker@guanyuan"
_MISSING = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
async def door(demo: Demo) -> AsyncIterator[Door]:
    """The demo, with the mini-program's accounts before it."""
    async with open_door(demo) as opened:
        yield opened


@pytest.fixture(scope="module")
async def homes(demo: Demo) -> list[Dwelling]:
    """Dwellings, one to a building; each test takes its own."""
    return await dwellings_of(demo, _SLUG, count=12)


def _asking(dwelling: Dwelling, relation: str = "OWNER") -> dict[str, Any]:
    return {"dwelling": {"id": dwelling.id}, "relation": relation}


async def _visitor(door: Door, phone: str | None = None, **claims: Any) -> Knocking:  # noqa: ANN401 - as they come.
    somebody = door.somebody(phone, **claims)
    await somebody.do("Join", slug=_SLUG)
    return somebody


async def _give_code(door: Door, home: Dwelling, code: str) -> object:
    document = """mutation ($id: ID!, $code: String) { setBuildingCode(buildingId: $id, code: $code) {
      building { code } errors { code } } }"""
    answer = await door.demo.ask(_WORKER, document, {"id": home.building_id, "code": code})
    return answer.json()["data"]["setBuildingCode"]


async def _value(door: Door, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever is selected.
    return await door.demo.owner.fetchval(statement, *arguments)


async def _audited(door: Door, action: str) -> int:
    count: int = await _value(door, "select count(*) from audit_entries where action = $1", action)
    return count


# --- by code, by choice ----------------------------------------------------------------------------------------------


async def test_confirms_at_once_whose_phone_is_the_registers(door: Door, homes: list[Dwelling]) -> None:
    home = homes[0]
    code = (
        'mutation ($id: ID!) { setBuildingCode(buildingId: $id, code: "QC-001") { building { code } errors { code } } }'
    )
    answer = await door.demo.ask(_WORKER, code, {"id": home.building_id})
    assert answer.json()["data"]["setBuildingCode"] == {"building": {"code": "QC-001"}, "errors": []}
    owner, audited = await _visitor(door, f"+86 {home.phone}"), await _audited(door, "residency:match")

    by_code = {"dwelling": {"buildingCode": "QC-001", "roomNumber": home.room}, "relation": "OWNER"}
    bound = await owner.do("Request", tenant=_SLUG, input=by_code)

    assert (bound["status"], bound["relation"], bound["endedAt"]) == ("CONFIRMED", "OWNER", None)
    assert bound["decidedAt"] is not None
    assert await owner.posts(_SLUG) == ["resident"]
    at_home = (await owner.ask("Home", tenant=_SLUG))["dwellings"]
    assert [node["id"] for node in at_home["nodes"]] == [home.id]
    # By the person whom the register knows.
    held = (
        "select 'per_' || tenant_id || '_' || person_id from positions where id = (select position_id from residencies"
    )
    assert await _value(door, f"{held} where 'rsd_' || tenant_id || '_' || id = $1)", bound["id"]) == home.person_id
    assert await _audited(door, "residency:match") == audited + 1


async def test_binds_by_choice_as_a_worker_decides(door: Door, homes: list[Dwelling]) -> None:
    home, neighbour = homes[1], await _visitor(door)
    choices = (await neighbour.ask("Choices", tenant=_SLUG, building=home.building_id))["dwellingChoices"]
    assert choices["totalCount"] > 0
    assert all(node["id"].startswith("dwl_") and node["address"] for node in choices["nodes"])

    asked = await neighbour.do("Request", tenant=_SLUG, input=_asking(home, "FAMILY"))

    assert (asked["status"], asked["decidedAt"]) == ("REQUESTED", None)
    assert await neighbour.posts(_SLUG) == ["visitor"]
    waiting = (await door.ask(_WORKER, "Waiting", status="REQUESTED"))["residencies"]["nodes"]
    shown = next(node for node in waiting if node["id"] == asked["id"])
    assert (shown["address"], shown["matchedBy"]) == (asked["address"], None)
    assert shown["applicantName"] == f"{neighbour.subject}的账号"

    decided = await door.do(_WORKER, "Decide", id=asked["id"], yes=True)

    assert decided["status"] == "CONFIRMED"
    assert await neighbour.posts(_SLUG) == ["resident"]
    assert (await neighbour.ask("Mine", tenant=_SLUG))["me"]["residencies"][0]["status"] == "CONFIRMED"
    assert await door.refused(_WORKER, "Decide", id=asked["id"], yes=False) == "RESIDENCY_NOT_IN_STATUS"


async def test_refuses_as_a_worker_decides_and_lets_ask_again(door: Door, homes: list[Dwelling]) -> None:
    stranger = await _visitor(door)
    asked = await stranger.do("Request", tenant=_SLUG, input=_asking(homes[2]))

    refused = await door.do(_WORKER, "Decide", id=asked["id"], yes=False, reason=" 请带房产证到社区 ")

    assert (refused["status"], refused["reason"]) == ("REFUSED", "请带房产证到社区")
    assert await stranger.posts(_SLUG) == ["visitor"]
    told = (await stranger.ask("Mine", tenant=_SLUG))["me"]["residencies"]
    assert [(one["status"], one["reason"]) for one in told] == [("REFUSED", "请带房产证到社区")]
    again = await stranger.do("Request", tenant=_SLUG, input=_asking(homes[2]))
    assert (again["status"], again["id"] != asked["id"]) == ("REQUESTED", True)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"phone_number_verified": False},
        {"phone_number_verified": "true"},
        {"phone_number_verified": None},
        {"phone_number": None},
    ],
)
async def test_takes_no_phone_that_nobody_verified(
    door: Door, homes: list[Dwelling], claims: dict[str, object]
) -> None:
    # Without a claim changed, it is the phone of an owner next door.
    phone = homes[3].phone if claims else homes[4].phone
    somebody = await _visitor(door, phone, **claims)

    asked = await somebody.do("Request", tenant=_SLUG, input=_asking(homes[3]))

    assert (asked["status"], await somebody.posts(_SLUG)) == ("REQUESTED", ["visitor"])


async def test_takes_no_phone_of_an_issuer_that_does_not_vouch_for_phones(door: Door, homes: list[Dwelling]) -> None:
    somebody = door.somebody(homes[3].phone, issuer=LOCAL)
    await somebody.do("Join", slug=_SLUG)

    assert (await somebody.do("Request", tenant=_SLUG, input=_asking(homes[3])))["status"] == "REQUESTED"


async def test_proves_no_renter_by_an_owners_phone(door: Door, homes: list[Dwelling]) -> None:
    row = homes[5].id.rpartition("_")[2]
    await door.demo.owner.execute(
        "update households set until = '2020-01-01', since = null where dwelling_id = $1", row
    )
    owner = await _visitor(door, homes[5].phone)

    asked = await owner.do("Request", tenant=_SLUG, input=_asking(homes[5], "RENTER"))

    assert asked["status"] == "REQUESTED"


async def test_keeps_no_phone_in_plain_text(door: Door, homes: list[Dwelling]) -> None:
    phone = "13912345678"
    somebody = await _visitor(door, phone)
    await somebody.do("Request", tenant=_SLUG, input=_asking(homes[6]))
    tables = await door.demo.owner.fetch("select tablename from pg_tables where schemaname = 'public'")

    for (table,) in tables:
        assert not await _value(door, f"select exists (select from {table} t where t::text like '%{phone}%')"), table
    shown = (await door.ask(_WORKER, "Waiting", status="REQUESTED"))["residencies"]["nodes"]
    assert "139****5678" in {node["applicantMaskedPhone"] for node in shown}


async def test_names_a_dwelling_in_one_way(door: Door, homes: list[Dwelling]) -> None:
    somebody = await _visitor(door)
    both = {"id": homes[6].id, "buildingCode": "QC-001", "roomNumber": "101"}
    refused = {
        await somebody.refused("Request", tenant=_SLUG, input={"dwelling": dwelling, "relation": "OWNER"})
        for dwelling in (both, {}, {"buildingCode": "QC-001"}, {"roomNumber": "101"})
    }

    assert refused == {"DWELLING_UNCLEAR"}
    for dwelling in (
        {"buildingCode": "QC-404", "roomNumber": "101"},
        {"buildingCode": "QC-001", "roomNumber": "9999"},
        {"id": homes[6].building_id},
    ):
        asked = {"dwelling": dwelling, "relation": "OWNER"}
        assert await somebody.refused("Request", tenant=_SLUG, input=asked) == "NOT_FOUND"


async def test_says_when_a_room_number_is_not_enough(door: Door, homes: list[Dwelling], demo: Demo) -> None:
    row = await demo.owner.fetchrow(
        """select d.tenant_id, d.building_id, d.room_number from places d join tenants t on t.id = d.tenant_id
           where t.slug = $1 and d.kind = 'dwelling' group by 1, 2, 3 having count(*) > 1 limit 1""",
        _SLUG,
    )
    assert row is not None
    building = replace(homes[0], building_id=f"bld_{row['tenant_id']}_{row['building_id']}")
    await _give_code(door, building, "QC-002")
    somebody = await _visitor(door)

    asked = {"dwelling": {"buildingCode": "QC-002", "roomNumber": row["room_number"]}, "relation": "OWNER"}

    assert await somebody.refused("Request", tenant=_SLUG, input=asked) == "DWELLING_AMBIGUOUS"


async def test_gives_no_code_to_two_buildings(door: Door, homes: list[Dwelling]) -> None:
    assert await _give_code(door, homes[1], "QC-003") == {"building": {"code": "QC-003"}, "errors": []}
    for code, refused in (
        ("QC-003", "BUILDING_CODE_TAKEN"),
        ("", "BUILDING_CODE_INVALID"),
        ("A 1", "BUILDING_CODE_INVALID"),
    ):
        assert await _give_code(door, homes[2], code) == {"building": None, "errors": [{"code": refused}]}


async def test_takes_the_head_for_the_owner_where_the_register_names_none(door: Door, demo: Demo) -> None:
    (home,) = await dwellings_of(demo, "qingcheng", count=1)
    head = door.somebody(home.phone)
    await head.do("Join", slug="qingcheng")

    assert (await head.do("Request", tenant="qingcheng", input=_asking(home)))["status"] == "CONFIRMED"


# --- who decides -----------------------------------------------------------------------------------------------------


async def test_lets_nobody_decide_about_himself(door: Door, homes: list[Dwelling]) -> None:
    join = 'mutation { joinCommunity(slug: "guanyuan") { tenant { slug } errors { code } } }'
    chair = "committee-chair@guanyuan"
    joined = (await door.demo.ask(chair, join)).json()["data"]["joinCommunity"]
    assert joined == {"tenant": {"slug": _SLUG}, "errors": []}
    asked = await door.do(chair, "Request", input=_asking(homes[7]))

    assert await door.refused(chair, "Decide", id=asked["id"], yes=True) == "OWN_RESIDENCY"
    assert (await door.do(_WORKER, "Decide", id=asked["id"], yes=True))["status"] == "CONFIRMED"


async def test_lets_grid_posts_decide_in_their_grid_alone(door: Door, demo: Demo) -> None:
    here, there = [
        (await dwellings_of(demo, _SLUG, count=1, grid_of="grid-worker@guanyuan", is_inside=is_inside))[0]
        for is_inside in (True, False)
    ]
    somebody = await _visitor(door)
    near, far = [await somebody.do("Request", tenant=_SLUG, input=_asking(home)) for home in (here, there)]

    listed = (await door.ask("grid-worker@guanyuan", "Waiting", status=None))["residencies"]["nodes"]

    assert near["id"] in {node["id"] for node in listed}
    assert far["id"] not in {node["id"] for node in listed}
    assert await door.refused("grid-worker@guanyuan", "Decide", id=far["id"], yes=True) == "NOT_FOUND"
    assert (await door.do("grid-worker@guanyuan", "Decide", id=near["id"], yes=True))["status"] == "CONFIRMED"


async def test_lets_nobody_else_see_decide_or_end(door: Door, homes: list[Dwelling]) -> None:
    somebody, other = await _visitor(door), await _visitor(door)
    asked = await somebody.do("Request", tenant=_SLUG, input=_asking(homes[8]))
    forbidden = ("property-manager@guanyuan", "building-leader@guanyuan", "admin@guanyuan", "auditor@guanyuan")
    nobody = {"id": f"rsd_{asked['id'].split('_')[1]}_{_MISSING}"}

    for account in forbidden:
        assert await door.refused(account, "Decide", id=asked["id"], yes=True) == "FORBIDDEN"
        assert await door.refused(account, "End", id=asked["id"]) == "FORBIDDEN"
        assert (await door.ask(account, "Waiting", status=None))["residencies"]["nodes"] == []
    # Of another tenant, also with whatever permission there is.
    assert await door.refused("worker@xiyuan", "Decide", id=asked["id"], yes=True) == "NOT_FOUND"
    assert await door.refused("worker@xiyuan", "End", id=asked["id"]) == "NOT_FOUND"
    assert (await door.ask("worker@xiyuan", "Waiting", status=None))["residencies"]["totalCount"] == 0
    theirs = await other.send("End", tenant=_SLUG, id=asked["id"])
    assert theirs.content == (await other.send("End", tenant=_SLUG, **nobody)).content
    assert await other.refused("Decide", tenant=_SLUG, id=asked["id"], yes=True) == "FORBIDDEN"
    mine = (await other.ask("Waiting", tenant=_SLUG, status=None))["residencies"]
    assert mine == {"totalCount": 0, "nodes": []}
    assert await _value(door, "select status from residencies where id = $1", asked["id"].split("_")[2]) == "REQUESTED"


async def test_tells_the_applicant_nothing_of_whom_the_register_knows(door: Door, homes: list[Dwelling]) -> None:
    home = homes[9]
    reveal = "mutation ($id: ID!) { revealContact(personId: $id, purpose: VISIT) { contact { name } } }"
    known = (await door.demo.ask(_WORKER, reveal, {"id": home.person_id})).json()["data"]["revealContact"]["contact"]
    namesake = await _visitor(door, preferred_username=known["name"])

    asked = await namesake.do("Request", tenant=_SLUG, input=_asking(home))

    assert asked["status"] == "REQUESTED"
    own = await namesake.send("Waiting", tenant=_SLUG, status=None)
    (node,) = own.json()["data"]["residencies"]["nodes"]
    assert {name: node[name] for name in node if name.startswith(("matched", "applicant"))} == dict.fromkeys(
        ("applicantName", "applicantMaskedPhone", "matchedBy", "matchedPersonId", "matchedName", "matchedMaskedPhone")
    )
    refusals = {error["extensions"]["field"] for error in own.json()["errors"]}
    assert "residencies.nodes.matchedName" in refusals
    waiting = (await door.ask(_WORKER, "Waiting", status="REQUESTED"))["residencies"]["nodes"]
    shown = next(one for one in waiting if one["id"] == asked["id"])
    assert (shown["matchedBy"], shown["matchedPersonId"]) == ("NAME", home.person_id)
    assert shown["matchedName"].endswith("*")


# --- the end ---------------------------------------------------------------------------------------------------------


async def test_ends_what_came_with_it_and_keeps_the_history(door: Door, homes: list[Dwelling]) -> None:
    owner = await _visitor(door, homes[10].phone)
    bound = await owner.do("Request", tenant=_SLUG, input=_asking(homes[10]))
    assert await owner.posts(_SLUG) == ["resident"]

    ended = await owner.do("End", tenant=_SLUG, id=bound["id"])

    assert (ended["status"], ended["endedAt"] is not None) == ("ENDED", True)
    assert await owner.posts(_SLUG) is None
    kept = await door.demo.owner.fetchrow("select * from residencies where id = $1", bound["id"].split("_")[2])
    assert kept is not None
    assert (kept["status"], kept["decided_at"] is not None, kept["position_id"] is not None) == ("ENDED", True, True)
    # Whoever comes back begins again, as the same person.
    await owner.do("Join", slug=_SLUG)
    assert await owner.posts(_SLUG) == ["visitor"]
    again = await owner.do("Request", tenant=_SLUG, input=_asking(homes[10]))
    assert again["status"] == "CONFIRMED"

    by_worker = await door.do(_WORKER, "End", id=again["id"])

    assert (by_worker["status"], await owner.posts(_SLUG)) == ("ENDED", None)
    assert await door.refused(_WORKER, "End", id=again["id"]) == "RESIDENCY_NOT_IN_STATUS"
    assert await _audited(door, "residency:end") >= 2


async def test_ends_with_the_household_for_all_but_owners(door: Door, demo: Demo) -> None:
    households = await demo.owner.fetch(
        """select h.tenant_id, h.id, h.dwelling_id from households h join tenants t on t.id = h.tenant_id
           where t.slug = $1 and h.until is null and not exists (select from households o
             where o.tenant_id = h.tenant_id and o.dwelling_id = h.dwelling_id and o.id <> h.id)
             and not exists (select from positions p where p.tenant_id = h.tenant_id and p.place_id = h.dwelling_id)
           order by h.id desc limit 1""",
        _SLUG,
    )
    (household,) = households
    home = {"id": f"dwl_{household['tenant_id']}_{household['dwelling_id']}"}
    family, owner = await _visitor(door), await _visitor(door)
    for somebody, relation in ((family, "FAMILY"), (owner, "OWNER")):
        asked = await somebody.do("Request", tenant=_SLUG, input={"dwelling": home, "relation": relation})
        await door.do(_WORKER, "Decide", id=asked["id"], yes=True)
    left = """mutation ($id: ID!) { correctHousehold(householdId: $id, input: {until: "2026-01-01"}) {
        errors { code } } }"""

    answer = await demo.ask(_WORKER, left, {"id": f"hsh_{household['tenant_id']}_{household['id']}"})

    assert answer.json()["data"]["correctHousehold"]["errors"] == []
    assert (await family.posts(_SLUG), await owner.posts(_SLUG)) == (None, ["resident"])


async def test_ends_with_the_post_that_an_administrator_ends(door: Door, homes: list[Dwelling]) -> None:
    owner = await _visitor(door, homes[10].phone)
    bound = await owner.do("Request", tenant=_SLUG, input=_asking(homes[10]))
    post = """select 'pos_' || tenant_id || '_' || position_id from residencies where id = $1"""
    end = "mutation ($id: ID!, $day: Date!) { endPosition(positionId: $id, until: $day) { errors { code } } }"
    position = await _value(door, post, bound["id"].split("_")[2])

    today = await _value(door, "select (now() at time zone 'Asia/Shanghai')::date::text")
    ended = await door.demo.ask("admin@guanyuan", end, {"id": position, "day": today})

    assert ended.json()["data"] == {"endPosition": {"errors": []}}
    (mine,) = (await owner.ask("Mine", tenant=_SLUG))["me"]["residencies"]
    assert mine["status"] == "ENDED"
    # Nothing is in the way of asking again.
    assert (await owner.do("Request", tenant=_SLUG, input=_asking(homes[10])))["status"] == "CONFIRMED"


@pytest.mark.parametrize("other", ["End", "Leave"])
@pytest.mark.parametrize("is_post_first", [True, False])
async def test_ends_by_the_post_and_by_itself_at_once(
    door: Door, homes: list[Dwelling], other: str, *, is_post_first: bool
) -> None:
    owner = await _visitor(door, homes[9].phone)
    bound = await owner.do("Request", tenant=_SLUG, input=_asking(homes[9]))
    residency_id = bound["id"].split("_")[2]
    position_id = await _value(door, "select position_id from residencies where id = $1", residency_id)
    end = "mutation ($id: ID!, $day: Date!) { endPosition(positionId: $id, until: $day) { errors { code } } }"
    yesterday = await _value(door, "select ((now() at time zone 'Asia/Shanghai')::date - 1)::text")
    given = {"id": bound["id"]} if other == "End" else {"slug": _SLUG}
    by_post = door.demo.ask(
        "admin@guanyuan", end, {"id": f"pos_{bound['id'].split('_')[1]}_{position_id}", "day": yesterday}
    )
    by_itself = owner.send(other, tenant=_SLUG, **given)

    answers = await _meeting(door, position_id, (by_post, by_itself) if is_post_first else (by_itself, by_post))

    assert all("errors" not in answer.json() for answer in answers), [answer.text for answer in answers]
    assert await owner.posts(_SLUG) is None
    assert await _value(door, "select status from residencies where id = $1", residency_id) == "ENDED"


async def _meeting(
    door: Door, position_id: object, asked: Iterable[Coroutine[Any, Any, httpx.Response]]
) -> list[httpx.Response]:
    """Send requests while a post is held, the next when the one before waits, and let them go on together."""
    waiting = """select count(*) from pg_locks l join pg_stat_activity a using (pid)
        where not l.granted and a.datname = current_database()"""
    holding = await asyncpg.connect(door.demo.database.owner_url)
    try:
        async with asyncio.TaskGroup() as tasks, holding.transaction():
            await holding.execute("select from positions where id = $1 for update", position_id)
            sent = []
            for count, request in enumerate(asked, start=1):
                sent.append(tasks.create_task(request))
                while await _value(door, waiting) < count and not sent[-1].done():  # noqa: ASYNC110 - asks the database.
                    await asyncio.sleep(0.01)
    finally:
        await holding.close()
    return [task.result() for task in sent]


async def test_leaves_a_community_with_all_that_was_asked_for(door: Door, homes: list[Dwelling]) -> None:
    somebody = await _visitor(door)
    asked = await somebody.do("Request", tenant=_SLUG, input=_asking(homes[11]))
    assert await somebody.refused("Leave", tenant=_SLUG, slug="xiyuan") == "NOT_FOUND"

    left = await somebody.do("Leave", tenant=_SLUG, slug=_SLUG)

    assert left == {"slug": _SLUG}
    assert await somebody.posts(_SLUG) is None
    assert await _value(door, "select status from residencies where id = $1", asked["id"].split("_")[2]) == "ENDED"


# --- how often -------------------------------------------------------------------------------------------------------


async def test_does_one_request_once(door: Door, homes: list[Dwelling]) -> None:
    somebody = await _visitor(door)
    asked = _asking(homes[1], "RENTER")

    both = await asyncio.gather(*(somebody.send("Request", tenant=_SLUG, input=asked, key="one") for _ in range(2)))
    again = await somebody.refused("Request", tenant=_SLUG, input=asked)
    other = await somebody.refused("Request", tenant=_SLUG, input=_asking(homes[2]), key="one")

    assert {answer.json()["data"]["requestResidency"]["residency"]["status"] for answer in both} == {"REQUESTED"}
    assert both[0].content == both[1].content
    assert (again, other) == ("RESIDENCY_EXISTS", "IDEMPOTENCY_KEY_REUSED")
    assert await _count(door, somebody) == 1


async def test_lets_nobody_try_one_dwelling_after_the_other(door: Door, homes: list[Dwelling]) -> None:
    somebody = await _visitor(door)
    # Who asks is known by now, so that all of them begin at once.
    assert await somebody.posts(_SLUG) == ["visitor"]

    answers = await asyncio.gather(*(somebody.send("Request", tenant=_SLUG, input=_asking(home)) for home in homes[:6]))

    payloads = [answer.json()["data"]["requestResidency"] for answer in answers]
    codes = [error["code"] for payload in payloads for error in payload["errors"]]
    assert codes == ["TOO_MANY_REQUESTS"] * 3
    assert await _count(door, somebody) == 3
    # Taking one back makes room, until a day's are used up.
    for payload in payloads:
        if payload["residency"] is not None:
            await somebody.do("End", tenant=_SLUG, id=payload["residency"]["id"])
    for home in homes[6:8]:
        await somebody.do("Request", tenant=_SLUG, input=_asking(home))
    assert await somebody.refused("Request", tenant=_SLUG, input=_asking(homes[8])) == "TOO_MANY_REQUESTS"
    assert await _count(door, somebody) == 5


async def _count(door: Door, somebody: Knocking) -> int:
    count: int = await _value(
        door,
        "select count(*) from residencies r join accounts a on a.id = r.account_id where a.subject = $1",
        somebody.subject,
    )
    return count
