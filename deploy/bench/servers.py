"""Which servers are measured, and how is each asked? The gateway as operators run it, and its two references."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from deploy.bench.children import Child, running
from deploy.bench.dataloader.serving import LoaderPlan
from deploy.bench.floor import FloorPlan, FloorRead
from deploy.bench.questions import Question, get, list_questions, post
from deploy.bench.world import World
from schema.compiler.context import RequestContext
from schema.compiler.reading import Reader, entrance
from schema.root import read_model

OURS, FLOOR, LOADERS = "gateway", "floor", "DataLoader"

GATEWAY_COMMAND = ("-c", "from deploy.cli import main; main()", "serve")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is running, and for each read the requests that ask it for one id after the other."""

    child: Child
    requests: Mapping[str, Sequence[str]]


async def ask_for_questions(world: World) -> list[Question]:
    """Make the questions about the caller's own tenant."""
    owner = await asyncpg.connect(world.owner_url)
    try:
        return await list_questions(owner, tenant_id=world.caller.tenant_id)
    finally:
        await owner.close()


@asynccontextmanager
async def running_servers(world: World, questions: Sequence[Question]) -> AsyncIterator[dict[str, Server]]:
    """Run the gateway and both references, one process each."""
    floor_plan = await plan_floor(world, questions)
    loader_plan = LoaderPlan(world.gateway_url, floor_plan.entrance, world.caller.tenant_id)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jinlin-bench-")))
        ours = await stack.enter_async_context(running_gateway(world, questions))
        floor, loaders = [
            await stack.enter_async_context(_reference(name, module, folder, plan))
            for name, module, plan in (
                (FLOOR, "deploy.bench.floor", floor_plan),
                (LOADERS, "deploy.bench.dataloader.serving", loader_plan),
            )
        ]
        yield {
            FLOOR: Server(floor, {each.name: _gets(each) for each in questions}),
            OURS: ours,
            LOADERS: Server(loaders, {each.name: _posts(each) for each in questions}),
        }


@asynccontextmanager
async def running_gateway(world: World, questions: Sequence[Question]) -> AsyncIterator[Server]:
    """Run the gateway as an operator does, asked by the caller with its token."""
    async with running(OURS, GATEWAY_COMMAND, environment=world.environment) as child:
        yield Server(child, {each.name: _posts(each, world.caller.headers) for each in questions})


def _posts(question: Question, headers: Sequence[tuple[str, str]] = ()) -> list[str]:
    return [post(question, number, headers=headers) for number in range(len(question.ids))]


def _gets(question: Question) -> list[str]:
    return [get(f"/{question.name}/{number}") for number in range(len(question.ids))]


@asynccontextmanager
async def _reference(name: str, module: str, folder: Path, plan: FloorPlan | LoaderPlan) -> AsyncIterator[Child]:
    path = folder / f"{name}.json"
    path.write_bytes(orjson.dumps(asdict(plan)))
    async with running(name, ["-m", module, str(path)]) as child:
        yield child


async def plan_floor(world: World, questions: Sequence[Question]) -> FloorPlan:
    """Compile the questions for the caller as the gateway does."""
    grants = world.caller.grants
    async with asyncpg.create_pool(world.gateway_url, min_size=0, max_size=1) as pool:
        reader = Reader(read_model(), pool)
    zone = ZoneInfo(grants.tenant.time_zone) if grants.tenant else None
    context = RequestContext(grants, datetime.now(zone).date(), cursor_secret="")
    reads = [_floor_read(reader, question, context) for question in questions]
    return FloorPlan(world.gateway_url, entrance(grants), reads)


def _floor_read(reader: Reader, question: Question, context: RequestContext) -> FloorRead:
    operation = reader.document(question.document).operation(None)
    statements, arguments = set(), []
    for number in range(len(question.ids)):
        variables = operation.coerce(question.variables(number))
        plan = reader.plan(operation, variables, context.grants)
        statements.add(plan.sql)
        arguments.append(plan.arguments(variables, context))
    (sql,) = statements
    return FloorRead(question.name, sql, arguments)
