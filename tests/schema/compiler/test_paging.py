"""Does paging through a list give every row exactly once, in order, from either end?"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from schema.compiler.faults import BadCursor, BadPage
from schema.compiler.values import decode_cursor, sign_cursor
from tests.schema.compiler.asking import SECRET, Asker, all_rows, grants_of

_LISTS = {
    "dwellings": "dwellings({page}) {{ {shown} }}",
    "dwellings_descending": "dwellings(orderBy: ADDRESS_DESC, {page}) {{ {shown} }}",
    "twice_the_same_address": 'dwellings(filter: {{ addressContains: "10号楼" }}, {page}) {{ {shown} }}',
    "communities": "communities({page}) {{ {shown} }}",
    "tenants": "tenants({page}) {{ {shown} }}",
    "places": 'placeSearch(text: "号", {page}) {{ {shown} }}',
    "bodies": "bodies(kind: PARTNER, {page}) {{ {shown} }}",
}
_SHOWN = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }"


async def _page(ask: Asker, name: str, **page: object) -> dict[str, Any]:
    given = {key: value for key, value in page.items() if value is not None}
    arguments = ", ".join(f"{key}: ${key}" for key in given)
    field = _LISTS[name].format(page=arguments, shown=_SHOWN)
    types = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
    declared = ", ".join(f"${key}: {types[key]}" for key in given)
    slug = "gudong" if name == "communities" else "qingcheng"
    grants = grants_of(ask.world, slug, all_rows("place:read", "dwelling:read", tenants="subtree"))
    told = await ask.tell(f"query({declared}) {{ found: {field} }}", grants, given)
    found: dict[str, Any] = told.data["found"]
    return found


def _ids(page: Mapping[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("name", _LISTS)
async def test_pages_forwards_through_every_row_once(ask: Asker, name: str, size: int) -> None:
    whole = await _page(ask, name, first=100)

    seen: list[str] = []
    after = None
    while True:
        page = await _page(ask, name, first=size, after=after)
        seen += _ids(page)
        assert page["totalCount"] == len(_ids(whole))
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == _ids(whole)
    assert len(set(seen)) == len(seen)
    assert _ids(await _page(ask, name, first=size, after=after)) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("name", _LISTS)
async def test_pages_backwards_through_every_row_once(ask: Asker, name: str, size: int) -> None:
    whole = await _page(ask, name, first=100)

    seen: list[str] = []
    before = None
    while True:
        page = await _page(ask, name, last=size, before=before)
        seen = _ids(page) + seen
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break

    assert seen == _ids(whole)


async def test_sorts_addresses_by_their_numbers(ask: Asker) -> None:
    told = await ask.tell(
        '{ placeSearch(text: "号楼") { nodes { ... on Building { name } ... on Unit { address } } } }'
    )

    names = [node.get("name") or node["address"] for node in told.data["placeSearch"]["nodes"]]
    assert names == [
        *("1号楼", "1号楼1单元", "1号楼2单元", "2号楼", "2号楼1单元", "2号楼2单元"),
        *("3号楼", "10号楼", "10号楼1单元", "13号楼", "13号楼1单元"),
    ]


async def test_tells_rows_of_one_address_apart_by_their_id(ask: Asker) -> None:
    whole = await _page(ask, "twice_the_same_address", first=10)

    ids = _ids(whole)
    assert len(ids) == 4
    assert ids[1:] == sorted(ids[1:])
    second = await _page(ask, "twice_the_same_address", first=1, after=whole["edges"][1]["cursor"])
    assert _ids(second) == [ids[2]]


async def test_serves_twenty_rows_unless_asked_otherwise(ask: Asker) -> None:
    told = await ask.tell("{ dwellings { nodes { id } } a: dwellings(first: 0) { nodes { id } totalCount } }")

    assert len(told.data["dwellings"]["nodes"]) == 16
    assert told.data["a"] == {"nodes": [], "totalCount": 16}
    assert told.plan.cost.of({}, ask.context(grants_of(ask.world, "qingcheng"))) == 20


@pytest.mark.parametrize("argument", ["first", "last"])
async def test_tells_of_an_empty_page(ask: Asker, argument: str) -> None:
    page = await _page(ask, "dwellings", **{argument: 0})

    assert page == {
        "totalCount": 16,
        "pageInfo": {
            "hasNextPage": argument == "first",
            "hasPreviousPage": argument == "last",
            "startCursor": None,
            "endCursor": None,
        },
        "edges": [],
    }


@pytest.mark.parametrize(
    "page",
    [
        {"first": 101},
        {"first": -1},
        {"last": 101},
        {"last": -1},
        {"first": 1, "last": 1},
        {"first": 2**31 - 1},
        {"after": "x", "before": "x"},
        # A direction and a cursor that do not go together.
        {"first": 1, "before": "x"},
        {"last": 1, "after": "x"},
    ],
)
async def test_refuses_pages_beyond_the_limits(ask: Asker, page: dict[str, object]) -> None:
    with pytest.raises(BadPage):
        await _page(ask, "dwellings", **page)


async def test_refuses_cursors_of_another_list_or_order(ask: Asker) -> None:
    ascending = (await _page(ask, "dwellings", first=1))["pageInfo"]["endCursor"]
    descending = (await _page(ask, "dwellings_descending", first=1))["pageInfo"]["endCursor"]
    place = (await _page(ask, "places", first=1))["pageInfo"]["endCursor"]

    for name, cursor in (("dwellings", descending), ("dwellings_descending", ascending), ("dwellings", place)):
        with pytest.raises(BadCursor):
            await _page(ask, name, first=1, after=cursor)
        with pytest.raises(BadCursor):
            await _page(ask, name, last=1, before=cursor)


async def test_refuses_cursors_that_were_not_handed_out(ask: Asker) -> None:
    cursor = (await _page(ask, "dwellings", first=1))["pageInfo"]["endCursor"]
    payload, _, signature = cursor.partition(".")
    forged = urlsafe_b64encode(b'["0", "0190a000-0000-7000-8000-000000001010"]').decode().rstrip("=")

    for text in (
        "",
        "x",
        ".",
        "a.b.c",
        f"{payload}.{'0' * 16}",
        f"{forged}.{signature}",
        f"{payload[:-4]}.{signature}",
        f"{payload}",
        f"é{cursor}",
        "\0",
        "." * 10_000,
        f"{urlsafe_b64encode(b'[]').decode()}.{sign_cursor('another secret', 'Query.dwellings.', '[]')}",
    ):
        with pytest.raises(BadCursor):
            await _page(ask, "dwellings", first=1, after=text)


async def test_signs_a_cursor_as_the_statement_does(ask: Asker) -> None:
    page = await _page(ask, "dwellings_descending", first=1)

    decoded = decode_cursor(SECRET, "Query.dwellings.ADDRESS_DESC", page["pageInfo"]["endCursor"])

    assert decoded == ["000013号楼000001单元000201室", _ids(page)[0].split("_")[2]]


async def test_counts_without_reading_the_page(ask: Asker) -> None:
    told = await ask.tell("{ dwellings { totalCount } }")

    assert "json_agg" not in told.plan.sql
    assert told.plan.cost.of({}, ask.context(grants_of(ask.world, "qingcheng"))) == 0


async def test_counts_nothing_unless_asked(ask: Asker) -> None:
    told = await ask.tell("{ dwellings(first: 3) { edges { cursor node { id } } pageInfo { endCursor } } }")

    # Once, of the page's own rows.
    assert told.plan.sql.count("count(*)") == 1
