"""Which database does a command work on: the operator's, or the demo's?"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import orjson
from sqlalchemy.engine import make_url

from deploy.demo.mark import ensure_mark
from deploy.embedded.server import is_server_made, running_server
from deploy.roles import GATEWAY, OWNER, WORKER, ensure_database, ensure_roles
from deploy.settings import Settings, SettingsError

DEMO_DATABASE = "jinlin_demo"


@dataclass(frozen=True, slots=True)
class Databases:
    """One database, and the address of it for each of our roles; None where the operator gave none."""

    owner_url: str | None
    gateway_url: str | None
    worker_url: str | None
    is_demo: bool

    def need_owner_url(self) -> str:
        """Tell the owner's address. Raises SettingsError."""
        if self.owner_url is None:
            raise SettingsError("This needs JINLIN_OWNER_URL, the address for the owner's work (deploy/README.md).")
        return self.owner_url

    def need_gateway_url(self) -> str:
        """Tell the gateway's address. Raises SettingsError."""
        if self.gateway_url is None:
            raise SettingsError("This needs JINLIN_DATABASE_URL, the address for requests (deploy/README.md).")
        return self.gateway_url

    def need_worker_url(self) -> str:
        """Tell the worker's address. Raises SettingsError."""
        if self.worker_url is None:
            raise SettingsError("This needs JINLIN_WORKER_URL, the address for the worker (deploy/README.md).")
        return self.worker_url


@contextlib.asynccontextmanager
async def open_databases(settings: Settings) -> AsyncIterator[Databases]:
    """Open the operator's database or, where none is named, the demo's. Raises SettingsError."""
    if settings.is_production:
        yield Databases(settings.owner_url, settings.database_url, settings.worker_url, is_demo=False)
        return
    if settings.demo_database_url is None and not is_server_made(settings.home):
        settings.need_owner_url()
    async with open_demo_databases(settings) as databases:
        yield databases


@contextlib.asynccontextmanager
async def open_demo_databases(settings: Settings) -> AsyncIterator[Databases]:
    """Open the demo's database on the embedded server, or the one given for it, with roles and mark.

    Raises SettingsError for a database with something else in it.
    """
    if settings.demo_database_url is not None:
        yield await _prepare_given(settings.demo_database_url, settings.home)
        return
    with running_server(settings.home) as server:
        await ensure_roles(server.url("postgres"))
        await ensure_database(server.url("postgres"), DEMO_DATABASE)
        await ensure_mark(server.url(DEMO_DATABASE))
        yield Databases(
            owner_url=server.url(DEMO_DATABASE, user=OWNER),
            gateway_url=server.url(DEMO_DATABASE, user=GATEWAY),
            worker_url=server.url(DEMO_DATABASE, user=WORKER),
            is_demo=True,
        )


async def _prepare_given(superuser_url: str, home: Path) -> Databases:
    await ensure_mark(superuser_url)
    passwords = await _own_passwords(superuser_url, home)
    await ensure_roles(superuser_url, passwords=passwords)
    given = make_url(superuser_url)
    await ensure_database(superuser_url, str(given.database))
    owner, gateway, worker = (
        given.set(username=role, password=passwords[role]).render_as_string(hide_password=False)
        for role in (OWNER, GATEWAY, WORKER)
    )
    return Databases(owner, gateway, worker, is_demo=True)


async def _own_passwords(superuser_url: str, home: Path) -> dict[str, str]:
    # Roles belong to a whole server: those of somebody else's installation are not ours to change.
    note = home / "demo-roles.json"
    if note.exists():
        known: dict[str, str] = orjson.loads(note.read_bytes())
        return known
    roles = [OWNER, GATEWAY, WORKER]
    connection = await asyncpg.connect(superuser_url)
    try:
        if await connection.fetchval("select true from pg_roles where rolname = any($1)", roles):
            raise SettingsError(
                "The server of JINLIN_DEMO_DATABASE_URL has roles named jinlin_… that are not this demo's. "
                "Give the demo a server of its own."
            )
    finally:
        await connection.close()
    made = {role: secrets.token_urlsafe(24) for role in roles}
    home.mkdir(parents=True, exist_ok=True)
    note.touch(mode=0o600)
    note.write_bytes(orjson.dumps(made))
    return made
