"""Is anything committed outside the one place that commits?"""

from __future__ import annotations

import ast

from tests.architecture.sources import Source, list_sources

# The read transaction of a compiled statement ends with one as well, and has nothing to commit.
_ALLOWED = {"tenants/work.py", "schema/compiler/reading.py"}


def _commits(source: Source) -> list[str]:
    found = []
    for node in ast.walk(source.tree):
        is_call = isinstance(node, ast.Attribute) and node.attr in {"commit", "begin", "autocommit"}
        is_statement = isinstance(node, ast.Constant) and str(node.value).strip(" ;").lower() == "commit"
        if is_call or is_statement:
            found.append(f"{source.name}:{getattr(node, 'lineno', 0)}")
    return found


def test_commits_in_the_unit_of_work_alone() -> None:
    stray = [
        place
        for source in list_sources()
        if source.name.startswith(("tenants/", "services/", "schema/")) and source.name not in _ALLOWED
        for place in _commits(source)
    ]

    assert stray == []
