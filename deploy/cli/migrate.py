"""How does an operator bring the database to this version?"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from deploy.settings import Settings, read_settings


def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a step is missing.")] = False,
    draft: Annotated[
        str | None,
        typer.Option(metavar="MESSAGE", help="Write a new step from what the tables declare (developers)."),
    ] = None,
) -> None:
    """Bring the database of JINLIN_OWNER_URL (without it: the demo's) to this version."""
    if draft is not None:
        asyncio.run(_draft(draft))
        return
    asyncio.run(_check(read_settings()) if check else _migrate(read_settings()))


async def _migrate(settings: Settings) -> None:
    from deploy.cli.calendar import warn_of_unknown_days
    from deploy.databases import open_databases
    from deploy.migrate import known_calendar
    from deploy.migrate import migrate as bring_up

    async with open_databases(settings) as databases:
        before, after = await bring_up(databases.need_owner_url())
        known_through = await known_calendar(databases.need_owner_url())
    typer.echo(f"at {after} already" if before == after else f"from {before or 'nothing'} to {after}")
    warn_of_unknown_days(known_through)


async def _check(settings: Settings) -> None:
    from deploy.databases import open_databases
    from deploy.migrate import find_revision, newest_revision

    async with open_databases(settings) as databases:
        found = await find_revision(databases.need_owner_url())
    typer.echo(f"at {found or 'nothing'}, this version needs {newest_revision()}")
    raise typer.Exit(0 if found == newest_revision() else 1)


async def _draft(message: str) -> None:
    import shutil
    import tempfile
    from pathlib import Path

    from deploy.embedded.server import delete_server, running_server
    from deploy.migrate import draft_revision
    from deploy.migrate import migrate as bring_up
    from deploy.roles import OWNER, ensure_database, ensure_roles

    home = Path(tempfile.mkdtemp(prefix="jinlin-draft-"))
    home.chmod(0o711)
    try:
        with running_server(home, durable=False, dies_with_us=True) as server:
            await ensure_roles(server.url("postgres"))
            await ensure_database(server.url("postgres"), "draft")
            await bring_up(server.url("draft", user=OWNER))
            await draft_revision(server.url("draft", user=OWNER), message)
        delete_server(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
