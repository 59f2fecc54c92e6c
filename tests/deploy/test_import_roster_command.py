"""Does `jinlin import roster` report, and end, as an operator needs?"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.settings import sqlalchemy_url
from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant
from tests.fixtures.database import Database
from tests.services.roster.workbooks import GOOD, HEADER, changed, workbook

ROSTERS = Path(__file__).parents[2] / "deploy" / "demo" / "rosters"


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
    return await asyncio.to_thread(CliRunner().invoke, app, ["import", "roster", *arguments])


@pytest.mark.usefixtures("production")
async def test_tries_imports_and_finds_nothing_left_to_do() -> None:
    file = str(ROSTERS / "jiezilu.xlsx")

    tried = await run(file, "--tenant", "jiezilu", "--dry-run")
    done = await run(file, "--tenant", "jiezilu")
    again = await run(file, "--tenant", "jiezilu")

    assert [result.exit_code for result in (tried, done, again)] == [0, 0, 0]
    everything = "5 estates, 8 grids, 47 buildings, 114 units, 2390 dwellings, 2471 people, 65 positions"
    assert tried.stdout.splitlines()[-1] == (
        f"2448 rows read; created {everything}; changed nothing; unchanged nothing; 0 errors, 22 warnings"
    )
    assert done.stdout.splitlines()[-1] == tried.stdout.splitlines()[-1]
    assert again.stdout.splitlines()[-1] == (
        f"2448 rows read; created nothing; changed nothing; unchanged {everything}; 0 errors, 22 warnings"
    )
    assert sum("REPEATED_ROW" in line for line in done.stdout.splitlines()) == 3


@pytest.mark.usefixtures("production")
async def test_ends_with_1_at_bad_rows_and_with_0_when_they_are_skipped(tmp_path: Path) -> None:
    file = tmp_path / "花名册.xlsx"
    file.write_bytes(workbook(HEADER, GOOD, changed(room="102", area="很大", owner="李四")))

    stopped = await run(str(file), "--tenant", "qingcheng")
    skipped = await run(str(file), "--tenant", "qingcheng", "--skip-bad-rows")

    assert (stopped.exit_code, skipped.exit_code) == (1, 0)
    assert stopped.stdout.splitlines()[0].startswith("error\t房屋!H3 建筑面积\tAREA_NOT_A_NUMBER “很大”\t面积不是数字")
    assert "李四" not in stopped.output
    assert "created 1 estates, 1 grids, 1 buildings, 1 units, 1 dwellings, 1 people;" in skipped.stdout


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    ("content", "slug", "code"),
    [
        (b"PK\x03\x04", "qingcheng", "ROSTER_BROKEN"),
        (b"a,b\n1,2\n", "qingcheng", "ROSTER_WITHOUT_HEADER"),
        (workbook(HEADER, GOOD), "nowhere", "TENANT_NOT_FOUND"),
    ],
)
async def test_refuses_what_it_cannot_import(tmp_path: Path, content: bytes, slug: str, code: str) -> None:
    file = tmp_path / "花名册.xlsx"
    file.write_bytes(content)

    refused = await run(str(file), "--tenant", slug)

    assert refused.exit_code == 1
    assert getattr(refused.exception, "code", None) == code
