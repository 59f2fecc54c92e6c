"""How does a test ask the compiler? Through the real reader, as the gateway role, every statement counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import asyncpg
import orjson

from schema.compiler.context import RequestContext
from schema.compiler.model import ReadModel
from schema.compiler.plan import Plan, PlannedRefusal
from schema.compiler.reading import Reader, open_read_pool
from schema.root import read_model
from tenants.grants import Grant, Grants, Scope
from tests.make import TODAY, World, blind_index

SECRET = "a secret of the tests"
MODEL: ReadModel = read_model()
READ_ALL = ("place:read", "dwelling:read", "resident:read")


def all_rows(*permissions: str, tenants: str = "acting") -> frozenset[Grant]:
    """Grant permissions on every row."""
    return frozenset(Grant(permission, tenants, "all") for permission in permissions)


def grants_of(
    world: World,
    slug: str | None,
    granted: frozenset[Grant] | None = None,
    *,
    account: str = "worker",
    scope: Scope | None = None,
) -> Grants:
    """Make what a caller may do in a tenant: by default everything; `scope` holds for what is granted by place."""
    granted = all_rows(*READ_ALL) if granted is None else granted
    placed = {grant.permission for grant in granted if grant.rows != "all"}
    return Grants(
        tenant=world.tenants[slug] if slug else None,
        account_id=world.accounts[account],
        grants=granted,
        scopes=MappingProxyType({permission: scope or Scope() for permission in placed}),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its data, what was refused, how it was read."""

    data: Any
    refusals: tuple[PlannedRefusal, ...]
    plan: Plan
    statements: tuple[str, ...]

    @property
    def forbidden(self) -> list[tuple[str, str]]:
        """List the error paths and the dotted fields that were refused."""
        return [(".".join(refused.path), refused.field) for refused in self.refusals]


@dataclass(slots=True)
class Asker:
    """Asks as whoever it is told, in a world."""

    world: World
    reader: Reader
    statements: list[str] = field(default_factory=list)

    def context(self, grants: Grants) -> RequestContext:
        """Make what a request brings."""
        slug = grants.tenant.slug if grants.tenant else ""
        return RequestContext(grants, TODAY, SECRET, blind_index=blind_index(slug))

    async def tell(
        self,
        document: str,
        grants: Grants | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        operation: str | None = None,
    ) -> Told:
        """Ask a document; without grants as one who may read everything in 庆城."""
        grants = grants or grants_of(self.world, "qingcheng")
        plan, coerced = self.plan(document, grants, variables, operation=operation)
        self.statements.clear()
        found = await self.reader.run(plan, coerced, self.context(grants))
        statements = tuple(self.statements)
        return Told(None if found is None else orjson.loads(found), plan.refusals, plan, statements)

    def plan(
        self,
        document: str,
        grants: Grants | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        operation: str | None = None,
    ) -> tuple[Plan, dict[str, Any]]:
        """Plan a document and give its coerced variables."""
        found = self.reader.document(document).operation(operation)
        coerced = found.coerce(variables or {})
        return self.reader.plan(found, coerced, grants or grants_of(self.world, "qingcheng")), coerced


@asynccontextmanager
async def asker(url: str, world: World) -> AsyncIterator[Asker]:
    """Open a reader with one connection whose statements are noted down."""
    pool = await open_read_pool(url, size=1)
    async with pool:
        asking = Asker(world, Reader(MODEL, pool))

        def note(query: asyncpg.connection.LoggedQuery) -> None:
            asking.statements.append(query.query)

        async with pool.acquire() as connection:
            connection.add_query_logger(note)
        yield asking
