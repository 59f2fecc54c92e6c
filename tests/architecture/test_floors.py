"""Does each floor lean only on those below it, and are the packages imported ours?"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.sources import FLOORS, ROOT


def test_keeps_every_contract_about_imports(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


# `schema` is the import name of a package on PyPI, too.
@pytest.mark.parametrize("floor", FLOORS)
def test_imports_our_own_package(floor: str) -> None:
    package = importlib.import_module(floor)

    assert Path(package.__file__ or "") == ROOT / floor / "__init__.py"
