"""Does what one process remembers stay with whom it was remembered for? Two tenants' accounts, the same documents.

Documents, plans, grants, keys and prepared statements are kept between requests; answers never are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import httpx
import pytest

from deploy.app import GRAPHQL
from schema.compiler.context import RequestContext
from schema.compiler.reading import Reader, open_read_pool
from tests.fixtures.database import Database
from tests.fixtures.gateway import ISSUER
from tests.make import TODAY
from tests.schema.compiler.asking import MODEL, SECRET
from tests.tenants.marked import anything, find_leaks, ids_by_type, make_marked
from tests.tenants.questions import Question, Questions
from tests.tenants.staff import Actor, Stage, open_stage

_HERE, _THERE = "qingcheng", "zhongshan"


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front."""
    async with open_stage(await make_marked(await new_database())) as stage:
        yield stage


@pytest.fixture(scope="module")
async def questions(stage: Stage) -> list[Question]:
    """Ask for every list, and by every id that both tenants have."""
    return list(Questions(MODEL, await ids_by_type(MODEL, stage.marked.database)).brief())


async def _ask(stage: Stage, actor: Actor, question: Question) -> httpx.Response:
    return await stage.client.ask(question.document, question.variables, account=actor.account, tenant=actor.slug)


@pytest.mark.parametrize("kind", ["worker", "grid-worker"])
async def test_answers_two_tenants_in_turn_each_with_its_own(
    stage: Stage, questions: list[Question], kind: str
) -> None:
    others = stage.marked.neighbours()
    for question in questions:
        for slug in (_HERE, _THERE, _HERE):
            answer = await _ask(stage, Actor(kind, slug), question)
            assert find_leaks(answer.content, others[slug], others) == [], question


async def test_answers_many_at_once_each_with_its_own(stage: Stage, questions: list[Question]) -> None:
    others = stage.marked.neighbours()
    lists = [question for question in questions if "id" not in question.variables]
    asked = [(Actor("worker", slug), question) for question in lists for slug in (_HERE, _THERE, "xiyuan") * 3]

    answers = await asyncio.gather(*(_ask(stage, actor, question) for actor, question in asked))

    shown = set()
    for (actor, question), answer in zip(asked, answers, strict=True):
        assert find_leaks(answer.content, others[actor.slug], others) == [], question
        shown |= {slug for slug in others if f"«own:{slug}»" in answer.text}
    assert shown == {_HERE, _THERE, "xiyuan"}


async def test_shares_a_plan_and_nothing_that_it_found(stage: Stage, questions: list[Question]) -> None:
    others = stage.marked.neighbours()
    async with await open_read_pool(stage.marked.database.gateway_url, size=1) as pool:
        reader = Reader(MODEL, pool)
        both = [anything(stage.world, slug) for slug in (_HERE, _THERE)]
        # The same scopes even: the tenants' rows have the same ids.
        assert both[0].fingerprint == both[1].fingerprint
        for question in questions:
            operation = reader.document(question.document).operation(None)
            variables = operation.coerce(question.variables)
            plans = [reader.plan(operation, variables, grants) for grants in both]
            assert plans[0] is plans[1]
            for grants in both:
                found = await reader.run(plans[0], variables, RequestContext(grants, TODAY, SECRET))
                assert grants.tenant is not None
                assert find_leaks(found, others[grants.tenant.slug], others) == [], question


async def test_lets_a_remembered_token_into_its_own_tenants_alone(stage: Stage) -> None:
    document = {"query": "{ me { tenant { slug } positions { id publicName } } communities { nodes { name } } }"}
    token = {slug: ISSUER.token(f"worker@{slug}").decode() for slug in (_HERE, _THERE)}

    async def ask(signed: str, slug: str | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {signed}", **({} if slug is None else {"X-Tenant": slug})}
        return await stage.client.http.post(GRAPHQL, json=document, headers=headers)

    for _ in range(3):
        for own, other in ((_HERE, _THERE), (_THERE, _HERE)):
            for slug in (own, None):
                answer = await ask(token[own], slug)
                assert answer.json()["data"]["me"]["tenant"] == {"slug": own}
            assert (await ask(token[own], other)).status_code == 403
            # Whoever puts two remembered headers together is still nobody.
            assert (await ask(f"{token[own]}, Bearer {token[other]}", own)).status_code == 401


async def test_takes_a_cursor_only_for_where_it_leads(stage: Stage) -> None:
    page = "query($after: String) { dwellings(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }"
    here, there = Actor("worker", _HERE), Actor("worker", _THERE)
    first = (await _ask(stage, here, Question(page))).json()["data"]["dwellings"]

    theirs = await _ask(stage, there, Question(page, {"after": first["pageInfo"]["endCursor"]}))

    # A cursor is a place in an order: it opens no row.
    found = theirs.json()["data"]["dwellings"]["nodes"]
    number = stage.world.tenants[_THERE].id
    assert len(found) == 2
    assert all(row["id"].startswith(f"dwl_{number}_") for row in found)


async def test_forgets_grants_when_the_tenant_changes_them(stage: Stage) -> None:
    actor = Actor("analyst", "gulou")
    question = Question("{ communities(first: 30) { nodes { name } } }")
    before = await _ask(stage, actor, question)
    theirs = "account_id = (select id from accounts where subject = $1)"
    for table in ("positions", "memberships"):
        await stage.owner.execute(f"update {table} set until = '2020-12-31' where {theirs}", actor.account)
    await stage.owner.execute("update tenants set grants_version = grants_version + 1 where slug = 'gulou'")

    after = await _ask(stage, actor, question)

    assert before.json()["data"]["communities"]["nodes"]
    assert (after.status_code, after.json()["errors"][0]["extensions"]["code"]) == (403, "TENANT_UNKNOWN")


def test_shapes_no_plan_by_whose_it_is(stage: Stage) -> None:
    grants = anything(stage.world, _HERE)
    assert grants.tenant is not None

    elsewhere = replace(grants, tenant=replace(grants.tenant, id=999, slug="x"), account_id=grants.tenant.uid)

    assert elsewhere.fingerprint == grants.fingerprint
