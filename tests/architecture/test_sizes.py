"""Is everything short enough to be read at once?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source, list_sources

LONGEST_FUNCTION = 60
USUAL_FUNCTION = 35
USUAL_SHARE = 0.95
LONGEST_FILE = 400
LONGEST_TEST_FILE = 500


def _functions(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (
                f"{source.name}:{node.lineno} {node.name}",
                (node.end_lineno or node.lineno) - node.lineno + 1,
            )


def _lengths() -> list[tuple[str, int]]:
    return [function for source in list_sources() for function in _functions(source)]


def test_holds_every_function_below_sixty_lines() -> None:
    too_long = [(name, length) for name, length in _lengths() if length > LONGEST_FUNCTION]

    assert too_long == []


def test_holds_nearly_every_function_below_thirty_five_lines() -> None:
    lengths = _lengths()
    short = [length for _, length in lengths if length <= USUAL_FUNCTION]

    assert len(short) / len(lengths) >= USUAL_SHARE


def test_holds_every_file_below_its_budget() -> None:
    too_long = [
        (source.name, source.line_count)
        for source in list_sources()
        if source.line_count > (LONGEST_TEST_FILE if source.name.startswith("tests/") else LONGEST_FILE)
    ]

    assert too_long == []
