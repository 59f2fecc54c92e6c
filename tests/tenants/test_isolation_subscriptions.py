"""Is anybody told of what happens in another tenant, or beyond their position? Each subscription that the schema has.

Cases are taken through steps in every community, with everybody listening.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest
from graphql import get_named_type

from schema.compiler.context import RequestContext
from schema.compiler.feeding import plan_events
from schema.compiler.feeds import Feed
from schema.compiler.planning import Planner
from schema.compiler.reading import Reader, open_read_pool
from schema.compiler.selection import Selector
from tests.fixtures.database import Database
from tests.fixtures.streaming import Stream, put_in_order, subscribed
from tests.make import COMMUNITIES, TODAY
from tests.schema.compiler.asking import MODEL, SECRET
from tests.tenants.happening import act, hand_to_department, report
from tests.tenants.marked import callers, find_leaks, make_marked
from tests.tenants.questions import Questions
from tests.tenants.staff import Actor, Stage, open_stage


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front; nothing has happened yet."""
    async with open_stage(await make_marked(await new_database())) as stage:
        await stage.owner.execute("delete from events")
        yield stage


def _document(name: str) -> str:
    declared: Any = MODEL.schema.subscription_type
    target = get_named_type(declared.fields[name].type)
    arguments = declared.fields[name].args
    given = "($after: String)" if "after" in arguments else ""
    passed = "(after: $after)" if given else ""
    return f"subscription{given} {{ {name}{passed} {Questions(MODEL, {}).selection(target, depth=1)} }}"


async def _listen(stack: AsyncExitStack, stage: Stage, actor: Actor, name: str = "caseChanged", **given: Any) -> Stream:  # noqa: ANN401
    stream = subscribed(stage.client.app, account=actor.account, tenant=actor.slug, document=_document(name), **given)
    return await stack.enter_async_context(stream)


def _changes(answers: list[dict[str, Any] | None]) -> list[tuple[str, str | None]]:
    found = [answer["data"]["caseChanged"] for answer in answers if answer is not None]
    return [(change["action"], change["case"] and change["case"]["id"]) for change in found]


@pytest.mark.parametrize("name", MODEL.feeds)
async def test_tells_nobody_of_what_happens_elsewhere(stage: Stage, name: str) -> None:
    others = stage.marked.neighbours()
    actors = stage.everybody("gulou", "gudong", "qingcheng", "pingshan")
    async with AsyncExitStack() as stack:
        streams = {actor: await _listen(stack, stage, actor, name) for actor in actors}
        cases = {slug: await report(stage, slug) for slug in COMMUNITIES}
        for slug, case in cases.items():
            await act(stage, f'acceptCase(caseId: "{case}")', Actor("worker", slug))
        await put_in_order(stage.marked.database)
        told = {actor: await stream.rest() for actor, stream in streams.items()}

    for actor, answers in told.items():
        acting = others[actor.slug]
        assert find_leaks(json.dumps(answers, ensure_ascii=False).encode(), acting, others) == [], actor
        for answer in answers:
            assert answer is not None
            shown = answer.get("data", {}).get(name)
            if shown is None:
                # Whoever can never be told is refused, and has heard nothing else.
                assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}, actor
                assert len(answers) == 1
            else:
                tenant = int(shown["case"]["id"].split("_")[1])
                assert tenant == acting.id or acting.reads(next(one for one in others.values() if one.id == tenant))
    if name != "caseChanged":
        return
    assert _changes(told[Actor("worker", "qingcheng")]) == [
        ("REPORT", cases["qingcheng"]),
        ("ACCEPT", cases["qingcheng"]),
    ]
    assert {case for _, case in _changes(told[Actor("dispatcher", "gudong")])} == {
        cases["qingcheng"],
        cases["zhongshan"],
    }
    assert len(_changes(told[Actor("officer", "gulou")])) == 6
    assert told[Actor("resident", "qingcheng")] == told[Actor("department-handler", "gudong")] == []


