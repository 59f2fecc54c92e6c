"""How does anybody measure the gateway on their own machine?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.settings import read_settings

if TYPE_CHECKING:
    from deploy.bench.figures import Figure


class Name(StrEnum):
    READS = "reads"
    TENANTS = "tenants"
    ROSTER = "roster"
    CASES = "cases"
    REPORTS = "reports"
    SUMMARIES = "summaries"
    ALL = "all"


def bench(
    name: Annotated[Name, typer.Argument(help="What to measure.")] = Name.ALL,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    few: Annotated[int, typer.Option(min=1000, help="Of `summaries`: cases of the one city.")] = 200_000,
    many: Annotated[int, typer.Option(min=1000, help="Of `summaries`: cases of the other one.")] = 2_000_000,
) -> None:
    """Measure the gateway against its floor and its peers, each figure as the median of three rounds.

    The first run simulates its databases, which takes some minutes, and for two million cases half an hour; they are
    kept in .local/bench. A missed target is told, and is no failure of the command.
    """
    from deploy.bench.figures import look_at_machine, show, to_json

    machine = look_at_machine()
    figures = asyncio.run(_measure(name, few=few, many=many))
    if json:
        typer.echo(to_json(figures, machine))
    else:
        show(figures, machine)


async def _measure(name: Name, *, few: int, many: int) -> list[Figure]:
    from deploy.bench.cases import measure_cases
    from deploy.bench.cities import Scale
    from deploy.bench.reads import measure_reads
    from deploy.bench.reports import measure_reports
    from deploy.bench.roster import measure_roster
    from deploy.bench.summaries import measure_summaries
    from deploy.bench.tenants import measure_tenants
    from deploy.bench.world import Ground, open_ground

    measures: dict[Name, Callable[[Ground], Awaitable[list[Figure]]]] = {
        Name.READS: measure_reads,
        Name.TENANTS: measure_tenants,
        Name.CASES: measure_cases,
        Name.REPORTS: measure_reports,
        Name.ROSTER: measure_roster,
        Name.SUMMARIES: partial(measure_summaries, scale=Scale(few, many)),
    }
    chosen = list(measures.values()) if name is Name.ALL else [measures[name]]
    async with open_ground(read_settings().home / "bench") as ground:
        return [figure for measure in chosen for figure in await measure(ground)]
