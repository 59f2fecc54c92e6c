"""What does an operation select of a type, once fragments, conditions and repeated fields are resolved?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from schema.compiler.values import Variables

Selected = "dict[str, list[FieldNode]]"


class Selector:
    """Collects the fields of an operation, for one set of variables."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Variables
    ) -> None:
        """Take the document's fragments and the request's variables."""
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def of_nodes(self, nodes: Iterable[FieldNode], type_name: str) -> dict[str, list[FieldNode]]:
        """Collect what the nodes of one field select of the given concrete type."""
        selected: dict[str, list[FieldNode]] = {}
        for node in nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set, type_name, selected)
        return selected

    def of_set(self, selections: SelectionSetNode, type_name: str) -> dict[str, list[FieldNode]]:
        """Collect what a selection set selects of the given concrete type."""
        selected: dict[str, list[FieldNode]] = {}
        self._collect(selections, type_name, selected)
        return selected

    def _collect(self, selections: SelectionSetNode, type_name: str, selected: dict[str, list[FieldNode]]) -> None:
        for node in selections.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                selected.setdefault(key, []).append(node)
                continue
            fragment: Any = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, type_name):
                self._collect(fragment.selection_set, type_name, selected)

    def _applies(self, condition: str, type_name: str) -> bool:
        if condition == type_name:
            return True
        type_ = self._schema.type_map[condition]
        concrete: Any = self._schema.type_map[type_name]
        return is_abstract_type(type_) and self._schema.is_sub_type(type_, concrete)

    def _is_included(self, node: SelectionNode) -> bool:
        if not isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode):
            return True
        for directive in node.directives or ():
            value: Any = (directive.arguments or ())[0].value
            is_set = self._variables[value.name.value] if isinstance(value, VariableNode) else value.value
            if directive.name.value == ("skip" if is_set else "include"):
                return False
        return True
