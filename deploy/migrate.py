"""How does a database get the shape that this version needs, and does it have it?"""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.roles import GATEWAY, WORKER
from deploy.rollups import ROLLUPS
from deploy.settings import sqlalchemy_url
from deploy.tables import load_tables
from services.calendars.renewing import add_shipped_days, find_known_through
from services.onboarding.equipping import equip_all_tenants
from services.rollups.checking import fill_empty, rebuild_sums

_FOLDER = Path(__file__).parent / "migrations"
_FILE_TEMPLATE = "%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s"
# Any number will do, as long as nobody else takes it: two migrations at once wait for each other.
_LOCK = 5_216_001
# Sums of another kind have been kept from this revision on.
_NEWEST_SUMS = "0044"


def newest_revision() -> str:
    """Tell the revision that this version of the program works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError(f"{_FOLDER} holds no migration")
    return head


async def migrate(owner_url: str, *, to: str = "head") -> tuple[str | None, str]:
    """Bring a database to a revision, the newest if none is named; tell the one before and the newest there is."""

    def upgrade(connection: Connection) -> str | None:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        connection.commit()
        command.upgrade(_config(connection), to)
        # The gateway looks whether the database fits before it serves.
        connection.execute(text(f"grant select on alembic_version to {GATEWAY}, {WORKER}"))
        connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()
        return before

    engine = _engine(owner_url)
    try:
        async with engine.connect() as connection:
            before = await connection.run_sync(upgrade)
        if to == "head":
            async with engine.begin() as connection:
                await equip_all_tenants(connection)
                await add_shipped_days(connection)
                for rollup in ROLLUPS:
                    is_new = await fill_empty(connection, rollup)
                    if not is_new and before is not None and before < _NEWEST_SUMS:
                        await rebuild_sums(connection, rollup)
    finally:
        await engine.dispose()
    return before, newest_revision()


async def list_differences(owner_url: str) -> list[str]:
    """List what the migrations left different from the tables that the code declares."""

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return [repr(difference) for difference in compare_metadata(context, load_tables())]

    engine = _engine(owner_url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


async def known_calendar(owner_url: str) -> date | None:
    """Find the last day through which the nation's holidays are known."""
    engine = _engine(owner_url)
    try:
        async with engine.connect() as connection:
            return await find_known_through(connection)
    finally:
        await engine.dispose()


async def find_revision(owner_url: str) -> str | None:
    """Find the revision that a database is at."""
    engine = _engine(owner_url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda handed: MigrationContext.configure(handed).get_current_revision())
    finally:
        await engine.dispose()


async def draft_revision(owner_url: str, message: str) -> None:
    """Write a new migration from what the tables declare beyond a migrated database."""

    def draft(connection: Connection) -> None:
        command.revision(_config(connection), message=message, autogenerate=True)

    engine = _engine(owner_url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(draft)
    finally:
        await engine.dispose()


def _engine(owner_url: str) -> AsyncEngine:
    return create_async_engine(sqlalchemy_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)


def _config(connection: Connection | None = None) -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", _FILE_TEMPLATE)
    config.attributes["connection"] = connection
    return config
