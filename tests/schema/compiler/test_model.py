"""Does a schema with a field that nobody can read fail when it is built?"""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from schema.compiler.declare import Root, column, read, reads, where
from schema.compiler.model import UnreadableFieldError, build_model
from schema.places.sources import GRID
from tests.schema.compiler.asking import MODEL


def _build(query: type[Any]) -> None:
    build_model(strawberry.Schema(query=query)._schema)  # noqa: SLF001 - graphql-core's own.


def test_refuses_a_root_field_with_a_resolver() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def greeting(self) -> str:
            return "hello"

    with pytest.raises(UnreadableFieldError, match=r"Query\.greeting does not say what it is read from"):
        _build(Query)


@reads(GRID)
@strawberry.type
class _PaintedGrid:
    name: str = column(lambda grid: grid.c.name)
    colour: str


def test_refuses_a_plain_field_deep_down() -> None:
    @strawberry.type
    class Query:
        grids: list[_PaintedGrid] = read(Root())

    with pytest.raises(UnreadableFieldError, match=r"Paintedgrid\.colour"):
        _build(Query)


def test_refuses_a_filters_condition_as_a_field() -> None:
    @strawberry.type
    class Query:
        name: str = where(lambda row, value: row.c.name == value.text())

    with pytest.raises(UnreadableFieldError, match=r"Query\.name"):
        _build(Query)


def test_says_for_every_field_of_our_own_schema_what_it_is_read_from() -> None:
    reached = {type_name for type_name, _ in MODEL.fields}

    assert {"Query", "Me", "Grid", "Building", "Dwelling", "Person", "Department"} <= reached
    for type_name in reached:
        fields: Any = MODEL.schema.type_map[type_name]
        assert {name for owner, name in MODEL.fields if owner == type_name} == set(fields.fields)


def test_gives_every_type_with_an_id_a_prefix_of_its_own() -> None:
    possible: Any = MODEL.schema.get_possible_types(MODEL.schema.type_map["Node"])  # type: ignore[arg-type]

    assert sorted(MODEL.prefixes.values()) == sorted(type_.name for type_ in possible)
    assert all(len(prefix) == 3 for prefix in MODEL.prefixes)
