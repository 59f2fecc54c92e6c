"""How many requests does a server answer in a second? A small client in a process of its own.

It sends prepared requests over a few connections that stay open, each waiting for its answer before it sends the
next, as long as it is told to. It looks at the status and the length of every answer, and at nothing else, so that it
needs a small part of what the server needs.
"""

from __future__ import annotations

import asyncio
import re
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import cast

import orjson
import uvloop

CONNECTIONS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"
_OK = b"HTTP/1.1 200 "


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a server on this machine, how long and how often at most."""

    port: int
    requests: Sequence[str]
    seconds: float
    most: int = 1_000_000
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class Answered:
    """How it went."""

    count: int
    seconds: float
    faults: int
    median_milliseconds: float
    # Of twenty answers, nineteen came sooner: the 95th percentile.
    slow_milliseconds: float
    slowest_milliseconds: float
    # Processor time of the client itself: far less than the seconds it took, or the client was the limit.
    client_seconds: float


def body_length(head: bytes, end: int) -> int:
    """Read the length of an answer's body from its head, which ends there."""
    found = _LENGTH.search(head, 0, end)
    return int(found[1]) if found else 0


async def apply_load(load: Load) -> Answered:
    """Apply a load from a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.bench.loading"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await process.communicate(orjson.dumps(asdict(load)))
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise RuntimeError(f"the client of the load ended with {process.returncode}")
    return Answered(**orjson.loads(output))


@dataclass(slots=True)
class _Tally:
    """What all connections share."""

    requests: Sequence[bytes]
    lengths: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    faults: int = 0
    left: int = 0
    is_over: bool = False


class _Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, sends the next."""

    def __init__(self, tally: _Tally, first: int) -> None:
        self._tally = tally
        self._number = first
        self._received = b""
        self._expected = -1
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What uvloop hands over is one, though not by its class.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self._tally.is_over and self._tally.left > 0:
            self._tally.faults += 1
        if not self.ended.done():
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if self._expected < 0:
            end = received.find(_END_OF_HEAD)
            if end < 0:
                self._received = received
                return
            self._expected = end + len(_END_OF_HEAD) + body_length(received, end + 2)
        if len(received) < self._expected:
            self._received = received
            return
        self._check(received)
        self._received, self._expected = b"", -1
        self._send()

    def _check(self, answer: bytes) -> None:
        tally = self._tally
        tally.times.append(time.perf_counter() - self._sent_at)
        # The date and the like in the head change; an answer to the same request has always the same length.
        length = self._expected - answer.find(_END_OF_HEAD)
        if tally.lengths.setdefault(self._number, length) != length or not answer.startswith(_OK):
            tally.faults += 1
        self._number = (self._number + 1) % len(tally.requests)

    def _send(self) -> None:
        tally = self._tally
        transport = self._transport
        if transport is None:
            return
        if tally.is_over or tally.left <= 0:
            transport.close()
            return
        tally.left -= 1
        self._sent_at = time.perf_counter()
        transport.write(tally.requests[self._number])


async def _run(load: Load) -> Answered:
    tally = _Tally([request.encode() for request in load.requests], left=load.most)
    loop = asyncio.get_running_loop()
    step = max(1, len(tally.requests) // load.connections)
    begin = time.perf_counter()
    made = []
    for number in range(load.connections):
        first = number * step % len(tally.requests)
        connect = loop.create_connection(partial(_Connection, tally, first), "127.0.0.1", load.port)
        made.append((await connect)[1])
    await asyncio.wait([connection.ended for connection in made], timeout=load.seconds)
    tally.is_over = True
    seconds = time.perf_counter() - begin
    count = len(tally.times)
    await asyncio.wait([connection.ended for connection in made], timeout=10)
    times = sorted(tally.times) or [0.0]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Answered(
        count=count,
        seconds=seconds,
        faults=tally.faults + (count == 0),
        median_milliseconds=times[len(times) // 2] * 1000,
        slow_milliseconds=times[len(times) * 19 // 20] * 1000,
        slowest_milliseconds=times[-1] * 1000,
        client_seconds=used.ru_utime + used.ru_stime,
    )


if __name__ == "__main__":
    asked = Load(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(_run(asked)))))
