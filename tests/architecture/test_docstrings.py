"""Does every file say what it is for, and every public function of the lower floors what it does?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source, list_sources

_FORBIDDEN_NAMES = frozenset({"utils", "helpers", "common", "base", "misc"})


def _public(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_opens_every_file_with_a_line_that_says_what_it_answers() -> None:
    silent = [
        source.name
        for source in list_sources()
        if not (ast.get_docstring(source.tree) or "").partition("\n")[0].endswith((".", "?", "!"))
    ]

    assert silent == []


def test_documents_whatever_the_lower_floors_offer() -> None:
    undocumented = [
        f"{source.name}:{node.lineno} {node.name}"
        for source in list_sources()
        if source.name.startswith(("tenants/", "services/"))
        for node in _public(source)
        if not (ast.get_docstring(node) or "").partition("\n")[0].endswith(".")
    ]

    assert undocumented == []


def test_names_no_file_for_being_shared() -> None:
    assert [source.name for source in list_sources() if source.path.stem in _FORBIDDEN_NAMES] == []
