"""How fast is a compiled read, beside the bare statement and beside DataLoaders?"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from deploy.bench.children import Child, running
from deploy.bench.dataloader.serving import LoaderPlan
from deploy.bench.figures import Figure
from deploy.bench.floor import FloorPlan, FloorRead
from deploy.bench.loading import Load, apply_load, body_length
from deploy.bench.questions import Question, get, list_questions, post
from deploy.bench.world import Ground, World
from schema.compiler.context import RequestContext
from schema.compiler.model import build_model
from schema.compiler.reading import Reader, entrance
from schema.root import build_schema

TENANTS = 44
DWELLINGS = 172_000
ROUNDS = 3
# Servers take turns every second, so that whatever else the machine does meets them alike.
TURNS = 4
SECONDS_A_TURN = 1.0
_SECONDS_TO_WARM_UP = 1.0

OURS, FLOOR, LOADERS = "gateway", "floor", "DataLoader"
_TARGETS_OVER_LOADERS = {"nested": 8.0, "list": 4.0, "single": 2.0}
_TARGET_OVER_FLOOR = 0.8

GATEWAY_COMMAND = ("-c", "from deploy.cli import main; main()", "serve")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is running, and how it is asked a question for the n-th of its ids."""

    child: Child
    request: Callable[[Question, int], str]


class AnswersDifferError(Exception):
    """Two servers answer the same question differently: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one server answered one question."""

    count: int
    seconds: float
    # Processor time of the server's process alone, without PostgreSQL, and of the client's.
    server_seconds: float
    client_seconds: float
    median_milliseconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


async def measure_reads(ground: Ground) -> list[Figure]:
    """Measure the three reads on all three servers, in turn, and compare."""
    world = await ground.world(tenants=TENANTS, dwellings=DWELLINGS)
    questions = await ask_for_questions(world)
    async with running_servers(world, questions) as servers:
        await check_answers(servers, questions)
        rounds = await measure_rounds(servers, questions)
    return [figure for question in questions for figure in _figures(question.name, rounds)]


async def ask_for_questions(world: World) -> list[Question]:
    """Make the questions about the caller's own tenant."""
    owner = await asyncpg.connect(world.owner_url)
    try:
        return await list_questions(owner, tenant_id=world.caller.tenant_id)
    finally:
        await owner.close()


# --- the servers -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running_servers(world: World, questions: Sequence[Question]) -> AsyncIterator[dict[str, Server]]:
    """Run the gateway and both references, one process each."""
    floor_plan = await plan_floor(world, questions)
    loader_plan = LoaderPlan(world.gateway_url, floor_plan.entrance, world.caller.tenant_id)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jinlin-bench-")))
        ours = await stack.enter_async_context(running_gateway(world))
        floor, loaders = [
            await stack.enter_async_context(_reference(name, module, folder, plan))
            for name, module, plan in (
                (FLOOR, "deploy.bench.floor", floor_plan),
                (LOADERS, "deploy.bench.dataloader.serving", loader_plan),
            )
        ]
        yield {
            FLOOR: Server(floor, lambda question, number: get(f"/{question.name}/{number}")),
            OURS: ours,
            LOADERS: Server(loaders, post),
        }


@asynccontextmanager
async def running_gateway(world: World) -> AsyncIterator[Server]:
    """Run the gateway as an operator does, asked by the caller with its token."""
    async with running(OURS, GATEWAY_COMMAND, environment=world.environment) as child:
        yield Server(child, lambda question, number: post(question, number, headers=world.caller.headers))


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
        reader = Reader(build_model(build_schema()._schema), pool)  # noqa: SLF001 - Strawberry shows no other.
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


# --- the answers -----------------------------------------------------------------------------------------------------


async def check_answers(servers: Mapping[str, Server], questions: Sequence[Question]) -> None:
    """Ask every server everything once. Raises AnswersDifferError."""
    for question in questions:
        for number in range(len(question.ids)):
            answers = {name: await _ask(server, question, number) for name, server in servers.items()}
            if any(answer != answers[FLOOR] for answer in answers.values()):
                raise AnswersDifferError(f"{question.name} {question.ids[number]}: {answers}")


async def _ask(server: Server, question: Question, number: int) -> object:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.child.port)
    writer.write(server.request(question, number).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    answer: dict[str, object] = orjson.loads(await reader.readexactly(body_length(head, len(head))))
    writer.close()
    if "errors" in answer:
        raise AnswersDifferError(f"{server.child.name}: {answer['errors']}")
    return answer["data"]


# --- the rounds ------------------------------------------------------------------------------------------------------


async def measure_rounds(
    servers: Mapping[str, Server], questions: Sequence[Question]
) -> list[dict[tuple[str, str], Measured]]:
    """Ask every server every question, in each of three rounds; each round begins with another server."""
    for question in questions:
        for server in servers.values():
            await measure(server, question, seconds=_SECONDS_TO_WARM_UP)
    return [await _round(servers, questions, first=number % len(servers)) for number in range(ROUNDS)]


async def _round(
    servers: Mapping[str, Server], questions: Sequence[Question], *, first: int
) -> dict[tuple[str, str], Measured]:
    names = [*servers][first:] + [*servers][:first]
    measured: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for question in questions:
        for _ in range(TURNS):
            for name in names:
                turn = await measure(servers[name], question, seconds=SECONDS_A_TURN)
                measured[question.name, name].append(turn)
    return {key: _together(turns) for key, turns in measured.items()}


async def measure(server: Server, question: Question, *, seconds: float) -> Measured:
    """Apply the load of one question to a server."""
    requests = [server.request(question, number) for number in range(len(question.ids))]
    before = server.child.processor_seconds()
    answered = await apply_load(Load(server.child.port, requests, seconds))
    if answered.faults:
        raise AnswersDifferError(f"{server.child.name}: {answered.faults} bad answers to {question.name}")
    used = server.child.processor_seconds() - before
    return Measured(answered.count, answered.seconds, used, answered.client_seconds, answered.median_milliseconds)


def _together(turns: Sequence[Measured]) -> Measured:
    return Measured(
        sum(turn.count for turn in turns),
        sum(turn.seconds for turn in turns),
        sum(turn.server_seconds for turn in turns),
        sum(turn.client_seconds for turn in turns),
        median(turn.median_milliseconds for turn in turns),
    )


def _figures(name: str, rounds: Sequence[Mapping[tuple[str, str], Measured]]) -> list[Figure]:
    def figure(reference: str, target: float) -> Figure:
        return Figure(
            what=f"{name} read against {reference}",
            unit="requests/s",
            rounds=[(each[name, OURS].per_second, each[name, reference].per_second) for each in rounds],
            at_least=target,
            notes=_notes(name, reference, rounds),
        )

    return [figure(FLOOR, _TARGET_OVER_FLOOR), figure(LOADERS, _TARGETS_OVER_LOADERS[name])]


def _notes(name: str, reference: str, rounds: Sequence[Mapping[tuple[str, str], Measured]]) -> dict[str, float | str]:
    def middle(server: str, value: Callable[[Measured], float]) -> float:
        return median(value(each[name, server]) for each in rounds)

    return {
        f"{what}, {server}": middle(server, value)
        for what, value in (
            ("processor microseconds a request", lambda one: one.server_seconds / one.count * 1_000_000),
            ("milliseconds until the answer", lambda one: one.median_milliseconds),
            ("the client's share of a processor", lambda one: one.client_seconds / one.seconds),
        )
        for server in (OURS, reference)
    }
