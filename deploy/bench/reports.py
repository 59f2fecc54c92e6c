"""How long does a report take: over HTTP, and by its command alone, beside the same rows written by hand?"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.types import ASGIApp, Message

from deploy.app import create_app
from deploy.bench.figures import Figure
from deploy.bench.hand_written import learn
from deploy.bench.rounds import ROUNDS
from deploy.bench.world import Ground, World
from deploy.opening import open_surface, read_trust
from deploy.settings import read_settings, sqlalchemy_url
from schema.compiler.values import encode_id
from services.cases.commands.report import Report, report_case
from tenants.work import Workshop

TENANTS, DWELLINGS, CASES_PER_YEAR = 44, 7_600, 200
OVER_HTTP, BY_COMMAND, BY_HAND = "reportCase over HTTP", "report by the command", "report by hand"
_TURNS, _REPORTS_A_TURN = 8, 25
_TARGET = 2.0
_TITLE, _DESCRIPTION, _CATEGORY = "路灯不亮", "小区门口的路灯有几天不亮，晚上看不清路。", "0203"
_MUTATION = """mutation Report($input: ReportCaseInput!) {
  reportCase(input: $input) {
    case { id number status dueAt accountable { body { id name } publicName } }
    errors { code message field }
  }
}"""
Reporting = Callable[[], Awaitable[object]]


class NotReportedError(Exception):
    """A report that was to be measured was refused; the text is the answer."""


async def measure_reports(ground: Ground) -> list[Figure]:
    """Measure reports one after the other, in turns, in this process; PostgreSQL is another."""
    world = await ground.world(tenants=TENANTS, dwellings=DWELLINGS, cases_per_year=CASES_PER_YEAR)
    async with _ways(world) as ways:
        for report in ways.values():
            await _time(report)
        rounds = [await _round(ways) for _ in range(ROUNDS)]
    return [
        Figure(
            what=f"{way} against the same rows by hand",
            unit="ms a report",
            rounds=[(each[way], each[BY_HAND]) for each in rounds],
            at_most=_TARGET,
        )
        for way in (OVER_HTTP, BY_COMMAND)
    ]


async def _round(ways: Mapping[str, Reporting]) -> dict[str, float]:
    spent = dict.fromkeys(ways, 0.0)
    for _ in range(_TURNS):
        for name, report in ways.items():
            spent[name] += await _time(report)
    return {name: total / _TURNS for name, total in spent.items()}


async def _time(report: Reporting) -> float:
    """Tell the milliseconds that a report takes on average of one turn."""
    begin = time.perf_counter()
    for _ in range(_REPORTS_A_TURN):
        await report()
    return (time.perf_counter() - begin) / _REPORTS_A_TURN * 1000


@asynccontextmanager
async def _ways(world: World) -> AsyncIterator[dict[str, Reporting]]:
    owner = await asyncpg.connect(world.owner_url)
    connection = await asyncpg.connect(world.gateway_url)
    engine = create_async_engine(sqlalchemy_url(world.gateway_url), hide_parameters=True)
    try:
        place_id: uuid.UUID = await owner.fetchval(
            "select id from places where tenant_id = $1 and kind = 'dwelling' order by sort_key, id limit 1",
            world.caller.tenant_id,
        )
        by_command = _by_command(world, Workshop(engine), place_id)
        hand_written = await learn(connection, owner, world.caller.grants, await by_command())
        async with open_surface(world.gateway_url, read_trust(read_settings(world.environment))) as surface:
            over_http = _over_http(world, create_app(surface), place_id)
            yield {OVER_HTTP: over_http, BY_COMMAND: by_command, BY_HAND: hand_written.report}
    finally:
        await engine.dispose()
        await connection.close()
        await owner.close()


def _by_command(world: World, workshop: Workshop, place_id: uuid.UUID) -> Callable[[], Awaitable[uuid.UUID]]:
    async def report() -> uuid.UUID:
        async with workshop.work(world.caller.grants) as work:
            told = Report(_TITLE, _DESCRIPTION, _CATEGORY, kind="HELP", source="PATROL", at=place_id)
            return await report_case(work, report=told)

    return report


def _over_http(world: World, app: ASGIApp, place_id: uuid.UUID) -> Reporting:
    """Report as the server would hand over a request: token, document, mutation and payload are all in it."""
    at = {"placeId": encode_id("dwl", world.caller.tenant_id, place_id)}
    told = {"title": _TITLE, "description": _DESCRIPTION, "categoryCode": _CATEGORY}
    asked = {"input": {**told, "kind": "HELP", "source": "PATROL", "at": at}}
    body = orjson.dumps({"query": _MUTATION, "variables": asked})
    headers = [("Content-Type", "application/json"), *world.caller.headers]
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }

    async def report() -> None:
        received: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            received.append(message.get("body", b""))

        await app(dict(scope), receive, send)
        answer = orjson.loads(b"".join(received))
        if "errors" in answer or answer["data"]["reportCase"]["errors"]:
            raise NotReportedError(str(answer))

    return report
