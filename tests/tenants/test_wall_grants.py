"""Do compiled statements hold by themselves? Run by a role that row-level security does not bind.

Every type, root field, filter and order, as every kind of position, must answer the superuser in the very bytes that
it answers the gateway: whatever row-level security would have to hide is a predicate that is missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import orjson
import pytest

from schema.compiler.context import RequestContext
from schema.compiler.declare import Nothing
from schema.compiler.model import is_connection
from schema.compiler.plan import Plan
from schema.compiler.reading import Reader, open_read_pool
from tenants.grants import Grants
from tests.fixtures.database import Database
from tests.make import TODAY, blind_index
from tests.schema.compiler.asking import MODEL, SECRET
from tests.tenants.marked import Marked, anything, callers, find_leaks, ids_by_type, make_marked
from tests.tenants.questions import Question, Questions

# One of each kind of tenant, and the community that no office is above of.
_ACTING = ("gulou", "gudong", "qingcheng", "xiyuan")


@dataclass
class Walls:
    """The same statements, run by the role that row-level security binds and by one that it does not."""

    marked: Marked
    ids: dict[str, list[str]]
    bound: Reader
    unbound: Reader
    # (type, field) of whatever was ever answered, so that nothing is held to be safe for never having been seen.
    seen: set[tuple[str, str]] = field(default_factory=set)

    async def try_all(self, questions: Iterable[Question], callers: Mapping[str, Grants]) -> list[str]:
        """Ask as each of some callers, by who they are; tell what went wrong."""
        others = self.marked.neighbours()
        wrong = []
        # One question after the other: many callers have its statement in common, which is then prepared already.
        for question in questions:
            for who, grants in callers.items():
                slug = grants.tenant.slug if grants.tenant else ""
                plan, variables = self._plan(question, grants)
                context = RequestContext(grants, TODAY, SECRET, blind_index=blind_index(slug))
                past = await self.unbound.run(plan, variables, context)
                leaks = find_leaks(past, others.get(slug), others)
                if leaks:
                    wrong.append(f"{leaks} to {who} in {question}")
                if past != await self.bound.run(plan, variables, context):
                    wrong.append(f"only row-level security holds {question} from {who}")
                self._note(orjson.loads(past or b"null"))
        return wrong

    def _plan(self, question: Question, grants: Grants) -> tuple[Plan, dict[str, Any]]:
        operation = self.bound.document(question.document).operation(None)
        variables = operation.coerce(question.variables)
        return self.bound.plan(operation, variables, grants), variables

    def _note(self, found: object) -> None:
        if isinstance(found, list):
            for part in found:
                self._note(part)
        elif isinstance(found, dict):
            self.seen |= {(found.get("__typename", ""), name) for name, part in found.items() if part is not None}
            for part in found.values():
                self._note(part)


async def _plan_once(database: Database) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute(f"alter database {database.name} set plan_cache_mode = force_generic_plan")
    await connection.close()


@pytest.fixture(scope="module")
async def walls(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Walls]:
    """The marked world, seen through the wall of policies and past it."""
    database = await new_database()
    marked = await make_marked(database)
    ids = await ids_by_type(MODEL, database)
    async with AsyncExitStack() as stack:
        # Whatever PostgreSQL makes of a statement, it means the same: to plan each once takes half the time.
        await _plan_once(database)
        bound, unbound = [
            await stack.enter_async_context(await open_read_pool(url, size=1, largest_prepared=0))
            for url in (database.gateway_url, database.superuser_url)
        ]
        yield Walls(marked, ids, Reader(MODEL, bound), Reader(MODEL, unbound))


@pytest.mark.parametrize("slug", _ACTING)
async def test_reads_no_byte_of_another_tenant_past_the_policies(walls: Walls, slug: str) -> None:
    questions = list(Questions(MODEL, walls.ids, depth=2).all())

    assert await walls.try_all(questions, {"anything": anything(walls.marked.world, slug)}) == []


@pytest.mark.parametrize("slug", _ACTING[:-1])
async def test_shows_no_kind_of_position_more_past_the_policies(walls: Walls, slug: str) -> None:
    questions = list(Questions(MODEL, walls.ids).brief())
    # Who is granted the same for the same rows is the same caller.
    asking = {grants.reach: (kind, grants) for kind, grants in callers(walls.marked.world, slug)}
    assert len(asking) > 3

    assert await walls.try_all(questions, dict(asking.values())) == []


async def test_shows_nothing_of_any_tenant_to_who_acts_in_none(walls: Walls) -> None:
    everything = anything(walls.marked.world, "gulou")

    nowhere = {"anything": replace(everything, tenant=None), "nothing": Grants(None, everything.account_id)}
    assert await walls.try_all(Questions(MODEL, walls.ids).brief(), nowhere) == []


def _declared() -> Iterator[tuple[str, str]]:
    for (type_name, field_name), declared in MODEL.fields.items():
        owner: Any = MODEL.schema.type_map[type_name]
        if type_name != "Query" and not is_connection(owner) and not isinstance(declared, Nothing):
            yield type_name, field_name


def test_has_seen_every_field_that_there_is(walls: Walls) -> None:
    unseen = {f"{type_name}.{name}" for type_name, name in _declared()} - {
        f"{type_name}.{name}" for type_name, name in walls.seen
    }

    assert unseen == set()
