"""How is a query written anew so that its list comes by whole pages, each the same statement?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    print_ast,
    value_from_ast_untyped,
    visit,
)

from schema.compiler.plan import MAX_PAGE
from services.exports.errors import ExportQueryInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schema.compiler.documents import Operation
    from schema.exports.parts import Part
    from schema.exports.shape import TableShape

# How much of the list is read at once, where it goes on, and whether all its rows are counted. No document of a
# client's may use the names.
FIRST, AFTER, COUNTS = "exportFirst", "exportAfter", "exportCounts"
# What the objects on the way are called.
NAME = "exportName"
_PAGE = frozenset({"first", "after", "last", "before"})
_SPAN = ("from", "to", "cutOff")


def paged_document(operation: Operation, shape: TableShape) -> str:
    """Write the document that reads one page of a table. Raises ExportQueryInvalid."""
    body = _selection(shape.root, shape)
    used = _variables_in(body)
    asked = [each for each in operation.node.variable_definitions or () if each.variable.name.value in used]
    taken = {FIRST, AFTER, COUNTS} & {each.variable.name.value for each in operation.node.variable_definitions or ()}
    if taken:
        raise ExportQueryInvalid(detail=f"${min(taken)}", field="input.query")
    if shape.rows.is_connection:
        boolean = NonNullTypeNode(type=_named("Boolean"))
        asked += [_variable(FIRST, _named("Int")), _variable(AFTER, _named("String")), _variable(COUNTS, boolean)]
    document = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=NameNode(value="Exported"),
        variable_definitions=tuple(asked),
        directives=(),
        selection_set=body,
    )
    return print_ast(document)


def spans_of(shape: TableShape, variables: Mapping[str, Any]) -> list[dict[str, str]]:
    """List the periods that fields of a table ask for, each once: first and last day, and perhaps the cut-off."""
    found: list[dict[str, str]] = []
    for part in (*shape.path, *_all_parts(shape.rows)):
        given = {each.name.value: each.value for each in (part.node and part.node.arguments) or ()}
        if {"from", "to"} <= given.keys():
            values = {name: value_from_ast_untyped(given[name], dict(variables)) for name in _SPAN if name in given}
            told = {name: str(value) for name, value in values.items() if value is not None}
            if told not in found:
                found.append(told)
    return found


def _all_parts(part: Part) -> Iterator[Part]:
    yield part
    for below in part.parts:
        yield from _all_parts(below)


def _selection(part: Part, shape: TableShape) -> SelectionSetNode:
    own: list[Any] = []
    by_type: dict[str, list[Any]] = {}
    is_on_the_way = any(part is each for each in shape.path)
    for leaf in () if is_on_the_way else part.leaves:
        (own if leaf.on is None else by_type.setdefault(leaf.on, [])).append(_plain(leaf.node, leaf.node.arguments))
    for child in _below(part, shape) if is_on_the_way else part.parts:
        (own if child.on is None else by_type.setdefault(child.on, [])).append(_object(child, shape))
    if part.has_name and (is_on_the_way or (part is shape.rows and not part.is_list)):
        own.append(FieldNode(name=NameNode(value="name"), alias=NameNode(value=NAME), arguments=(), directives=()))
    for type_name, fields in by_type.items():
        inner = SelectionSetNode(selections=tuple(fields))
        own.append(InlineFragmentNode(type_condition=_named(type_name), directives=(), selection_set=inner))
    # Of an interface alone, or of a way on which nothing is asked for.
    return SelectionSetNode(selections=tuple(own) or (_leaf("__typename"),))


def _below(part: Part, shape: TableShape) -> list[Part]:
    """Give what comes next on the way: nothing beside it is in the table."""
    way = (*shape.path, shape.rows)
    return [child for child in part.parts if any(child is each for each in way)]


def _object(part: Part, shape: TableShape) -> FieldNode:
    node = part.node
    assert node is not None  # noqa: S101 - the root alone has none.
    inner = _selection(part, shape)
    if not part.is_connection:
        return _plain(node, node.arguments, inner)
    is_main = part is shape.rows
    page = [each for each in node.arguments or () if each.name.value not in _PAGE]
    size = _reference(FIRST) if is_main else IntValueNode(value=str(MAX_PAGE))
    page.append(ArgumentNode(name=NameNode(value="first"), value=size))
    if is_main:
        page.append(ArgumentNode(name=NameNode(value="after"), value=_reference(AFTER)))
    below: list[Any] = [_plain(_leaf("nodes"), (), inner)]
    shown = ("hasNextPage", "endCursor") if is_main else ("hasNextPage",)
    info = SelectionSetNode(selections=tuple(_leaf(each) for each in shown))
    below.append(_plain(_leaf("pageInfo"), (), info))
    if is_main:
        below.append(_counted())
    return _plain(node, tuple(page), SelectionSetNode(selections=tuple(below)))


def _plain(node: FieldNode, arguments: Any, inner: SelectionSetNode | None = None) -> FieldNode:
    # Conditions are resolved by now.
    return FieldNode(name=node.name, alias=node.alias, arguments=arguments, directives=(), selection_set=inner)


def _leaf(name: str) -> FieldNode:
    return FieldNode(name=NameNode(value=name), arguments=(), directives=())


def _counted() -> FieldNode:
    condition = ArgumentNode(name=NameNode(value="if"), value=_reference(COUNTS))
    include = DirectiveNode(name=NameNode(value="include"), arguments=(condition,))
    return FieldNode(name=NameNode(value="totalCount"), arguments=(), directives=(include,))


def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))


def _reference(name: str) -> VariableNode:
    return VariableNode(name=NameNode(value=name))


def _variable(name: str, type_: Any) -> VariableDefinitionNode:
    return VariableDefinitionNode(variable=_reference(name), type=type_, directives=())


def _variables_in(body: SelectionSetNode) -> set[str]:
    found: set[str] = set()

    class Finder(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            found.add(node.name.value)

    visit(body, Finder())
    return found
