"""Do the compiler and the interpreter give the same answer to the same question?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy.settings import sqlalchemy_url
from schema.compiler.documents import InvalidRequest
from schema.compiler.plan import Plan, PlannedRefusal
from schema.compiler.reading import Reader, entrance
from services.places.rules import address_key
from tenants.errors import Refused
from tenants.grants import Grants
from tests.fixtures.world import WorldDatabase
from tests.make import World
from tests.make_cases import case_id
from tests.schema.compiler.asking import MODEL, SECRET, Asker
from tests.schema.compiler.interpreter.interpreting import Interpreter
from tests.schema.compiler.interpreter.listing import make_cursor
from tests.schema.documents.making import MadeDocument, Stock


@dataclass(frozen=True, slots=True)
class Difference:
    """An operation that was answered in two ways."""

    document: MadeDocument
    reader: str
    compiled: object
    interpreted: object

    def __str__(self) -> str:
        """Show what to look at."""
        compiled, interpreted = (json.dumps(one, ensure_ascii=False) for one in (self.compiled, self.interpreted))
        return (
            f"{self.document.text}\nvariables: {self.document.variables}\n"
            f"{self.reader}: {compiled[:3000]}\nexpected: {interpreted[:3000]}"
        )


@dataclass(slots=True)
class Comparing:
    """Answers operations both ways: compiled behind the walls and in front of them, and interpreted."""

    world: World
    asker: Asker
    gateway: asyncpg.Connection
    # As a role that row-level security does not bind: the statement's own predicates have to be enough.
    unbound: asyncpg.Connection
    owner: AsyncConnection
    interpreters: dict[str, Interpreter] = field(default_factory=dict)

    @asynccontextmanager
    async def entered(self, name: str, grants: Grants) -> AsyncIterator[Interpreter]:
        """Enter the caller's tenant on all connections for as many questions as there are."""
        await self.gateway.execute(entrance(grants))
        await self.unbound.execute(entrance(grants))
        if name not in self.interpreters:
            self.interpreters[name] = Interpreter(MODEL, self.owner, self.asker.context(grants))
        try:
            yield self.interpreters[name]
        finally:
            await self.gateway.execute("rollback")
            await self.unbound.execute("rollback")

    async def compare(self, made: MadeDocument, grants: Grants, interpreter: Interpreter) -> Difference | str | None:
        """Answer an operation in every way; a refused one gives the refusal's code."""
        try:
            operation = self.asker.reader.document(made.text).operation(None)
            variables = operation.coerce(made.variables)
            plan = self.asker.reader.plan(operation, variables, grants)
            arguments = plan.arguments(variables, self.asker.context(grants))
        except InvalidRequest:
            return "INVALID"
        except Refused as refused:
            return refused.code
        data, refusals = await interpreter.answer(operation, variables)
        for name, connection in (("gateway", self.gateway), ("unbound", self.unbound)):
            told = await self._told(connection, plan, arguments, made)
            if list(_flat(told)) != list(_flat(data)):
                return Difference(made, name, told, data)
        if _named(plan.refusals) != _named(refusals):
            return Difference(made, "refusals", _named(plan.refusals), _named(refusals))
        return None

    async def _told(
        self, connection: asyncpg.Connection, plan: Plan, arguments: list[Any], made: MadeDocument
    ) -> dict[str, Any]:
        try:
            raw = await connection.fetchval(plan.sql, *arguments)
        except asyncpg.PostgresError as error:
            raise AssertionError(f"{made.text}\n{made.variables}\n{plan.sql}") from error
        told: dict[str, Any] = orjson.loads(raw)
        return told


def _named(refusals: Any) -> list[tuple[str, str, str, str]]:  # noqa: ANN401
    named: list[PlannedRefusal] = list(refusals)
    return sorted((one.code, ".".join(one.path), one.field, one.permission or "") for one in named)


def _flat(value: Any, path: str = "") -> Any:  # noqa: ANN401
    """List an answer's leaves with their paths, in order: the order of keys is part of the answer."""
    if isinstance(value, dict):
        yield (path, "{}")
        for key, part in value.items():
            yield from _flat(part, f"{path}.{key}")
    elif isinstance(value, list):
        yield (path, len(value))
        for number, part in enumerate(value):
            yield from _flat(part, f"{path}[{number}]")
    else:
        yield (path, type(value).__name__, value)


