"""How does anybody get a database full of invented neighbourhoods, to measure or to try things on?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.settings import Settings, read_settings

if TYPE_CHECKING:
    from deploy.simulate.plan import SimulationPlan


def simulate(
    *,
    tenants: Annotated[int, typer.Option(min=3, help="How many: districts, streets and communities together.")] = 40,
    dwellings: Annotated[int, typer.Option(min=1, help="How many, spread evenly over the communities.")] = 170_000,
    divisions: Annotated[
        Path | None, typer.Option(help="A file of divisions whose names and codes the tenants take.")
    ] = None,
    cases: Annotated[int, typer.Option(min=0, help="How many a year in each community.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same names and ids.")] = 1,
    beside_others: Annotated[
        bool, typer.Option("--beside-others", help="Go on although there are tenants that are not simulated.")
    ] = False,
) -> None:
    """Fill the database of JINLIN_OWNER_URL (without it: the demo's) with simulated tenants, all or nothing.

    Their slugs begin with sim-, and each has accounts such as worker@sim-c0001 of the issuer `simulated`.
    """
    from deploy.simulate.plan import SimulationPlan
    from services.divisions.reading import read_divisions

    rows = read_divisions(divisions.read_bytes()).rows if divisions else ()
    plan = SimulationPlan(tenants, dwellings, seed, divisions=rows, beside_others=beside_others, cases_per_year=cases)
    asyncio.run(_simulate(read_settings(), plan))


async def _simulate(settings: Settings, plan: SimulationPlan) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.connecting import open_engine
    from deploy.databases import open_databases
    from deploy.keys import open_key_service
    from deploy.simulate.cases import let_cases_wait
    from deploy.simulate.rows import bulk_transaction
    from deploy.simulate.simulating import settle_statistics, simulate
    from tenants.sealing.keyring import Keyring

    async with open_databases(settings) as databases, open_engine(databases.need_owner_url()) as engine:
        keyring = Keyring(open_key_service(settings, is_demo=databases.is_demo))
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
