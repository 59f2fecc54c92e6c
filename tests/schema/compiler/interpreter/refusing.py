"""Which fields could no grant of the caller ever show? Told from the selection alone, whatever the rows are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from graphql import FieldNode

from schema.compiler.declare import (
    Arms,
    ById,
    Column,
    Connection,
    Derived,
    Many,
    One,
    Reference,
    Root,
    SameRow,
    Source,
)
from schema.compiler.plan import PlannedRefusal
from tests.schema.compiler.interpreter.listing import asks_forbidden
from tests.schema.compiler.interpreter.rows import is_id
from tests.schema.compiler.interpreter.selecting import Selected
from tests.schema.compiler.interpreter.walking import Walker, is_gated


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the answer: the keys, and of them those before the first list."""

    keys: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    is_in_list: bool = False

    def down(self, key: str) -> _At:
        return replace(self, keys=(*self.keys, key), path=self.path if self.is_in_list else (*self.path, key))


@dataclass(slots=True)
class Refusing:
    """Gathers the refusals of one operation."""

    walker: Walker
    found: list[PlannedRefusal] = field(default_factory=list)

    def root(self, selected: Selected) -> list[PlannedRefusal]:
        """Gather what is refused of the root fields."""
        for key, nodes in selected.items():
            name = nodes[0].name.value
            declared = self.walker.model.fields.get(("Query", name))
            is_free = name == "__typename" or isinstance(declared, Root) or getattr(declared, "of_account", False)
            if self.walker.context.grants.tenant is None and not is_free:
                self.found.append(PlannedRefusal("TENANT_REQUIRED", (key,), key))
            else:
                self._field("Query", nodes, _At().down(key), "")
        return self.found

    def _refuse(self, at: _At, permission: str | None) -> None:
        if self.walker.context.grants.tenant is None:
            # `me` then has no posts, and everything else asks for a tenant.
            return
        refusal = PlannedRefusal("FORBIDDEN", at.path, ".".join(at.keys), permission)
        if refusal not in self.found:
            self.found.append(refusal)

    def _object(self, type_name: str, nodes: list[FieldNode], at: _At, table: str) -> None:
        for key, below in self.walker.asked.of(nodes, type_name).items():
            self._field(type_name, below, at.down(key), table)

    def _field(self, type_name: str, nodes: list[FieldNode], at: _At, table: str) -> None:
        name = nodes[0].name.value
        declared = self.walker.model.fields.get((type_name, name))
        if is_gated(declared) and self._is_shut(type_name, declared):
            self._refuse(at, self.walker.model.source(type_name).permission)
            return
        target = self.walker.model.return_type(type_name, name).name if declared else ""
        if isinstance(declared, Column) and self.walker.model.sources[type_name] is not None:
            source = self.walker.model.source(type_name)
            if self.walker.sights.showing(source, declared) == ():
                self._refuse(at, declared.permission or source.permission)
        elif isinstance(declared, Root):
            self._object(target, nodes, at, "")
        elif isinstance(declared, SameRow):
            self._node(target, nodes, at, table)
        elif isinstance(declared, ById):
            self._by_id(type_name, declared, nodes, at)
        elif isinstance(declared, Reference):
            self._reference(target, nodes, at)
        elif isinstance(declared, One | Many | Derived):
            is_list = isinstance(declared, Many) or (isinstance(declared, Derived) and declared.order is not None)
            inside = replace(at, is_in_list=at.is_in_list or is_list)
            self._linked(target, nodes, at, inside, covered=declared.covered)
        elif isinstance(declared, Connection):
            self._connection(type_name, declared, nodes, at)

    def _is_shut(self, type_name: str, declared: Any) -> bool:  # noqa: ANN401 - any link.
        return self.walker.sights.showing(self.walker.model.source(type_name), declared) == ()

    def _linked(self, target: str, nodes: list[FieldNode], at: _At, inside: _At, *, covered: bool) -> None:
        source: Any = self.walker.model.sources[target]
        if self.walker.is_shut(target, covered=covered):
            self._refuse(at, self._permission(source))
        else:
            self._node(target, nodes, inside, source.name)

    def _permission(self, source: Source | Arms) -> str | None:
        if isinstance(source, Arms):
            return self.walker.model.source(next(iter(source.types.values()))).permission
        return source.permission

    def _node(
        self, target: str, nodes: list[FieldNode], at: _At, table: str, kinds: tuple[str, ...] | None = None
    ) -> None:
        source = self.walker.model.sources[target]
        if not isinstance(source, Arms):
            self._object(target, nodes, at, table)
            return
        for kind, type_name in source.types.items():
            concrete = self.walker.model.source(type_name)
            is_reached = concrete.name == table or table in concrete.bridges
            if is_reached and not self.walker.sights.is_shut(concrete) and (kinds is None or kind in kinds):
                self._object(type_name, nodes, at, concrete.name)

    def _by_id(self, type_name: str, declared: ById, nodes: list[FieldNode], at: _At) -> None:
        text = self.walker.asked.arguments(type_name, nodes[0])["id"]
        concrete = self.walker.model.prefixes.get(text.split("_")[0]) if is_id(text) else None
        if concrete is not None and (not declared.types or concrete in declared.types):
            self._linked(concrete, nodes, at, at, covered=False)

    def _reference(self, target: str, nodes: list[FieldNode], at: _At) -> None:
        type_: Any = self.walker.model.schema.type_map[target]
        for kind in sorted(kind.name for kind in self.walker.model.schema.get_possible_types(type_)):
            asked = {below[0].name.value for below in self.walker.asked.of(nodes, kind).values()}
            if kind in self.walker.model.prefixes.values() and not asked <= {"__typename", "id"}:
                self._linked(kind, nodes, at, at, covered=False)

    def _connection(self, type_name: str, declared: Connection, nodes: list[FieldNode], at: _At) -> None:
        model = self.walker.model
        connection_type = model.return_type(type_name, nodes[0].name.value).name
        node_type = model.return_type(connection_type, "nodes").name
        source: Any = model.sources[node_type]
        if self.walker.is_shut(node_type, covered=declared.covered):
            self._refuse(at, self._permission(source))
            return
        permission = asks_forbidden(self.walker, type_name, nodes[0])
        if permission is not None:
            self._refuse(at, permission)
            return
        for key, below in self.walker.asked.of(nodes, connection_type).items():
            inside = replace(at.down(key), is_in_list=True)
            if below[0].name.value == "nodes":
                self._node(node_type, below, inside, source.name, declared.kinds)
            elif below[0].name.value == "edges":
                edge_type = model.return_type(connection_type, "edges").name
                for name, parts in self.walker.asked.of(below, edge_type).items():
                    if parts[0].name.value == "node":
                        self._node(node_type, parts, inside.down(name), source.name, declared.kinds)
