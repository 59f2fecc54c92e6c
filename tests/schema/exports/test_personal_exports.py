"""Does personal data leave only as somebody else agreed, to whoever asked alone, on the record, and not for ever?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from services.files.commands import sweep_files
from tests.fixtures.demo import Demo
from tests.schema.exports.sheets import Exporting, Payload

_HOUSEHOLDS = """{ dwellings(filter: {addressContains: "3号楼"}) { nodes {
  address households { headCount head { displayName maskedPhone } } } } }"""
_REASON = "入户走访"
_PLAIN = "{ dwellings { nodes { address } } }"
_LOG = """{ auditEntries(first: 60) { nodes { action purpose outcome actor { account { displayName } }
  subject { id } } } }"""


async def _made(demo: Demo) -> tuple[Exporting, Payload]:
    """Have the worker's export of households approved by the committee's chair, and made."""
    worker = Exporting(demo, "worker@qingcheng")
    export = await worker.request(_HOUSEHOLDS, reason=_REASON)
    await Exporting(demo, "committee-chair@qingcheng").decide(export["id"], is_granted=True, reason="同意")
    return worker, await worker.until_ended(export["id"])


def _everybody(demo: Demo) -> set[str]:
    """List the accounts that act in the tenant that they are named for."""
    return {account for account, slugs in demo.accounts.items() if account.partition("@")[2] in slugs}


async def _log(demo: Demo, slug: str) -> list[tuple[str, str, str | None]]:
    answer = (await demo.ask(f"auditor@{slug}", _LOG)).json()
    nodes = answer["data"]["auditEntries"]["nodes"]
    return [(node["action"], node["outcome"], (node["subject"] or {"id": None})["id"]) for node in nodes]


async def test_waits_for_somebody_else_and_tells_the_log(demo: Demo) -> None:
    worker, chair = Exporting(demo, "worker@qingcheng"), Exporting(demo, "committee-chair@qingcheng")
    without_reason = [await worker.refused(_HOUSEHOLDS), await worker.refused(_HOUSEHOLDS, reason="  ")]

    export = await worker.request(_HOUSEHOLDS, reason=_REASON, title="3号楼住户")

    assert without_reason == ["EXPORT_REASON_MISSING"] * 2
    assert (export["status"], export["isPersonal"], export["url"]) == ("REQUESTED", True, None)
    await asyncio.sleep(0.2)
    (waiting,) = await chair.listed(status="REQUESTED")
    assert (waiting["id"], waiting["title"], waiting["reason"]) == (export["id"], "3号楼住户", _REASON)
    assert waiting["columns"] == ["地址", "人数", "户主", "电话"]
    assert waiting["requestedAs"].startswith("社区工作者")
    decided = await chair.decide(export["id"], is_granted=True, reason="同意")
    assert (decided["errors"], decided["export"]["decision"]) == ([], "同意")
    made = await worker.until_ended(export["id"])
    above, table = await worker.table(made)
    assert (made["status"], len(table) > 50) == ("DONE", True)
    assert above[-1][1].startswith("含个人信息")
    assert {row[2][1:] for row in table[1:] if row[2]} <= {"*", "**"}
    told = [(action, outcome) for action, outcome, subject in await _log(demo, "qingcheng") if subject == export["id"]]
    assert told == [("export:make", "DONE"), ("export:approve", "DONE"), ("export:request", "DONE")]
    assert "export:fetch" in {action for action, _, _ in await _log(demo, "qingcheng")}


async def test_is_not_decided_by_whoever_asked_nor_by_everybody_nor_twice(demo: Demo) -> None:
    worker, chair = Exporting(demo, "worker@qingcheng"), Exporting(demo, "committee-chair@qingcheng")
    export = await worker.request(_HOUSEHOLDS, reason=_REASON)
    own = await chair.request(_HOUSEHOLDS, reason=_REASON)

    async def codes(account: str, export_id: str) -> list[str]:
        payload = await Exporting(demo, account).decide(export_id, is_granted=True)
        assert payload["export"] is None
        return [error["code"] for error in payload["errors"]]

    for account in ("worker@qingcheng", "party-secretary@qingcheng", "admin@qingcheng"):
        assert await codes(account, export["id"]) == ["FORBIDDEN"]
    assert await codes("committee-chair@qingcheng", own["id"]) == ["EXPORT_OWN"]
    for account in ("officer@gulou", "party-secretary@gudong"):
        assert await codes(account, export["id"]) == ["NOT_FOUND"]
    refused = await chair.decide(export["id"], is_granted=False, reason="用途不明")
    assert (refused["export"]["status"], refused["export"]["decision"]) == ("REFUSED", "用途不明")
    assert await codes("committee-chair@qingcheng", export["id"]) == ["EXPORT_DECIDED"]
    found = await worker.find(export["id"])
    assert found is not None
    assert (found["status"], found["url"]) == ("REFUSED", None)
    assert ("export:approve", "REFUSED", export["id"]) in await _log(demo, "qingcheng")


async def test_is_fetched_by_whoever_asked_alone(demo: Demo) -> None:
    worker, export = await _made(demo)
    everybody = _everybody(demo) - {worker.account}

    assert await worker.status_of(export["url"]) == 200
    for account in everybody:
        other = Exporting(demo, account)
        assert await other.status_of(export["url"]) == 404, account
        seen = await other.find(export["id"])
        assert (seen is not None) == (account == "committee-chair@qingcheng"), account
        assert seen is None or seen["url"] is None
    assert (await demo.http.get(export["url"])).status_code == 401


async def test_shows_nobody_the_exports_of_others_but_those_who_decide(demo: Demo) -> None:
    officer, worker = Exporting(demo, "officer@gulou"), Exporting(demo, "worker@qingcheng")
    mine = {(await one.request(_PLAIN))["id"] for one in (officer, worker)}

    async def seen(account: str) -> set[str]:
        return {export["id"] for export in await Exporting(demo, account).listed()} & mine

    for account in _everybody(demo):
        expected = mine if account in ("officer@gulou", "worker@qingcheng", "committee-chair@qingcheng") else set()
        found = await seen(account)
        assert found <= expected, account
        assert len(found) == min(len(expected), 1), account


@asynccontextmanager
async def _without_post(demo: Demo, account: str) -> AsyncIterator[None]:
    """Let an account's posts have ended for a while."""
    of_account = "account_id = (select id from accounts where subject = $1)"
    raised = "update tenants set grants_version = grants_version + 1"
    await demo.owner.execute(f"update positions set until = '2026-01-02' where {of_account}", account)
    await demo.owner.execute(raised)
    try:
        yield
    finally:
        await demo.owner.execute(f"update positions set until = null where {of_account}", account)
        await demo.owner.execute(raised)


