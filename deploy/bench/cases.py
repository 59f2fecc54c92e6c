"""Does the first page of cases take longer when there are a hundred times as many?"""

from __future__ import annotations

from contextlib import AsyncExitStack

from deploy.bench.figures import Figure
from deploy.bench.questions import FIRST, FIRST_CASES, Question
from deploy.bench.rounds import measure_rounds
from deploy.bench.servers import Server, running_gateway
from deploy.bench.world import Ground

TENANTS = 400
# Twenty in each community, so that making them takes seconds; cases hang on buildings.
DWELLINGS = 7_200
_MANY, _FEW = "1,000,000 cases", "10,000 cases"
_COUNTS = {_MANY: 1_000_000, _FEW: 10_000}
_TARGET = 1.3


async def measure_cases(ground: Ground) -> list[Figure]:
    """Measure the first page of one community's cases, among few and among many."""
    servers: dict[str, Server] = {}
    question = Question(FIRST, FIRST_CASES, ("",))
    async with AsyncExitStack() as stack:
        for name, count in _COUNTS.items():
            world = await ground.world(tenants=TENANTS, dwellings=DWELLINGS, bare_cases=count)
            servers[name] = await stack.enter_async_context(running_gateway(world, [question]))
        rounds = await measure_rounds(servers, [FIRST])
    return [
        Figure(
            what=f"{FIRST} among {_MANY} against {_FEW}",
            unit="ms a request",
            rounds=[(1000 / each[FIRST, _MANY].per_second, 1000 / each[FIRST, _FEW].per_second) for each in rounds],
            at_most=_TARGET,
        )
    ]
