"""How are servers measured beside each other? In turns of a second, in three rounds."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import orjson

from deploy.bench.loading import Load, apply_load, body_length
from deploy.bench.servers import Server

ROUNDS = 3
# Servers take turns every second, so that whatever else the machine does meets them alike.
TURNS = 4
SECONDS_A_TURN = 1.0
_SECONDS_TO_WARM_UP = 1.0


class AnswersDifferError(Exception):
    """Two servers answer the same question differently: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one server answered one question."""

    count: int
    seconds: float
    # Processor time of the server's process alone, without PostgreSQL, and of the client's.
    server_seconds: float
    client_seconds: float
    median_milliseconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


# By the names of the read and of the server.
Round = Mapping[tuple[str, str], Measured]


async def check_answers(servers: Mapping[str, Server]) -> None:
    """Ask every server everything once. Raises AnswersDifferError."""
    first, *others = servers
    for read, requests in servers[first].requests.items():
        for number, request in enumerate(requests):
            expected = await _ask(servers[first], request)
            for other in others:
                found = await _ask(servers[other], servers[other].requests[read][number])
                if found != expected:
                    raise AnswersDifferError(f"{read} {number}: {other} {found}, {first} {expected}")


async def _ask(server: Server, request: str) -> object:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.child.port)
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    answer: dict[str, object] = orjson.loads(await reader.readexactly(body_length(head, len(head))))
    writer.close()
    if "errors" in answer:
        raise AnswersDifferError(f"{server.child.name}: {answer['errors']}")
    return answer["data"]


async def measure_rounds(servers: Mapping[str, Server], reads: Sequence[str]) -> list[Round]:
    """Ask every server every read, in each of three rounds; each round begins with another server."""
    for read in reads:
        for server in servers.values():
            await measure(server, read, seconds=_SECONDS_TO_WARM_UP)
    return [await _round(servers, reads, first=number % len(servers)) for number in range(ROUNDS)]


async def _round(servers: Mapping[str, Server], reads: Sequence[str], *, first: int) -> Round:
    names = [*servers][first:] + [*servers][:first]
    measured: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for read in reads:
        for _ in range(TURNS):
            for name in names:
                turn = await measure(servers[name], read, seconds=SECONDS_A_TURN)
                measured[read, name].append(turn)
    return {key: _together(turns) for key, turns in measured.items()}


async def measure(server: Server, read: str, *, seconds: float) -> Measured:
    """Apply the load of one read to a server."""
    before = server.child.processor_seconds()
    answered = await apply_load(Load(server.child.port, server.requests[read], seconds))
    if answered.faults:
        raise AnswersDifferError(f"{server.child.name}: {answered.faults} bad answers to {read}")
    used = server.child.processor_seconds() - before
    return Measured(answered.count, answered.seconds, used, answered.client_seconds, answered.median_milliseconds)


def _together(turns: Sequence[Measured]) -> Measured:
    return Measured(
        sum(turn.count for turn in turns),
        sum(turn.seconds for turn in turns),
        sum(turn.server_seconds for turn in turns),
        sum(turn.client_seconds for turn in turns),
        median(turn.median_milliseconds for turn in turns),
    )
