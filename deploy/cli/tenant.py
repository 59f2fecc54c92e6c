"""How does an operator open, suspend, resume, close and list tenants?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.settings import read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

app = typer.Typer(help="Districts, streets and communities as tenants.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The tenant's short name, as in X-Tenant.")]


class Kind(StrEnum):
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


@app.command("open")
def open_one(
    slug: Annotated[str, typer.Argument(help="Its short name, for X-Tenant: small letters, digits, hyphens.")],
    *,
    name: Annotated[str, typer.Option(help="Its name, for example 庆城社区.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    parent: Annotated[
        str | None, typer.Option(metavar="SLUG", help="The district of a street, the street of a community.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="Its division code, if it has one.")] = None,
    system: Annotated[str, typer.Option(help="Who gave the code: statistics or civil-affairs.")] = "statistics",
    time_zone: Annotated[str, typer.Option(help="Where its days begin.")] = "Asia/Shanghai",
) -> None:
    """Open a tenant with its place and the starting kinds of position; print its slug.

    A code that another tenant has is refused; what is odd next to the parent or the imported divisions is told.
    """
    from services.onboarding.commands import find_oddities, open_tenant
    from services.onboarding.rules import NewTenant

    new = NewTenant(slug, name, kind.value, parent, code, system, time_zone)

    async def run(connection: AsyncConnection) -> None:
        oddities = await find_oddities(connection, new=new)
        opened = await open_tenant(connection, new=new)
        for oddity in oddities:
            typer.echo(f"warning: {oddity}", err=True)
        typer.echo(opened.slug)

    asyncio.run(_as_owner(run))


@app.command()
def suspend(slug: Slug) -> None:
    """Make a tenant read-only from the next request on."""
    from services.onboarding.commands import suspend_tenant

    asyncio.run(_as_owner(lambda connection: suspend_tenant(connection, slug=slug)))
    typer.echo(f"{slug} is suspended: it can be read but not changed")


@app.command()
def resume(slug: Slug) -> None:
    """Let a suspended or closed tenant work again."""
    from services.onboarding.commands import resume_tenant

    asyncio.run(_as_owner(lambda connection: resume_tenant(connection, slug=slug)))
    typer.echo(f"{slug} is open")


@app.command()
def close(slug: Slug) -> None:
    """Make a tenant unknown to everybody; nothing is deleted, and `resume` brings it back."""
    from services.onboarding.commands import close_tenant

    asyncio.run(_as_owner(lambda connection: close_tenant(connection, slug=slug)))
    typer.echo(f"{slug} is closed; `jinlin tenant resume {slug}` brings it back")


@app.command()
def move(
    slug: Slug,
    *,
    under: Annotated[str, typer.Option(metavar="SLUG", help="The street of a community, the district of a street.")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="By what it was decided.")],
) -> None:
    """Put a tenant, with everything below it, under another office from today on.

    As long as it lasts the tenant can be read but not changed, and nobody else waits; if it is interrupted, `resume`
    lets the tenant work again. What happened before stays in the sums of the offices that it happened under; clients
    see it by today's tree when they ask for `tree: TODAY`.
    """
    from deploy.moving import move as move_tenant
    from services.onboarding.rules import Move

    async def run() -> int:
        async with owner_engine() as engine:
            wanted = Move(slug, under, because)
            return await move_tenant(engine, wanted, tell=lambda line: typer.echo(line, err=True))

    count = asyncio.run(run())
    typer.echo(f"{slug} lies under {under}" + (f", with {count - 1} below it" if count > 1 else ""))


@app.command("list")
def list_all() -> None:
    """List all tenants, each office before those below it: slug, kind, status, parent, code, name."""
    from services.onboarding.commands import list_tenants

    async def run(connection: AsyncConnection) -> None:
        for one in await list_tenants(connection):
            code = f"{one.code_system}:{one.code}" if one.code else "-"
            typer.echo("\t".join((one.slug, one.kind, one.status, one.parent_slug or "-", code, one.name)))

    asyncio.run(_as_owner(run))


async def _as_owner(run: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    async with owner_transaction() as connection:
        await run(connection)


@asynccontextmanager
async def owner_transaction() -> AsyncIterator[AsyncConnection]:
    """Open a transaction of the owner's on the operator's or the demo's database."""
    async with owner_engine() as engine, engine.begin() as connection:
        yield connection


@asynccontextmanager
async def owner_engine() -> AsyncIterator[AsyncEngine]:
    """Open connections of the owner's to the operator's or the demo's database."""
    from deploy.connecting import open_engine
    from deploy.databases import open_databases

    async with (
        open_databases(read_settings()) as databases,
        open_engine(databases.need_owner_url()) as engine,
    ):
        yield engine
