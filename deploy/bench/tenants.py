"""Does it cost a tenant anything that hundreds of others are there?"""

from __future__ import annotations

from contextlib import AsyncExitStack

from deploy.bench.figures import Figure
from deploy.bench.rounds import measure_rounds
from deploy.bench.servers import Server, ask_for_questions, running_gateway
from deploy.bench.world import Ground

_MANY, _FEW = "400 tenants", "4 tenants"
# Communities of 500 dwellings each: 360 of them, and 2.
_SIZES = {_MANY: (400, 180_000), _FEW: (4, 1_000)}
_TARGET = 1.2


async def measure_tenants(ground: Ground) -> list[Figure]:
    """Measure one community's reads with 400 tenants present and with 4."""
    servers: dict[str, Server] = {}
    async with AsyncExitStack() as stack:
        for name, (tenants, dwellings) in _SIZES.items():
            world = await ground.world(tenants=tenants, dwellings=dwellings)
            questions = await ask_for_questions(world)
            servers[name] = await stack.enter_async_context(running_gateway(world, questions))
        reads = list(servers[_FEW].requests)
        rounds = await measure_rounds(servers, reads)
    return [
        Figure(
            what=f"{read} read with {_MANY} against {_FEW}",
            unit="ms a request",
            rounds=[(1000 / each[read, _MANY].per_second, 1000 / each[read, _FEW].per_second) for each in rounds],
            at_most=_TARGET,
        )
        for read in reads
    ]
