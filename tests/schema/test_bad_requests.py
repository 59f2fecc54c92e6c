"""Is every bad request answered with what is wrong with it, and with nothing else?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from deploy.app import FILES, GRAPHQL
from tests.fixtures.gateway import ISSUER, GatewayClient
from tests.make import World

_JSON = {"Content-Type": "application/json"}
# What no answer may hold: the workings of the gateway, and places, posts and people of a tenant in which nobody who
# asks has a post. (Its name and its bodies stand in the directory, which is everybody's.)
_WORKINGS = ("Traceback", 'File "', "sqlalchemy", "asyncpg", "psycopg", "SELECT", "INTERNAL", "/site-packages")
_SECRETS = (*_WORKINGS, "（xiyuan）", "西园社区第", "西园社区花园", "西园社区新村")
_GRAPHQL_JSON = {"Accept": "application/graphql-response+json"}


async def _post(gateway: GatewayClient, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    caller = {"Authorization": f"Bearer {ISSUER.token('worker').decode()}", "X-Tenant": "qingcheng"}
    return await gateway.http.post(GRAPHQL, content=body, headers={**caller, **_JSON, **(headers or {})})


def check_harmless(response: httpx.Response) -> dict[str, Any]:
    """Give the answer's JSON, once it is clear that it gives nothing away."""
    assert response.status_code < 500, response.text
    assert not [secret for secret in _SECRETS if secret in response.text], response.text
    told: dict[str, Any] = response.json()
    return told


def _codes(told: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in told["errors"]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b'"{ __typename }"',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "variables": 1}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "extensions": []}',
        b'{"query": "\xff\xfe"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ __typename }", "variables": {"a": "\\udc00"}}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b"[" * 100_000,
        b'{"query":' * 2_000,
        b"\x00\x01\x02",
        "{ __typename }".encode("utf-16"),
    ],
)
async def test_refuses_what_is_no_request(gateway: GatewayClient, body: bytes) -> None:
    response = await _post(gateway, body)

    assert response.status_code == 400
    told = check_harmless(response)
    assert _codes(told) == {"BAD_REQUEST"}
    assert "data" not in told


@pytest.mark.parametrize(
    ("language", "message"), [("zh", "请求体不是有效的 JSON"), ("en", "The body is not valid JSON")]
)
async def test_says_that_a_body_is_not_json(gateway: GatewayClient, language: str, message: str) -> None:
    response = await _post(gateway, b'{"query": ', {"Accept-Language": language})

    assert response.json() == {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}


async def test_refuses_ten_megabytes_before_reading_them(gateway: GatewayClient) -> None:
    response = await _post(gateway, b'{"query": "' + b" " * 10_000_000 + b'"}')

    assert response.status_code == 413
    assert _codes(check_harmless(response)) == {"BODY_TOO_LARGE"}


async def test_refuses_other_methods_and_types(gateway: GatewayClient) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = await gateway.http.request(method, GRAPHQL)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        response = await _post(gateway, b'{"query": "{ __typename }"}', {"Content-Type": kind})
        assert response.status_code == 415
        check_harmless(response)


