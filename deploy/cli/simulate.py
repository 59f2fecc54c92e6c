"""How does anybody get a database full of invented neighbourhoods, or a whole city, to measure or to try things on?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from deploy.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from deploy.simulate.city.plan import CityPlan
    from deploy.simulate.plan import SimulationPlan
    from tenants.sealing.keyring import Keyring

_DWELLINGS, _CITY_DWELLINGS, _CITY_CASES = 170_000, 60_000, 200_000


def simulate(  # noqa: PLR0913 - options, which are given by name.
    *,
    tenants: Annotated[int, typer.Option(min=3, help="How many: districts, streets and communities together.")] = 40,
    dwellings: Annotated[
        int | None,
        typer.Option(min=1, help=f"How many: {_DWELLINGS:,} spread evenly; {_CITY_DWELLINGS:,} in a city, unevenly."),
    ] = None,
    divisions: Annotated[
        Path | None, typer.Option(help="A file of divisions whose names and codes the tenants take.")
    ] = None,
    cases: Annotated[
        int | None,
        typer.Option(min=0, help=f"How many a year in each community: none; of a city in all: {_CITY_CASES:,}."),
    ] = None,
    city: Annotated[
        bool, typer.Option("--city", help="A tenant for each division of the file, and cases by the million.")
    ] = False,
    years: Annotated[int, typer.Option(min=1, max=10, help="Of a city's cases, until yesterday.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same names and ids.")] = 1,
    beside_others: Annotated[
        bool, typer.Option("--beside-others", help="Go on although there are tenants that are not simulated.")
    ] = False,
) -> None:
    """Fill the database of JINLIN_OWNER_URL (without it: the demo's) with simulated tenants, all or nothing.

    Their slugs begin with sim-, and each has accounts such as worker@sim-c0001 of the issuer `simulated`.
    A city's cases are made by the database itself, some thousands a second; nobody else can use its tables of cases
    meanwhile. Which day it is decides on which days its cases lie, and so on their ids.
    """
    from deploy.simulate.city.plan import CityPlan
    from deploy.simulate.plan import SimulationPlan
    from services.divisions.reading import read_divisions

    rows = read_divisions(divisions.read_bytes()).rows if divisions else ()
    if city:
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        sizes = (dwellings or _CITY_DWELLINGS, _CITY_CASES if cases is None else cases, years)
        whole = CityPlan(rows, *sizes, seed=seed, today=today, beside_others=beside_others)
        asyncio.run(_simulate_city(read_settings(), whole))
        return
    plan = SimulationPlan(
        tenants,
        dwellings or _DWELLINGS,
        seed,
        divisions=rows,
        beside_others=beside_others,
        cases_per_year=cases or 0,
    )
    asyncio.run(_simulate(read_settings(), plan))


async def _simulate(settings: Settings, plan: SimulationPlan) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.simulate.cases import let_cases_wait
    from deploy.simulate.rows import bulk_transaction
    from deploy.simulate.simulating import settle_statistics, simulate

    async with _opened(settings) as (engine, keyring):
        with Progress(console=Console(stderr=True)) as shown:
            dwellings = shown.add_task("dwellings", total=plan.dwelling_count)
            cases = shown.add_task("cases", total=None, visible=plan.cases_per_year > 0)
            async with bulk_transaction(engine) as bulk:
                made = await simulate(
                    bulk,
                    keyring=keyring,
                    plan=plan,
                    progress=lambda done: shown.update(dwellings, completed=done),
                    case_progress=lambda done: shown.update(cases, completed=done),
                )
            await let_cases_wait(engine, made.caseloads)
            await settle_statistics(engine)
    counts = f"{made.tenants} tenants, {made.dwellings} dwellings, {made.people} people"
    typer.echo(f"{counts}, {made.cases} cases" if plan.cases_per_year else counts)


async def _simulate_city(settings: Settings, plan: CityPlan) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.simulate.city.making import let_city_wait, make_city, settle_city
    from deploy.simulate.rows import bulk_transaction

    totals = {
        "dwellings": plan.dwelling_count,
        "cases": plan.case_count,
        "tenants counted": len(plan.divisions),
        "tenants with open cases": len([row for row in plan.divisions if row.level == "community"]),
    }
    async with _opened(settings) as (engine, keyring):
        with Progress(console=Console(stderr=True)) as shown:
            tasks = {what: shown.add_task(what, total=total) for what, total in totals.items()}

            def tell(what: str, done: int) -> None:
                shown.update(tasks[what], completed=done)

            async with bulk_transaction(engine) as bulk:
                made = await make_city(bulk, keyring=keyring, plan=plan, progress=tell)
            await let_city_wait(engine, made, progress=tell)
            await settle_city(engine)
    fewest, middle, most = made.cases_of_a_community
    typer.echo(
        f"{len(made.tenants)} tenants, {made.dwellings} dwellings, {made.people} people, {made.cases} cases: "
        f"{fewest} in the community with the fewest, {middle} in the middle one, {most} in the one with the most"
    )


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[AsyncEngine, Keyring]]:
    from deploy.connecting import open_engine
    from deploy.databases import open_databases
    from deploy.keys import open_key_service
    from tenants.sealing.keyring import Keyring

    async with open_databases(settings) as databases, open_engine(databases.need_owner_url()) as engine:
        yield engine, Keyring(open_key_service(settings, is_demo=databases.is_demo))
