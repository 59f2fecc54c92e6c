"""Do several processes answer on one port, does another take the place of one that dies, and does none drop a request?

With processes of the real program, which are stopped and killed from outside.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.deploy.test_serve import environment, said
from tests.fixtures.database import Database
from tests.fixtures.processes import Running, jinlin, plain_client

__all__ = ["environment"]

_QUERY = b'{"query": "{ __typename }"}'


def _parent(process_id: int) -> int | None:
    """Tell whose child a process is, as the system says; None when it has ended."""
    try:
        state, parent = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def _is_there(process_id: int) -> bool:
    return _parent(process_id) is not None


def _children(process: Running) -> list[int]:
    every = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return sorted(each for each in every if _parent(each) == process.pid)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        # What is waited for is done by other processes.
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _serving(database: Database, environment: dict[str, str], *, count: int = 2) -> AsyncIterator[Running]:
    settings = environment | {"JINLIN_DATABASE_URL": database.gateway_url}
    async with jinlin("serve", "--workers", str(count), environment=settings, counts_for_many=True) as process:
        assert process.stdout is not None
        told = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert told.endswith(f"by {count} processes\n")
        started = _children(process)
        try:
            yield process
        finally:
            # After a failed test: a stopped process would never end.
            for child in filter(_is_there, {*started, *_children(process)}):
                os.kill(child, signal.SIGKILL)


async def _ask(environment: dict[str, str]) -> int:
    """Ask on a connection of its own; tell the answer's status."""
    async with plain_client(environment["JINLIN_PORT"]) as client:
        return (await client.post("/graphql", json={"query": "{ __typename }"})).status_code


async def _end(process: Running) -> tuple[int | None, str]:
    process.send_signal(signal.SIGTERM)
    told = await said(process)
    return process.returncode, told


async def test_each_of_several_processes_answers(database: Database, environment: dict[str, str]) -> None:
    async with _serving(database, environment, count=3) as process:
        children = _children(process)
        found = {}
        for awake in children:
            for other in children:
                os.kill(other, signal.SIGCONT if other == awake else signal.SIGSTOP)
            found[awake] = await _ask(environment)
        for child in children:
            os.kill(child, signal.SIGCONT)
        ended = await _end(process)

    assert list(found.values()) == [401] * 3
    assert ended == (0, "")
    assert not any(map(_is_there, children))


async def test_another_takes_the_place_of_one_that_is_killed(database: Database, environment: dict[str, str]) -> None:
    async with _serving(database, environment) as process:
        killed, other = _children(process)
        os.kill(killed, signal.SIGKILL)
        found = {await _ask(environment) for _ in range(20)}
        await _until(lambda: len(_children(process)) == 2)
        (new,) = set(_children(process)) - {other}
        # The new one answers by itself.
        os.kill(other, signal.SIGSTOP)
        by_new = await _ask(environment)
        os.kill(other, signal.SIGCONT)
        status, told = await _end(process)

    assert found == {401}
    assert (by_new, status) == (401, 0)
    assert new != killed
    assert told == f"jinlin: process {killed} ended with status 137; another takes its place\n"