async def test_is_not_made_for_whoever_has_lost_the_post_meanwhile(demo: Demo) -> None:
    worker, chair = Exporting(demo, "worker@qingcheng"), Exporting(demo, "committee-chair@qingcheng")
    export = await worker.request(_HOUSEHOLDS, reason=_REASON)

    async with _without_post(demo, worker.account):
        await chair.decide(export["id"], is_granted=True)
        ended = await chair.until_ended(export["id"])

    assert (ended["status"], ended["fault"]) == ("FAILED", "TENANT_UNKNOWN")
    assert (
        await demo.owner.fetchval("select file_id from exports where id = $1", export["id"].rpartition("_")[2]) is None
    )


async def test_is_not_given_to_whoever_reaches_less_by_now(demo: Demo) -> None:
    worker, export = await _made(demo)
    change = """update positions set kind_code = $2 where account_id = (select id from accounts where subject = $1)"""
    raised = "update tenants set grants_version = grants_version + 1"

    await demo.owner.execute(change, worker.account, "visitor")
    await demo.owner.execute(raised)
    as_visitor = await worker.status_of(export["url"])
    await demo.owner.execute(change, worker.account, "worker")
    await demo.owner.execute(raised)

    assert as_visitor == 404
    assert await worker.status_of(export["url"]) == 200
    async with _without_post(demo, worker.account):
        assert await worker.status_of(export["url"]) == 403


