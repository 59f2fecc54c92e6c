"""Is everything counted that was done in a storm? Random steps by 32 clients at once, while processes are killed.

As many as JINLIN_STORM says, three hundred otherwise: `JINLIN_STORM=20000 pytest tests/deploy/test_storm_of_steps.py`.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from services.case_counts.tables import CASES
from services.rollups.checking import find_differences, find_sum_differences
from tests.fixtures.demo import DEMO_ISSUER, Demo, demo_token
from tests.fixtures.processes import Served, jinlin, served, settings
from tests.journeys.working import body_of, post_of

_STEPS = int(os.environ.get("JINLIN_STORM", "300"))
_CLIENTS = 32
_SLUG = "guanyuan"
_ACCOUNTS = ("worker", "committee-chair", "grid-worker", "property-manager", "resident")
_CASES = """query ($in: [CaseStatus!]) { cases(first: 40, filter: {status: {in: $in}}) {
  nodes { id can { action isAllowed } } } }"""
_STATUSES = ("REPORTED", "ACCEPTED", "DISPATCHED", "HANDLING", "RESOLVED", "CLOSED")
# What steps take along besides the case's id.
_TO, _INTO = ", $to: CaseReceiverInput!", ", $into: ID!"
_ACTIONS = {
    "ACCEPT": "acceptCase(caseId: $id)",
    "HANDLE": "acceptCase(caseId: $id)",
    "DISPATCH": "dispatchCase(caseId: $id, input: {to: $to})",
    "REDISPATCH": "dispatchCase(caseId: $id, input: {to: $to})",
    "RETURN": 'returnCase(caseId: $id, reason: "退回")',
    "RESOLVE": 'resolveCase(caseId: $id, input: {note: "已处置"})',
    "CALL_BACK": "callBackCase(caseId: $id, input: {isContacted: true, isSolved: true, satisfaction: SATISFIED})",
    "CLOSE": "closeCase(caseId: $id)",
    "REOPEN": 'reopenCase(caseId: $id, reason: "问题重现")',
    "EXCLUDE": 'excludeCase(caseId: $id, reason: WITHDRAWN, reply: "已撤回")',
    "MERGE": "mergeCase(caseId: $id, intoCaseId: $into)",
    "RATE": "rateCase(caseId: $id, input: {isSolved: false, satisfaction: DISSATISFIED})",
}
_REPORT = """mutation ($input: ReportCaseInput!) { reportCase(input: $input) { errors { code } } }"""


@dataclass
class Storm:
    """Clients, the gateways that they ask, and what came of it."""

    demo: Demo
    chance: random.Random
    places: list[str]
    receivers: list[dict[str, str]]
    gateways: list[Served] = field(default_factory=list)
    sent: int = 0
    told: Counter[str] = field(default_factory=Counter)

    async def _ask(self, account: str, document: str, **variables: object) -> Any:  # noqa: ANN401 - JSON.
        """Ask any of the gateways; None when it is gone."""
        headers = {"Authorization": f"Bearer {demo_token(f'{account}@{_SLUG}')}", "X-Tenant": _SLUG}
        gateway = self.chance.choice(self.gateways)
        try:
            answer = await gateway.http.post(
                "/graphql", json={"query": document, "variables": variables}, headers=headers
            )
        except httpx.TransportError:
            self.told["GONE"] += 1
            await asyncio.sleep(0.2)
            return None
        return answer.json().get("data")

    async def client(self) -> None:
        """Take one random step after the other."""
        while self.sent < _STEPS:
            account = self.chance.choice(_ACCOUNTS)
            if self.chance.random() < 0.25:
                await self._report(account)
            else:
                await self._step(account)

    async def _report(self, account: str) -> None:
        source = "SNAPSHOT" if account == "resident" else "PATROL"
        report = {"title": "积水", "description": "积水", "categoryCode": "0104", "kind": "HELP", "source": source}
        await self._mutate(account, _REPORT, input={**report, "at": {"placeId": self.chance.choice(self.places)}})

    async def _step(self, account: str) -> None:
        found = await self._ask(account, _CASES, **{"in": _STATUSES})
        nodes = (found or {}).get("cases", {"nodes": []})["nodes"]
        open_to = [
            (node["id"], one["action"])
            for node in nodes
            for one in node["can"] or ()
            if one["isAllowed"] and one["action"] in _ACTIONS
        ]
        if not open_to:
            return
        case, action = self.chance.choice(open_to)
        call = _ACTIONS[action]
        declared = "$id: ID!" + (_TO if "$to" in call else "") + (_INTO if "$into" in call else "")
        given: dict[str, object] = {"id": case}
        if "$to" in call:
            given["to"] = self.chance.choice(self.receivers)
        if "$into" in call:
            given["into"] = self.chance.choice(nodes)["id"]
        await self._mutate(account, f"mutation ({declared}) {{ {call} {{ errors {{ code }} }} }}", **given)

    async def _mutate(self, account: str, document: str, **variables: object) -> None:
        self.sent += 1
        found = await self._ask(account, document, **variables)
        if found is not None:
            (payload,) = found.values()
            self.told[payload["errors"][0]["code"] if payload["errors"] else "done"] += 1


@asynccontextmanager
async def _storm(demo: Demo, chance: random.Random) -> AsyncIterator[Storm]:
    rows = await demo.owner.fetch(
        """select 'grd_' || l.tenant_id || '_' || l.id as id from places l join tenants t on t.id = l.tenant_id
           where t.slug = $1 and l.kind = 'grid'""",
        _SLUG,
    )
    department = {"bodyId": await body_of(demo, "dep", "芗城区城市管理局")}
    posts = [await post_of(demo, f"{kind}@{_SLUG}", _SLUG) for kind in ("worker", "grid-worker")]
    receivers = [department, *({"positionId": post} for post in posts)]
    yield Storm(demo, chance, [row["id"] for row in rows], receivers)


async def _kill_now_and_then(storm: Storm, environment: dict[str, str], clients: list[asyncio.Task[None]]) -> int:
    """Kill a gateway or the worker every few seconds, and let another take its place; tell how often."""
    killed = 0
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(jinlin("worker", environment=environment)) for _ in range(2)]
        while not all(client.done() for client in clients):
            await asyncio.sleep(storm.chance.uniform(2, 4))
            workers[killed % 2].kill()
            workers[killed % 2] = await stack.enter_async_context(jinlin("worker", environment=environment))
            fresh = await stack.enter_async_context(served(environment))
            lost = storm.gateways.pop(0)
            storm.gateways.append(fresh)
            lost.process.kill()
            killed += 1
        await _wait_until_folded(storm.demo)
    return killed


async def _wait_until_folded(demo: Demo) -> None:
    async with asyncio.timeout(60):
        while await demo.owner.fetchval("select exists(select from case_counts where not is_folded)"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_counts_all_of_it(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> None:
    chance = random.Random(20261126)  # noqa: S311 - what is tried is no secret.
    async with AsyncExitStack() as stack:
        storm = await stack.enter_async_context(_storm(demo, chance))
        environment = settings(demo.database, tmp_path_factory.mktemp("production"), trusted=DEMO_ISSUER)
        storm.gateways = [await stack.enter_async_context(served(environment)) for _ in range(2)]
        before = await demo.owner.fetchval("select count(*) from case_steps")
        begun = time.monotonic()
        clients = [asyncio.create_task(storm.client()) for _ in range(_CLIENTS)]
        killed = await _kill_now_and_then(storm, environment, clients)
        await asyncio.gather(*clients)
        taken = await demo.owner.fetchval("select count(*) from case_steps") - before
    print(f"{storm.sent} sent, {taken} steps, {killed} kills, {time.monotonic() - begun:.0f} s: {dict(storm.told)}")  # noqa: T201

    assert killed >= 1
    assert storm.told["done"] >= storm.sent // 3
    # What was committed as its process died was not told, and is counted all the same.
    assert taken >= storm.told["done"]
    engine = create_async_engine(sqlalchemy_url(demo.database.owner_url))
    async with engine.connect() as connection:
        assert await find_differences(connection, CASES) == []
        assert await find_sum_differences(connection, CASES) == []
    await engine.dispose()
