"""Does `jinlin serve` serve as the gateway, refuse every other role, and end when it is told to?"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from tests.fixtures.database import Database
from tests.fixtures.processes import Running, jinlin
from tests.neighbours import make_neighbours
from tests.tokens import TestIssuer

_MASTER_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    issuer = TestIssuer()
    entry = {
        "issuer": issuer.name,
        "audience": "jinlin",
        "algorithms": ["EdDSA"],
        "keys": issuer.jwks(),
        "tenants": ["*"],
        "position_kinds": ["*"],
    }
    issuers = tmp_path / "issuers.json"
    issuers.write_text(json.dumps({"issuers": [entry]}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.defpath,
        "JINLIN_HOME": str(tmp_path),
        "JINLIN_PORT": str(port),
        "JINLIN_ISSUERS": str(issuers),
        "JINLIN_MASTER_KEY": _MASTER_KEY,
    }


async def said(process: Running) -> str:
    """Wait until it ends; give what it told on its error output."""
    _, told = await asyncio.wait_for(process.communicate(), 30)
    return told.decode()


async def test_serves_until_it_is_told_to_end(database: Database, environment: dict[str, str]) -> None:
    settings = environment | {"JINLIN_DATABASE_URL": database.gateway_url}
    url = f"http://127.0.0.1:{settings['JINLIN_PORT']}"
    async with (
        jinlin("serve", environment=settings, anew=True) as process,
        httpx.AsyncClient(base_url=url) as client,
    ):
        assert process.stdout is not None
        assert "answers at" in (await asyncio.wait_for(process.stdout.readline(), 30)).decode()

        ready = await client.get("/readyz")
        stranger = await client.post("/graphql", json={"query": "{ __typename }"})
        process.send_signal(signal.SIGTERM)
        told = await said(process)

    assert ready.json() == {"status": "ready"}
    assert stranger.status_code == 401
    assert (process.returncode, told) == (0, "")


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("superuser_url", "the role postgres is a superuser"),
        ("owner_url", "the role jinlin_owner owns tables or the database"),
        ("worker_url", "the role jinlin_worker may not act in tenants"),
    ],
)
async def test_refuses_a_role_other_than_the_gateways(
    database: Database, environment: dict[str, str], role: str, reason: str
) -> None:
    settings = environment | {"JINLIN_DATABASE_URL": getattr(database, role)}
    async with jinlin("serve", environment=settings) as process:
        told = await said(process)

    assert process.returncode == 1
    assert reason in told
    assert "Traceback" not in told


async def test_refuses_a_database_of_another_version(
    new_database: Callable[[], Awaitable[Database]], environment: dict[str, str]
) -> None:
    database = await new_database()
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("update alembic_version set version_num = 'older'")
    await connection.close()

    async with jinlin("serve", environment=environment | {"JINLIN_DATABASE_URL": database.gateway_url}) as process:
        told = await said(process)

    assert process.returncode == 1
    assert "jinlin migrate" in told


async def test_refuses_a_master_key_of_another_database(
    new_database: Callable[[], Awaitable[Database]], environment: dict[str, str]
) -> None:
    database = await new_database()
    owner, gateway = (create_async_engine(sqlalchemy_url(url)) for url in (database.owner_url, database.gateway_url))
    # The second tenant's keys are looked at as well, and the first has none.
    _, theirs = await make_neighbours(owner, gateway)
    await theirs.sealer()
    await owner.dispose()
    await gateway.dispose()

    async with jinlin("serve", environment=environment | {"JINLIN_DATABASE_URL": database.gateway_url}) as process:
        told = await said(process)

    assert process.returncode == 1
    assert len(told.splitlines()) == 1
    assert "JINLIN_MASTER_KEY is not this database's: the data key of tenant zhongshan" in told


async def test_says_that_the_port_is_taken(database: Database, environment: dict[str, str]) -> None:
    settings = environment | {"JINLIN_DATABASE_URL": database.gateway_url}
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(settings["JINLIN_PORT"])))
        other.listen()
        async with jinlin("serve", environment=settings) as process:
            told = await said(process)

    assert process.returncode == 1
    assert "JINLIN_PORT" in told
