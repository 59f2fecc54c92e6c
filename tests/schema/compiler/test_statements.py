"""Is every query one statement, whatever it asks?"""

from __future__ import annotations

import pytest

from tests.contract.documents import contract_document
from tests.make import made_id
from tests.schema.compiler.asking import Asker, all_rows, grants_of

_NESTED = """
{ communities { nodes { grids(first: 3) { edges { node { buildings(first: 2) { totalCount pageInfo { endCursor }
  nodes { leaders { publicName } units(first: 2) { nodes { dwellingCount } } } } } } } } } }
"""
_DOCUMENTS = (
    "{ me { account { id } } }",
    "{ me { positions { place { __typename } body { name } } grants { permission } } tenants { totalCount } }",
    _NESTED,
    '{ dwellings(filter: { addressContains: "1号楼" }) { nodes { owners { displayName } households { id } } } }',
    '{ a: communities { totalCount } b: communities { totalCount } c: placeSearch(text: "1") { nodes { id } } }',
    "{ __typename }",
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Grid") { name } me { account { id } } }',
)


@pytest.mark.parametrize("document", _DOCUMENTS)
async def test_reads_each_operation_in_one_statement(ask: Asker, document: str) -> None:
    told = await ask.tell(document)

    entered, read, left = told.statements
    assert entered.startswith("begin read only; select app.enter(4, ")
    assert read == told.plan.sql
    assert left == "commit"


async def test_asks_a_filter_by_phone_in_the_same_statement(ask: Asker) -> None:
    told = await ask.tell('{ dwellings(filter: { phone: "13800000000" }) { nodes { address } } }')

    assert len(told.statements) == 3
    assert [row["address"] for row in told.data["dwellings"]["nodes"]] == ["1号楼1单元101室", "2号楼1单元101室"]
    assert told.plan.audits == ("DwellingFilter.phone",)


async def test_writes_no_value_of_a_request_into_the_statement(ask: Asker) -> None:
    told = await ask.tell(
        'query($id: ID!) { building(id: $id) { id } placeSearch(text: "河沿路", first: 77) { nodes { id } } }',
        variables={"id": ask.world.id("bld", "qingcheng/1号楼")},
    )

    assert told.data["building"] is not None
    for value in ("河沿路", "77", ask.world.id("bld", "qingcheng/1号楼")[6:], str(made_id(900))):
        assert value not in told.plan.sql


async def test_reads_without_a_tenant_what_needs_none(ask: Asker) -> None:
    told = await ask.tell(
        "{ me { account { displayName } tenant { id } positions { id } tenants { slug } } dwellings { totalCount } }",
        grants_of(ask.world, None, frozenset()),
    )

    assert told.data == {
        "me": {
            "account": {"displayName": "worker的账号"},
            "tenant": None,
            "positions": [],
            "tenants": [{"slug": "zhongshan"}, {"slug": "pingshan"}, {"slug": "qingcheng"}],
        },
        "dwellings": None,
    }
    assert [(refused.code, refused.path) for refused in told.refusals] == [("TENANT_REQUIRED", ("dwellings",))]
    assert told.statements[0].startswith("begin read only; select app.enter(null, ")


@pytest.mark.parametrize(
    ("operation", "slug", "variables"),
    [
        ("DistrictSummary", "gulou", {}),
        ("StreetSummary", "gudong", {"streetId": ("str", "gudong/鼓东街道")}),
        ("CommunitySummary", "qingcheng", {"communityId": ("com", "qingcheng/庆城社区")}),
    ],
)
async def test_sums_up_in_one_statement(
    ask: Asker, operation: str, slug: str, variables: dict[str, tuple[str, str]]
) -> None:
    period = {"from": "2026-01-01", "to": "2026-12-31"}
    ids = {name: ask.world.id(*place) for name, place in variables.items()}
    grants = grants_of(ask.world, slug, all_rows("summary:read", "place:read", tenants="subtree"))

    told = await ask.tell(contract_document("summaries"), grants, {**period, **ids}, operation=operation)

    assert told.forbidden == []
    assert told.statements[1:] == (told.plan.sql, "commit")
    assert next(iter(told.data.values()))["caseSummary"]["reported"] >= 0
