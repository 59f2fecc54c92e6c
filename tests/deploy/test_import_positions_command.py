"""Does `jinlin import positions` report, and end, as an operator needs?"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.cli.faults import explain
from deploy.settings import SettingsError, sqlalchemy_url
from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant
from services.positions.tables import Position
from tenants.sealing.master_key import MasterKeyUnknown
from tenants.sealing.tables import StoredDataKey
from tests.fixtures.database import Database
from tests.tokens import TestIssuer

GOOD = "姓名,电话,岗位,账号\n张三,13800001234,系统管理员,zhang\n李四,13800001235,社区工作者,\n"


@pytest.fixture
async def production(new_database: Callable[[], Awaitable[Database]], monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database named by the environment, with two communities."""
    database = await new_database()
    monkeypatch.setenv("JINLIN_DATABASE_URL", database.gateway_url)
    monkeypatch.setenv("JINLIN_OWNER_URL", database.owner_url)
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.begin() as connection:
        for slug in ("jiezilu", "qingcheng"):
            await open_tenant(connection, new=NewTenant(slug, f"{slug}社区", "community"))
    await engine.dispose()
    return database


async def run(*arguments: str) -> Result:
    # The command brings an event loop of its own.
    return await asyncio.to_thread(CliRunner().invoke, app, ["import", "positions", *arguments])


async def posts(database: Database) -> list[tuple[int, str]]:
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.connect() as connection:
        rows = (await connection.execute(select(Position).order_by(Position.id))).all()
    await engine.dispose()
    return [(row.tenant_id, row.kind_code) for row in rows]


async def master_keys(database: Database) -> list[str]:
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.connect() as connection:
        found = (await connection.scalars(select(StoredDataKey.master_key_id))).all()
    await engine.dispose()
    return list(found)


async def test_gives_a_tenant_its_first_posts_once(production: Database, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(GOOD, encoding="gb18030")
    arguments = (str(path), "--tenant", "jiezilu", "--issuer", "https://sign-on.test")

    first, again = await run(*arguments), await run(*arguments)

    assert [result.exit_code for result in (first, again)] == [0, 0]
    assert first.stdout == "2 posts given, 0 unchanged\n"
    assert again.stdout == "0 posts given, 2 unchanged\n"
    assert await posts(production) == [(1, "admin"), (1, "worker")]


async def test_tells_row_and_column_of_what_is_wrong(production: Database, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(GOOD + "王五,13800001236,市长,\n")

    result = await run(str(path), "--tenant", "qingcheng", "--issuer", "https://sign-on.test")

    assert result.exit_code == 1
    assert "list, row 4, column 岗位\tPOSITION_KIND_UNKNOWN “市长”" in result.stderr
    assert await posts(production) == []


async def test_says_which_tenants_it_does_not_know(production: Database, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(GOOD)

    result = await run(str(path), "--tenant", "nowhere")

    assert result.exit_code == 1
    assert await posts(production) == []


async def test_leaves_no_data_key_behind_when_it_is_refused(production: Database, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(GOOD + "王五,13800001236,市长,\n")

    await run(str(path), "--tenant", "qingcheng", "--issuer", "https://sign-on.test")

    assert await master_keys(production) == []


async def test_refuses_a_master_key_that_the_database_has_not_seen(
    production: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(GOOD)
    arguments = (str(path), "--issuer", "https://sign-on.test", "--tenant")
    await run(*arguments, "jiezilu")
    known = await master_keys(production)
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(b"w" * 32).decode())

    wrong = await run(*arguments, "qingcheng")

    assert isinstance(wrong.exception, MasterKeyUnknown)
    assert "the data key of tenant jiezilu" in (explain(wrong.exception) or "")
    assert await master_keys(production) == known
    assert await posts(production) == [(1, "admin"), (1, "worker")]
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    assert (await run(*arguments, "qingcheng")).exit_code == 0
    assert await master_keys(production) == known * 2


async def test_refuses_an_issuer_that_is_not_trusted(
    production: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, issuers = tmp_path / "list.csv", tmp_path / "issuers.json"
    path.write_text(GOOD)
    trusted: dict[str, object] = {"issuer": "https://sign-on.test", "audience": "jinlin", "algorithms": ["EdDSA"]}
    trusted |= {"keys": TestIssuer().jwks(), "tenants": ["*"], "position_kinds": ["*"]}
    issuers.write_text(json.dumps({"issuers": [trusted]}))
    monkeypatch.setenv("JINLIN_ISSUERS", str(issuers))

    misspelt = await run(str(path), "--tenant", "jiezilu", "--issuer", "https://sign-in.test")
    right = await run(str(path), "--tenant", "jiezilu", "--issuer", "https://sign-on.test")

    assert isinstance(misspelt.exception, SettingsError)
    assert "https://sign-on.test" in str(misspelt.exception)
    assert right.stdout == "2 posts given, 0 unchanged\n"
    assert len(await posts(production)) == 2
