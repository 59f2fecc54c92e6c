"""How does a query become an answer? Find or make its plan, run one statement, pass the bytes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from schema.compiler.documents import Document, Operation, read_document
from schema.compiler.faults import BAD_CHARACTER, CANCELLED, BadText, TooSlow
from schema.compiler.keeping import KeptPlans
from schema.compiler.planning import Planner
from schema.compiler.selection import Selector
from tenants.caching import Shelf
from tenants.errors import STALE_GRANTS, TENANT_GONE, StaleGrants, TenantGone
from tenants.lending import Lending

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from graphql import FieldNode

    from schema.compiler.context import RequestContext
    from schema.compiler.model import ReadModel
    from schema.compiler.plan import Plan
    from schema.compiler.values import Variables
    from tenants.grants import Grants

# Which row a payload shows, among the variables: no document can declare such names.
_ROW_TENANT, _ROW_ID = "row.tenant", "row.id"

# In characters: a parsed document takes some fifty bytes for each of its own, a plan little more than its SQL.
_ROOM_FOR_DOCUMENTS = 2_000_000
_ROOM_FOR_PLANS = 30_000_000


# Of statements that a connection keeps prepared. PostgreSQL holds some sixty bytes for each of a statement's own, so
# the large ones, which few ask for, are planned anew each time.
MOST_PREPARED = 150
LARGEST_PREPARED = 40_960

# What PostgreSQL says no to, and how that is told; it cancels a query that runs into the statement timeout.
_TOLD_AS: Mapping[str, type[Exception]] = {
    STALE_GRANTS: StaleGrants,
    TENANT_GONE: TenantGone,
    BAD_CHARACTER: BadText,
    CANCELLED: TooSlow,
}


async def open_read_pool(dsn: str, *, size: int = 10, largest_prepared: int = LARGEST_PREPARED) -> asyncpg.Pool:
    """Open the pool that compiled statements run on: JSON as bytes, no JIT, most plans' statements prepared once."""

    async def prepare(connection: Any) -> None:
        await connection.set_type_codec(
            "json", schema="pg_catalog", format="binary", encoder=lambda raw: raw, decoder=lambda raw: raw
        )

    async def keep(_: Any) -> None:
        """Leave the connection as it is: every use is a transaction that ended, with SET LOCAL only."""

    return await asyncpg.create_pool(
        dsn,
        min_size=min(2, size),
        max_size=size,
        init=prepare,
        reset=keep,
        statement_cache_size=MOST_PREPARED,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=largest_prepared,
        server_settings={"jit": "off", "statement_timeout": "10000", "application_name": "jinlin read"},
    )


@dataclass(slots=True)
class Reader:
    """Serves queries. Documents and plans are remembered; answers never are."""

    model: ReadModel
    pool: asyncpg.Pool
    documents: Shelf[str, Document] = field(default_factory=lambda: Shelf(_ROOM_FOR_DOCUMENTS))
    plans: KeptPlans = field(default_factory=lambda: KeptPlans(_ROOM_FOR_PLANS))
    lending: Lending = field(init=False)

    def __post_init__(self) -> None:
        """Lend the pool's connections fairly."""
        self.lending = Lending(self.pool)

    def document(self, text: str) -> Document:
        """Find or read a document.

        Raises InvalidRequest and the refusals of its limits.
        """
        found = self.documents.find(text)
        if found is None:
            found = read_document(self.model.schema, text)
            self.documents.put(text, found, weight=len(text) + 100)
        return found

    def plan(self, operation: Operation, variables: Variables, grants: Grants) -> Plan:
        """Find or make the plan of a query for these grants and this shape of variables."""
        shape = operation.shape(variables)
        held = self.plans.find(operation, shape, grants)
        if held is not None:
            return held
        planner = self._planner(operation, variables, grants)
        plan = planner.plan(planner.selector.of_set(operation.node.selection_set, "Query"), "Query")
        self.plans.keep(operation, shape, grants, plan)
        return plan

    def row_plan(
        self, operation: Operation, nodes: list[FieldNode], type_name: str, variables: Variables, grants: Grants
    ) -> Plan:
        """Find or make the plan of one object of a payload, which is run with the variables that `of_row` gives."""
        shape = (id(nodes[0]), type_name, operation.shape(variables))
        held = self.plans.find(operation, shape, grants)
        if held is not None:
            return held
        planner = self._planner(operation, variables, grants)
        plan = planner.plan_row(type_name, nodes, lambda given, _: given[_ROW_TENANT], lambda given, _: given[_ROW_ID])
        self.plans.keep(operation, shape, grants, plan)
        return plan

    def _planner(self, operation: Operation, variables: Variables, grants: Grants) -> Planner:
        selector = Selector(self.model.schema, operation.fragments, variables)
        return Planner(self.model, selector, variables, grants)

    async def run(self, plan: Plan, variables: Variables, context: RequestContext) -> bytes | None:
        """Run a plan's statement inside the caller's tenant and give its JSON.

        Raises StaleGrants, TenantGone, BadPage, BadCursor, BadText, TooCostly, TooSlow, TryAgain.
        """
        arguments = plan.arguments(variables, context)
        account_id = context.grants.account_id
        connection = await self.lending.lend(account_id)
        try:
            return await _fetch(connection, plan.sql, arguments, context.grants)
        finally:
            await self.lending.take_back(account_id, connection)


def of_row(variables: Variables, *, tenant_id: int, row_id: uuid.UUID) -> Variables:
    """Say which row it is that the plan of a row is run for."""
    return {**variables, _ROW_TENANT: tenant_id, _ROW_ID: row_id}


async def _fetch(connection: Any, sql: str, arguments: list[Any], grants: Grants) -> bytes | None:
    try:
        await connection.execute(entrance(grants))
        found: bytes | None = await connection.fetchval(sql, *arguments)
    except BaseException as error:
        await _leave_after(connection, error)
        raise
    await connection.execute("commit")
    return found


def entrance(grants: Grants) -> str:
    """Write the opening of a read transaction as one simple query."""
    return f"begin read only; select app.enter({grants.entering})"


async def _leave_after(connection: Any, error: BaseException) -> None:
    if not connection.is_closed():
        await connection.execute("rollback")
    told = _TOLD_AS.get(getattr(error, "sqlstate", None) or "")
    if told is not None:
        raise told from error