@asynccontextmanager
async def comparing(made: WorldDatabase) -> AsyncIterator[Comparing]:
    """Open the connections."""
    # A row stood as a table of its own is joined by whatever a condition says of it, if anything.
    url = sqlalchemy_url(made.database.owner_url)
    engine = create_async_engine(url, connect_args={"statement_cache_size": 2000}, enable_from_linting=False)
    gateway = await _connect(made.database.gateway_url)
    unbound = await _connect(made.database.superuser_url)
    async with engine.connect() as owner:
        reader = Reader(MODEL, None)  # type: ignore[arg-type]
        yield Comparing(made.world, Asker(made.world, reader), gateway, unbound, owner)
    await gateway.close()
    await unbound.close()
    await engine.dispose()


async def _connect(url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url, server_settings={"jit": "off"}, statement_cache_size=0)
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=lambda raw: raw, decoder=lambda raw: raw
    )
    return connection


def stock_of(world: World, slug: str | None) -> Stock:
    """Gather the ids of the caller's own tenant, some of every other one, and what is no id at all."""
    prefixes = {"网格": "grd", "小区": "est", "单元": "unt", "号楼": "bld", "室": "dwl", "区": "com", "街道": "str"}
    own: list[str] = []
    foreign: list[str] = []
    for name in world.places:
        tenant, _, address = name.partition("/")
        prefix = next((prefix for end, prefix in prefixes.items() if address.endswith(end)), "sit")
        if address:
            (own if tenant == slug else foreign).append(world.id("dst" if tenant == "gulou" else prefix, name))
    for prefix, held in (("pos", world.positions), ("per", world.people), ("hsh", world.households)):
        for name in held:
            (own if name.startswith(f"{slug}/") else foreign).append(world.id(prefix, name))
    kinds = {"party": "pty", "residents": "rsc", "property": "prc", "owners": "owc", "partner": "par"}
    bodies = [
        f"{prefix}_0_{row_id}"
        for name, row_id in world.bodies.items()
        for kind, prefix in kinds.items()
        if f"/{kind}" in name
    ]
    tenants = [f"ten_{tenant.id}_{tenant.uid}" for tenant in world.tenants.values()]
    cases = [f"cas_{tenant.id}_{case_id(number)}" for tenant in world.tenants.values() for number in range(9)]
    odd = ["", "x", own[0].upper() if own else "y", own[0].replace("_", "-", 1) if own else "z", "grd_4_1"]
    swapped = [f"{'bld' if text[:3] == 'dwl' else 'dwl'}{text[3:]}" for text in own[:6]]
    account = [f"acc_0_{row_id}" for row_id in world.accounts.values()]
    return Stock(
        [*own * 2, *foreign[::3], *cases, *bodies, *tenants, *account, *odd, *swapped],
        ("1", "号楼", "2号", "花园", "河沿路", "1 单元", "", "％", "'", "13800000001", "孙某", "worker", "grid-worker"),
        _cursors(world, slug),
    )


# Which rows each list's cursors are of, by how their addresses end.
_CURSORS = {
    "Query.dwellings.": "室",
    "Query.dwellings.ADDRESS_ASC": "室",
    "Query.dwellings.ADDRESS_DESC": "室",
    "Query.placeSearch.": "单元",
    "Unit.dwellings.": "室",
    "Building.units.": "单元",
    "Grid.buildings.": "号楼",
    "Estate.buildings.": "号楼",
    "Community.grids.": "网格",
}
# One of three rows with the same address: there the id alone says what comes after.
_TIED = "10号楼1单元102室"


def _cursors(world: World, slug: str | None) -> dict[str, list[str]]:
    cursors: dict[str, list[str]] = {label: [] for label in _CURSORS}
    for name, row_id in world.places.items():
        tenant, _, address = name.partition("/")
        for label, end in _CURSORS.items():
            if tenant == slug and address.endswith(end):
                cursor = make_cursor(SECRET, label, address_key(address), row_id)
                cursors[label] += [cursor] * (10 if address == _TIED else 1)
    return cursors
