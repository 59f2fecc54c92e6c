"""What does a selection ask of a type? Fragments and conditions resolved, as the specification tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from schema.compiler.model import ReadModel

Selected = dict[str, list[FieldNode]]


@dataclass(frozen=True)
class Asked:
    """One operation with its variables."""

    model: ReadModel
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    _known: dict[tuple[tuple[int, ...], str], Selected] = field(default_factory=dict)

    def of(self, nodes: Iterable[FieldNode], type_name: str) -> Selected:
        """Collect what the nodes of one field ask of a concrete type."""
        nodes = list(nodes)
        key = (tuple(id(node) for node in nodes), type_name)
        if key not in self._known:
            selected: Selected = {}
            seen: set[str] = set()
            for node in nodes:
                if node.selection_set is not None:
                    self._collect(node.selection_set, type_name, selected, seen)
            self._known[key] = selected
        return self._known[key]

    def of_root(self, selections: SelectionSetNode) -> Selected:
        """Collect what an operation asks of the query type."""
        selected: Selected = {}
        self._collect(selections, "Query", selected, set())
        return selected

    def _collect(self, selections: SelectionSetNode, type_name: str, selected: Selected, seen: set[str]) -> None:
        for node in selections.selections:
            if not self._is_asked(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                selected.setdefault(key, []).append(node)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in seen:
                    seen.add(name)
                    self._enter(self.fragments[name], type_name, selected, seen)
            else:
                self._enter(node, type_name, selected, seen)

    def _enter(self, fragment: Any, type_name: str, selected: Selected, seen: set[str]) -> None:  # noqa: ANN401
        on = fragment.type_condition.name.value if fragment.type_condition else type_name
        if on == type_name or type_name in self._kinds(on):
            self._collect(fragment.selection_set, type_name, selected, seen)

    def _kinds(self, name: str) -> set[str]:
        type_: Any = self.model.schema.type_map[name]
        return {kind.name for kind in self.model.schema.get_possible_types(type_)} if is_abstract_type(type_) else set()

    def _is_asked(self, node: SelectionNode) -> bool:
        skipped = self._condition(node, "skip", otherwise=False)
        return not skipped and self._condition(node, "include", otherwise=True)

    def _condition(self, node: SelectionNode, name: str, *, otherwise: bool) -> bool:
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value == name:
                (argument,) = directive.arguments
                if isinstance(argument.value, VariableNode):
                    return bool(self.variables[argument.value.name.value])
                assert isinstance(argument.value, BooleanValueNode)
                return bool(argument.value.value)
        return otherwise

    def arguments(self, type_name: str, node: FieldNode) -> dict[str, Any]:
        """Coerce a field's arguments; those not given and nulls are left out."""
        owner = self.model.schema.type_map[type_name]
        assert isinstance(owner, GraphQLObjectType)
        values = VariableValues({}, dict(self.variables))
        found = get_argument_values(owner.fields[node.name.value], node, values)
        return {name: value for name, value in found.items() if value is not None}