async def test_expires_and_is_swept(demo: Demo) -> None:
    worker, export = await _made(demo)
    file_id = export["url"].rpartition("_")[2]
    kept = datetime.fromisoformat(export["expiresAt"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < kept <= timedelta(days=7)

    await demo.owner.execute("update exports set expires_at = now() where file_id = $1", file_id)
    await demo.owner.execute("update files set expires_at = now() where id = $1", file_id)

    found = await worker.find(export["id"])
    assert found is not None
    assert (found["status"], found["url"]) == ("EXPIRED", None)
    assert export["id"] in {one["id"] for one in await worker.listed(status="EXPIRED")}
    assert export["id"] not in {one["id"] for one in await worker.listed(status="DONE")}
    assert await worker.status_of(export["url"]) == 404
    engine = create_async_engine(sqlalchemy_url(demo.database.worker_url))
    async with engine.begin() as connection:
        assert await sweep_files(connection, now=datetime.now(UTC) + timedelta(seconds=1)) >= 1
    await engine.dispose()
    assert await demo.owner.fetchval("select count(*) from file_chunks where id = $1", file_id) == 0


async def test_keeps_the_file_sealed(demo: Demo) -> None:
    _, export = await _made(demo)
    file_id = export["url"].rpartition("_")[2]

    row = await demo.owner.fetchrow(
        "select f.name_sealed, c.content, e.asked_sealed from files f join file_chunks c on c.id = f.id"
        " join exports e on e.file_id = f.id where f.id = $1",
        file_id,
    )

    assert row is not None
    for stored in row:
        assert "号楼".encode() not in stored
        assert b"dwellings" not in stored


async def test_takes_on_so_many_at_once(demo: Demo) -> None:
    worker = Exporting(demo, "worker@guanyuan")

    waiting = [await worker.request(_HOUSEHOLDS, reason=_REASON) for _ in range(5)]

    assert {export["status"] for export in waiting} == {"REQUESTED"}
    assert await worker.refused(_PLAIN) == "TOO_MANY_EXPORTS"
    await Exporting(demo, "committee-chair@guanyuan").decide(waiting[0]["id"], is_granted=False)
    assert (await worker.request(_PLAIN))["status"] == "DONE"


@pytest.mark.parametrize(
    ("document", "is_personal"),
    [
        ("{ dwellings { nodes { address households { residence } } } }", True),
        ('{ dwellings(filter: {phone: "13800000000"}) { nodes { address } } }', True),
        ("{ cases { nodes { number reporter { maskedPhone } } } }", True),
        ("{ appointments { nodes { holderName } } }", True),
        ("{ cases { nodes { number grid { positions { publicName } } } } }", False),
    ],
)
async def test_knows_what_is_personal(demo: Demo, document: str, is_personal: bool) -> None:  # noqa: FBT001 - a case.
    account = "admin@qingcheng" if "appointments" in document else "worker@qingcheng"

    payload = await Exporting(demo, account).send(document)

    assert ([error["code"] for error in payload["errors"]] == ["EXPORT_REASON_MISSING"]) == is_personal, payload


async def test_makes_nothing_personal_that_nobody_agreed_to(demo: Demo) -> None:
    """As an export that an earlier version did not know to be personal, which is about to be made by this one."""
    worker = Exporting(demo, "worker@qingcheng")
    export = await worker.request(_HOUSEHOLDS, reason=_REASON)
    row_id = export["id"].rpartition("_")[2]

    await demo.owner.execute("update exports set is_personal = false, status = 'APPROVED' where id = $1", row_id)
    await worker.request(_PLAIN)
    ended = await worker.until_ended(export["id"])

    assert (ended["status"], ended["fault"], ended["url"]) == ("FAILED", "EXPORT_REASON_MISSING", None)


async def test_cannot_be_made_without_a_decision_of_somebody_else(demo: Demo) -> None:
    export = await Exporting(demo, "worker@qingcheng").request(_HOUSEHOLDS, reason=_REASON)
    row_id = export["id"].rpartition("_")[2]

    for decided_by in ("null", "account_id"):
        with pytest.raises(asyncpg.CheckViolationError):
            await demo.owner.execute(
                f"update exports set status = 'APPROVED', decided_by_id = {decided_by} where id = $1", row_id
            )


async def test_begins_anew_when_the_reach_changes_while_it_is_made(demo: Demo) -> None:
    worker, other = Exporting(demo, "worker@guanyuan"), Exporting(demo, "worker@qingcheng")
    deny = """insert into policy_overrides (tenant_id, id, kind_code, permission, rows, condition, effect)
      select id, gen_random_uuid(), 'worker', 'roster:import', '*', '*', 'deny' from tenants where slug = 'guanyuan'"""
    raised = "update tenants set grants_version = grants_version + 1 where slug = 'guanyuan'"
    blocking = await asyncpg.connect(demo.database.owner_url)

    async with blocking.transaction():
        # Read it is by now, and not yet stored.
        await blocking.execute("lock table file_chunks in share mode")
        export = await worker.request(_PLAIN)
        await demo.owner.execute(deny)
        await demo.owner.execute(raised)
    await blocking.close()
    await asyncio.sleep(1)
    left = await worker.find(export["id"])
    row_id = export["id"].rpartition("_")[2]
    await demo.owner.execute("update exports set claimed_until = now() where id = $1", row_id)
    await other.request(_PLAIN)
    ended = await worker.until_ended(export["id"])

    assert left is not None
    assert (left["status"], left["url"], ended["status"]) == ("RUNNING", None, "DONE")
    assert await demo.owner.fetchval("select attempts from exports where id = $1", row_id) == 2
    assert await worker.status_of(ended["url"]) == 200
