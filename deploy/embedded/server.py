"""How does our own PostgreSQL server start and stop?"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from deploy.embedded.postmaster import Postmaster, find_postmaster, stop_postmaster
from deploy.embedded.shelter import Shelter, find_shelter, remove_shelter

SUPERUSER = "postgres"
_PORT = "5432"
_SECONDS_TO_START = 60.0

_SETTINGS = {
    "listen_addresses": "",
    "port": _PORT,
    "unix_socket_permissions": "0777",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Waking up for nothing is what an idle demo would otherwise do all day.
    "autovacuum_naptime": "30s",
}
# A test's data need not outlive a crash of the machine. Several processes run tests on one server, and some tests
# a dozen workers or gateways at once: whoever finds all connections taken fails or waits, which is not what is tested.
_VOLATILE = {
    "max_connections": "400",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


# The servers that this process started: somebody has to ask for a child's end.
_launched: dict[Path, subprocess.Popen[bytes]] = {}


class ServerError(Exception):
    """The embedded server could not be started."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server, reached through a Unix socket without a password."""

    socket_directory: Path
    data: Path
    log: Path

    def url(self, database: str, *, user: str = SUPERUSER) -> str:
        """Tell the address of one of its databases for one of its users."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_directory))}&port={_PORT}"


@contextlib.contextmanager
def running_server(home: Path, *, durable: bool = True, dies_with_us: bool = False) -> Iterator[EmbeddedServer]:
    """Run the server of a home directory while the block runs; whoever is the last of several users stops it.

    `dies_with_us` ends the server also when this process is killed; then no other process may be using it.
    """
    shelter = find_shelter(home)
    with (home / "postgres.users").open("w") as users:
        with _alone(home):
            fcntl.flock(users, fcntl.LOCK_SH)
            socket_directory = _start(shelter, durable=durable, dies_with_us=dies_with_us)
        try:
            yield EmbeddedServer(socket_directory, shelter.data, _log(shelter))
        finally:
            with _alone(home):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _is_unused(users.fileno()):
                    _stop(shelter)


def is_server_made(home: Path) -> bool:
    """Tell whether a home directory has a server's data already."""
    return home.exists() and (find_shelter(home).data / "PG_VERSION").exists()


def delete_server(home: Path) -> None:
    """Stop the server of a home directory and delete its data. Raises ServerError while it is used."""
    if not home.exists():
        return
    with _alone(home), (home / "postgres.users").open("w") as users:
        if not _is_unused(users.fileno()):
            raise ServerError("The demo is running: stop it first (Ctrl-C where it runs).")
        _stop(find_shelter(home))
        remove_shelter(home)


def _is_unused(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _log(shelter: Shelter) -> Path:
    return shelter.data / "server.log"


def _start(shelter: Shelter, *, durable: bool, dies_with_us: bool) -> Path:
    if not (shelter.data / "PG_VERSION").exists():
        _make_cluster(shelter)
    found = find_postmaster(shelter.data)
    if found is None:
        (shelter.data / "postmaster.pid").unlink(missing_ok=True)
        _launch(shelter, durable=durable, dies_with_us=dies_with_us)
    return _wait_until_ready(shelter).socket_directory


def _make_cluster(shelter: Shelter) -> None:
    # Made beside its place and renamed, so that an interrupted attempt leaves nothing that looks finished.
    making = shelter.data.with_name(shelter.data.name + ".new")
    for old in (making, shelter.data):
        shutil.rmtree(old, ignore_errors=True)
    making.mkdir(mode=0o700)
    shelter.own(making)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    quick = ["--auth=trust", "--no-sync", "--no-instructions"]
    process = _run(shelter, "initdb", f"--pgdata={making}", f"--username={SUPERUSER}", *locale, *quick)
    output, _ = process.communicate()
    if process.returncode != 0:
        raise ServerError(f"The embedded PostgreSQL could not make its data directory:\n{output.decode()}")
    making.rename(shelter.data)


def _launch(shelter: Shelter, *, durable: bool, dies_with_us: bool) -> None:
    settings = _SETTINGS if durable else _SETTINGS | _VOLATILE
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = _log(shelter)
    with log.open("ab") as output:
        shelter.own(log)
        _launched[shelter.data] = _run(
            shelter,
            "postgres",
            *("-D", str(shelter.data), "-k", str(shelter.socket_directory), *options),
            output=output,
            before=_ending_with_parent() if dies_with_us else None,
        )


def _run(
    shelter: Shelter,
    program: str,
    *arguments: str,
    output: IO[bytes] | int = subprocess.PIPE,
    before: Callable[[], None] | None = None,
) -> subprocess.Popen[bytes]:
    user = shelter.user
    return subprocess.Popen(  # noqa: S603 - our own program with our own arguments.
        [shelter.programs / "bin" / program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
        # Ctrl-C goes to every process of a terminal: the server is the last to stop, and we stop it.
        start_new_session=True,
        preexec_fn=before,  # noqa: PLW1509 - a single system call, which is safe between fork and exec.
    )


def _ending_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    set_parent_death_signal = 1
    return lambda: library.prctl(set_parent_death_signal, int(signal.SIGINT), 0, 0, 0)


def _wait_until_ready(shelter: Shelter) -> Postmaster:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        found = find_postmaster(shelter.data)
        if found is not None and found.is_ready():
            return found
        process = _launched.get(shelter.data)
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.02)
    tail = _log(shelter).read_text(errors="replace")[-2000:]
    raise ServerError(f"The embedded PostgreSQL did not start. The end of {_log(shelter)}:\n{tail}")


def _stop(shelter: Shelter) -> None:
    """End the server; its socket's folder is made anew at the next start."""
    process = _launched.pop(shelter.data, None)
    stop_postmaster(shelter.data, has_ended=None if process is None else lambda: process.poll() is not None)
    with contextlib.suppress(OSError):
        shelter.socket_directory.rmdir()