async def test_tells_of_what_is_handed_over_nobody_else(stage: Stage) -> None:
    actors = stage.everybody("gulou", "gudong", "qingcheng", "pingshan")
    async with AsyncExitStack() as stack:
        streams = {actor: await _listen(stack, stage, actor, "notified") for actor in actors}
        case = await hand_to_department(stage, "qingcheng", "gudong")
        await put_in_order(stage.marked.database)
        told = {actor: await stream.rest() for actor, stream in streams.items()}

    handler = Actor("department-handler", "gudong")
    heard = [answer["data"]["notified"] for answer in told.pop(handler) if answer is not None]
    assert [(one["kind"], one["case"]["id"], one["tenant"]["slug"]) for one in heard] == [("HANDED", case, "gudong")]
    assert "«own:qingcheng»" in heard[0]["title"]
    assert set(map(tuple, told.values())) == {()}


async def test_tells_a_resident_of_their_own_reports_alone(stage: Stage) -> None:
    resident = Actor("resident", "qingcheng")
    async with AsyncExitStack() as stack:
        stream = await _listen(stack, stage, resident)
        own = await report(stage, "qingcheng", "resident")
        await report(stage, "qingcheng")
        await put_in_order(stage.marked.database)
        told = await stream.rest()

    assert _changes(told) == [("REPORT", own)]


async def test_tells_a_department_for_as_long_as_the_case_is_shared_with_it(stage: Stage) -> None:
    worker, handler = Actor("worker", "qingcheng"), Actor("department-handler", "gudong")
    async with AsyncExitStack() as stack:
        mine = await _listen(stack, stage, handler)
        other = await _listen(stack, stage, Actor("department-handler", "gulou"))
        case = await hand_to_department(stage, "qingcheng", "gudong")
        await put_in_order(stage.marked.database)
        shared = await mine.rest()
        await act(stage, f'returnCase(caseId: "{case}", reason: "不属本部门")', handler)
        await put_in_order(stage.marked.database)
        ended = await mine.rest()
        await act(stage, f'excludeCase(caseId: "{case}", reason: NOT_CLEAR, reply: "信息不明")', worker)
        await put_in_order(stage.marked.database)
        after = [await mine.rest(), await other.rest()]
        # Whoever comes back later is told of no more than what could be seen then.
        since = shared[0]["data"]["caseChanged"]["cursor"] if shared[0] else ""
        again = await (await _listen(stack, stage, handler, after=since)).rest()

    assert _changes(shared) == [("DISPATCH", case)]
    assert "«own:qingcheng»" in json.dumps(shared, ensure_ascii=False)
    assert _changes(ended) == _changes(again) == [("RETURN", None)]
    # Of what is out of reach there is the cursor, the step and the instant.
    assert ended[0] is not None
    assert set(ended[0]) == {"data"}
    assert {key: value for key, value in ended[0]["data"]["caseChanged"].items() if value is not None}.keys() == {
        "__typename",
        "cursor",
        "action",
        "at",
    }
    assert after == [[], []]


@pytest.mark.parametrize("slug", ["gulou", "gudong", "qingcheng"])
async def test_reads_no_event_of_another_tenant_past_the_policies(stage: Stage, slug: str) -> None:
    for community in COMMUNITIES:
        await report(stage, community)
    await put_in_order(stage.marked.database)
    scanned = []
    async with AsyncExitStack() as stack:
        urls = (stage.marked.database.gateway_url, stage.marked.database.superuser_url)
        bound, unbound = [Reader(MODEL, await stack.enter_async_context(await open_read_pool(url))) for url in urls]
        operation = bound.document(_document("caseChanged")).operation(None)
        selector = Selector(MODEL.schema, operation.fragments, {})
        ((node, *_),) = selector.of_set(operation.node.selection_set, "Subscription").values()
        for kind, grants in callers(stage.world, slug):
            if not grants.may("case:read"):
                continue
            planner = Planner(MODEL, selector, {}, grants)
            declared = MODEL.feeds["caseChanged"]
            assert isinstance(declared, Feed)
            plan = plan_events(planner, declared, node, lambda _, __: 0)
            context = RequestContext(grants, TODAY, SECRET)
            past = await unbound.run(plan, {}, context)

            assert past == await bound.run(plan, {}, context), kind
            scanned.append(orjson.loads(past or b"null")["scanned"])
    assert scanned
    assert min(scanned) > 0
