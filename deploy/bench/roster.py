"""How long does a large roster take, beside reading the file and copying its rows, and how much memory?"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.bench.children import inherited_environment
from deploy.bench.figures import Figure
from deploy.bench.rounds import ROUNDS
from deploy.bench.workbook import write_workbook
from deploy.bench.world import Ground
from deploy.settings import sqlalchemy_url
from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant

DWELLINGS = 60_000
_TARGET_TIME = 3.0
_MEMORY_LIMIT = 500.0
_DATABASE = "roster"
_SLUG = "roster"
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


async def measure_roster(ground: Ground) -> list[Figure]:
    """Measure the import into an empty community, three times, each beside the reference."""
    path = ground.home / f"roster-{DWELLINGS}.xlsx"
    if not path.exists():
        await asyncio.to_thread(write_workbook, path, dwellings=DWELLINGS)
    runs = [await _round(ground, path) for _ in range(ROUNDS)]
    return [
        Figure(
            what=f"roster of {DWELLINGS:,} dwellings against reading and COPY",
            unit="s",
            rounds=[(ours.seconds, reference.seconds) for ours, reference in runs],
            at_most=_TARGET_TIME,
        ),
        Figure(
            what=f"memory of that import against {_MEMORY_LIMIT:.0f} MiB",
            unit="MiB",
            rounds=[(ours.peak_mib, _MEMORY_LIMIT) for ours, _ in runs],
            at_most=1.0,
        ),
    ]


async def _round(ground: Ground, path: Path) -> tuple[Run, Run]:
    empty = await ground.empty_world(_DATABASE)
    try:
        engine = create_async_engine(sqlalchemy_url(empty.owner_url), poolclass=pool.NullPool)
        async with engine.begin() as connection:
            await open_tenant(connection, new=NewTenant(_SLUG, "名册社区", "community"))
        await engine.dispose()
        ours = await asyncio.to_thread(
            run_measured,
            ["-c", "from deploy.cli import main; main()", "import", "roster", str(path), "--tenant", _SLUG],
            environment=empty.environment,
        )
        await _check(empty.owner_url)
        reference = await asyncio.to_thread(
            run_measured, ["-m", "deploy.bench.roster_reference", str(path), empty.superuser_url], environment={}
        )
    finally:
        await ground.drop(empty.name)
    return ours, reference


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
