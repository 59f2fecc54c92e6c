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

from schema.compiler.faults import NullGiven

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
        spread: set[str] = set()
        for node in nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set, type_name, selected, spread)
        return selected

    def of_set(self, selections: SelectionSetNode, type_name: str) -> dict[str, list[FieldNode]]:
        """Collect what a selection set selects of the given concrete type."""
        selected: dict[str, list[FieldNode]] = {}
        self._collect(selections, type_name, selected, set())
        return selected

    def _collect(
        self, selections: SelectionSetNode, type_name: str, selected: dict[str, list[FieldNode]], spread: set[str]
    ) -> None:
        """Add to what is selected; a fragment that was spread once adds nothing the second time."""
        for node in selections.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                selected.setdefault(key, []).append(node)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread:
                    continue
                spread.add(node.name.value)
                fragment = self._fragments[node.name.value]
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, type_name):
                self._collect(fragment.selection_set, type_name, selected, spread)

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
            if is_set is None:
                raise NullGiven(name=value.name.value)
            if directive.name.value == ("skip" if is_set else "include"):
                return False
        return True
