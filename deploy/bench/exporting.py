"""Does a community wait longer for what it reads while its district exports everything? One process serves both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from deploy.bench.children import running
from deploy.bench.figures import Figure
from deploy.bench.loading import Load, apply_load
from deploy.bench.questions import FIRST_CASES, write_post
from deploy.bench.rounds import ROUNDS, AnswersDifferError
from deploy.bench.servers import GATEWAY_COMMAND, OURS
from deploy.bench.world import Ground, World
from deploy.roles import OWNER

_TARGET = 1.5
# As many people of the community as look at something at the same moment.
_READERS = 4
# As many exports as one process makes at once.
_EXPORTS = 3
# The community of a district with the most cases.
_LARGEST = """
    select c.slug from tenants c join tenants d on d.id = c.district_id
    where d.slug = $1 and c.kind = 'community'
    order by (select count(*) from cases where cases.tenant_id = c.id) desc, c.id limit 1
"""
_EVERYTHING = """{ cases(orderBy: [REPORTED_AT_DESC]) { nodes {
  number kind source status reportedAt acceptedAt closedAt dueAt isOverdue reworkCount community { name } grid { name }
} } }"""
_REQUEST = """mutation ($query: String!, $format: ExportFormat!) {
  requestExport(input: {query: $query, format: $format}) { export { id } errors { code } }
}"""
_CANCEL = "mutation ($id: ID!) { cancelExport(exportId: $id) { errors { code } } }"
_LOOK = "query ($id: ID!) { node(id: $id) { ... on Export { status rowCount } } }"
_MADE, _COMING = "DONE", frozenset({"APPROVED", "RUNNING"})
_SECONDS_BETWEEN_LOOKS = 0.2
# Whoever makes one looks once a second whether it is still wanted.
_SECONDS_TO_STOP = 1.5
# In less, not one read might be answered beside three exports that begin.
_SECONDS_AT_LEAST = 1.0


@dataclass(slots=True)
class District:
    """An office that exports all of its cases, again and again."""

    http: httpx.AsyncClient
    headers: Mapping[str, str]
    row_count: int = 0
    unfinished: set[str] = field(default_factory=set)

    async def export(self, formats: tuple[str, ...]) -> None:
        """Export until it is cancelled, in each format in turn."""
        while True:
            for chosen in formats:
                payload = (await self._ask(_REQUEST, query=_EVERYTHING, format=chosen))["requestExport"]
                if payload["errors"]:
                    raise AnswersDifferError(f"{payload['errors']} to an export")
                await self._wait(payload["export"]["id"])

    async def cancel(self) -> None:
        """Cancel what is not made yet, and wait until nobody is at work on it any longer."""
        for export_id in list(self.unfinished):
            export = (await self._ask(_LOOK, id=export_id))["node"]
            self.row_count += int(export["rowCount"])
            await self._ask(_CANCEL, id=export_id)
            self.unfinished.discard(export_id)
        await asyncio.sleep(_SECONDS_TO_STOP)

    async def _wait(self, export_id: str) -> None:
        self.unfinished.add(export_id)
        while True:
            export = (await self._ask(_LOOK, id=export_id))["node"]
            if export["status"] == _MADE:
                self.row_count += int(export["rowCount"])
                self.unfinished.discard(export_id)
                return
            if export["status"] not in _COMING:
                raise AnswersDifferError(f"an export is {export['status']}")
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)

    async def _ask(self, document: str, **variables: object) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = (await self.http.post("/graphql", json=body, headers=dict(self.headers))).json()
        if "errors" in answer:
            raise AnswersDifferError(f"{answer['errors']} to a district")
        found: dict[str, Any] = answer["data"]
        return found


async def measure_exporting(ground: Ground, database: str, world: World, *, seconds: float) -> list[Figure]:
    """Measure the slowest twentieth of a community's reads while its district exports, against when it is quiet."""
    owner = await asyncpg.connect(ground.server.url(database, user=OWNER))
    try:
        slug = await owner.fetchval(_LARGEST, world.caller.slug)
    finally:
        await owner.close()
    seconds = max(seconds, _SECONDS_AT_LEAST)
    reader = await ground.caller(world.gateway_url, account=f"worker@{slug}")
    rounds, exported = [], []
    async with AsyncExitStack() as stack:
        child = await stack.enter_async_context(running(OURS, GATEWAY_COMMAND, environment=world.environment))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://127.0.0.1:{child.port}", timeout=60))
        load = Load(child.port, [write_post({"query": FIRST_CASES}, reader.headers)], seconds, connections=_READERS)
        district = District(http, dict(world.caller.headers))
        await _slowest_twentieth(load)
        for _ in range(ROUNDS):
            quiet = await _slowest_twentieth(load)
            before = district.row_count
            rounds.append((await _beside(district, load), quiet))
            exported.append(district.row_count - before)
    return [
        Figure(
            "a community's reads while its district exports, 95th percentile against when it is quiet",
            "ms",
            rounds,
            at_most=_TARGET,
            notes={"rows exported meanwhile": float(sum(exported))},
        )
    ]


async def _beside(district: District, load: Load) -> float:
    formats = ("XLSX", "CSV")
    exporting = [asyncio.create_task(district.export(formats)) for _ in range(_EXPORTS)]
    try:
        reading = asyncio.create_task(_slowest_twentieth(load))
        done, _ = await asyncio.wait([reading, *exporting], return_when=asyncio.FIRST_COMPLETED)
        if reading not in done:
            # An export that failed tells why.
            await done.pop()
        return await reading
    finally:
        for each in exporting:
            each.cancel()
        await asyncio.wait(exporting)
        await district.cancel()


async def _slowest_twentieth(load: Load) -> float:
    answered = await apply_load(load)
    if answered.faults:
        raise AnswersDifferError(f"{answered.faults} bad answers of {answered.count} to a community")
    return answered.slow_milliseconds
