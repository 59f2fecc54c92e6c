"""Are variables taken in as graphql-core would, only faster?"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
)
from graphql.execution.values import get_variable_values
from hypothesis import example, given
from hypothesis import strategies as st

from schema.compiler.documents import InvalidRequest, Operation, read_document

_COLOUR = GraphQLEnumType("Colour", {"RED": "red", "BLUE": "blue"})
_EITHER = GraphQLInputObjectType(
    "Either", {"id": GraphQLInputField(GraphQLID), "size": GraphQLInputField(GraphQLInt)}, is_one_of=True
)
_FILTER: GraphQLInputObjectType = GraphQLInputObjectType(
    "Filter",
    lambda: {
        "id": GraphQLInputField(GraphQLID),
        "size": GraphQLInputField(GraphQLNonNull(GraphQLInt)),
        "colours": GraphQLInputField(GraphQLList(GraphQLNonNull(_COLOUR))),
        "page": GraphQLInputField(GraphQLInt, default_value=20),
        "open": GraphQLInputField(GraphQLBoolean),
        "not": GraphQLInputField(_FILTER),
        "either": GraphQLInputField(_EITHER),
    },
)
_SCHEMA = GraphQLSchema(
    GraphQLObjectType(
        "Query",
        {
            "found": GraphQLField(
                GraphQLString,
                args={
                    "filter": GraphQLArgument(_FILTER),
                    "order": GraphQLArgument(_COLOUR),
                    "text": GraphQLArgument(GraphQLString),
                },
            )
        },
    )
)
_DOCUMENT = """query($filter: Filter, $order: Colour! = BLUE, $text: String) {
  found(filter: $filter, order: $order, text: $text)
}"""
_NAMES = st.sampled_from(["id", "size", "colours", "page", "open", "not", "either", "unknown"])
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**32), 2**32)
    | st.floats(allow_nan=False)
    | st.sampled_from(["RED", "BLUE", "GREEN", "bld_1", ""])
)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5), max_leaves=12
)


def _operation() -> Operation:
    return read_document(_SCHEMA, _DOCUMENT).operation(None)


def _coerced(operation: Operation, variables: dict[str, Any]) -> object:
    try:
        return operation.coerce(variables)
    except InvalidRequest as invalid:
        return sorted(error.message for error in invalid.errors)


def _by_library(operation: Operation, variables: dict[str, Any]) -> object:
    found = get_variable_values(_SCHEMA, operation.node.variable_definitions or (), variables, max_errors=20)
    if isinstance(found, list):
        return sorted(error.message for error in found)
    return dict(found.coerced)


@given(st.dictionaries(st.sampled_from(["filter", "order", "text", "unknown"]), _VALUES, max_size=4))
@example({"filter": {"size": 1, "colours": ["RED", "BLUE"], "not": {"size": 2, "page": None}}, "order": "RED"})
@example({"filter": {"size": 1, "colours": "RED"}, "text": "x"})
@example({"filter": {"id": 7, "size": 1.0}})
@example({"order": None})
@example({"filter": {"size": 1, "either": {"id": "x"}}})
@example({"filter": {"size": 1, "either": {"id": None}}})
@example({"filter": {"size": 1, "either": {"id": "x", "size": 1}}})
@example({"filter": {"size": 1, "either": {}}})
def test_takes_in_what_the_library_would(variables: dict[str, Any]) -> None:
    operation = _operation()

    assert _coerced(operation, variables) == _by_library(operation, variables)


def test_refuses_input_nested_beyond_all_use() -> None:
    nested: dict[str, Any] = {"size": 1}
    for _ in range(5_000):
        nested = {"size": 1, "not": nested}

    with pytest.raises(InvalidRequest, match="nested too deeply"):
        _operation().coerce({"filter": nested})


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ({"text": "a"}, {"text": "b"}, True),
        ({"text": "a"}, {"text": None}, False),
        ({"text": None}, {}, False),
        ({"order": "RED"}, {"order": "BLUE"}, False),
        ({}, {"order": "BLUE"}, True),
        ({"filter": {"size": 1}}, {"filter": {"size": 2}}, True),
        ({"filter": {"size": 1}}, {"filter": {"size": 1, "id": None}}, False),
        ({"filter": {"size": 1, "id": "x", "open": True}}, {"filter": {"open": True, "id": "y", "size": 1}}, True),
        ({"filter": {"size": 1, "open": True}}, {"filter": {"size": 1, "open": False}}, False),
        ({"filter": {"size": 1, "colours": ["RED"]}}, {"filter": {"size": 1, "colours": ["BLUE"]}}, False),
        (
            {"filter": {"size": 1, "id": "bld_1_018f0000-0000-7000-8000-000000000000"}},
            {"filter": {"size": 1, "id": "bld_2_018f0000-0000-7000-8000-000000000001"}},
            True,
        ),
        (
            {"filter": {"size": 1, "id": "bld_1_018f0000-0000-7000-8000-000000000000"}},
            {"filter": {"size": 1, "id": "grd_1_018f0000-0000-7000-8000-000000000000"}},
            False,
        ),
    ],
)
def test_shapes_a_plan_by_nulls_choices_and_types_alone(
    one: dict[str, Any], other: dict[str, Any], *, is_alike: bool
) -> None:
    operation = _operation()
    shapes = [operation.shape(operation.coerce(variables)) for variables in (one, other)]

    assert (shapes[0] == shapes[1]) is is_alike
    assert all(hash(shape) is not None for shape in shapes)
