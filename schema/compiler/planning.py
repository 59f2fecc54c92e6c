"""How does an operation become one statement?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphql import Undefined
from sqlalchemy import and_, case, false, literal_column, null

from schema.compiler.context import CONTEXT_VALUES, scope_values
from schema.compiler.declare import (
    Arms,
    ById,
    Column,
    Connection,
    Derived,
    FieldClass,
    GlobalId,
    Many,
    Nothing,
    Offers,
    One,
    Reference,
    Root,
    Row,
    SameRow,
    Source,
)
from schema.compiler.deriving import plan_derived
from schema.compiler.filtering import ForbiddenFilter
from schema.compiler.json_select import Fields, Rows, make_dialect, node_of, object_of, row_of, value_of
from schema.compiler.json_sql import as_json_leaf, global_id, label, quoted, true_if
from schema.compiler.limits import Extent
from schema.compiler.listing import plan_many
from schema.compiler.model import is_connection
from schema.compiler.offers import plan_offers
from schema.compiler.paging import plan_connection
from schema.compiler.plan import Cost, PageSize, Plan, PlannedRefusal
from schema.compiler.predicates import EVERYTHING, FORBIDDEN, Sight, Sights
from schema.compiler.references import plan_reference
from schema.compiler.values import Binds, decode_id, from_ast

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import FieldNode
    from sqlalchemy import ClauseElement, ColumnElement

    from schema.compiler.model import ReadModel
    from schema.compiler.selection import Selector
    from schema.compiler.values import Getter, Variables
    from tenants.grants import Grants

_DIALECT = make_dialect()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in the answer a field stands: response keys down to it, cut at the first list, and the lists it lies in."""

    keys: tuple[str, ...] = ()
    error_path: tuple[str, ...] = ()
    is_in_list: bool = False
    sizes: tuple[PageSize, ...] = ()

    def down(self, key: str) -> Spot:
        """Go one field down."""
        path = self.error_path if self.is_in_list else (*self.error_path, key)
        return Spot((*self.keys, key), path, is_in_list=self.is_in_list, sizes=self.sizes)

    def in_list(self, size: PageSize) -> Spot:
        """Go into a list's rows."""
        return replace(self, is_in_list=True, sizes=(*self.sizes, size))


