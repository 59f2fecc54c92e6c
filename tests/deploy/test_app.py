"""Does every address lead where it should, and does the demo's picker answer on this machine alone?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from deploy.app import Surface, create_app
from deploy.demo.accounts import DemoAccount, DemoTenant
from deploy.demo.pages import demo_pages

_ACCOUNT = DemoAccount("worker@qingcheng", "王工", (DemoTenant("qingcheng", "庆城社区"),))


class _Database:
    is_there = True

    async def ask(self) -> None:
        if not self.is_there:
            raise ConnectionRefusedError


async def _accounts() -> list[DemoAccount]:
    return [_ACCOUNT]


def _app(database: _Database, *, is_demo: bool) -> ASGIApp:
    surface = Surface(PlainTextResponse("graphql"), PlainTextResponse("files"), database.ask)
    return create_app(surface, pages=demo_pages(_accounts, "token of {}".format) if is_demo else None)


@pytest.fixture
def database() -> _Database:
    return _Database()


@pytest.fixture
async def demo(database: _Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(_app(database, is_demo=True), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def test_sends_each_address_where_it_belongs(demo: httpx.AsyncClient) -> None:
    answers = [
        (await demo.post("/graphql")).text,
        (await demo.get("/graphql")).text,
        (await demo.post("/files")).text,
        (await demo.get("/files/fil_1_x")).text,
        (await demo.get("/livez")).text,
        str((await demo.get("/nothing")).status_code),
    ]

    assert answers == ["graphql", "graphql", "files", "files", "alive\n", "404"]


async def test_is_ready_as_long_as_the_database_answers(demo: httpx.AsyncClient, database: _Database) -> None:
    before = await demo.get("/readyz")
    database.is_there = False
    after = await demo.get("/readyz")

    assert (before.status_code, after.status_code) == (200, 503)
    assert after.json() == {"status": "not ready", "reason": "The database does not answer."}


async def test_counts_requests_by_route_and_status(demo: httpx.AsyncClient) -> None:
    await demo.post("/graphql")
    await demo.get("/no/client/makes/a/series")

    metrics = (await demo.get("/metrics")).text

    assert 'jinlin_request_seconds_count{method="POST",route="/graphql",status="200"}' in metrics
    assert 'route="other",status="404"' in metrics
    assert "no/client" not in metrics


async def test_shows_a_browser_a_page_that_loads_nothing_from_elsewhere(demo: httpx.AsyncClient) -> None:
    page = await demo.get("/graphql", headers={"Accept": "text/html,*/*"})

    # Without the page's parts, which need npm's registry, the page says so.
    assert page.status_code in {200, 503}
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "://" not in page.text


@pytest.mark.parametrize("is_demo", [True, False])
async def test_has_the_board_in_the_demo_and_outside_it(database: _Database, *, is_demo: bool) -> None:
    transport = httpx.ASGITransport(_app(database, is_demo=is_demo), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        page = await client.get("/board")

    # Without its parts, the page says so; accounts are the demo's alone.
    assert page.status_code in {200, 503}
    assert ("/demo/accounts" in page.text) == (is_demo and page.status_code == 200)


async def test_leads_whoever_types_the_bare_address_to_the_page(demo: httpx.AsyncClient) -> None:
    answer = await demo.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/graphql")


async def test_lists_accounts_with_their_tokens_on_this_machine(demo: httpx.AsyncClient) -> None:
    answer = await demo.get("/demo/accounts")

    tenants = [{"slug": "qingcheng", "name": "庆城社区"}]
    assert answer.json() == [
        {"account": "worker@qingcheng", "name": "王工", "tenants": tenants, "token": "token of worker@qingcheng"}
    ]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("client", "host"),
    [("10.0.0.9", "localhost:8000"), ("127.0.0.1", "page.example"), ("127.0.0.1", "127.0.0.1.example")],
)
async def test_shows_no_accounts_to_anybody_elsewhere(database: _Database, client: str, host: str) -> None:
    transport = httpx.ASGITransport(_app(database, is_demo=True), client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as caller:
        answer = await caller.get("/demo/accounts", headers={"Host": host, "X-Forwarded-For": "127.0.0.1"})

    assert answer.status_code == 403
    assert "token" not in answer.text


async def test_has_no_page_and_no_picker_outside_the_demo(database: _Database) -> None:
    transport = httpx.ASGITransport(_app(database, is_demo=False), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        page = await client.get("/graphql", headers={"Accept": "text/html"})
        accounts, root = await client.get("/demo/accounts"), await client.get("/")

    assert page.text == "graphql"
    assert [answer.status_code for answer in (accounts, root)] == [404, 404]