_TOO_MUCH = {
    "tokens": ("{ " + "a " * 100_000 + "}", "BAD_REQUEST"),
    "depth": ("{ me " * 50 + "}" * 50, "QUERY_TOO_DEEP"),
    "aliases": (f"{{ {' '.join(f'a{n}: __typename' for n in range(500))} }}", "TOO_MANY_ALIASES"),
    "directives": (f"{{ __typename {'@include(if: true) ' * 500} }}", "DOCUMENT_TOO_LARGE"),
    "fields": (f"{{ {'__typename ' * 2_000} }}", "DOCUMENT_TOO_LARGE"),
    "nesting of values": ("{ placeSearch(text: " + "[" * 2_000 + "]" * 2_000 + ") { totalCount } }", "BAD_REQUEST"),
    "nesting of objects": (
        "{ dwellings(filter: " + "{a:" * 2_000 + "1" + "}" * 2_000 + ") { totalCount } }",
        "BAD_REQUEST",
    ),
    "fragments": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "BAD_REQUEST"),
    "fragment of itself": ("{ ...A } fragment A on Query { ...A __typename }", "BAD_REQUEST"),
    "introspection": (f"{{ __schema {{ types {'{ fields { type ' * 4}{{ name }} {'} }' * 4} }} }}", "BAD_REQUEST"),
    "cost": (
        "{ communities(first: 100) { nodes { grids(first: 100) { nodes { sites(first: 100) { nodes { id } } } } } } }",
        "QUERY_TOO_COSTLY",
    ),
    "page": ("{ communities(first: -1) { totalCount nodes { id } } }", "BAD_PAGE"),
    "int": ("{ communities(first: 99999999999999999999) { nodes { id } } }", "BAD_REQUEST"),
    "cursor": ('{ communities(after: "nonsense") { nodes { id } } }', "BAD_CURSOR"),
    "order": ("{ dwellings(orderBy: [ADDRESS_ASC, ADDRESS_DESC]) { nodes { id } } }", "BAD_ORDER"),
    "nul": ('{ placeSearch(text: "\\u0000") { totalCount } }', "BAD_TEXT"),
    "surrogate": ('{ placeSearch(text: "\\uD800") { totalCount } }', "BAD_REQUEST"),
    "alias": (f"{{ {'a' * 64}: __typename }}", "ALIAS_TOO_LONG"),
    "unknown field": ("{ secrets { id } }", "BAD_REQUEST"),
    "unknown type": ("{ node(id: 1) { ... on Secret { id } } }", "BAD_REQUEST"),
    "no selection": ("{ me }", "BAD_REQUEST"),
    "empty": ("", "BAD_REQUEST"),
    "only a fragment": ("fragment A on Query { __typename }", "BAD_REQUEST"),
    "unknown mutation": ("mutation { dropEverything { errors { code } } }", "BAD_REQUEST"),
    "subscription": ("subscription { changes { id } }", "BAD_REQUEST"),
}


@pytest.mark.parametrize("name", _TOO_MUCH)
async def test_says_what_is_wrong_with_a_document(gateway: GatewayClient, name: str) -> None:
    document, code = _TOO_MUCH[name]

    response = await gateway.ask(document)
    strict = await gateway.ask(document, headers=_GRAPHQL_JSON)

    told = check_harmless(response)
    assert _codes(told) == {code}
    assert "data" not in told
    assert (response.status_code, strict.status_code) == (200, 400)
    assert response.json() == strict.json()


async def test_suggests_no_names(gateway: GatewayClient) -> None:
    for document in (
        "{ dwelling { id } dwelings { totalCount } }",
        "{ communities { totlCount } }",
        "{ node(idd: 1) { id } }",
    ):
        told = check_harmless(await gateway.ask(document))
        assert "Did you mean" not in json.dumps(told)


_SEARCH = """
query($x: DwellingFilter, $o: [DwellingOrder!], $n: Int) {
  dwellings(filter: $x, orderBy: $o, first: $n) { totalCount } }
"""


@pytest.mark.parametrize(
    "variables",
    [
        {"x": 1},
        {"x": []},
        {"x": "x"},
        {"x": {"gridId": {}}},
        {"x": {"gridId": [["x"]]}},
        {"x": {"tenure": "NONE"}},
        {"x": {"tenure": 5}},
        {"x": {"secret": 1}},
        {"o": "SECRET"},
        {"o": [["ADDRESS_ASC"]]},
        {"o": {"a": 1}},
        {"n": "1"},
        {"n": 1.5},
        {"n": 2**31},
        {"n": 2**80},
        {"n": -(2**80)},
        {"n": []},
        {"x": {"addressContains": 1}},
    ],
)
async def test_refuses_variables_of_other_types(gateway: GatewayClient, variables: dict[str, object]) -> None:
    body = json.dumps({"query": _SEARCH, "variables": variables}).encode()

    told = check_harmless(await _post(gateway, body))

    assert _codes(told) == {"BAD_REQUEST"}
    assert "data" not in told


