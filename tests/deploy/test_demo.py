"""Does the demo come to be once, keep what was changed, and stay out of anybody else's database?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.cli.token import suggest
from deploy.databases import Databases, open_demo_databases
from deploy.demo.accounts import DemoAccount, DemoTenant, list_demo_accounts
from deploy.demo.mark import clear, ensure_mark
from deploy.demo.preparing import prepare_demo
from deploy.demo.tokens import ISSUER, ensure_demo_issuer
from deploy.demo.welcome import welcome
from deploy.settings import SettingsError, read_settings
from tenants.errors import Unauthenticated
from tenants.tokens import TokenVerifier
from tests.fixtures.database import Database
from tests.fixtures.world import WorldDatabase


class _Creation:
    """Counts how often the demo was created; fails as often as it is told to."""

    def __init__(self, *, failures: int = 0) -> None:
        self.count = 0
        self._failures = failures

    async def __call__(self, databases: Databases, /, *, tell: Callable[[str], None]) -> None:
        tell("Making the demo …")
        self.count += 1
        connection = await asyncpg.connect(databases.need_owner_url())
        await connection.execute(
            "insert into accounts (id, issuer, subject, display_name) values "
            "('0190a000-0000-7000-8000-000000000001', 'jinlin-demo', 'made', 'made')"
        )
        await connection.close()
        if self.count <= self._failures:
            raise ConnectionAbortedError


@pytest.fixture
async def demo(server_database: Database) -> Databases:
    await ensure_mark(server_database.superuser_url)
    return Databases(server_database.owner_url, server_database.gateway_url, server_database.worker_url, is_demo=True)


@pytest.fixture
async def server_database(new_empty_database: Callable[[], Awaitable[Database]]) -> Database:
    return await new_empty_database()


async def _subjects(demo: Databases) -> list[str]:
    return [account.account for account in await list_demo_accounts(demo.need_owner_url())]


async def test_is_created_once_and_keeps_what_was_changed(demo: Databases) -> None:
    creation, told = _Creation(), list[str]()
    await prepare_demo(demo, tell=told.append, create=creation)
    connection = await asyncpg.connect(demo.need_owner_url())
    await connection.execute("update accounts set subject = 'changed'")
    await connection.close()

    await prepare_demo(demo, tell=told.append, create=creation)

    assert await _subjects(demo) == ["changed"]
    assert told == ["Making the tables …", "Making the demo …"]


async def test_starts_over_what_was_left_half_made(demo: Databases) -> None:
    creation = _Creation(failures=1)
    with pytest.raises(ConnectionAbortedError):
        await prepare_demo(demo, tell=lambda _: None, create=creation)

    await prepare_demo(demo, tell=lambda _: None, create=creation)

    assert creation.count == 2
    assert await _subjects(demo) == ["made"]


async def test_refuses_a_database_with_something_else_in_it(database: Database) -> None:
    with pytest.raises(SettingsError, match="demo's mark"):
        await ensure_mark(database.superuser_url)

    with pytest.raises(SettingsError, match="demo's mark"):
        await clear(database.owner_url)


async def test_refuses_a_server_with_somebody_elses_roles(server_database: Database, tmp_path: Path) -> None:
    settings = replace(read_settings({}), home=tmp_path, demo_database_url=server_database.superuser_url)

    with pytest.raises(SettingsError, match="server of its own"):
        async with open_demo_databases(settings):
            pass


async def test_lists_accounts_with_the_tenants_they_may_act_in(made: WorldDatabase) -> None:
    connection = await asyncpg.connect(made.database.owner_url)
    await connection.execute("update accounts set issuer = $1 where subject in ('officer', 'nobody')", ISSUER)
    await connection.close()

    listed = await list_demo_accounts(made.database.owner_url)

    assert listed == [
        DemoAccount("officer", "officer的账号", (DemoTenant("gulou", "鼓楼区"),)),
        DemoAccount("nobody", "nobody的账号", ()),
    ]


def test_names_the_accounts_of_the_tenant_that_was_meant() -> None:
    known = ["worker@qingcheng", "auditor@qingcheng", "worker@zhongshan", "officer@gulou"]

    assert suggest("woker@qingcheng", known) == "Of qingcheng it has: worker@qingcheng, auditor@qingcheng."
    assert suggest("worker@zhonshan", known) == "Of zhongshan it has: worker@zhongshan."
    assert suggest("worker@qingcheng", []) == "It has none yet: run `make demo`."


def test_tells_the_address_and_the_queries_last() -> None:
    accounts = [DemoAccount("worker@qingcheng", "王工", (DemoTenant("qingcheng", "庆城社区"),))]

    told = welcome("http://127.0.0.1:8000/graphql", accounts, "token of {}".format, has_page=True).splitlines()

    shown = ["token of worker@qingcheng", "Three queries to try", "answers at http://127.0.0.1:8000/graphql"]
    places = [next(number for number, line in enumerate(told) if text in line) for text in shown]
    assert places == sorted(places)
    assert max(len(line) for line in told) <= 160


def test_signs_tokens_that_no_other_demo_takes(tmp_path: Path) -> None:
    own, other = ensure_demo_issuer(tmp_path / "own"), ensure_demo_issuer(tmp_path / "other")

    token = ensure_demo_issuer(tmp_path / "own").token("worker@qingcheng").encode()

    assert TokenVerifier([own.trusted()]).verify(token).subject == "worker@qingcheng"
    with pytest.raises(Unauthenticated):
        TokenVerifier([other.trusted()]).verify(token)
    assert (tmp_path / "own" / "demo-issuer.json").stat().st_mode & 0o077 == 0
