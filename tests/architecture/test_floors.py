"""Does each floor lean only on those below it, and are the packages imported ours?"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import FLOORS, ROOT


def test_keeps_every_contract_about_imports() -> None:
    # In a process of its own: it would silence all loggers of this one.
    program = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603

    assert found.returncode == 0, found.stdout


# `schema` is the import name of a package on PyPI, too.
@pytest.mark.parametrize("floor", FLOORS)
def test_imports_our_own_package(floor: str) -> None:
    package = importlib.import_module(floor)

    assert Path(package.__file__ or "") == ROOT / floor / "__init__.py"
