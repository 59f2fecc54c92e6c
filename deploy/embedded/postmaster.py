"""Is a server running in this data directory, and where does it listen?"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Lines of postmaster.pid, counted from 0, as PostgreSQL writes them.
_PID, _PORT, _SOCKET_DIRECTORY, _STATUS = 0, 3, 4, 7


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says of a server that is really running."""

    pid: int
    port: str
    socket_directory: Path
    status: str

    def is_ready(self) -> bool:
        """Tell whether it takes connections."""
        if self.status != "ready":
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self.socket_directory / f".s.PGSQL.{self.port}")) == 0


def find_postmaster(data: Path) -> Postmaster | None:
    """Find the server of a data directory; a file left by one that is gone counts for nothing."""
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
        pid = int(lines[_PID])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not _is_alive(pid, data):
        return None
    lines += [""] * (_STATUS + 1 - len(lines))
    return Postmaster(pid, lines[_PORT], Path(lines[_SOCKET_DIRECTORY]), lines[_STATUS])


def _is_alive(pid: int, data: Path) -> bool:
    # After a crash the number may have gone to another program. A postmaster works in its data directory.
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def stop_postmaster(data: Path, *, has_ended: Callable[[], bool] | None = None, seconds: float = 30) -> None:
    """End the server of a data directory: connections are cut, the data is written out.

    Whoever started it in this process says by `has_ended` that it is gone for good.
    """
    for wish in (signal.SIGINT, signal.SIGQUIT):
        found = find_postmaster(data)
        if found is None and (has_ended is None or has_ended()):
            return
        if found is not None:
            os.kill(found.pid, wish)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if (has_ended is None or has_ended()) and find_postmaster(data) is None:
                return
            time.sleep(0.02)
