"""What is the least that a read can cost in Python? A bare handler around the statement that the compiler made.

No token is checked, no document looked up, no plan, no grants: the route names the read, the number in it the ids to
bind. Transaction, settings, statement and values are the gateway's.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deploy.bench.pools import open_pool
from deploy.serving import listen, serve
from deploy.settings import read_settings


@dataclass(frozen=True, slots=True)
class FloorRead:
    """A compiled statement, and the values to bind for each time it is asked."""

    name: str
    sql: str
    arguments: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """All that the bare server is told."""

    dsn: str
    entrance: str
    reads: Sequence[FloorRead]


_FROM_JSON: Mapping[str, Callable[[Any], object]] = {
    "uuid": uuid.UUID,
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "_uuid": lambda texts: [uuid.UUID(text) for text in texts],
}


def _as_it_is(value: object) -> object:
    return value


async def _typed(pool: asyncpg.Pool[asyncpg.Record], read: FloorRead) -> list[list[object]]:
    async with pool.acquire() as connection:
        kinds = [parameter.name for parameter in (await connection.prepare(read.sql)).get_parameters()]
    convert: list[Callable[[Any], object]] = [_FROM_JSON.get(kind, _as_it_is) for kind in kinds]
    return [
        [value if value is None else to(value) for to, value in zip(convert, values, strict=True)]
        for values in read.arguments
    ]


def _route(pool: asyncpg.Pool, entrance: str, sql: str, name: str, arguments: list[list[object]]) -> Route:
    async def answer(request: Request) -> Response:
        values = arguments[request.path_params["number"]]
        async with pool.acquire() as connection:
            await connection.execute(entrance)
            data: bytes = await connection.fetchval(sql, *values)
            await connection.execute("commit")
        return Response(b'{"data":' + data + b"}", media_type="application/json")

    return Route(f"/{name}/{{number:int}}", answer)


async def make_floor(plan: FloorPlan, pool: asyncpg.Pool) -> ASGIApp:
    """Make the bare server: GET /READ/NUMBER."""
    return Starlette(
        routes=[_route(pool, plan.entrance, read.sql, read.name, await _typed(pool, read)) for read in plan.reads]
    )


async def _serve(plan: FloorPlan) -> None:
    listener = listen(read_settings())
    async with await open_pool(plan.dsn, json_as_bytes=True) as pool:
        await serve(await make_floor(plan, pool), listener, on_start=lambda: None, telemetry_endpoint=None)


def read_plan(path: Path) -> FloorPlan:
    """Read what the bare server is told."""
    told = orjson.loads(path.read_bytes())
    return FloorPlan(**{**told, "reads": [FloorRead(**read) for read in told["reads"]]})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(read_plan(Path(sys.argv[1]))))
