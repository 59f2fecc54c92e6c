"""Is a forked process as good as one that was started? By what it tells, how it ends and what it holds."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.fixtures.database import Database
from tests.fixtures.forking import CAN_FORK
from tests.fixtures.processes import Running, jinlin, served, settings

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="here every process is started")


async def _ended(*arguments: str, environment: dict[str, str], anew: bool) -> tuple[int, bytes, bytes]:
    async with jinlin(*arguments, environment=environment, anew=anew) as process:
        stdout, stderr = await process.communicate()
        return await process.wait(), stdout, stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("--help",), 0), (("worker", "--never"), 2), (("serve",), 1)],
)
async def test_tells_the_same_and_ends_the_same(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    environment = {"PATH": os.defpath, "JINLIN_HOME": str(tmp_path)}

    forked = await _ended(*arguments, environment=environment, anew=False)
    started = await _ended(*arguments, environment=environment, anew=True)

    assert forked == started
    assert forked[0] == status


async def test_ends_with_the_same_traceback() -> None:
    # No file may have a name that long.
    environment = {"PATH": os.defpath, "JINLIN_ISSUERS": "x" * 300}

    forked = await _ended("serve", environment=environment, anew=False)

    assert forked == await _ended("serve", environment=environment, anew=True)
    assert b"Traceback" in forked[2]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
async def test_ends_by_a_signal_and_takes_none_afterwards(
    database: Database, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    async with served(settings(database, tmp_path)) as gateway:
        gateway.process.send_signal(number)
        ended = await asyncio.wait_for(gateway.process.wait(), 30)
        with pytest.raises(ProcessLookupError):
            gateway.process.kill()

    assert (ended, gateway.process.returncode) == (status, status)


async def test_ends_a_worker_whatever_it_is_at(database: Database, tmp_path: Path) -> None:
    environment = settings(database, tmp_path)

    async def ended() -> int:
        async with jinlin("worker", environment=environment) as process:
            assert process.stderr is not None
            while b"at work" not in (line := await process.stderr.readline()):
                assert line
            process.terminate()
            return await asyncio.wait_for(process.wait(), 20)

    assert await asyncio.gather(*(ended() for _ in range(12))) == [128 + signal.SIGTERM] * 12


async def test_holds_nothing_of_another_and_does_not_outlive_the_block(database: Database, tmp_path: Path) -> None:
    environment = settings(database, tmp_path)
    async with served(environment) as first, served(environment) as second:
        both = first.process, second.process
        shared = _held(first.process) & _held(second.process)

    assert shared == set()
    assert [process.returncode for process in both] == [-signal.SIGKILL] * 2


def _held(process: Running) -> set[str]:
    """List the pipes and sockets that a process holds."""
    held = {str(path.readlink()) for path in Path(f"/proc/{process.pid}/fd").iterdir()}
    return {name for name in held if name.startswith(("pipe:", "socket:"))}
