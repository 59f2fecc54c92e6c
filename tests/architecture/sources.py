"""What is the code made of? Every source file of the project, parsed once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FLOORS = ("tenants", "services", "schema", "deploy")
# Steps of the database's history are written by a tool and never grow.
_HISTORY = ROOT / "deploy" / "migrations" / "versions"


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def line_count(self) -> int:
        return self.text.count("\n")


@cache
def list_sources() -> tuple[Source, ...]:
    """List the files of the four floors and of the tests."""
    found = []
    for folder in (*FLOORS, "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if _HISTORY not in path.parents and "node_modules" not in path.parts:
                text = path.read_text()
                found.append(Source(path, text, ast.parse(text)))
    return tuple(found)
