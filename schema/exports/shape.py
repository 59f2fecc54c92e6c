"""What table is the answer to a query? Its one list, the columns of its rows, and what stands above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLInterfaceType, GraphQLList, GraphQLNonNull, OperationType, get_named_type, is_leaf_type

from schema.compiler.declare import Arms, FieldClass
from schema.compiler.model import is_connection
from schema.compiler.selection import Selector
from schema.exports.labels import label_of
from schema.exports.parts import Leaf, Part
from services.exports.errors import ExportNotATable, ExportQueryInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FieldNode

    from schema.compiler.documents import Operation
    from schema.compiler.model import ReadModel
    from schema.exports.parts import Label
    from tenants.errors import Refused

# Whatever is read by these is of people, whichever of it.
_OF_PEOPLE = frozenset({"resident:read", "audit:read", "contact:reveal"})
_KEPT_CLOSELY = (FieldClass.PERSONAL, FieldClass.SENSITIVE)
_NAMES = frozenset({"name", "displayName"})
_CODES = frozenset({"id", "code"})


@dataclass(frozen=True, slots=True)
class TableShape:
    """A query's table: the way from the root to its list, and the part of the answer that is a row."""

    what: str
    path: tuple[Part, ...]
    rows: Part

    @property
    def root(self) -> Part:
        """The whole answer."""
        return self.path[0]

    @property
    def columns(self) -> list[Leaf]:
        """List the columns."""
        return list(self.rows.columns())


def shape_of(
    model: ReadModel, operation: Operation, variables: Mapping[str, Any], *, wanted: str | None = None
) -> TableShape:
    """Find the table in a query; of several lists that which is wanted, by response keys from the root with dots.

    Raises ExportNotATable, ExportQueryInvalid.
    """
    if operation.kind is not OperationType.QUERY:
        raise ExportQueryInvalid(detail=operation.kind.value, field="input.query")
    reading = _Reading(model, Selector(model.schema, operation.fragments, variables))
    selected = reading.selector.of_set(operation.node.selection_set, "Query")
    names = [nodes[0].name.value for nodes in selected.values()]
    if len(names) != 1 or names[0].startswith("__"):
        raise _no_table("Query")
    root = Part("", "", None)
    reading.read(selected, "Query", root)
    if wanted is not None:
        _keep_wanted(root, wanted)
    path, rows = _way(root)
    if not any(rows.columns()):
        raise _no_table(rows.dotted)
    return TableShape(names[0], path, rows)


def _keep_wanted(root: Part, wanted: str) -> None:
    part: Part | None = root
    for key in wanted.split("."):
        # Within the list's rows everything stays.
        part = None if part is None or part.is_list else part.keep_list(key)
    if part is None or not part.is_list:
        raise ExportNotATable(where=wanted, field="input.list")


def _way(root: Part) -> tuple[tuple[Part, ...], Part]:
    """Go down to the first list; without one, the root field's object is the only row."""
    path = [root]
    while True:
        listed = path[-1].listed
        if len(listed) > 1:
            raise _no_table(path[-1].dotted or "Query")
        if not listed:
            if not root.parts:
                raise _no_table("Query")
            return (root,), root.parts[0]
        if listed[0].is_list:
            _check_chain(listed[0])
            return tuple(path), listed[0]
        path.append(listed[0])


def _check_chain(rows: Part) -> None:
    """Go on only where no row multiplies by two lists at once."""
    listed = rows.listed
    if len(listed) > 1:
        raise _no_table(rows.dotted)
    if listed:
        _check_chain(listed[0])


def _no_table(where: str) -> Refused:
    return ExportNotATable(where=where, field="input.query")


def _own(name: str, label: Label, whole: Label, part: Part) -> Label:
    """Tell what a column is called by itself: a name for what it is the name of, a code with what it is the code of."""
    if name in _NAMES and part.label is not None:
        return part.label
    return whole if name in _CODES and not part.is_list else label