async def test_bears_deep_variables_and_long_texts(gateway: GatewayClient) -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    for variables in ({"o": deep}, {"x": {"gridId": deep}}, {"nobody asked": deep}):
        check_harmless(await gateway.ask(_SEARCH, variables))
    for long in ("号" * 300_000, "1" * 900_000, "a " * 400_000):
        told = check_harmless(await gateway.ask(_SEARCH, {"x": {"addressContains": long}}))
        assert _codes(told) == {"SEARCH_TOO_LONG"}
        check_harmless(await gateway.ask("query($x: String!) { placeSearch(text: $x) { totalCount } }", {"x": long}))
        check_harmless(await gateway.ask("query($x: ID!) { node(id: $x) { id } }", {"x": long}))


async def test_takes_the_last_of_two_equal_keys(gateway: GatewayClient) -> None:
    response = await _post(
        gateway, b'{"query": "{ nope }", "query": "{ __typename }", "variables": {}, "variables": {}}'
    )

    assert check_harmless(response) == {"data": {"__typename": "Query"}}


async def test_refuses_operations_that_are_not_there(gateway: GatewayClient) -> None:
    for request in (
        {"query": "query A { __typename }", "operationName": "B"},
        {"query": "query A { __typename } query B { __typename }"},
        {"query": "{ __typename }", "operationName": "x" * 100_000},
        {"query": "query A { __typename }", "operationName": "\0"},
    ):
        told = check_harmless(await _post(gateway, json.dumps(request).encode()))
        assert _codes(told) == {"OPERATION_NOT_FOUND"}


async def test_answers_ids_of_another_tenant_as_those_that_are_not_there(gateway: GatewayClient, world: World) -> None:
    document = """
    query($id: ID!) { node(id: $id) { id } place(id: $id) { id } building(id: $id) { id name }
      dwellings(filter: { buildingId: $id }) { totalCount } }
    """
    nothing = {"data": {"node": None, "place": None, "building": None, "dwellings": {"totalCount": 0}}}
    own = world.id("bld", "qingcheng/1号楼")

    assert check_harmless(await gateway.ask(document, {"id": own}))["data"]["building"]["name"] == "1号楼"
    for other in ("xiyuan", "zhongshan", "pingshan"):
        assert check_harmless(await gateway.ask(document, {"id": world.id("bld", f"{other}/1号楼")})) == nothing
    for text in ("bld_4_x", own[:-1], own.replace("bld", "dwl"), "bld_99_" + own.split("_")[2], "\0", own + "\0"):
        assert check_harmless(await gateway.ask(document, {"id": text})) == nothing


@pytest.mark.parametrize(
    "slug", ["xiyuan", "nowhere", "", "guxi", "QINGCHENG", "qingcheng,zhongshan", "4", "'; --", "%", "../.."]
)
async def test_answers_other_tenants_and_none_alike(gateway: GatewayClient, slug: str) -> None:
    response = await gateway.ask("{ me { tenant { slug } } }", tenant=slug)

    assert response.status_code == 403
    assert _codes(check_harmless(response)) == {"TENANT_UNKNOWN"}
    assert response.json() == (await gateway.ask("{ __typename }", tenant="never-was")).json()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "a" * 20_000, "Bearer a.b.c", "x"]
)
async def test_refuses_strangers_before_looking_at_the_document(gateway: GatewayClient, header: str) -> None:
    for document in ("{ __typename }", "{ nope", "{ me { account { id } } }"):
        response = await gateway.ask(document, account=None, headers={"Authorization": header})

        assert response.status_code == 401
        assert _codes(check_harmless(response)) == {"UNAUTHENTICATED"}