class Planner:
    """Compiles one operation for one caller's grants and one shape of variables."""

    def __init__(self, model: ReadModel, selector: Selector, variables: Variables, grants: Grants) -> None:
        """Take the request to plan by."""
        self.model = model
        self.selector = selector
        self.variables = variables
        self.grants = grants
        self.sights = Sights(grants)
        self.binds = Binds()
        self.cost = Cost()
        self.audits: list[str] = []
        self._refusals: list[PlannedRefusal] = []
        self.extent = Extent()

    def plan(self, selected: dict[str, list[FieldNode]], type_name: str) -> Plan:
        """Compile the selected root fields into one statement."""
        introspection = {key: nodes for key, nodes in selected.items() if nodes[0].name.value in ("__schema", "__type")}
        read = {key: nodes for key, nodes in selected.items() if key not in introspection}
        needs_tenant = any(self._needs_tenant(type_name, nodes) for nodes in read.values())
        columns = [(label(key), self._root_field(type_name, key, nodes)) for key, nodes in read.items()]
        return self.finish(object_of(columns), introspection, tuple(selected), needs_tenant=needs_tenant)

    def plan_row(self, type_name: str, nodes: list[FieldNode], tenant_id: Getter, row_id: Getter) -> Plan:
        """Compile the selection of one object, named by its id: what a mutation's payload shows."""
        return self.finish(
            value_of(self._named_row(type_name, tenant_id, row_id, nodes, Spot())), {}, (), needs_tenant=True
        )

    def finish(
        self,
        statement: ClauseElement,
        introspection: dict[str, list[FieldNode]],
        keys: tuple[str, ...],
        *,
        needs_tenant: bool,
    ) -> Plan:
        """Write the statement down, with where each of its bound values comes from."""
        compiled: Any = statement.compile(dialect=_DIALECT)
        getters: dict[str, Getter] = dict(self.binds.getters)
        of_request = {**CONTEXT_VALUES, **scope_values(frozenset(self.grants.scopes))}
        for name, value in compiled.params.items():
            if name in of_request:
                getters[name] = _from_context(of_request[name])
            # What a declaration writes as a value is bound, too, and the same in every request.
            getters.setdefault(name, _constant(value))
        return Plan(
            sql=str(compiled),
            getters=tuple(getters[name] for name in compiled.positiontup or ()),
            refusals=tuple(self._refusals),
            cost=self.cost,
            audits=tuple(self.audits),
            introspection=introspection,
            keys=keys,
            needs_tenant=needs_tenant,
            permissions=frozenset(self.sights.asked),
        )

    def _needs_tenant(self, type_name: str, nodes: list[FieldNode]) -> bool:
        name = nodes[0].name.value
        if name == "__typename":
            return False
        declared = self.model.fields[type_name, name]
        return not isinstance(declared, Root) and not getattr(declared, "of_account", False)

    def _root_field(self, type_name: str, key: str, nodes: list[FieldNode]) -> Any:
        spot = Spot().down(key)
        if self.grants.tenant is None and self._needs_tenant(type_name, nodes):
            self._refusals.append(PlannedRefusal("TENANT_REQUIRED", (key,), key))
            return null()
        return self._field(type_name, None, nodes, spot)

    # --- objects -------------------------------------------------------------------------------------------------

    def row(self, source: Source | Arms, seen_from: ColumnElement[Any] | None = None) -> Row:
        """Stand a source under an alias of its own."""
        return Row(source.table(f"t{self.extent.add_lookup()}"), source.name, seen_from)

    def fields(self, type_name: str, row: Row | None, nodes: list[FieldNode], spot: Spot) -> Fields:
        """Make the values that a type's selection asks of a row."""
        selected = self.selector.of_nodes(nodes, type_name)
        self.extent.add_fields(len(selected))
        return [(label(key), self._field(type_name, row, below, spot.down(key))) for key, below in selected.items()]

    def node(self, type_name: str, row: Row, nodes: list[FieldNode], spot: Spot) -> ColumnElement[Any]:
        """Make the JSON of one row, whichever of an interface's types it is."""
        source = self.model.sources[type_name]
        if isinstance(source, Arms):
            return self.node_of_arms(source, row, nodes, spot)
        return object_of(self.fields(type_name, row, nodes, spot))

    def node_of_arms(self, arms: Arms, row: Row, nodes: list[FieldNode], spot: Spot) -> ColumnElement[Any]:
        """Make the JSON of one row of an interface: by its kind, that type's fields."""
        made = [
            (row.c[arms.kind] == quoted(kind), self._arm(concrete, row, nodes, spot))
            for kind, concrete in arms.types.items()
            if self._is_reached(concrete, row)
        ]
        return case(*made, else_=null())

    def _is_reached(self, type_name: str, row: Row) -> bool:
        source = self.model.source(type_name)
        return row.name == source.name or row.name in source.bridges

    def _arm(self, type_name: str, row: Row, nodes: list[FieldNode], spot: Spot) -> ColumnElement[Any]:
        source = self.model.source(type_name)
        if self.sights.is_forbidden(source):
            return null()
        if source.name != row.name:
            child = self.row(source)
            on = source.bridges[row.name](row, child)
            return self.first(type_name, child, on, nodes, spot, self.sights.of_row(source, child))
        sight = self.sights.of_row(source, row)
        node = object_of(self.fields(type_name, row, nodes, spot))
        return node if sight.condition is None else case((sight.condition, node), else_=null())

    def first(
        self,
        type_name: str,
        child: Row,
        on: Any,
        nodes: list[FieldNode],
        spot: Spot,
        sight: Sight,
        order: Any = None,
    ) -> ColumnElement[Any]:
        """Make the JSON of the row that meets a link and the caller's sight, the first one in an order."""
        source = self.model.sources[type_name]
        conditions = self.conditions(source, child, on, sight)
        rows = Rows(child.source, [child.source], conditions)
        if order is not None:
            rows = replace(rows, order=order(child), limit=literal_column("1"))
        if isinstance(source, Arms):
            return node_of(self.node(type_name, child, nodes, spot), rows)
        return row_of(self.fields(type_name, child, nodes, spot), rows)

    def conditions(self, source: Source | Arms | None, child: Row, on: Any, sight: Sight) -> list[Any]:
        """Gather what a child row must meet: the link, its kind, the caller's sight."""
        found = [on]
        if isinstance(source, Source) and source.only is not None:
            found.append(source.only(child))
        if isinstance(source, Arms):
            found.append(child.c[source.kind].in_([quoted(kind) for kind in source.types]))
        if sight.condition is not None:
            found.append(sight.condition)
        return found

    # --- fields --------------------------------------------------------------------------------------------------

    def _field(self, type_name: str, row: Row | None, nodes: list[FieldNode], spot: Spot) -> Any:
        name = nodes[0].name.value
        if name == "__typename":
            return quoted(type_name)
        declared: Any = self.model.fields[type_name, name]
        target = self.model.return_type(type_name, name)
        if isinstance(declared, Connection) and is_connection(target):
            try:
                return plan_connection(self, type_name, row, declared, nodes, spot)
            except ForbiddenFilter as refused:
                return self.forbid(spot, refused.permission)
        gate = self._gate(type_name, row, declared)
        if gate.is_forbidden:
            return self.forbid(spot, self.model.source(type_name).permission)
        value = self._value(type_name, target.name, row, declared, nodes, spot)
        return value if gate.condition is None else case((gate.condition, value), else_=null())

    def _gate(self, type_name: str, row: Any, declared: Any) -> Sight:
        """Tell on which rows a link is seen that is kept more closely than the row; a column looks after itself."""
        field_class = getattr(declared, "field_class", FieldClass.PUBLIC)
        if field_class is FieldClass.PUBLIC or isinstance(declared, Column):
            return EVERYTHING
        return self.sights.of_field(self.model.source(type_name), row, None, field_class=field_class)

    def _value(self, type_name: str, target: str, row: Any, declared: Any, nodes: list[FieldNode], spot: Spot) -> Any:
        if isinstance(declared, Column):
            return self._column(type_name, row, declared, nodes, spot)
        rarer: dict[type, Callable[[], Any]] = {
            GlobalId: lambda: self._global_id(type_name, row),
            Nothing: null,
            SameRow: lambda: self.node(target, row, nodes, spot),
            One: lambda: self._one(target, row, declared, nodes, spot),
            Many: lambda: plan_many(self, target, row, declared, nodes, spot),
            Derived: lambda: plan_derived(self, type_name, target, row, declared, nodes, spot),
            Offers: lambda: plan_offers(self, target, type_name, row, declared, nodes),
            Reference: lambda: plan_reference(self, target, row, declared, nodes, spot),
            ById: lambda: self._by_id(type_name, nodes, spot, allowed=getattr(declared, "types", ())),
            Root: lambda: object_of(self.fields(target, None, nodes, spot)),
        }
        return rarer[type(declared)]()

    def _column(self, type_name: str, row: Any, declared: Any, nodes: list[FieldNode], spot: Spot) -> Any:
        owner: Any = self.model.schema.type_map[type_name]
        value = as_json_leaf(declared.expression(row), owner.fields[nodes[0].name.value].type)
        if declared.field_class is FieldClass.PUBLIC and declared.permission is None:
            return value
        source = self.model.source(type_name)
        # A permission asked beyond the type's own shows what it is asked for, whatever else it would keep back.
        field_class = FieldClass.INTERNAL if declared.field_class is FieldClass.PUBLIC else declared.field_class
        sight = self.sights.of_field(
            source, row, declared.permission, field_class=field_class, of_subtree=declared.of_subtree
        )
        if sight.is_forbidden:
            return self.forbid(spot, declared.permission or source.permission)
        return value if sight.condition is None else case((sight.condition, value), else_=null())

    def _global_id(self, type_name: str, row: Any) -> Any:
        source = self.model.source(type_name)
        tenant = None if source.tenant is None else source.tenant(row)
        return global_id(source.prefix, tenant, row.c[source.id_column])

    def _one(self, type_name: str, row: Any, declared: Any, nodes: list[FieldNode], spot: Spot) -> Any:
        source = self.model.sources[type_name]
        child = self.row(source)  # type: ignore[arg-type]
        sight = self.sight(source, child, is_covered=declared.covered)
        if sight.is_forbidden:
            return self.forbid(spot, self.model.permission(source))
        return self.first(type_name, child, declared.on(row, child), nodes, spot, sight, declared.order)

    def _by_id(self, type_name: str, nodes: list[FieldNode], spot: Spot, *, allowed: tuple[str, ...]) -> Any:
        value = self.arguments(type_name, nodes[0])["id"]
        concrete = self.model.prefixes.get(value.prefix or "")
        if concrete is None or (allowed and concrete not in allowed):
            return null()
        get = value.get
        return self._named_row(concrete, _id_tenant(get), _id_row(get), nodes, spot)

    def _named_row(self, type_name: str, tenant_id: Getter, row_id: Getter, nodes: list[FieldNode], spot: Spot) -> Any:
        source = self.model.source(type_name)
        child = self.row(source)
        sight = self.sights.of_row(source, child)
        if sight.is_forbidden:
            return self.forbid(spot, source.permission)
        key = child.c[source.id_column]
        on = key == self.binds.bind(row_id, key.type)
        if source.tenant is not None:
            tenant = source.tenant(child)
            on = and_(tenant == self.binds.bind(tenant_id, tenant.type), on)
        return self.first(type_name, child, on, nodes, spot, sight)

    # --- shared with connections ---------------------------------------------------------------------------------

    def sight(self, source: Source | Arms | None, row: Row, *, is_covered: bool) -> Sight:
        """Tell which rows of a source or of an interface's table the caller sees."""
        if is_covered:
            return EVERYTHING
        if isinstance(source, Source):
            return self.sights.of_row(source, row)
        if isinstance(source, Arms):
            return self._sight_of_arms(source, row)
        return FORBIDDEN

    def _sight_of_arms(self, arms: Arms, row: Row) -> Sight:
        shown = []
        for kind, type_name in arms.types.items():
            source = self.model.source(type_name)
            if not self.sights.is_forbidden(source):
                sight = self.sights.of_row(source, row) if source.name == arms.name else EVERYTHING
                is_kind = row.c[arms.kind] == quoted(kind)
                shown.append((is_kind, sight.condition))
        if not shown:
            return FORBIDDEN
        return Sight(condition=case(*((is_kind, true_if(condition)) for is_kind, condition in shown), else_=false()))

    def forbid(self, spot: Spot, permission: str | None) -> Any:
        """Answer null and say which permission is missing, once a field."""
        if self.grants.tenant is None:
            # Nothing is there to be forbidden: `me` has no posts, and everything else asks for a tenant.
            return null()
        refusal = PlannedRefusal("FORBIDDEN", spot.error_path, ".".join(spot.keys), permission)
        if refusal not in self._refusals:
            self._refusals.append(refusal)
        return null()

    def arguments(self, type_name: str, node: FieldNode) -> dict[str, Any]:
        """Read a field's arguments; those not given, or null, are left out."""
        owner: Any = self.model.schema.type_map[type_name]
        declared = owner.fields[node.name.value].args
        given = {
            argument.name.value: from_ast(
                argument.value, declared[argument.name.value].type, self.variables, self.binds
            )
            for argument in node.arguments or ()
        }
        return {name: value for name, value in given.items() if value is not Undefined and value is not None}


def _from_context(get: Callable[[Any], Any]) -> Getter:
    return lambda _, context: get(context)


def _constant(value: Any) -> Getter:
    return lambda _, __: value


def _id_tenant(get: Getter) -> Getter:
    return lambda variables, context: decode_id(get(variables, context)).tenant_id  # type: ignore[union-attr]


def _id_row(get: Getter) -> Getter:
    return lambda variables, context: decode_id(get(variables, context)).row_id  # type: ignore[union-attr]