@dataclass(slots=True)
class _Reading:
    """Reads a resolved selection into parts."""

    model: ReadModel
    selector: Selector

    def read(
        self,
        selected: Mapping[str, list[FieldNode]],
        type_name: str,
        part: Part,
        *,
        is_personal: bool = False,
        on: str | None = None,
    ) -> None:
        """Read what is selected of a type into a part; `on` says that it is of that type of an interface alone."""
        owner: Any = self.model.schema.type_map[type_name]
        known = {leaf.key for leaf in part.leaves} | {child.key for child in part.parts}
        for key, nodes in selected.items():
            name = nodes[0].name.value
            if name.startswith("__"):
                continue
            declared = owner.fields[name]
            label = label_of(name, declared)
            dotted = f"{part.dotted}.{key}".lstrip(".")
            is_close = is_personal or self._is_personal(type_name, name)
            if is_leaf_type(get_named_type(declared.type)):
                leaf_type = get_named_type(declared.type).name
                whole = label.below(part.label)
                own = _own(name, label, whole, part)
                part.add(Leaf(nodes[0], key, dotted, own, whole, leaf_type, is_close, on, key in known))
            else:
                child = self._object(nodes, declared.type, Part(key, dotted, label), is_personal=is_close)
                child.limit = getattr(self.model.fields.get((type_name, name)), "limit", None)
                child.on, child.is_again = on, key in known
                part.add(child)
        part.has_name = part.has_name or (on is None and self._has_name(type_name))

    def _object(self, nodes: list[FieldNode], type_: Any, part: Part, *, is_personal: bool) -> Part:
        part.node = nodes[0]
        target = get_named_type(type_)
        if is_connection(target):
            part.is_list = part.is_connection = True
            nodes = self._nodes_of(nodes, target, part.dotted)
            target = get_named_type(target.fields["nodes"].type)
            part.dotted += ".nodes"
        else:
            bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
            part.is_list = isinstance(bare, GraphQLList)
        own = self.selector.of_nodes(nodes, target.name)
        self.read(own, target.name, part, is_personal=is_personal)
        if isinstance(target, GraphQLInterfaceType):
            for concrete in sorted(self.model.schema.get_possible_types(target), key=lambda one: one.name):
                selected = self.selector.of_nodes(nodes, concrete.name)
                extra = {key: below for key, below in selected.items() if key not in own}
                self.read(extra, concrete.name, part, is_personal=is_personal, on=concrete.name)
        return part

    def _nodes_of(self, nodes: list[FieldNode], connection: Any, dotted: str) -> list[FieldNode]:
        """Take the rows' selection out of a connection's, whichever way it was asked for."""
        selected = self.selector.of_nodes(nodes, connection.name)
        asked = [each for below in selected.values() for each in below]
        found = [each for each in asked if each.name.value == "nodes"]
        edges = [each for each in asked if each.name.value == "edges"]
        below = self.selector.of_nodes(edges, get_named_type(connection.fields["edges"].type).name)
        found += [each for nodes in below.values() for each in nodes if each.name.value == "node"]
        if not found:
            raise _no_table(dotted)
        return found

    def _is_personal(self, type_name: str, name: str) -> bool:
        """Tell whether a field is of people, on any of the types that an interface's row may be."""
        type_: Any = self.model.schema.type_map[type_name]
        is_open = isinstance(type_, GraphQLInterfaceType)
        kinds = [each.name for each in self.model.schema.get_possible_types(type_)] if is_open else [type_name]
        for declared in (self.model.fields.get((kind, name)) for kind in kinds):
            if getattr(declared, "field_class", FieldClass.PUBLIC) in _KEPT_CLOSELY:
                return True
            if getattr(declared, "permission", None) in _OF_PEOPLE:
                return True
        return self._is_of_people(type_name) or self._is_of_people(self.model.return_type(type_name, name).name)

    def _is_of_people(self, type_name: str) -> bool:
        source = self.model.sources.get(type_name)
        if isinstance(source, Arms):
            return any(self.model.source(each).permission in _OF_PEOPLE for each in source.types.values())
        return source is not None and source.permission in _OF_PEOPLE

    def _has_name(self, type_name: str) -> bool:
        fields: Any = getattr(self.model.schema.type_map[type_name], "fields", {})
        declared = fields.get("name")
        is_plain = declared is not None and is_leaf_type(get_named_type(declared.type)) and not declared.args
        return is_plain and not self._is_personal(type_name, "name")
