"""Is each order on offer an index of the database, read under row-level security without sorting?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from schema.compiler.declare import Connection
from schema.compiler.reading import entrance
from tenants.grants import Grants
from tests.fixtures.world import WorldDatabase
from tests.schema.compiler.asking import MODEL, READ_ALL, Asker, all_rows, asker, grants_of

# Many dwellings in one grid, building, estate and unit of each community, and many communities in each street.
_BULK = (
    """insert into places (tenant_id, street_id, district_id, id, kind, name, address, sort_key,
                           unit_id, building_id, grid_id, estate_id)
       select u.tenant_id, u.street_id, u.district_id, gen_random_uuid(), 'dwelling', 'n', 'n',
              u.sort_key || lpad(n::text, 6, '0'), u.id, u.building_id, u.grid_id, u.estate_id
       from places u, generate_series(1, 500) n where u.kind = 'unit'""",
    """insert into tenants (id, uid, slug, name, kind, parent_id, street_id, district_id, place_id, sort_key)
       select 1000 * s.id + n, gen_random_uuid(), 's' || s.id || '-' || n, 'n', 'community', s.id, s.id, s.district_id,
              gen_random_uuid(), lpad(n::text, 6, '0')
       from tenants s, generate_series(1, 500) n where s.kind = 'street'""",
    "analyze",
)
# These show several kinds of place side by side, tenants by membership, a tenant's few kinds of position: sorted.
_SORTED = {("Query", "placeSearch"), ("Query", "tenants"), ("Query", "positionKinds")}


@pytest.fixture(scope="module")
async def bulk(made: WorldDatabase) -> AsyncIterator[Asker]:
    """A reader in the world, grown by many dwellings and communities."""
    engine = create_async_engine(sqlalchemy_url(made.database.owner_url))
    async with engine.begin() as connection:
        for statement in _BULK:
            await connection.execute(text(statement))
    await engine.dispose()
    async with asker(made.database.gateway_url, made.world) as asking:
        yield asking


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


async def _explain(
    ask: Asker, document: str, grants: Grants, variables: dict[str, Any], *, settings: str = ""
) -> list[dict[str, Any]]:
    plan, coerced = ask.plan(document, grants, variables)
    arguments = plan.arguments(coerced, ask.context(grants))
    async with ask.reader.pool.acquire() as connection:
        await connection.execute(entrance(grants) + settings)
        found = await connection.fetchval(f"explain (format json) {plan.sql}", *arguments)
        await connection.execute("rollback")
    return list(_nodes(orjson.loads(found)[0]["Plan"]))


def _sorts(nodes: list[dict[str, Any]]) -> list[str]:
    return [node["Node Type"] for node in nodes if "Sort" in node["Node Type"]]


def _indexes(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


@pytest.mark.parametrize("order", ["ADDRESS_ASC", "ADDRESS_DESC"])
@pytest.mark.parametrize(
    ("condition", "prefix", "name", "index"),
    [
        (None, "", "", "ix_places_kind"),
        ("gridId", "grd", "第一网格", "ix_places_grid"),
        ("estateId", "est", "花园小区", "ix_places_estate"),
        ("buildingId", "bld", "2号楼", "ix_places_building"),
        ("unitId", "unt", "1号楼1单元", "ix_places_unit"),
    ],
)
@pytest.mark.parametrize("slug", ["qingcheng", "gudong", "gulou"])
async def test_orders_dwellings_by_an_index(
    bulk: Asker, slug: str, condition: str | None, prefix: str, name: str, index: str, order: str
) -> None:
    document = """
    query($filter: DwellingFilter, $order: [DwellingOrder!]) {
      dwellings(filter: $filter, orderBy: $order) { edges { cursor node { id address } } } }
    """
    tenants = "acting" if slug == "qingcheng" else "subtree"
    grants = grants_of(bulk.world, slug, all_rows(*READ_ALL, tenants=tenants))
    filter_ = {condition: bulk.world.id(prefix, f"qingcheng/{name}")} if condition else None
    if condition is None:
        index = {"qingcheng": index, "gudong": "ix_places_street", "gulou": "ix_places_district"}[slug]

    nodes = await _explain(bulk, document, grants, {"filter": filter_, "order": [order]})

    assert _sorts(nodes) == []
    assert _indexes(nodes) == {index}


@pytest.mark.parametrize(("slug", "index"), [("gudong", "ix_tenants_street_id"), ("gulou", "ix_tenants_district_id")])
async def test_orders_communities_by_an_index(bulk: Asker, slug: str, index: str) -> None:
    grants = grants_of(bulk.world, slug, all_rows(*READ_ALL, tenants="subtree"))

    nodes = await _explain(bulk, "{ communities { nodes { id name } } }", grants, {})

    assert _sorts(nodes) == []
    assert {name.removesuffix("_sort_key") for name in _indexes(nodes)} == {index}


@pytest.mark.parametrize("slug", ["gudong", "gulou"])
async def test_orders_the_communities_of_a_street_by_an_index(bulk: Asker, slug: str) -> None:
    document = "query($id: ID!) { street(id: $id) { communities { edges { node { id name } } } } }"
    grants = grants_of(bulk.world, slug, all_rows(*READ_ALL, tenants="subtree"))

    nodes = await _explain(bulk, document, grants, {"id": bulk.world.id("str", "gudong/鼓东街道")})

    assert _sorts(nodes) == []
    assert "ix_tenants_street_id_sort_key" in _indexes(nodes)


def _offered() -> list[tuple[str, str, str]]:
    found = []
    for (type_name, field), declared in MODEL.fields.items():
        if isinstance(declared, Connection) and (type_name, field) not in _SORTED:
            found += [(type_name, field, order) for order in declared.orders or ("",)]
    return found


_NEEDED = {
    "kind": "kind: PARTNER",
    "text": 'text: "1"',
    "buildingId": 'buildingId: "bld_2_0190a000-0000-7000-8000-000000000001"',
}


@pytest.mark.parametrize(("type_name", "field", "order"), _offered())
async def test_offers_no_order_without_an_index(bulk: Asker, type_name: str, field: str, order: str) -> None:
    owner: Any = MODEL.schema.type_map[type_name]
    arguments = [_NEEDED[name] for name in owner.fields[field].args if name in _NEEDED]
    arguments += [f"orderBy: {order}"] if order else []
    listed = f"{field}({', '.join(['first: 5', *arguments])}) {{ nodes {{ __typename }} }}"
    variables: dict[str, Any] = {}
    if type_name != "Query":
        prefix = next(prefix for prefix, name in MODEL.prefixes.items() if name == type_name)
        listed = f"node(id: $id) {{ ... on {type_name} {{ {listed} }} }}"
        variables["id"] = f"{prefix}_4_{bulk.world.places['qingcheng']}"
    permissions = [source.permission for source in MODEL.sources.values() if getattr(source, "permission", None)]  # type: ignore[union-attr]
    grants = grants_of(bulk.world, "gudong", all_rows(*{p for p in permissions if p}, tenants="subtree"))
    document = f"query{'($id: ID!)' if variables else ''} {{ {listed} }}"

    # Tables of a few rows are sorted by choice: leave the planner none, and see whether it has to.
    settings = "; set local enable_sort = off; set local enable_seqscan = off; set local enable_bitmapscan = off"
    nodes = await _explain(bulk, document, grants, variables, settings=settings)

    assert _sorts(nodes) == []
