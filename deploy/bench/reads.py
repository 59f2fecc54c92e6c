"""How fast is a compiled read, beside the bare statement and beside DataLoaders?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from deploy.bench.figures import Figure
from deploy.bench.rounds import Measured, Round, check_answers, measure_rounds
from deploy.bench.servers import FLOOR, LOADERS, OURS, ask_for_questions, running_servers
from deploy.bench.world import Ground

TENANTS = 44
DWELLINGS = 172_000
CASES_PER_YEAR = 500

_TARGETS_OVER_LOADERS = {"nested": 8.0, "list": 4.0, "cases": 4.0, "single": 2.0}
_TARGET_OVER_FLOOR = 0.8


async def measure_reads(ground: Ground) -> list[Figure]:
    """Measure the reads on all three servers, in turn, and compare."""
    world = await ground.world(tenants=TENANTS, dwellings=DWELLINGS, cases_per_year=CASES_PER_YEAR)
    questions = await ask_for_questions(world)
    async with running_servers(world, questions) as servers:
        await check_answers(servers)
        rounds = await measure_rounds(servers, [question.name for question in questions])
    return [figure for question in questions for figure in _figures(question.name, rounds)]


def _figures(name: str, rounds: Sequence[Round]) -> list[Figure]:
    def figure(reference: str, target: float) -> Figure:
        return Figure(
            what=f"{name} read against {reference}",
            unit="requests/s",
            rounds=[(each[name, OURS].per_second, each[name, reference].per_second) for each in rounds],
            at_least=target,
            notes=_notes(name, reference, rounds),
        )

    return [figure(FLOOR, _TARGET_OVER_FLOOR), figure(LOADERS, _TARGETS_OVER_LOADERS[name])]


def _notes(name: str, reference: str, rounds: Sequence[Round]) -> dict[str, float | str]:
    def middle(server: str, value: Callable[[Measured], float]) -> float:
        return median(value(each[name, server]) for each in rounds)

    return {
        f"{what}, {server}": middle(server, value)
        for what, value in (
            ("processor microseconds a request", lambda one: one.server_seconds / one.count * 1_000_000),
            ("milliseconds until the answer", lambda one: one.median_milliseconds),
            ("the client's share of a processor", lambda one: one.client_seconds / one.seconds),
        )
        for server in (OURS, reference)
    }
