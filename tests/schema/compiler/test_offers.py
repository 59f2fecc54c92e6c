"""Is what stands against all that is on offer found out once, so that the statement is one to be kept?"""

from __future__ import annotations

import re

import pytest

from schema.compiler.plan import Plan
from schema.compiler.reading import LARGEST_PREPARED, Reader
from tenants.grants import Grants
from tests.make import World
from tests.schema.compiler.asking import MODEL
from tests.tenants.marked import callers

_PAGE = """query ($id: ID!) { case(id: $id) { id number title description status dueAt
  reporter { displayName maskedPhone } place { __typename id name } accountable { body { id name } publicName }
  can { action isAllowed reason } steps { action at actor { body { id name } publicName } note }
  tasks { id what status can { action isAllowed reason } }
  whistles { id can { action isAllowed reason } callees { id can { action isAllowed reason } } } } }"""
_CAN = "query ($id: ID!) { case(id: $id) { can { action isAllowed reason } } }"


def _plan(document: str, grants: Grants) -> Plan:
    reader = Reader(MODEL, None)  # type: ignore[arg-type]  # Nothing is read.
    operation = reader.document(document).operation(None)
    return reader.plan(operation, operation.coerce({"id": "cas_4_0190a000-0000-7000-8000-000000000001"}), grants)


@pytest.mark.parametrize("slug", ["qingcheng", "gudong", "gulou"])
def test_keeps_the_page_of_a_case_prepared_for_every_kind_of_position(world: World, slug: str) -> None:
    sizes = {kind: len(_plan(_PAGE, grants).sql) for kind, grants in callers(world, slug) if kind != "everybody"}

    assert len(sizes) > 3
    assert {kind: size for kind, size in sizes.items() if size > LARGEST_PREPARED} == {}


@pytest.mark.parametrize("slug", ["qingcheng", "gudong"])
def test_asks_nothing_twice(world: World, slug: str) -> None:
    everybody = dict(callers(world, slug))["everybody"]

    found = _plan(_CAN, everybody).sql.partition(" OFFSET 0) AS k$")[0]

    # The first begins with all that stands before it; which rows a permission reaches is asked for each permission.
    asked = [each for each in re.split(r" AS k\d+(?:, |\s|$)", found)[1:] if not each.startswith("coalesce(")]
    assert len(asked) > 20
    assert sorted(asked) == sorted(set(asked))
