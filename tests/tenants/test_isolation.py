"""Does anything of one tenant show in another, from outside? Over HTTP, as every kind of position there is.

The fourth wall: types, root fields, mutations and files are found in the schema, so that a new one is tried, too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest

from deploy.app import FILES, GRAPHQL
from schema.compiler.values import encode_id
from services.files.rules import PERMISSIONS
from tests.fixtures.database import Database
from tests.fixtures.gateway import ISSUER
from tests.make import made_id
from tests.schema.compiler.asking import MODEL
from tests.services.files.photos import jpeg
from tests.tenants.marked import find_leaks, ids_by_type, make_marked
from tests.tenants.questions import Questions
from tests.tenants.staff import Actor, Stage, open_stage

_ACTING = ("gulou", "gudong", "qingcheng")
# Every member may read the directory of bodies, wherever they are at home.
_SHARED_PREFIXES = frozenset(
    prefix for prefix, name in MODEL.prefixes.items() if MODEL.source(name).tenant is None and name != "Account"
)
_MISSING = made_id(0xDEAD)


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front."""
    async with open_stage(await make_marked(await new_database())) as stage:
        yield stage


@pytest.fixture(scope="module")
async def ids(stage: Stage) -> dict[str, list[str]]:
    """Global ids of every type, of every tenant."""
    return await ids_by_type(MODEL, stage.marked.database)


async def _ask(stage: Stage, actor: Actor, document: str, variables: Mapping[str, Any]) -> httpx.Response:
    answer = await stage.client.ask(document, variables, account=actor.account, tenant=actor.slug)
    assert answer.status_code == 200, answer.text
    return answer


def test_has_no_way_in_that_is_not_tried() -> None:
    # Whoever adds another route adds it here; subscriptions and exports have files of their own.
    assert MODEL.schema.subscription_type is not None
    assert MODEL.feeds.keys() == MODEL.schema.subscription_type.fields.keys()
    assert (GRAPHQL, FILES) == ("/graphql", "/files")


# --- rows by id ------------------------------------------------------------------------------------------------------


def _by_ids(prefixes: list[str]) -> str:
    """Ask for one row of each type, in as few documents as aliases allow."""
    declared = ", ".join(f"${prefix}: ID!" for prefix in prefixes)
    shown = " ".join(f"{prefix}: node(id: ${prefix}) {{ __typename id }}" for prefix in prefixes)
    return f"query({declared}) {{ {shown} }}"


@pytest.mark.parametrize("slug", _ACTING)
async def test_answers_ids_of_strangers_like_ids_of_nobody(stage: Stage, ids: dict[str, list[str]], slug: str) -> None:
    prefixes = sorted(set(MODEL.prefixes) - _SHARED_PREFIXES)
    strangers = stage.strangers(slug)
    assert strangers
    for batch in (prefixes[start : start + 15] for start in range(0, len(prefixes), 15)):
        document = _by_ids(batch)
        nothing = {prefix: encode_id(prefix, 999, _MISSING) for prefix in batch}
        for actor in stage.everybody(slug):
            missing = await _ask(stage, actor, document, nothing)
            assert set(missing.json()["data"].values()) == {None}
            for stranger in strangers:
                theirs = {
                    prefix: _of_tenant(ids[MODEL.prefixes[prefix]], stranger.id) or nothing[prefix] for prefix in batch
                }
                assert (await _ask(stage, actor, document, theirs)).content == missing.content, actor


def _of_tenant(found: list[str], tenant_id: int) -> str | None:
    """Pick a row of the tenant, or one that belongs to no tenant: somebody else's account."""
    return next((global_id for global_id in found if int(global_id.split("_")[1]) in (0, tenant_id)), None)


@pytest.mark.parametrize("slug", _ACTING)
async def test_answers_every_root_field_without_a_mark_of_others(
    stage: Stage, ids: dict[str, list[str]], slug: str
) -> None:
    others = stage.marked.neighbours()
    lists = list(Questions(MODEL, ids).roots(is_brief=True))
    shown = set()
    for actor in stage.everybody(slug):
        for question in lists:
            answer = await _ask(stage, actor, question.document, question.variables)
            assert find_leaks(answer.content, others[slug], others) == [], f"{actor}: {question}"
            shown |= set(re.findall(r"«(\w+:[a-z]+)»", answer.text))
    assert f"office:{slug}" in shown


# --- the tenant asked for --------------------------------------------------------------------------------------------


