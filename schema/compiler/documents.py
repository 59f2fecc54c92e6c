"""Which documents are known, and what do their operations ask of variables?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableDefinitionNode,
    parse,
    value_from_ast,
)
from graphql.execution.values import get_variable_values

from schema.compiler.faults import NoSuchOperation
from schema.compiler.limits import MAX_TOKENS, check_document
from schema.compiler.validating import find_errors
from schema.compiler.values import variable_type
from schema.compiler.variables import ABSENT, Unusual, coercer, shaper

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from graphql import DocumentNode, OperationType

    from schema.compiler.variables import Coercer, Shaper


class InvalidRequest(Exception):  # noqa: N818 - the request is at fault.
    """A document or variables that GraphQL itself refuses."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        """Hold all that is wrong."""
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class _Variable:
    """A declared variable."""

    name: str
    default: Any
    is_required: bool
    coerce: Coercer
    shape: Shaper


@dataclass(slots=True)
class Operation:
    """One operation of a valid document."""

    node: OperationDefinitionNode
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: tuple[_Variable, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the variables once."""
        self.variables = tuple(_prepare(self.schema, node) for node in self.node.variable_definitions or ())

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.node.operation

    def coerce(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check and complete the variables of a request.

        Raises InvalidRequest.
        """
        try:
            return self._coerce_usual(given)
        except (Unusual, RecursionError):
            return self._coerce_by_library(given)

    def _coerce_usual(self, given: Mapping[str, Any]) -> dict[str, Any]:
        coerced: dict[str, Any] = {}
        for variable in self.variables:
            value = given.get(variable.name, Undefined)
            if value is not Undefined:
                coerced[variable.name] = variable.coerce(value)
            elif variable.default is not Undefined:
                coerced[variable.name] = variable.default
            elif variable.is_required:
                raise Unusual
        return coerced

    def _coerce_by_library(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = get_variable_values(self.schema, self.node.variable_definitions or (), dict(given), max_errors=20)
        if isinstance(found, list):
            raise InvalidRequest(found)
        return dict(found.coerced)

    def shape(self, variables: Mapping[str, Any]) -> Hashable:
        """Tell what of the variables shapes the plan."""
        return tuple([variable.shape(variables.get(variable.name, ABSENT)) for variable in self.variables])


def _prepare(schema: GraphQLSchema, node: VariableDefinitionNode) -> _Variable:
    type_ = variable_type(schema, node)
    is_required = isinstance(type_, GraphQLNonNull)
    default = value_from_ast(node.default_value, type_) if node.default_value is not None else Undefined
    return _Variable(node.variable.name.value, default, is_required, coercer(type_), shaper(type_))


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document and its operations by name."""

    ast: DocumentNode
    operations: Mapping[str, Operation]

    def operation(self, name: str | None) -> Operation:
        """Pick the operation to run.

        Raises NoSuchOperation.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name is not None else None
        if found is None:
            raise NoSuchOperation
        return found


def _valid(schema: GraphQLSchema, text: str) -> DocumentNode:
    try:
        ast = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        raise InvalidRequest([error]) from error
    check_document(ast)
    errors = find_errors(schema, ast)
    if errors:
        raise InvalidRequest(errors)
    return ast


def read_document(schema: GraphQLSchema, text: str) -> Document:
    """Parse, bound and validate a document.

    Raises InvalidRequest, TooDeep, TooManyAliases, TooManyParts.
    """
    try:
        ast = _valid(schema, text)
    except RecursionError as error:
        raise InvalidRequest([GraphQLError("The document is nested too deeply.")]) from error
    fragments = {node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = {
        node.name.value if node.name else "": Operation(node, schema, fragments)
        for node in ast.definitions
        if isinstance(node, OperationDefinitionNode)
    }
    return Document(ast, operations)
