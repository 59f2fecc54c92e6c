"""How long does a large roster take, beside reading the file and copying its rows, and how much memory?"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.bench.children import inherited_environment
from deploy.bench.figures import Figure
from deploy.bench.roster_reference import WRITTEN
from deploy.bench.rounds import ROUNDS
from deploy.bench.workbook import write_workbook
from deploy.bench.world import EmptyWorld, Ground
from deploy.settings import sqlalchemy_url
from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant

DWELLINGS = 60_000
_TARGET_TIME = 3.0
_MEMORY_LIMIT = 500.0
_SLUG = "roster"
# The community itself is there in both databases.
_BUT_THE_COMMUNITY = "select * from places where kind <> 'community'"
_PROJECT = Path(__file__).parent.parent.parent
# Linux tells the peak in KiB, macOS in bytes.
_PEAKS_PER_MIB = 1024 if sys.platform == "linux" else 1024 * 1024


class ImportFailedError(Exception):
    """An import that was to be measured did not import; the text says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process, with those it started, took; the peak is that of the largest of them."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class _Round:
    ours: Run
    as_they_are: Run
    finished: Run


async def measure_roster(ground: Ground) -> list[Figure]:
    """Measure the import into an empty community, three times, each beside both references."""
    path = ground.home / f"roster-{DWELLINGS}.xlsx"
    if not path.exists():
        await asyncio.to_thread(write_workbook, path, dwellings=DWELLINGS)
    rounds = [await _round(ground, path) for _ in range(ROUNDS)]
    what = f"roster of {DWELLINGS:,} dwellings against reading and COPY of"
    return [
        Figure(
            what=f"{what} its rows as they are",
            unit="s",
            rounds=[(each.ours.seconds, each.as_they_are.seconds) for each in rounds],
            at_most=_TARGET_TIME,
        ),
        Figure(
            what=f"{what} the finished rows into our tables",
            unit="s",
            rounds=[(each.ours.seconds, each.finished.seconds) for each in rounds],
            at_most=_TARGET_TIME,
        ),
        Figure(
            what=f"memory of that import against {_MEMORY_LIMIT:.0f} MiB",
            unit="MiB",
            rounds=[(each.ours.peak_mib, _MEMORY_LIMIT) for each in rounds],
            at_most=1.0,
        ),
    ]


async def _round(ground: Ground, path: Path) -> _Round:
    async with _community(ground, "imported") as imported, _community(ground, "copied") as copied:
        ours = await asyncio.to_thread(
            run_measured,
            ["-c", "from deploy.cli import main; main()", "import", "roster", str(path), "--tenant", _SLUG],
            environment=imported.environment,
        )
        await _check(imported.owner_url)
        with tempfile.TemporaryDirectory(prefix="jinlin-bench-") as folder:
            await _take_out(imported.superuser_url, Path(folder))
            reference = ["-m", "deploy.bench.roster_reference", str(path), copied.superuser_url]
            as_they_are = await asyncio.to_thread(run_measured, reference, environment={})
            finished = await asyncio.to_thread(run_measured, [*reference, folder], environment={})
        await _check(copied.owner_url)
    return _Round(ours, as_they_are, finished)


@asynccontextmanager
async def _community(ground: Ground, purpose: str) -> AsyncIterator[EmptyWorld]:
    """Make a database with a community without anything in it, which is gone after the block."""
    empty = await ground.empty_world(purpose)
    try:
        engine = create_async_engine(sqlalchemy_url(empty.owner_url), poolclass=pool.NullPool)
        async with engine.begin() as connection:
            await open_tenant(connection, new=NewTenant(_SLUG, "名册社区", "community"))
        await engine.dispose()
        yield empty
    finally:
        await ground.drop(empty.name)


async def _take_out(superuser_url: str, folder: Path) -> None:
    connection = await asyncpg.connect(superuser_url)
    try:
        for table in WRITTEN:
            if table == "places":
                await connection.copy_from_query(_BUT_THE_COMMUNITY, output=folder / table, format="binary")
            else:
                await connection.copy_from_table(table, output=folder / table, format="binary")
    finally:
        await connection.close()


async def _check(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        found = await connection.fetchval("select count(*) from places where kind = 'dwelling'")
    finally:
        await connection.close()
    if found != DWELLINGS:
        raise ImportFailedError(f"{found:,} of {DWELLINGS:,} dwellings were imported")


def run_measured(arguments: Sequence[str], *, environment: Mapping[str, str]) -> Run:
    """Run a Python process to its end. Raises ImportFailedError."""
    with tempfile.TemporaryFile("w+") as told:
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own programs.
            [sys.executable, "-X", "utf8", *arguments],
            cwd=_PROJECT,
            env=inherited_environment() | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            told.seek(0)
            raise ImportFailedError(told.read()[-2000:])
        return Run(time.perf_counter() - begin, used.ru_maxrss / _PEAKS_PER_MIB)
