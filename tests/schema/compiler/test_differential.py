"""Does the one statement answer what the declared types say, row by row and for whoever asks?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from tenants.audit.tables import AuditRecord
from tests.fixtures.world import WorldDatabase
from tests.make import COMMUNITIES, World, made_id
from tests.schema.compiler.asking import MODEL
from tests.schema.compiler.callers import CALLERS, Caller
from tests.schema.compiler.comparing import Comparing, Difference, comparing, stock_of
from tests.schema.documents.making import DocumentMaker, MadeDocument

_CONTRACT = Path(__file__).parents[4] / "shared" / "contract"
_EACH = 135
assert _EACH * len(CALLERS) >= 2000


@pytest.fixture(scope="module")
async def both(made: WorldDatabase) -> AsyncIterator[Comparing]:
    """Both ways to answer, in the world with some audited acts in it."""
    engine = create_async_engine(sqlalchemy_url(made.database.owner_url))
    async with engine.begin() as connection:
        await connection.execute(insert(AuditRecord), _audited(made.world))
        await connection.execute(text("analyze"))
    await engine.dispose()
    async with comparing(made) as opened:
        yield opened


def _audited(world: World) -> list[dict[str, Any]]:
    rows = []
    for slug in COMMUNITIES:
        subjects = (
            ("Person", world.people[f"{slug}/赵"]),
            ("Dwelling", world.places[f"{slug}/1号楼1单元101室"]),
            ("PartyOrganization", world.bodies[f"{slug}/party_organization"]),
            ("Person", made_id(0xFFFF)),
            ("Roster", made_id(1)),
            ("Person", None),
        )
        for number, (kind, row_id) in enumerate(subjects):
            rows.append(
                {
                    "tenant_id": world.tenants[slug].id,
                    "id": made_id(0x9000 + number),
                    # Three at each instant: only the id orders them.
                    "at": datetime(2026, 5, 1 + number // 3, 0, 0, 0, 120_000, UTC),
                    "account_id": world.accounts["worker"],
                    "account_name": "worker",
                    "position_name": f"钱老师（{slug}）" if number else None,
                    "action": "contact:reveal",
                    "subject_type": kind,
                    "subject_id": row_id,
                    "purpose": None if number else "CALL_BACK",
                    "outcome": "REFUSED" if number else "DONE",
                }
            )
    return rows


async def _differences(
    both: Comparing, caller: Caller, documents: list[MadeDocument]
) -> tuple[list[Difference], Counter[str]]:
    grants = caller.grants(both.world)
    found: list[Difference] = []
    refused: Counter[str] = Counter()
    async with both.entered(caller.name, grants) as interpreter:
        for document in documents:
            told = await both.compare(document, grants, interpreter)
            if isinstance(told, Difference):
                found.append(told)
            elif told is not None:
                refused[told] += 1
    return found, refused


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
async def test_answers_generated_documents_as_declared(both: Comparing, caller: Caller) -> None:
    maker = DocumentMaker(MODEL.schema, stock_of(both.world, caller.slug), Random(f"documents of {caller.name}"))  # noqa: S311

    found, refused = await _differences(both, caller, [maker.make() for _ in range(_EACH)])

    assert not found, f"{len(found)} differ; the first:\n{found[0]}"
    # What is refused says nothing: nearly all of what is made has to be answered.
    assert refused.total() < _EACH * 0.1, refused


_EVERY_POST = "query ($id: ID!) { position(id: $id) { id kind { code } publicName dutyPhone since place { name } } }"


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
async def test_answers_every_post_as_declared(both: Comparing, caller: Caller) -> None:
    posts = [MadeDocument(_EVERY_POST, {"id": both.world.id("pos", name)}) for name in both.world.positions]

    found, refused = await _differences(both, caller, posts)

    assert not found, f"{len(found)} differ; the first:\n{found[0]}"
    assert refused == Counter()


_VARIABLES = {
    "communityId": ("com", "庆城社区"),
    "BuildingPage.id": ("bld", "2号楼"),
    "DwellingPage.id": ("dwl", "1号楼1单元101室"),
}
_FILTERS: tuple[dict[str, str], ...] = (
    {"gridId": "grd/第一网格"},
    {"estateId": "est/花园小区"},
    {"addressContains": "3号楼"},
    {"phone": "13800000000"},
)


def _contract(world: World) -> list[MadeDocument]:
    documents = []
    for name in ("me", "places"):
        path = _CONTRACT / f"{name}.graphql"
        if not path.exists():
            pytest.skip("the contract's documents are not beside this checkout")
        for operation in re.split(r"^(?=query )", path.read_text(), flags=re.MULTILINE)[1:]:
            documents += [MadeDocument(operation, variables) for variables in _variables(world, operation)]
    return documents


def _variables(world: World, operation: str) -> list[dict[str, Any]]:
    title = operation.split()[1].partition("(")[0]
    if title == "DwellingSearch":
        filters = [
            {key: world.id(value.partition("/")[0], f"qingcheng/{value.partition('/')[2]}") if "/" in value else value}
            for one in _FILTERS
            for key, value in one.items()
        ]
        return [{"filter": one, "first": 3} for one in filters]
    given: dict[str, Any] = {"text": "号楼"} if "$text" in operation else {}
    for name, (prefix, row) in _VARIABLES.items():
        holder, _, variable = name.rpartition(".")
        if f"${variable}:" in operation and holder in ("", title):
            given[variable] = world.id(prefix, f"qingcheng/{row}")
    return [given]


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
async def test_answers_the_contracts_documents_as_declared(both: Comparing, caller: Caller) -> None:
    found, refused = await _differences(both, caller, _contract(both.world))

    assert not found, f"{len(found)} differ; the first:\n{found[0]}"
    assert refused == Counter()
