"""Is the board's page public, shut in and honest about missing parts, and does it ask what may be asked?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp

from deploy.board import board_routes
from tests.architecture.sources import ROOT
from tests.fixtures.demo import Demo

_SOURCES = ROOT / "deploy" / "web" / "board"
_DOCUMENT = (_SOURCES / "board.graphql").read_text(encoding="utf-8")
_PERIOD = {"from": "2026-01-01", "to": "2026-06-30"}
_TOP = {**_PERIOD, "unit": "MONTH"}
_ROWS = {**_TOP, "heatFrom": "2025-07-01", "isClosureRate": True}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name in ("board.js", "board.css", "board.js.map"):
        (tmp_path / name).write_text(f"/* {name} */")
    return tmp_path


async def _get(app: ASGIApp, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        return await client.get(path)


def _app(built: Path) -> ASGIApp:
    return Starlette(routes=board_routes(built=built))


async def test_shows_the_page_to_whoever_asks_and_offers_no_accounts(built: Path) -> None:
    page = await _get(_app(built), "/board")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta name="accounts" content="" />' in page.text
    assert "://" not in page.text


@pytest.mark.parametrize("path", ["/board", "/board/board.js", "/board/board.css", "/board/nothing"])
async def test_lets_the_page_reach_this_gateway_alone(built: Path, path: str) -> None:
    headers = (await _get(_app(built), path)).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_serves_the_two_parts_and_nothing_else_of_their_folder(built: Path) -> None:
    app = _app(built)
    script, style = await _get(app, "/board/board.js"), await _get(app, "/board/board.css")
    others = [await _get(app, f"/board/{name}") for name in ("board.js.map", "..%2Findex.html", "index.html")]
    bare = await _get(app, "/board/")

    assert (script.text, style.text) == ("/* board.js */", "/* board.css */")
    assert script.headers["content-type"].startswith("text/javascript")
    assert [answer.status_code for answer in others] == [404, 404, 404]
    assert (bare.status_code, bare.headers["location"]) == (307, "/board")


async def test_says_why_there_is_no_board(tmp_path: Path) -> None:
    app = _app(tmp_path)
    page, part = await _get(app, "/board"), await _get(app, "/board/board.js")

    assert (page.status_code, part.status_code) == (503, 404)
    assert "make web" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_offers_the_demos_accounts_to_those_to_whom_they_are_shown(built: Path) -> None:
    def accounts_for(request: Request) -> str | None:
        return "/demo/accounts" if request.url.hostname == "gateway" else None

    app = Starlette(routes=board_routes(accounts_for, built=built))
    shown = await _get(app, "/board")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://elsewhere") as client:
        hidden = await client.get("/board")

    assert '<meta name="accounts" content="/demo/accounts" />' in shown.text
    assert "/demo/accounts" not in hidden.text


def test_never_makes_markup_or_documents_of_what_it_was_told() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in _SOURCES.glob("*.js*")}

    assert len(sources) > 10
    for name, source in sources.items():
        markup = r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|eval\("
        assert re.findall(markup, source) == [], name
        assert re.findall(r"\bquery: *(\w+|.)", source) == (["documentText"] if name == "asking.js" else []), name
        assert re.findall(r"(https?|wss?)://\w", source) == [], name


async def _ask(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    answer = await demo.ask(account, _DOCUMENT, variables, operation=operation)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_asks_one_operation_a_view_down_to_the_grid(demo: Demo) -> None:
    district = await _ask(demo, "officer@gulou", "District", **_ROWS)
    (street,) = district["data"]["here"]["rows"]["nodes"]
    below = await _ask(demo, "officer@gulou", "Street", id=street["id"], **_ROWS)
    community = below["data"]["here"]["rows"]["nodes"][0]
    inside = await _ask(demo, "officer@gulou", "Community", id=community["id"], **_ROWS)
    grid = await _ask(demo, "officer@gulou", "Grid", id=inside["data"]["here"]["rows"]["nodes"][0]["id"], **_TOP)

    for answer in (district, below, inside, grid):
        assert "errors" not in answer, answer
        assert answer["data"]["here"]["whole"]["reported"] >= 0
        assert len(answer["data"]["here"]["trend"]) == 6
    assert len(street["months"]) == 12
    assert set(street["months"][0]) == {"closureRate"}
    assert street["caseSummary"] == {name: below["data"]["here"]["whole"][name] for name in street["caseSummary"]}
    path = grid["data"]["here"]["community"]
    assert [path["name"], path["street"]["name"]] == [community["name"], "鼓东街道"]


async def test_asks_for_the_communities_of_a_district_page_by_page(demo: Demo) -> None:
    first = await _ask(demo, "officer@gulou", "DistrictCommunities", **_ROWS)
    cursor = first["data"]["rows"]["pageInfo"]["endCursor"]
    rest = {name: value for name, value in _ROWS.items() if name != "unit"}
    more = await _ask(demo, "officer@gulou", "MoreCommunities", after=cursor, **rest)

    assert first["data"]["rows"]["totalCount"] == 5
    assert len(first["data"]["rows"]["nodes"]) == 5
    assert more["data"]["rows"]["nodes"] == []


async def test_asks_who_somebody_is_and_where_their_tenant_begins(demo: Demo) -> None:
    signed = await _ask(demo, "manager@linhe", "SignIn")
    here = await _ask(demo, "dispatcher@gudong", "Here")

    assert [each["slug"] for each in signed["data"]["me"]["tenants"]] == ["zhongshan", "qingcheng"]
    assert here["data"]["me"]["tenant"]["kind"] == "STREET"
    assert here["data"]["me"]["tenant"]["place"]["id"].startswith("str_")
