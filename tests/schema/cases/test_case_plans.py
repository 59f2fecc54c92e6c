"""Is a list of cases one statement that an index serves, for whoever asks, among very many cases?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from schema.compiler.reading import entrance
from tenants.grants import Grant, Grants, Scope
from tests.fixtures.world import WorldDatabase
from tests.make_cases import case_id
from tests.schema.compiler.asking import Asker, asker

# Of each case of the world so many more, an hour apart, nearly all of them closed, handled by whoever handled it.
_BULK = (
    """insert into cases (tenant_id, id, street_id, district_id, number, kind, source, category_id, status, grid_id,
         coordinator_body_id, accountable_body_id, reported_at, due_at, closed_at, needs_call_back)
       select c.tenant_id, gen_random_uuid(), c.street_id, c.district_id, c.number || '-' || n, c.kind, c.source,
         c.category_id, case when n % 50 = 0 then 'ACCEPTED' else 'CLOSED' end, c.grid_id, c.coordinator_body_id,
         c.accountable_body_id, c.reported_at - make_interval(hours => n), c.due_at - make_interval(hours => n),
         case when n % 50 <> 0 then c.reported_at end, true
       from cases c, generate_series(1, 600) n""",
    """insert into case_details (tenant_id, id, title, description, reported_at, place_text, reporter_account_id)
       select c.tenant_id, c.id, 't', 'd', c.reported_at, 'p', (select id from accounts where subject = 'nobody')
       from cases c where not exists (select from case_details d where d.tenant_id = c.tenant_id and d.id = c.id)""",
    """insert into case_steps (tenant_id, id, street_id, district_id, case_id, ordinal, at, action, to_status,
         coordinator_body_id, accountable_body_id, rework_count)
       select c.tenant_id, gen_random_uuid(), c.street_id, c.district_id, c.id, 1, c.reported_at, 'REPORT', 'REPORTED',
         c.coordinator_body_id, c.accountable_body_id, 0
       from cases c where not exists (select from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id)""",
    """insert into work_items (tenant_id, id, account_id, post_tenant_id, position_id, case_id, reason, number, title,
         status, due_order, made_at)
       select i.tenant_id, gen_random_uuid(), i.account_id, i.post_tenant_id, i.position_id, c.id, i.reason, c.number,
         't', 'ACCEPTED', c.due_at, c.reported_at
       from work_items i join cases c on c.tenant_id = i.tenant_id and c.status = 'ACCEPTED' and i.reason = 'TO_HANDLE'
       on conflict do nothing""",
    "analyze",
)
_LIST = """query ($filter: CaseFilter, $order: [CaseOrder!] = [REPORTED_AT_DESC], $after: String) {
  cases(filter: $filter, orderBy: $order, first: 20, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { id number title status reportedAt dueAt isOverdue category { code name } grid { id name }
      accountable { body { id name } publicName } } } }"""
_PAGE = """query ($id: ID!) { case(id: $id) { id number title description status reporter { displayName maskedPhone }
  place { __typename id name } accountable { body { id name } publicName } can { action isAllowed reason }
  steps { action at actor { body { id name } publicName } note } publicSteps { label at officeName } } }"""
_WORK = "{ myWork(first: 20) { nodes { tenant { slug } case { id number title dueAt isOverdue } due { reason } } } }"


@pytest.fixture(scope="module")
async def bulk(made: WorldDatabase) -> AsyncIterator[Asker]:
    """A reader in the world, grown by many cases."""
    engine = create_async_engine(sqlalchemy_url(made.database.owner_url))
    async with engine.begin() as connection:
        for statement in _BULK:
            await connection.execute(text(statement))
    await engine.dispose()
    async with asker(made.database.gateway_url, made.world) as asking:
        yield asking


def _caller(ask: Asker, slug: str, account: str, *grants: tuple[str, str, str], **scope: str) -> Grants:
    held = {"body_ids": ask.world.bodies, "position_ids": ask.world.positions}
    lists = {name: (held.get(name, ask.world.places)[row],) for name, row in scope.items()}
    scopes = dict.fromkeys(("case:read", "case:handle"), Scope(**lists))
    granted = frozenset(Grant("case:read", *one) for one in grants) | {Grant("place:read", "subtree", "all")}
    return Grants(ask.world.tenants[slug], ask.world.accounts[account], granted, MappingProxyType(scopes))


def _callers(ask: Asker) -> dict[str, Grants]:
    return {
        "worker": _caller(ask, "qingcheng", "worker", ("acting", "all", "")),
        "grid": _caller(ask, "qingcheng", "grid-worker", ("acting", "place", ""), grid_ids="qingcheng/第一网格"),
        "resident": _caller(ask, "qingcheng", "resident", ("acting", "own", "as_reporter")),
        "street": _caller(ask, "gudong", "dispatcher", ("subtree", "all", "index"), ("served", "own", "")),
        "district": _caller(ask, "gulou", "officer", ("subtree", "all", "index")),
        "department": _caller(ask, "gudong", "dispatcher", ("served", "own", ""), body_ids="gudong/department"),
    }


async def _explain(ask: Asker, document: str, grants: Grants, variables: dict[str, Any]) -> list[dict[str, Any]]:
    plan, coerced = ask.plan(document, grants, variables)
    arguments = plan.arguments(coerced, ask.context(grants))
    async with ask.reader.pool.acquire() as connection:
        await connection.execute(entrance(grants))
        found = await connection.fetchval(f"explain (analyze, format json) {plan.sql}", *arguments)
        await connection.execute("rollback")
    return list(_nodes(orjson.loads(found)[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _of(nodes: list[dict[str, Any]], table: str) -> list[dict[str, Any]]:
    return [node for node in nodes if node.get("Relation Name") == table]


def _sorted(nodes: list[dict[str, Any]]) -> set[str]:
    """Name the tables whose rows are sorted, and not read in their order."""
    sorts = [node for node in nodes if "Sort" in node["Node Type"]]
    return {below["Relation Name"] for node in sorts for below in _nodes(node) if "Relation Name" in below}


def _read(nodes: list[dict[str, Any]], table: str) -> float:
    """Count the rows of a table that were read: those given on, and those looked at in vain."""
    counts: list[float] = [
        node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in _of(nodes, table)
    ]
    return sum(counts)


@pytest.mark.parametrize("order", ["REPORTED_AT_DESC", "REPORTED_AT_ASC", "DUE_AT_ASC"])
@pytest.mark.parametrize(
    ("who", "index"),
    [
        ("worker", {"REPORTED": "ix_cases_reported_at", "DUE": "ix_cases_due"}),
        ("street", {"REPORTED": "ix_cases_street_reported_at", "DUE": "ix_cases_street_due"}),
        ("district", {"REPORTED": "ix_cases_district_reported_at", "DUE": "ix_cases_district_due"}),
    ],
)
async def test_reads_a_page_off_an_index(bulk: Asker, who: str, index: dict[str, str], order: str) -> None:
    nodes = await _explain(bulk, _LIST, _callers(bulk)[who], {"order": [order]})

    assert "cases" not in _sorted(nodes)
    assert {node.get("Index Name") for node in _of(nodes, "cases")} == {index[order.partition("_")[0]]}
    # A page and one row more, however many there are.
    assert _read(nodes, "cases") <= 21


@pytest.mark.parametrize(
    ("filter_", "index"),
    [
        ({"status": {"in": ["REPORTED"]}}, "ix_cases_status"),
        ({"isOverdue": True}, "ix_cases_due"),
        ({"gridId": "grd/第一网格"}, "ix_cases_grid"),
        ({"accountableBodyId": "own"}, "ix_cases_accountable"),
    ],
)
async def test_reads_what_is_looked_for_off_an_index(bulk: Asker, filter_: dict[str, Any], index: str) -> None:
    order = ["DUE_AT_ASC"] if "isOverdue" in filter_ else ["REPORTED_AT_DESC"]
    if "gridId" in filter_:
        filter_ = {"gridId": bulk.world.id("grd", "qingcheng/第一网格")}
    if "accountableBodyId" in filter_:
        filter_ = {"accountableBodyId": f"prc_0_{bulk.world.bodies['qingcheng/property_company']}"}

    # One of several statuses is no order: what matches is sorted, and that is few, or another index serves as well.
    variables = {"filter": filter_, "order": order}
    nodes = await _explain(bulk, _LIST, _callers(bulk)["worker"], variables)

    assert index in {node.get("Index Name") for node in nodes}
    assert _read(nodes, "cases") <= 21


@pytest.mark.parametrize("who", ["grid", "resident", "department"])
async def test_reads_no_other_tenants_cases_for_who_sees_few(bulk: Asker, who: str) -> None:
    nodes = await _explain(bulk, _LIST, _callers(bulk)[who], {})

    assert [node for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "cases"] == []
    assert _read(nodes, "cases") <= 9 * 601


@pytest.mark.parametrize("who", ["worker", "resident", "street", "department"])
async def test_reads_a_page_of_one_case_by_its_keys(bulk: Asker, who: str) -> None:
    tenant = bulk.world.tenants["qingcheng"].id
    number = 0 if who == "resident" else 2

    nodes = await _explain(bulk, _PAGE, _callers(bulk)[who], {"id": f"cas_{tenant}_{case_id(number)}"})

    assert _read(nodes, "cases") <= 2
    assert _read(nodes, "case_steps") <= 6


async def test_reads_work_off_the_accounts_own_index(bulk: Asker) -> None:
    nodes = await _explain(bulk, _WORK, _callers(bulk)["worker"], {})

    assert "work_items" not in _sorted(nodes)
    assert {node.get("Index Name") for node in _of(nodes, "work_items")} == {"ix_work_items_account"}
    # A page and one row more, and what waits by a post that the account does not hold.
    assert _read(nodes, "work_items") <= 21 + 5
