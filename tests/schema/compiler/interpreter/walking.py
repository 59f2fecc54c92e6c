"""What is the answer to an operation? Object by object, row by row."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from graphql import FieldNode
from sqlalchemy import and_, literal

from schema.compiler.context import RequestContext
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
    Offer,
    Offers,
    One,
    Reference,
    Root,
    Row,
    SameRow,
    Source,
)
from schema.compiler.model import ReadModel
from schema.compiler.offers import NOT_THIS_ROW
from tenants.errors import Forbidden
from tests.schema.compiler.interpreter.rows import INFINITY, Found, Rows, is_id
from tests.schema.compiler.interpreter.selecting import Asked
from tests.schema.compiler.interpreter.sights import Sights
from tests.schema.compiler.interpreter.summing import Summing


@dataclass(frozen=True, slots=True)
class Walker:
    """Reads one operation for one caller."""

    model: ReadModel
    asked: Asked
    rows: Rows
    sights: Sights
    context: RequestContext

    async def object(self, type_name: str, row: Found | None, nodes: list[FieldNode]) -> dict[str, Any]:
        """Read what is asked of an object."""
        selected = self.asked.of(nodes, type_name)
        return {key: await self.field(type_name, row, below) for key, below in selected.items()}

    async def field(self, type_name: str, row: Any, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
        """Read one field of an object."""
        name = nodes[0].name.value
        if name == "__typename":
            return type_name
        declared = self.model.fields[type_name, name]
        target = self.model.return_type(type_name, name).name
        if isinstance(declared, Column):
            return await self._column(type_name, row, declared, nodes[0])
        if isinstance(declared, GlobalId):
            return await self._global_id(type_name, row)
        if isinstance(declared, Connection):
            # Its own file; the two lead to each other.
            from tests.schema.compiler.interpreter.listing import read_connection  # noqa: PLC0415

            return await read_connection(self, type_name, row, declared, nodes)
        if isinstance(declared, ById):
            return await self._by_id(type_name, declared, nodes)
        return await self._other(type_name, row, declared, target, nodes)

    async def _other(self, type_name: str, row: Any, declared: Any, target: str, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
        what = (type_name, nodes[0].name.value)
        if is_gated(declared) and not await self.sights.shows(self.model.source(type_name), row, declared):
            return None
        if isinstance(declared, Offers):
            return await self._offers(type_name, row, declared, target, nodes)
        if isinstance(declared, SameRow):
            return await self.node(target, row, nodes)
        if isinstance(declared, Root):
            return await self.object(target, None, nodes)
        if isinstance(declared, Reference):
            return await self._reference(target, row, declared, nodes)
        if isinstance(declared, Derived):
            return await self._derived(type_name, row, declared, target, nodes)
        if isinstance(declared, One):
            found = await self.children(what, target, row, declared)
            return await self.node(target, found[0], nodes) if found else None
        if isinstance(declared, Many):
            if self.is_shut(target, covered=declared.covered):
                return None
            found = await self.children(what, target, row, declared)
            return [await self.node(target, child, nodes) for child in found[: declared.limit]]
        assert isinstance(declared, Nothing)
        return None

    async def _derived(self, type_name: str, row: Found, declared: Derived, target: str, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
        if self.is_shut(target, covered=declared.covered):
            return None
        arguments = self.asked.arguments(type_name, nodes[0])
        made = await Summing(self.rows).derive(type_name, nodes[0].name.value, row, arguments)
        source = self.model.source(target)
        seen = [one for one in made if await self.sights.sees(source, one)]
        seen = Summing.rank(seen) if target == "CaseRankedSums" else seen
        told = [await self.node(target, one, nodes) for one in seen]
        return told if declared.order else next(iter(told), None)

    async def _offers(
        self, type_name: str, row: Found, declared: Offers, target: str, nodes: list[FieldNode]
    ) -> list[dict[str, Any]]:
        source = self.model.source(type_name)
        selected = self.asked.of(nodes, target)
        told = []
        for offer in declared.offered:
            reason = await self._reason(offer.source or source, type_name, row, offer)
            values = {"__typename": target, "action": offer.action, "isAllowed": reason is None, "reason": reason}
            told.append({key: values[below[0].name.value] for key, below in selected.items()})
        return told

    async def _reason(self, source: Source, type_name: str, row: Found, offer: Offer) -> str | None:
        language = self.context.language
        needed = Column(lambda _: None, permission=offer.permission)
        grants = self.sights.showing(source, needed) or ()
        if not grants:
            return Forbidden(permission=offer.permission).text(language)
        if not await self.sights.reaches_any(grants, source, row):
            return getattr(NOT_THIS_ROW, language)  # type: ignore[no-any-return]
        for number, (condition, reason) in enumerate(offer.conditions):
            if not await self.rows.holds((type_name, offer.action, number), row, condition):
                return getattr(reason, language)  # type: ignore[no-any-return]
        return None

    # --- values --------------------------------------------------------------------------------------------------

    async def _column(self, type_name: str, row: Found | None, declared: Column, node: FieldNode) -> Any:  # noqa: ANN401
        if row is None:
            return self._leaf(await self.rows.alone((type_name, node.name.value), declared.expression))
        source = self.model.source(type_name)
        if not await self.sights.shows(source, row, declared):
            return None
        if node.name.value == "rank" and "rank" in row.columns:
            return row["rank"]
        value = await self.rows.value((type_name, node.name.value), row, declared.expression)
        return self._leaf(value)

    def _leaf(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, decimal.Decimal):
            return str(value)
        if isinstance(value, float) and value.is_integer():
            # As PostgreSQL writes it.
            return int(value)
        if isinstance(value, dt.datetime):
            return self._local(value).isoformat(timespec="milliseconds")
        return value.isoformat() if isinstance(value, dt.date) else value

    def _local(self, instant: dt.datetime) -> dt.datetime:
        tenant = self.context.grants.tenant
        return instant.astimezone(ZoneInfo(tenant.time_zone if tenant else "UTC"))

    def as_postgresql(self, key: Any) -> Any:  # noqa: ANN401
        """Write an order key as PostgreSQL writes it as JSON: of an instant no more digits than it has."""
        if not isinstance(key, dt.datetime):
            return key.isoformat() if isinstance(key, dt.date) else key
        if key == INFINITY:
            return "infinity"
        local = self._local(key).isoformat(timespec="microseconds")
        return re.sub(r"\.?0*(?=[+-]\d\d:\d\d$)", "", local)

    async def _global_id(self, type_name: str, row: Found) -> str:
        source = self.model.source(type_name)
        tenant = 0
        if source.tenant is not None:
            tenant = await self.rows.value((id(source), "tenant"), row, source.tenant)
        return f"{source.prefix}_{tenant}_{row[source.id_column]}"

    # --- rows ----------------------------------------------------------------------------------------------------

    def is_shut(self, target: str, *, covered: bool = False) -> bool:
        """Tell whether no grant could ever show anything of a type."""
        source = self.model.sources[target]
        if covered:
            return False
        kinds = [target] if isinstance(source, Source) else list(source.types.values()) if source else []
        return all(self.sights.is_shut(self.model.source(kind)) for kind in kinds)

    async def children(self, what: Any, target: str, row: Found | None, declared: One | Many) -> list[Found]:  # noqa: ANN401
        """Find the rows of a link that the caller sees, in their order."""
        source = self.model.sources[target]
        assert source is not None
        order = declared.order
        found = await self.rows.linked(
            what,
            source,
            row,
            lambda parent, child: [declared.on(parent, child), *kinds_of(source, child)],
            beside=lambda child: list(order(child)) if order else [],
        )
        seen = [(child, keys) for child, keys in found if declared.covered or await self.is_seen(source, child)]
        return [child for child, _ in sorted(seen, key=lambda one: one[1])] if declared.order else [c for c, _ in seen]

    async def is_seen(self, source: Source | Arms, row: Found) -> bool:
        """Tell whether the caller sees a row, by the rule of the type that it is."""
        if isinstance(source, Source):
            return await self.sights.sees(source, row)
        concrete = self.model.source(source.types[row[source.kind]])
        if concrete.name != source.name:
            return not self.sights.is_shut(concrete)
        return await self.sights.sees(concrete, row)

    async def node(self, target: str, row: Found, nodes: list[FieldNode]) -> dict[str, Any] | None:
        """Read a row as the type it is."""
        source = self.model.sources[target]
        if not isinstance(source, Arms):
            return await self.object(target, row, nodes)
        type_name = source.types[row[source.kind]]
        concrete = self.model.source(type_name)
        if concrete.name == row.name:
            return await self.object(type_name, row, nodes) if await self.sights.sees(concrete, row) else None
        if row.name not in concrete.bridges:
            return None
        bridge = concrete.bridges[row.name]
        found = await self.rows.linked(
            (type_name, "bridge", row.name),
            concrete,
            row,
            lambda here, there: [bridge(here, there), *kinds_of(concrete, there)],
        )
        seen = [child for child, _ in found if await self.sights.sees(concrete, child)]
        return await self.object(type_name, seen[0], nodes) if seen else None

    async def _by_id(self, type_name: str, declared: ById, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
        text = self.asked.arguments(type_name, nodes[0])["id"]
        if not is_id(text):
            return None
        prefix, tenant, row_id = text.split("_")
        concrete = self.model.prefixes.get(prefix)
        if concrete is None or (declared.types and concrete not in declared.types):
            return None
        return await self._named(concrete, int(tenant), uuid.UUID(row_id), nodes)

    async def _named(self, type_name: str, tenant: int, row_id: uuid.UUID, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
        source = self.model.source(type_name)

        def is_named(_: Row | None, row: Row) -> list[Any]:
            named = [row.c[source.id_column] == literal(row_id), *kinds_of(source, row)]
            return named if source.tenant is None else [source.tenant(row) == literal(tenant), *named]

        found = await self.rows.linked((type_name, tenant, row_id), source, None, is_named)
        seen = [row for row, _ in found if await self.sights.sees(source, row)]
        return await self.object(type_name, seen[0], nodes) if seen else None

    async def _reference(self, target: str, row: Found, declared: Reference, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
        kind = await self.rows.value((target, "kind"), row, declared.kind)
        row_id = await self.rows.value((target, "row"), row, declared.row_id)
        if row_id is None or kind not in self.model.prefixes.values():
            return None
        source = self.model.source(kind)
        tenant = 0 if source.tenant is None else row["tenant_id"]
        selected = self.asked.of(nodes, kind)
        if {below[0].name.value for below in selected.values()} <= {"__typename", "id"}:
            told = {"__typename": kind, "id": f"{source.prefix}_{tenant}_{row_id}"}
            return {key: told[below[0].name.value] for key, below in selected.items()}
        return await self._named(kind, tenant, row_id, nodes)


def is_gated(declared: Any) -> bool:  # noqa: ANN401 - any declaration.
    """Tell whether a link is kept more closely than the row that it leads from."""
    return isinstance(declared, SameRow | One | Many | Offers) and declared.field_class is not FieldClass.PUBLIC


def kinds_of(source: Source | Arms, row: Row) -> list[Any]:
    """List what makes a table's row one of the source's."""
    if isinstance(source, Arms):
        return [row.c[source.kind].in_(source.types)]
    only: Callable[[Row], Any] | None = source.only
    return [] if only is None else [and_(only(row))]
