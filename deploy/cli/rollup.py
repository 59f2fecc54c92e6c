"""How does an operator find out whether the sums are right, and repair them?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.settings import read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

app = typer.Typer(help="The sums over all tenants.", no_args_is_help=True)


@app.command()
def check(
    *, most: Annotated[int, typer.Option(help="Tell so many differences at most; all of them are counted.")] = 100
) -> None:
    """Count everything anew from the records, and tell each count and each sum that is otherwise.

    The exit status is 1 when there is one. Nothing is changed; whoever works meanwhile does not wait.
    """
    lines = asyncio.run(_check())
    for line in lines[:most]:
        typer.echo(line)
    if lines:
        typer.echo(f"{len(lines)} differences. `jinlin rollup rebuild` repairs them.", err=True)
        sys.exit(1)
    typer.echo("Every count and every sum is what the records say.")


@app.command()
def rebuild() -> None:
    """Add what is missing of counts and sums, while everybody goes on working."""
    changed = asyncio.run(_rebuild())
    typer.echo(f"{changed} rows repaired")


@asynccontextmanager
async def _as_owner() -> AsyncIterator[AsyncConnection]:
    from deploy.connecting import open_engine
    from deploy.databases import open_databases

    async with (
        open_databases(read_settings()) as databases,
        open_engine(databases.need_owner_url()) as engine,
        engine.begin() as connection,
    ):
        yield connection


async def _check() -> list[str]:
    from sqlalchemy import text

    from deploy.rollups import ROLLUPS
    from services.rollups.checking import find_differences, find_sum_differences

    lines = []
    async with _as_owner() as connection:
        # Both are looked at as of one instant.
        await connection.execute(text("set transaction isolation level repeatable read"))
        slugs = {row.id: row.slug for row in await connection.execute(text("select id, slug from tenants"))}
        for rollup in ROLLUPS:
            lines += [
                f"{slugs[one.tenant_id]}\t{rollup.name} {one.subject_id}\t{one.counter} on {one.happened_on}, "
                f"recorded on {one.recorded_on}\t{_told(one.missing)}"
                for one in await find_differences(connection, rollup)
            ]
            lines += [
                f"{slugs[one.tenant_id]}\t{rollup.name} sum by {one.dimension} {one.member}\t{one.counter}, "
                f"{one.grain} of {one.starts_on}, {one.basis}\t{_told(one.missing)}"
                for one in await find_sum_differences(connection, rollup)
            ]
    return lines


def _told(missing: int) -> str:
    return f"{missing} missing" if missing > 0 else f"{-missing} too many"


async def _rebuild() -> int:
    from deploy.rollups import ROLLUPS
    from services.rollups.checking import rebuild as rebuild_rollup

    async with _as_owner() as connection:
        return sum([await rebuild_rollup(connection, rollup) for rollup in ROLLUPS])
