"""Do the servers that are measured answer alike? Otherwise their speeds say nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from deploy.app import GRAPHQL, create_app
from deploy.bench.dataloader.serving import LoaderPlan, make_view
from deploy.bench.floor import make_floor, read_plan
from deploy.bench.pools import open_pool
from deploy.bench.questions import Question
from deploy.bench.servers import ask_for_questions, plan_floor
from deploy.bench.world import Ground, World
from deploy.demo.tokens import ensure_demo_issuer
from deploy.embedded.server import EmbeddedServer
from deploy.opening import open_surface, read_trust
from deploy.roles import ensure_roles
from deploy.settings import read_settings

TENANTS, DWELLINGS, CASES_PER_YEAR = 5, 400, 60


@pytest.fixture(scope="module")
async def world(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A simulated database with three communities."""
    home: Path = tmp_path_factory.mktemp("bench")
    await ensure_roles(server.url("postgres"))
    ground = Ground(server, home, ensure_demo_issuer(home))
    yield await ground.world(tenants=TENANTS, dwellings=DWELLINGS, cases_per_year=CASES_PER_YEAR)
    await ground.drop_all()


@pytest.fixture(scope="module")
async def questions(world: World) -> list[Question]:
    """What is asked in the measurements."""
    return await ask_for_questions(world)


async def _post(app: ASGIApp, question: Question, number: int, headers: list[tuple[str, str]]) -> object:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as http:
        asked = {"query": question.document, "variables": question.variables(number)}
        return (await http.post(GRAPHQL, json=asked, headers=headers)).json()


async def _get(app: ASGIApp, path: str) -> object:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as http:
        return (await http.get(path)).json()


@pytest.mark.parametrize("name", ["nested", "list", "cases", "single"])
async def test_answers_alike(world: World, questions: list[Question], name: str, tmp_path: Path) -> None:
    (question,) = (each for each in questions if each.name == name)
    numbers = range(min(len(question.ids), 10))
    told = tmp_path / "plan.json"
    told.write_bytes(orjson.dumps(asdict(await plan_floor(world, questions))))
    plan = read_plan(told)
    loader_plan = LoaderPlan(world.gateway_url, plan.entrance, world.caller.tenant_id)

    async with await open_pool(plan.dsn, json_as_bytes=True) as pool:
        floor = await make_floor(plan, pool)
        of_floor = [await _get(floor, f"/{name}/{number}") for number in numbers]
    async with await open_pool(plan.dsn, json_as_bytes=False) as pool:
        view = make_view(loader_plan, pool)
        of_loaders = [await _post(view, question, number, []) for number in numbers]
    async with open_surface(world.gateway_url, read_trust(read_settings(world.environment))) as surface:
        app = create_app(surface)
        of_gateway = [await _post(app, question, number, world.caller.headers) for number in numbers]

    assert of_gateway == of_floor
    assert of_loaders == of_floor


async def test_asks_for_what_is_there(world: World, questions: list[Question]) -> None:
    nested, listed, cases, single = questions

    assert (nested.name, len(nested.ids)) == ("nested", 1)
    assert (listed.name, len(listed.ids)) == ("list", 2)
    assert single.name == "single"
    assert len(single.ids) > 1
    async with open_surface(world.gateway_url, read_trust(read_settings(world.environment))) as surface:
        answer = await _post(create_app(surface), listed, 0, world.caller.headers)
        of_cases = await _post(create_app(surface), cases, 0, world.caller.headers)
    assert isinstance(answer, dict)
    assert len(answer["data"]["dwellings"]["nodes"]) == 20
    assert all(node["unit"] and node["estate"] for node in answer["data"]["dwellings"]["nodes"])
    assert isinstance(of_cases, dict)
    page = of_cases["data"]["cases"]
    assert (page["pageInfo"]["hasNextPage"], len(page["nodes"])) == (True, 20)
    assert all(node["category"] and node["grid"] and node["accountable"]["body"] for node in page["nodes"])
