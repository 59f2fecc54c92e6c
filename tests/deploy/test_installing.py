"""Does the project work where it is installed, without the folder that it was installed from?"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from deploy.migrate import newest_revision
from tests.architecture.sources import ROOT
from tests.fixtures.database import Database

_FLOORS = ("tenants", "services", "schema", "deploy")
_NEEDED = {".py", ".csv", ".conf", ".sql", ".mako", ".graphql", ".html", ".xlsx"}
# What the board asks is part of what is built of it.
_BUILT_IN = {"board.graphql"}
_NOT_OURS = ("node_modules", "built", "__pycache__", "*.pyc")


def _run(*command: str, cwd: Path, **environment: str) -> str:
    found = subprocess.run(  # noqa: S603 - our own program with our own arguments.
        command,
        cwd=cwd,
        env={"PATH": os.defpath, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project built as an operator builds it, without the network, and unpacked."""
    sources, built, site = (tmp_path_factory.mktemp(name) for name in ("sources", "built", "site"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, sources / name)
    for floor in _FLOORS:
        shutil.copytree(ROOT / floor, sources / floor, ignore=shutil.ignore_patterns(*_NOT_OURS))
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--quiet")
    _run(sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(built), ".", cwd=sources)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_has_every_file_that_is_read_at_run_time(installed: Path) -> None:
    wanted = {
        path.relative_to(ROOT)
        for floor in _FLOORS
        for path in (ROOT / floor).rglob("*")
        if path.suffix in _NEEDED and path.name not in _BUILT_IN and not {"node_modules", "built"} & set(path.parts)
    }

    missing = {str(path) for path in wanted if not (installed / path).exists()}

    assert missing == set()


async def test_migrates_a_database(
    installed: Path, new_empty_database: Callable[[], Awaitable[Database]], tmp_path: Path
) -> None:
    database = await new_empty_database()
    program = (sys.executable, "-c", "from deploy.cli import main; main()", "migrate")
    settings = {"PYTHONPATH": str(installed), "JINLIN_OWNER_URL": database.owner_url}

    told = await asyncio.to_thread(_run, *program, cwd=tmp_path, **settings)

    assert told == f"from nothing to {newest_revision()}\n"
