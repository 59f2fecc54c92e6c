"""Who sees a post off the duty board? Its holder and those who appoint; nobody else, and no office above."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from schema.compiler.values import encode_id
from services.positions.commands import AccountName
from tests.fixtures.gateway import ISSUER
from tests.schema.positions.conftest import Hall

READ = """
query ($id: ID!) {
  position(id: $id) { ...Post }
  node(id: $id) { ...Post }
}
fragment Post on Position { id kind { code } since until dutyPhone duties place { id } body { id } }
"""
ME = "{ me { positions { id kind { code } place { name } } } }"
APPOINT = """
mutation ($input: AppointPositionInput!) {
  appointPosition(input: $input) { position { id kind { code } since } errors { code } }
}
"""
END = """
mutation ($id: ID!, $until: Date!) {
  endPosition(positionId: $id, until: $until) { position { id kind { code } until } errors { code } }
}
"""
LINK = """
mutation ($id: ID!, $account: AccountInput!) {
  linkAccount(positionId: $id, account: $account) { position { id kind { code } } errors { code } }
}
"""
OVERRIDE = "mutation ($input: OverrideGrantInput!) { overrideGrant(input: $input) { errors { code } } }"


@dataclass(frozen=True, slots=True)
class Posts:
    """Ids of posts of 庆城, and the hall in which they are asked for."""

    hall: Hall
    on_board: str
    resident: str
    neighbour: str
    staff: str

    async def read(self, post_id: str, *, by: str, tenant: str | None = None) -> str | None:
        """Tell the kind of the post that somebody reads by its id, in both ways alike."""
        acting = tenant or by.partition("@")[2] or "qingcheng"
        answer = await self.hall.client.ask(READ, {"id": post_id}, account=by, tenant=acting)
        data = answer.json()["data"]
        assert data["position"] == data["node"]
        assert "errors" not in answer.json(), answer.text
        return data["position"] and str(data["position"]["kind"]["code"])

    async def seen(self, by: str, *, tenant: str | None = None) -> list[str]:
        """Tell which of the posts somebody reads."""
        names = ("on_board", "resident", "neighbour", "staff")
        return [name for name in names if await self.read(getattr(self, name), by=by, tenant=tenant)]


@pytest.fixture(scope="module")
async def posts(hall: Hall) -> Posts:
    """A grid worker on the board; two residents and a company's worker off it; accounts in the offices above."""
    town = hall.town
    made = {}
    for name, kind, at, body in (
        ("on_board", "grid-worker", "第一网格", None),
        ("resident", "resident", "101室", None),
        ("neighbour", "resident", "101室", None),
        ("staff", "property-worker", "花园小区", "物业"),
    ):
        account = AccountName(ISSUER.name, f"{name}@qingcheng")
        given = {"name": "李四" if name == "neighbour" else "张三", "body": body, "account": account}
        post_id = await town.appoint(await town.grants("admin", "qingcheng"), kind, f"qingcheng/{at}", **given)
        made[name] = encode_id("pos", town.tenants["qingcheng"].id, post_id)
    for kind, slug in (("dispatcher", "gudong"), ("admin", "gudong"), ("officer", "gulou"), ("admin", "gulou")):
        account = AccountName(ISSUER.name, f"{kind}@{slug}")
        await town.appoint(await town.grants("admin", slug), kind, slug, account=account)
    # The residents live in the company's estate: it sees its places there, and not who lives in them.
    async with town.owner.begin() as connection:
        dwelling, estate = town.places["qingcheng/101室"], town.places["qingcheng/花园小区"]
        await connection.exec_driver_sql(f"update places set estate_id = '{estate}' where id = '{dwelling}'")
    return Posts(hall, **made)


@pytest.mark.parametrize("by", ["dispatcher@gudong", "admin@gudong", "officer@gulou", "admin@gulou"])
async def test_offices_above_see_the_board_alone(posts: Posts, by: str) -> None:
    # The administrators of an office see places of their own office alone, and no post of a community.
    expected = [] if by.startswith("admin@") else ["on_board"]

    assert await posts.seen(by) == expected


@pytest.mark.parametrize("by", ["worker@qingcheng", "auditor@qingcheng", "on_board@qingcheng"])
async def test_who_neither_holds_nor_gives_it_sees_none(posts: Posts, by: str) -> None:
    assert await posts.seen(by) == ["on_board"]


async def test_holders_see_their_own(posts: Posts) -> None:
    for name in ("resident", "neighbour"):
        me = await posts.hall.client.ask(ME, account=f"{name}@qingcheng")

        assert await posts.seen(f"{name}@qingcheng") == ["on_board", name]
        assert me.json()["data"]["me"]["positions"] == [
            {"id": getattr(posts, name), "kind": {"code": "resident"}, "place": {"name": "101室"}}
        ]


async def test_who_ends_posts_sees_those_that_may_be_ended(posts: Posts) -> None:
    assert await posts.seen("admin@qingcheng") == ["on_board", "resident", "neighbour", "staff"]
    # The chair ends posts of the grids alone, and none of them stands off the board.
    assert await posts.seen("committee-chair@qingcheng") == ["on_board"]


async def test_a_company_sees_its_staff_and_no_resident_of_its_estate(posts: Posts) -> None:
    assert await posts.seen("manager", tenant="qingcheng") == ["staff"]
    assert await posts.seen("staff@qingcheng") == ["staff"]


async def test_another_community_sees_none(posts: Posts) -> None:
    for by in ("admin@zhongshan", "committee-chair@zhongshan", "worker@zhongshan"):
        assert await posts.seen(by) == []
    assert await posts.seen("manager", tenant="zhongshan") == []


async def test_who_gives_links_and_ends_a_post_is_shown_it(posts: Posts) -> None:
    ask = posts.hall.client.ask
    wanted = {"kind": "resident", "placeId": posts.hall.place_id("qingcheng/101室"), "since": "2026-01-01"}
    new = {**wanted, "name": "王五", "phone": "13800009999"}

    given = (await ask(APPOINT, {"input": new}, account="admin@qingcheng")).json()["data"]["appointPosition"]
    post_id = given["position"]["id"]
    account = {"issuer": ISSUER.name, "subject": "wang@qingcheng"}
    linked = await ask(LINK, {"id": post_id, "account": account}, account="admin@qingcheng")
    ended = await ask(END, {"id": post_id, "until": "2026-01-02"}, account="admin@qingcheng")

    kind = {"code": "resident"}
    assert given["position"] == {"id": post_id, "kind": kind, "since": "2026-01-01"}
    assert linked.json()["data"]["linkAccount"] == {"position": {"id": post_id, "kind": kind}, "errors": []}
    assert ended.json()["data"]["endPosition"]["position"] == {"id": post_id, "kind": kind, "until": "2026-01-02"}


async def test_who_only_gives_posts_is_shown_them(posts: Posts) -> None:
    ask, by = posts.hall.client.ask, "on_board@qingcheng"
    override = {"kind": "grid-worker", "permission": "position:appoint", "rows": "all", "effect": "ALLOW"}
    allowed = await ask(OVERRIDE, {"input": override}, account="admin@qingcheng")

    place_id = posts.hall.place_id("qingcheng/101室")
    new = {"kind": "resident", "placeId": place_id, "since": "2026-01-01", "name": "赵六", "phone": "13800009998"}
    given = (await ask(APPOINT, {"input": new}, account=by)).json()["data"]["appointPosition"]

    assert allowed.json()["data"]["overrideGrant"]["errors"] == []
    assert given["errors"] == []
    assert given["position"]["kind"] == {"code": "resident"}
    assert await posts.read(given["position"]["id"], by=by) == "resident"
