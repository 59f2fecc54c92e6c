"""Do the contract's documents about rosters and contacts work for those they name, and for nobody else?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import deploy.demo
from tenants.database import new_id
from tests.contract.documents import contract_document
from tests.fixtures.demo import Demo

_ROSTERS = Path(deploy.demo.__file__).parent / "rosters"
_FIGURES = {"jiezilu": (47, 114, 2390, 3), "qingcheng": (77, 232, 3773, 0)}
_OTHERS = (
    "party-secretary",
    "committee-chair",
    "grid-worker",
    "building-leader",
    "property-manager",
    "property-worker",
    "owners-chair",
    "resident",
    "admin",
    "auditor",
)


async def _import(demo: Demo, account: str, file_id: str, *, dry_run: bool) -> dict[str, Any]:
    answer = await demo.ask(account, contract_document("roster"), {"fileId": file_id, "dryRun": dry_run})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]["importRoster"]
    return found


async def _uploaded(demo: Demo, slug: str) -> str:
    content = (_ROSTERS / f"{slug}.xlsx").read_bytes()
    answer = await demo.upload(f"worker@{slug}", content, name="台账.xlsx")
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("slug", ["jiezilu", "qingcheng"])
async def test_takes_in_the_same_roster_again_without_a_change(demo: Demo, slug: str) -> None:
    buildings, units, dwellings, repeats = _FIGURES[slug]

    tried = await _import(demo, f"worker@{slug}", await _uploaded(demo, slug), dry_run=True)
    done = await _import(demo, f"worker@{slug}", await _uploaded(demo, slug), dry_run=False)

    for outcome in (tried, done):
        assert outcome["errors"] == []
        assert set(outcome["import"]["created"].values()) == {0}
        assert set(outcome["import"]["changed"].values()) == {0}
        assert outcome["import"]["unchanged"] == {"dwellings": dwellings}
    problems = done["import"]["problems"]
    assert sum(problem["code"] == "REPEATED_ROW" for problem in problems["nodes"]) == repeats
    counted = await demo.owner.fetchrow(
        "select count(*) filter (where p.kind = 'building'), count(*) filter (where p.kind = 'unit'),"
        " count(*) filter (where p.kind = 'dwelling')"
        " from places p join tenants t on t.id = p.tenant_id where t.slug = $1",
        slug,
    )
    assert counted is not None
    assert tuple(counted) == (buildings, units, dwellings)


@pytest.mark.parametrize("position", _OTHERS)
async def test_takes_in_a_roster_from_workers_alone(demo: Demo, position: str) -> None:
    file_id = await _uploaded(demo, "qingcheng")

    refused = await _import(demo, f"{position}@qingcheng", file_id, dry_run=True)
    foreign = await _import(demo, "worker@guanyuan", file_id, dry_run=True)
    uploaded = await demo.upload(f"{position}@qingcheng", b"a,b\n1,2\n", name="a.csv")

    assert refused["import"] is None
    assert refused["errors"][0]["code"] == "FORBIDDEN"
    assert foreign["errors"][0]["code"] == "NOT_FOUND"
    assert uploaded.status_code == 403


async def test_reveals_a_contact_on_the_record(demo: Demo) -> None:
    document = contract_document("privacy")
    head = await demo.owner.fetchval(
        "select 'per_' || h.tenant_id || '_' || h.head_id from households h join tenants t on t.id = h.tenant_id"
        " join people p on p.tenant_id = h.tenant_id and p.id = h.head_id"
        " where t.slug = 'qingcheng' and p.phone_sealed is not null limit 1"
    )
    missing = head[: head.rindex("_") + 1] + str(new_id())

    async def reveal(account: str, person_id: str) -> dict[str, Any]:
        variables = {"personId": person_id, "purpose": "VISIT", "note": None}
        answer = await demo.ask(account, document, variables, operation="RevealContact")
        found: dict[str, Any] = answer.json()["data"]["revealContact"]
        return found

    revealed = await reveal("worker@qingcheng", head)
    refused = await reveal("party-secretary@qingcheng", head)
    foreign = await reveal("worker@guanyuan", head)
    absent = await reveal("worker@qingcheng", missing)
    log = await demo.ask("auditor@qingcheng", document, {"first": 100}, operation="AuditTrail")
    closed = await demo.ask("worker@qingcheng", document, {"first": 100}, operation="AuditTrail")

    assert revealed["errors"] == []
    assert revealed["contact"]["phone"].isdigit()
    assert [outcome["errors"][0]["code"] for outcome in (refused, foreign, absent)] == [
        "FORBIDDEN",
        "NOT_FOUND",
        "NOT_FOUND",
    ]
    entries = [entry for entry in log.json()["data"]["auditEntries"]["nodes"] if entry["action"] == "contact:reveal"]
    assert [(entry["outcome"], entry["purpose"]) for entry in entries] == [
        ("REFUSED", "VISIT"),
        ("REFUSED", "VISIT"),
        ("DONE", "VISIT"),
    ]
    assert entries[-1]["subject"] == {"__typename": "Person", "id": head}
    assert entries[-1]["actor"]["account"]["displayName"]
    assert closed.json()["data"] == {"auditEntries": None}
    assert closed.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