async def test_loses_only_what_the_killed_one_had_in_hand(database: Database, environment: dict[str, str]) -> None:
    async with _serving(database, environment) as process:
        one, other = _children(process)
        slow = {}
        for awake, asleep in ((one, other), (other, one)):
            os.kill(asleep, signal.SIGSTOP)
            slow[awake] = await _Slow.begin(environment)
            os.kill(asleep, signal.SIGCONT)
        os.kill(one, signal.SIGKILL)
        finished = [await slow[one].finish(), await slow[other].finish()]
        await _end(process)

    assert finished == [b"", b"HTTP/1.1 401 Unauthorized"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_finishes_what_it_answers_when_told_to_end(
    database: Database, environment: dict[str, str], number: signal.Signals
) -> None:
    async with _serving(database, environment) as process:
        slow = await _Slow.begin(environment)
        process.send_signal(number)
        await _until_refused(environment)
        is_running = process.returncode is None
        finished = await slow.finish()
        told = await said(process)

    assert (is_running, finished) == (True, b"HTTP/1.1 401 Unauthorized")
    assert (process.returncode, told) == (0, "")


async def test_waits_for_nobody_who_does_not_end(database: Database, environment: dict[str, str]) -> None:
    async with _serving(database, environment) as process:
        stuck, _ = _children(process)
        os.kill(stuck, signal.SIGSTOP)
        status, told = await _end(process)

    assert (status, told) == (137, "")
    assert not _is_there(stuck)


async def test_ends_with_the_error_of_one_that_cannot_start(database: Database, environment: dict[str, str]) -> None:
    settings = environment | {"JINLIN_DATABASE_URL": database.superuser_url}
    async with jinlin("serve", "--workers", "2", environment=settings, anew=True) as process:
        told = await said(process)

    assert process.returncode == 1
    assert told.count("the role postgres is a superuser") == 1
    assert "Traceback" not in told


async def test_ends_when_none_can_take_the_place(
    new_database: Callable[[], Awaitable[Database]], environment: dict[str, str]
) -> None:
    database = await new_database()
    async with _serving(database, environment) as process:
        slow = await _Slow.begin(environment)
        connection = await asyncpg.connect(database.owner_url)
        await connection.execute("update alembic_version set version_num = 'newer'")
        await connection.close()
        killed = _children(process)[0]
        os.kill(killed, signal.SIGSTOP)
        answered = await _ask(environment)
        os.kill(killed, signal.SIGKILL)
        told = await said(process)
        await slow.finish()

    assert answered == 401
    assert process.returncode == 1
    assert told.count("run `jinlin migrate`") == 5
    assert told.count("another takes its place") == 5


async def test_children_end_when_the_parent_is_killed(database: Database, environment: dict[str, str]) -> None:
    async with _serving(database, environment) as process:
        children = _children(process)
        process.kill()
        await _until(lambda: not any(map(_is_there, children)))
        await _until_refused(environment)


async def test_counts_the_requests_of_all_processes(database: Database, environment: dict[str, str]) -> None:
    series = 'jinlin_request_seconds_count{method="POST",route="/graphql",status="401"} '

    async def counted() -> float:
        async with plain_client(environment["JINLIN_PORT"]) as client:
            lines = (await client.get("/metrics")).text.splitlines()
        return next(float(line.removeprefix(series)) for line in lines if line.startswith(series))

    async with _serving(database, environment) as process:
        one, other = _children(process)
        for asleep, awake in ((one, other), (other, one)):
            os.kill(asleep, signal.SIGSTOP)
            for _ in range(5):
                await _ask(environment)
            os.kill(asleep, signal.SIGCONT)
            os.kill(awake, signal.SIGCONT)
        before = await counted()
        os.kill(one, signal.SIGKILL)
        await _until(lambda: len(_children(process)) == 2)
        after = await counted()
        await _end(process)

    assert (before, after) == (10, 10)


class _Slow:
    """A request that a server has begun to read, and whose end it waits for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def begin(cls, environment: dict[str, str]) -> _Slow:
        slow = cls(*await asyncio.open_connection("127.0.0.1", int(environment["JINLIN_PORT"])))
        slow._writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % len(_QUERY)
        )
        # The server says this once it waits for the body.
        assert await slow._reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        await slow._reader.readline()
        return slow

    async def finish(self) -> bytes:
        """Send the rest; give the answer's first line, nothing if there is none."""
        try:
            self._writer.write(_QUERY)
            line = await asyncio.wait_for(self._reader.readline(), 30)
        except ConnectionError:
            line = b""
        self._writer.close()
        return line.strip()


async def _until_refused(environment: dict[str, str]) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(environment["JINLIN_PORT"]))
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.05)