async def test_refuses_odd_texts_in_mutations(gateway: GatewayClient, world: World) -> None:
    document = """
    mutation($building: ID!, $grid: ID!, $why: String) {
      moveBuilding(buildingId: $building, gridId: $grid, reason: $why) { building { id } errors { code } } }
    """
    building, grid = world.id("bld", "qingcheng/1号楼"), world.id("grd", "qingcheng/第十网格")

    unheld = check_harmless(await gateway.ask(document, {"building": building, "grid": grid, "why": "\0"}))
    unfound = check_harmless(await gateway.ask(document, {"building": "\0", "grid": "x", "why": "y" * 900_000}))

    assert unheld == {"data": {"moveBuilding": {"building": None, "errors": [{"code": "BAD_TEXT"}]}}}
    assert unfound == {"data": {"moveBuilding": {"building": None, "errors": [{"code": "NOT_FOUND"}]}}}


def _chain(count: int) -> str:
    chain = " ".join(f"fragment F{number} on Query {{ ...F{number + 1} }}" for number in range(count - 1))
    return f"{{ ...F0 }} {chain} fragment F{count - 1} on Query {{ __typename }}"


@pytest.mark.parametrize("count", [101, 300, 600])
async def test_refuses_a_chain_of_fragments(gateway: GatewayClient, count: int) -> None:
    told = check_harmless(await gateway.ask(_chain(count)))

    assert _codes(told) == {"DOCUMENT_TOO_LARGE"}


async def test_follows_a_chain_within_the_limit(gateway: GatewayClient) -> None:
    assert check_harmless(await gateway.ask(_chain(100))) == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("depth", [10, 50, 90, 130, 160, 190, 220, 400, 800])
async def test_answers_or_refuses_fragments_within_each_other(gateway: GatewayClient, depth: int) -> None:
    document = "{ " + "... on Query { " * depth + "me { tenant { slug } } " + "} " * depth + "}"

    told = check_harmless(await gateway.ask(document))

    assert told.get("data") == {"me": {"tenant": {"slug": "qingcheng"}}} or _codes(told) == {"BAD_REQUEST"}


@pytest.mark.parametrize(
    "document",
    [
        "query ($d: Boolean = true) { __schema { directives { args(includeDeprecated: $d) { name } } } }",
        "query ($d: Boolean = true) { __schema { types { name fields(includeDeprecated: $d) { name } } } }",
        'query ($d: String = "x") { __type(name: $d) { name } }',
        'query ($d: String = "x") { __type(name: $d) { name } me { tenant { slug } } }',
    ],
)
async def test_answers_questions_about_the_schema_with_a_null(gateway: GatewayClient, document: str) -> None:
    told = check_harmless(await gateway.ask(document, {"d": None}))

    assert "data" in told or _codes(told)
    if told.get("data") is None:
        assert "BAD_REQUEST" in _codes(told) or "NULL_GIVEN" in _codes(told)


@pytest.mark.parametrize("name", ["Authorization", "X-Tenant"])
@pytest.mark.parametrize(
    ("path", "accept"), [(GRAPHQL, "application/json"), (GRAPHQL, "text/event-stream"), (FILES, "*/*")]
)
async def test_refuses_two_callers_and_two_tenants(gateway: GatewayClient, name: str, path: str, accept: str) -> None:
    headers = [("Authorization", f"Bearer {ISSUER.token('worker').decode()}"), ("X-Tenant", "qingcheng")]
    twice = [*headers, *(header for header in headers if header[0] == name)]
    body = b'{"query": "{ __typename }"}'

    one, two = [
        await gateway.http.post(
            path, content=body, headers=[*given, ("Content-Type", "application/json"), ("Accept", accept)]
        )
        for given in (headers, twice)
    ]

    assert two.status_code == 400
    assert _codes(two.json()) == {"BAD_REQUEST"}
    assert one.content != two.content
