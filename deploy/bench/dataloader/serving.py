"""How is the version with DataLoaders served? By Strawberry's own view, with every cache it offers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import strawberry
import uvloop
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig

from deploy.bench.dataloader.loading import LoadingContext
from deploy.bench.dataloader.types import INSTANT, Instant, Query
from deploy.bench.pools import open_pool
from deploy.serving import listen, serve
from deploy.settings import read_settings


@dataclass(frozen=True, slots=True)
class LoaderPlan:
    """All that this server is told: who asks is settled beforehand, so that no token is checked."""

    dsn: str
    entrance: str
    tenant_id: int


def build_schema(entrance: str) -> strawberry.Schema:
    """Make the schema; every operation is one transaction inside the tenant."""

    class Entered(SchemaExtension):
        async def on_operation(self) -> AsyncIterator[None]:
            context: LoadingContext = self.execution_context.context
            async with context.pool.acquire() as connection:
                await connection.execute(entrance)
                context.connection = connection
                yield
                await connection.execute("commit")

    config = StrawberryConfig(scalar_map={Instant: INSTANT})
    return strawberry.Schema(query=Query, extensions=[Entered, ParserCache, ValidationCache], config=config)


class LoaderView(GraphQL[LoadingContext, None]):
    """Strawberry's view with a faster JSON encoder."""

    def __init__(self, schema: strawberry.Schema, pool: asyncpg.Pool, tenant_id: int) -> None:
        super().__init__(schema, graphql_ide=None)
        self._pool = pool
        self._tenant_id = tenant_id

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> LoadingContext:
        del request, response
        return LoadingContext(self._pool, self._tenant_id)

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


def make_view(plan: LoaderPlan, pool: asyncpg.Pool) -> ASGIApp:
    """Make the server: POST of GraphQL requests, at any address."""
    view: Any = LoaderView(build_schema(plan.entrance), pool, plan.tenant_id)
    made: ASGIApp = view
    return made


async def _serve(plan: LoaderPlan) -> None:
    listener = listen(read_settings())
    async with await open_pool(plan.dsn, json_as_bytes=False) as pool:
        await serve(make_view(plan, pool), listener, on_start=lambda: None, telemetry_endpoint=None)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(LoaderPlan(**orjson.loads(Path(sys.argv[1]).read_bytes()))))
