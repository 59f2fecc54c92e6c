"""How are the servers that are measured started, and how do they surely end?"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_PROJECT = Path(__file__).parent.parent.parent
_SECONDS_TO_START = 60
_SECONDS_TO_END = 15
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class ServerDidNotStartError(Exception):
    """A server that was to be measured did not start; the text says which."""


@dataclass(frozen=True, slots=True)
class Child:
    """A server in a process of its own, on a port of this machine."""

    name: str
    port: int
    process: asyncio.subprocess.Process

    def processor_seconds(self) -> float:
        """Tell how much processor time it has taken so far; 0 where the system does not say."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICKS


@asynccontextmanager
async def running(
    name: str, arguments: Sequence[str], *, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run a Python module that serves on JINLIN_PORT while the block runs."""
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "utf8", *arguments),
        cwd=_PROJECT,
        env=inherited_environment() | {"JINLIN_PORT": str(port), **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        # What goes wrong is told on the error output; the standard output is for the figures alone.
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        child = Child(name, port, process)
        await _wait_until_listening(child)
        yield child
    finally:
        await _end(process)


def inherited_environment() -> dict[str, str]:
    """Tell the shell's environment without settings of ours: whatever is measured gets them from us alone."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("JINLIN_", "OTEL_"))}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def _wait_until_listening(child: Child) -> None:
    async with asyncio.timeout(_SECONDS_TO_START):
        while True:
            if child.process.returncode is not None:
                raise ServerDidNotStartError(f"{child.name} ended with {child.process.returncode}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", child.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_SECONDS_TO_END):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
