"""What does an auditor see of the audit log, and what does everybody else?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from tenants.audit.recording import AuditEntry
from tenants.work import Workshop
from tests.fixtures.world import WorldDatabase
from tests.make import World
from tests.schema.compiler.asking import Asker, all_rows, asker, grants_of

# The document that front-end teams rely on.
AUDIT_TRAIL = """
query AuditTrail($first: Int = 20, $after: String) {
  auditEntries(first: $first, after: $after) {
    nodes {
      at actor { publicName account { id displayName } } action subject { __typename id } purpose outcome
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
AUDITOR = all_rows("audit:read")


@pytest.fixture(scope="module")
async def ask(made: WorldDatabase) -> AsyncIterator[Asker]:
    """A reader in the world, as the gateway role."""
    await _record(made)
    async with asker(made.database.gateway_url, made.world) as asking:
        yield asking


async def _record(made: WorldDatabase) -> None:
    world = made.world
    engine = create_async_engine(sqlalchemy_url(made.database.gateway_url))
    for slug in ("qingcheng", "zhongshan"):
        post = world.positions[f"{slug}/worker"]
        grants = grants_of(world, slug, all_rows("contact:reveal"))
        object.__setattr__(grants, "granting_posts", MappingProxyType({"contact:reveal": post}))
        entries = [
            AuditEntry("contact:reveal", "Person", world.people[f"{slug}/赵"], purpose="VISIT"),
            AuditEntry("contact:reveal", "Person", world.people[f"{slug}/钱"], purpose="OTHER", outcome="REFUSED"),
            AuditEntry("resident:search", "Person", purpose="DwellingFilter.phone"),
            AuditEntry("place:move", "Building", world.places[f"{slug}/1号楼"]),
            AuditEntry("settings:edit", "PositionKind", world.places[f"{slug}/1号楼"]),
        ]
        for number, entry in enumerate(entries):
            async with Workshop(engine, clock=_stopped(NOON + timedelta(seconds=number))).work(grants) as work:
                await work.record(entry)
    await engine.dispose()


def _stopped(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


async def trail(ask: Asker, **variables: object) -> dict[str, Any]:
    told = await ask.tell(AUDIT_TRAIL, grants_of(ask.world, "qingcheng", AUDITOR), variables)
    assert told.refusals == ()
    assert len(told.statements) <= 3
    found: dict[str, Any] = told.data["auditEntries"]
    return found


async def test_shows_who_did_what_to_what_and_why(ask: Asker, world: World) -> None:
    found = await trail(ask)

    actor = {
        "publicName": "钱老师（qingcheng）",
        "account": {"id": f"acc_0_{world.accounts['worker']}", "displayName": "worker的账号"},
    }
    nobody = {**actor, "publicName": None}
    assert found["nodes"] == [
        {
            "at": f"2026-06-01T12:00:0{second}.000+08:00",
            "actor": who,
            "action": action,
            "subject": subject,
            "purpose": purpose,
            "outcome": outcome,
        }
        for second, who, action, subject, purpose, outcome in (
            (4, nobody, "settings:edit", None, None, "DONE"),
            (3, nobody, "place:move", subject_of("Building", world, "bld", "1号楼"), None, "DONE"),
            (2, nobody, "resident:search", None, "DwellingFilter.phone", "DONE"),
            (1, actor, "contact:reveal", subject_of("Person", world, "per", "钱"), "OTHER", "REFUSED"),
            (0, actor, "contact:reveal", subject_of("Person", world, "per", "赵"), "VISIT", "DONE"),
        )
    ]
    assert found["pageInfo"]["hasNextPage"] is False


def subject_of(type_name: str, world: World, prefix: str, name: str) -> dict[str, str]:
    return {"__typename": type_name, "id": world.id(prefix, f"qingcheng/{name}")}


async def test_turns_its_pages(ask: Asker) -> None:
    whole = (await trail(ask))["nodes"]

    pages = [await trail(ask, first=1)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(await trail(ask, first=1, after=pages[-1]["pageInfo"]["endCursor"]))

    assert [node for page in pages for node in page["nodes"]] == whole
    assert len(pages) == len(whole)


@pytest.mark.parametrize("granted", [(), ("place:read", "dwelling:read", "resident:read", "contact:reveal")])
async def test_is_closed_to_everybody_else(ask: Asker, granted: tuple[str, ...]) -> None:
    told = await ask.tell(AUDIT_TRAIL, grants_of(ask.world, "qingcheng", all_rows(*granted)))

    assert told.data == {"auditEntries": None}
    assert told.forbidden == [("auditEntries", "auditEntries")]


async def test_the_office_above_reads_its_own_log_alone(ask: Asker) -> None:
    told = await ask.tell(AUDIT_TRAIL, grants_of(ask.world, "gudong", AUDITOR))

    assert told.data["auditEntries"]["nodes"] == []


async def test_an_id_of_another_tenants_entry_reads_as_none(ask: Asker, world: World) -> None:
    ids = "query { auditEntries { nodes { id } } }"
    theirs = (await ask.tell(ids, grants_of(world, "zhongshan", AUDITOR))).data["auditEntries"]["nodes"]

    node = "query ($id: ID!) { node(id: $id) { __typename id } }"
    found = [
        (await ask.tell(node, grants_of(world, slug, AUDITOR), {"id": theirs[0]["id"]})).data["node"]
        for slug in ("zhongshan", "qingcheng")
    ]

    assert found == [{"__typename": "AuditEntry", "id": theirs[0]["id"]}, None]


async def test_tells_more_of_a_subject_only_to_who_may_read_it(ask: Asker, world: World) -> None:
    document = "query { auditEntries { nodes { subject { id ... on Person { displayName } } } } }"

    blind = await ask.tell(document, grants_of(world, "qingcheng", AUDITOR))
    seeing = await ask.tell(document, grants_of(world, "qingcheng", AUDITOR | all_rows("resident:read")))

    building = {"id": world.id("bld", "qingcheng/1号楼")}
    assert [node["subject"] for node in blind.data["auditEntries"]["nodes"]] == [None, building, None, None, None]
    assert blind.forbidden == [("auditEntries.nodes", "auditEntries.nodes.subject")]
    assert [node["subject"] for node in seeing.data["auditEntries"]["nodes"]] == [
        None,
        building,
        None,
        {"id": world.id("per", "qingcheng/钱"), "displayName": "钱*（qingcheng）"},
        {"id": world.id("per", "qingcheng/赵"), "displayName": "赵*（qingcheng）"},
    ]


async def test_takes_aliases_and_fragments_on_the_subject(ask: Asker, world: World) -> None:
    document = """
    query { auditEntries(first: 1, after: null) { edges { node { what: subject { ...told } } } } }
    fragment told on Node { type: __typename it: id ... on Building { __typename } }
    """
    told = await ask.tell(document.replace("first: 1", "first: 2"), grants_of(world, "qingcheng", AUDITOR))

    assert [edge["node"]["what"] for edge in told.data["auditEntries"]["edges"]] == [
        None,
        {"type": "Building", "it": world.id("bld", "qingcheng/1号楼"), "__typename": "Building"},
    ]


def test_every_recorded_subject_is_a_type_of_the_schema_or_none_on_purpose() -> None:
    root = Path(__file__).parents[3]
    named = {
        name
        for folder in ("services", "schema")
        for path in (root / folder).rglob("*.py")
        for name in re.findall(r'AuditEntry\(\s*[\w:"]+,\s*"(\w+)"', path.read_text())
    }
    schema = (root / "schema" / "schema.graphql").read_text()

    unknown = {name for name in named if not re.search(rf"^type {name} implements .*Node", schema, re.MULTILINE)}

    # Entities that clients have no page of.
    assert unknown <= {"PositionKind", "File"}
