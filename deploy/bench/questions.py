"""What is asked of the servers that are measured? Some reads, each for many ids of one community."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import orjson

from schema.compiler.values import encode_id

# Five grids, four buildings of each, two units of each, three dwellings of each: what a page of the tree shows.
NESTED = """query Nested($id: ID!) {
  community(id: $id) {
    id
    name
    grids(first: 5) {
      nodes {
        id
        name
        code
        buildings(first: 4) {
          nodes {
            id
            name
            floorCount
            units(first: 2) {
              nodes {
                id
                name
                dwellings(first: 3) { nodes { id roomNumber floorArea } }
              }
            }
          }
        }
      }
    }
  }
}"""

LIST = """query List($filter: DwellingFilter!, $first: Int = 20) {
  dwellings(filter: $filter, first: $first, orderBy: [ADDRESS_ASC]) {
    totalCount
    nodes { id address roomNumber floorArea tenure unit { id name } estate { id name } }
  }
}"""

SINGLE = """query Single($id: ID!) {
  building(id: $id) { id name address floorCount grid { id name code } }
}"""

# The contract's list of cases without its count, and without the cursor, which every server signs with a secret.
CASES = """query Cases($filter: CaseFilter!, $first: Int = 20) {
  cases(filter: $filter, first: $first, orderBy: [REPORTED_AT_DESC]) {
    pageInfo { hasNextPage }
    nodes {
      id number title status reportedAt dueAt isOverdue
      category { id code name }
      grid { id name }
      building { id name floorCount }
      accountable { body { id name } publicName }
    }
  }
}"""

FIRST_CASES = """query FirstCases($first: Int = 20) {
  cases(first: $first, orderBy: [REPORTED_AT_DESC]) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id number title status reportedAt dueAt isOverdue
      category { id code name }
      grid { id name }
      accountable { body { id name } publicName }
    }
  }
}"""

FIRST = "first page of cases"
_MOST_IDS = 100
_BY_GRID = frozenset({"list", "cases"})


@dataclass(frozen=True, slots=True)
class Question:
    """A document and, for each time it is asked in turn, what it is about: the grid of a list, an id, or nothing."""

    name: str
    document: str
    ids: tuple[str, ...]

    def variables(self, number: int) -> dict[str, object]:
        """Tell the variables of one of the times."""
        global_id = self.ids[number]
        if self.name == FIRST:
            return {}
        return {"filter": {"gridId": global_id}} if self.name in _BY_GRID else {"id": global_id}


async def list_questions(owner: asyncpg.Connection, *, tenant_id: int) -> list[Question]:
    """Make the reads for a community's own rows."""
    place_id = await owner.fetchval("select place_id from tenants where id = $1", tenant_id)
    grids = await _places(owner, tenant_id, "grid")
    buildings = await _places(owner, tenant_id, "building")
    return [
        Question("nested", NESTED, (encode_id("com", tenant_id, place_id),)),
        Question("list", LIST, tuple(encode_id("grd", tenant_id, row_id) for row_id in grids)),
        Question("cases", CASES, tuple(encode_id("grd", tenant_id, row_id) for row_id in grids)),
        Question("single", SINGLE, tuple(encode_id("bld", tenant_id, row_id) for row_id in buildings)),
    ]


async def _places(owner: asyncpg.Connection, tenant_id: int, kind: str) -> Sequence[uuid.UUID]:
    rows = await owner.fetch(
        "select id from places where tenant_id = $1 and kind = $2 order by sort_key, id limit $3",
        *(tenant_id, kind, _MOST_IDS),
    )
    return [row["id"] for row in rows]


def post(question: Question, number: int, *, headers: Sequence[tuple[str, str]] = ()) -> str:
    """Write a whole HTTP request that asks a question by GraphQL."""
    return write_post({"query": question.document, "variables": question.variables(number)}, headers)


def write_post(asked: Mapping[str, object], headers: Sequence[tuple[str, str]]) -> str:
    """Write a whole HTTP request from what it asks by GraphQL."""
    body = orjson.dumps(asked).decode()
    lines = [
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Accept: application/json",
        *(f"{name}: {value}" for name, value in headers),
        f"Content-Length: {len(body.encode())}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def get(path: str) -> str:
    """Write a whole HTTP request that gets an address."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n"
