"""Where are the documents that front-end teams rely on, and which of them are in force?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2].parent / "shared" / "contract"
IN_FORCE = ("me", "places", "roster", "privacy", "cases", "case_work", "summaries")

_OPERATION = re.compile(r"^(?:query|mutation|subscription) (\w+)", re.MULTILINE)


def contract_document(name: str) -> str:
    """Read one of the contract's files, or skip the test where the folder is not there."""
    path = FOLDER / f"{name}.graphql"
    if not path.is_file():
        pytest.skip("the contract's folder (../shared/contract) is not there; CI has it")
    return path.read_text(encoding="utf-8")


def operations(name: str) -> list[str]:
    """List the operations of a file by name."""
    return _OPERATION.findall(contract_document(name))


def contract_operation(name: str, operation: str) -> str:
    """Read one operation of a file by itself, where others in it are not in force yet."""
    document = contract_document(name)
    starts = [found.start() for found in _OPERATION.finditer(document)]
    start = next(found.start() for found in _OPERATION.finditer(document) if found[1] == operation)
    return document[start : next((later for later in starts if later > start), None)]