async def test_refuses_strange_tenants_like_tenants_that_do_not_exist(stage: Stage) -> None:
    await stage.owner.execute("update tenants set status = 'closed' where slug = 'pingshan'")
    token = {actor: ISSUER.token(actor.account).decode() for actor in stage.everybody(*_ACTING)}
    refusals = set()
    for actor, signed in token.items():
        for slug in {*stage.world.tenants, "no-such-tenant", "", "'", "庆城", "a" * 5000} - {actor.slug}:
            for method, path in (("POST", GRAPHQL), ("POST", FILES), ("GET", f"{FILES}/fil_1_{_MISSING}")):
                answer = await stage.client.http.request(
                    method,
                    path,
                    json={"query": "{ me { tenant { slug } } }"},
                    headers={b"Authorization": f"Bearer {signed}".encode(), b"X-Tenant": slug.encode()},
                )
                refusals.add((answer.status_code, answer.content, frozenset(answer.headers.items())))
    await stage.owner.execute("update tenants set status = 'open' where slug = 'pingshan'")

    assert {(status, b"TENANT_UNKNOWN" in body) for status, body, _ in refusals} == {(403, True)}
    assert len({body for _, body, _ in refusals}) == 1
    assert len(refusals) == 1


async def test_refuses_a_bad_token_before_it_looks_at_the_tenant(stage: Stage) -> None:
    answers = {
        (answer.status_code, answer.content)
        for slug in ("qingcheng", "no-such-tenant")
        for authorization in ("", "Bearer x", f"Bearer {ISSUER.token('worker', aud='elsewhere').decode()}")
        for answer in [
            await stage.client.http.post(
                GRAPHQL,
                json={"query": "{ __typename }"},
                headers={"Authorization": authorization, "X-Tenant": slug},
            )
        ]
    }

    assert {status for status, _ in answers} == {401}
    assert len(answers) == 1


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", PERMISSIONS)
async def test_gives_files_to_nobody_of_another_tenant(stage: Stage, purpose: str) -> None:
    content = jpeg() if purpose == "CASE" else "«own:qingcheng»".encode() * 50
    worker = Actor("worker", "qingcheng")
    uploaded = await stage.upload(worker, content, purpose=purpose)
    file_id = uploaded.json()["id"]
    assert (uploaded.status_code, (await stage.fetch(worker, file_id)).status_code) == (201, 200)

    # The tenant inside an id counts: a row of one's own is not found under another's number.
    forged = file_id.replace(f"_{stage.world.tenants['qingcheng'].id}_", f"_{stage.world.tenants['zhongshan'].id}_")
    assert (await stage.fetch(worker, forged)).status_code == 404
    await _assert_is_nothing_elsewhere(stage, file_id)


async def test_gives_files_of_cases_to_nobody_of_another_tenant(stage: Stage, ids: dict[str, list[str]]) -> None:
    worker = Actor("worker", "qingcheng")
    file_id = (await stage.upload(worker, jpeg(), purpose="CASE")).json()["id"]
    here = stage.world.tenants["qingcheng"].id
    leaf = "select code from case_categories where tenant_id = $1 and is_leaf and referral_phone is null"
    told = {"title": "甲", "description": "甲", "categoryCode": await stage.owner.fetchval(leaf, here)}
    told |= {"kind": "HELP", "source": "PATROL", "at": {"placeId": _of_tenant(ids["Grid"], here)}}
    reported = await stage.client.ask(
        """mutation ($input: ReportCaseInput!) {
             reportCase(input: $input) { case { attachments { url } } errors { code } }
           }""",
        {"input": {**told, "attachmentIds": [file_id]}},
        account=worker.account,
        tenant=worker.slug,
    )
    payload = reported.json()["data"]["reportCase"]
    assert payload["errors"] == []
    address = payload["case"]["attachments"][0]["url"]
    assert [(await stage.client.http.get(address)).status_code] == [200]

    await _assert_is_nothing_elsewhere(stage, file_id)


async def _assert_is_nothing_elsewhere(stage: Stage, file_id: str) -> None:
    row = file_id.rpartition("_")[2]
    for actor in stage.everybody("zhongshan", "gudong", "gulou"):
        here = stage.world.tenants[actor.slug].id
        missing = await stage.fetch(actor, f"fil_{here}_{_MISSING}")
        assert missing.status_code == 404
        for asked in (file_id, f"{file_id}?size=thumbnail", f"fil_{here}_{row}", row, f"fil_0_{row}"):
            answer = await stage.fetch(actor, asked)
            assert (answer.status_code, answer.content) == (404, missing.content), actor
