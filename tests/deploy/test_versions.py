"""Does every command say in one line what to do about a database that is not at this version?"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.cli.faults import explain
from deploy.health import NotFitToServeError
from deploy.migrate import migrate
from tests.fixtures.database import Database

_DEMO = Path(__file__).parents[2] / "deploy" / "demo"
_DIVISIONS, _ROSTER = str(_DEMO / "divisions_demo.csv"), str(_DEMO / "rosters" / "jiezilu.xlsx")
_COMMANDS = [
    ("tenant", "list"),
    ("tenant", "open", "gulou", "--name", "鼓楼区", "--kind", "district"),
    ("import", "divisions", _DIVISIONS, "--system", "statistics", "--as-of", "2023-06-30"),
    ("import", "roster", _ROSTER, "--tenant", "gulou"),
    ("simulate", "--tenants", "4", "--dwellings", "20"),
    ("audit", "verify"),
    ("worker", "--once"),
]


@pytest.fixture(params=[None, "0001"])
async def database(
    request: pytest.FixtureRequest,
    new_empty_database: Callable[[], Awaitable[Database]],
    monkeypatch: pytest.MonkeyPatch,
) -> Database:
    """A database with nothing in it, and one that was last migrated long ago."""
    database = await new_empty_database()
    if request.param is not None:
        await migrate(database.owner_url, to=request.param)
    monkeypatch.setenv("JINLIN_OWNER_URL", database.owner_url)
    monkeypatch.setenv("JINLIN_DATABASE_URL", database.gateway_url)
    monkeypatch.setenv("JINLIN_WORKER_URL", database.worker_url)
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    return database


@pytest.mark.usefixtures("database")
async def test_says_that_the_database_is_to_be_migrated() -> None:
    for command in _COMMANDS:
        refused = await asyncio.to_thread(CliRunner().invoke, app, list(command))

        assert isinstance(refused.exception, NotFitToServeError), command
        assert "run `jinlin migrate`" in (explain(refused.exception) or "")
