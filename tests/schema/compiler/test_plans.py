"""Is a plan made again exactly when something that shapes it differs?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from schema.compiler.plan import Plan
from tenants.grants import Grant, Grants, Scope
from tests.make import made_id
from tests.schema.compiler.asking import Asker, all_rows, grants_of

_DOCUMENT = """
query Search($id: ID, $text: String, $order: [DwellingOrder!], $first: Int, $after: String, $more: Boolean = false) {
  dwellings(filter: { gridId: $id, addressContains: $text }, orderBy: $order, first: $first, after: $after) {
    nodes { id owners @include(if: $more) { share } } } }
"""
_USUAL: dict[str, Any] = {"id": f"grd_4_{made_id(1)}", "text": "1号楼", "order": ["ADDRESS_ASC"], "first": 5}


def _plan(ask: Asker, grants: Grants | None = None, changed: Mapping[str, object] = MappingProxyType({})) -> Plan:
    return ask.plan(_DOCUMENT, grants, {**_USUAL, **changed})[0]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"id": f"grd_5_{made_id(2)}"},
        {"text": "2号楼"},
        {"first": 100},
        {"more": False},
    ],
)
def test_serves_other_values_with_the_same_plan(ask: Asker, changed: dict[str, object]) -> None:
    usual = _plan(ask)

    assert _plan(ask, changed=changed) is usual


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": f"bld_4_{made_id(1)}"},
        {"id": "nonsense"},
        {"text": None},
        {"order": ["ADDRESS_DESC"]},
        {"order": []},
        {"order": None},
        {"first": None},
        {"after": "a cursor"},
        {"more": True},
    ],
)
def test_makes_another_plan_for_another_shape(ask: Asker, changed: dict[str, object]) -> None:
    usual, other = _plan(ask), _plan(ask, changed=changed)

    assert other is not usual
    assert _plan(ask, changed=changed) is other
    assert _plan(ask) is usual


def test_keeps_an_absent_variable_apart_from_a_null_one(ask: Asker) -> None:
    document = "query($id: ID) { dwellings(filter: { gridId: $id }) { totalCount } }"

    absent, null = ask.plan(document, None, {})[0], ask.plan(document, None, {"id": None})[0]

    assert absent.sql == null.sql


def test_writes_the_same_text_for_the_same_shape(ask: Asker) -> None:
    usual = _plan(ask)

    again = ask.plan(_DOCUMENT + "# once more\n", None, {**_USUAL, "text": "别的", "first": 1})[0]

    assert again is not usual
    assert again.sql == usual.sql


def test_shares_plans_between_callers_who_are_granted_alike_what_it_asks_for(ask: Asker) -> None:
    world = ask.world
    usual = _plan(ask)

    assert usual.permissions == {"dwelling:read"}
    assert _plan(ask, grants_of(world, "zhongshan", account="resident")) is usual
    # Whatever else they may do or not.
    assert _plan(ask, grants_of(world, "qingcheng", all_rows("dwelling:read"))) is usual
    assert _plan(ask, grants_of(world, "qingcheng", all_rows("place:read"))) is not usual
    assert _plan(ask, grants_of(world, "qingcheng", all_rows("dwelling:read", tenants="served"))) is not usual
    assert _plan(ask, grants_of(world, "gudong")) is not usual
    assert _plan(ask, grants_of(world, None)) is not usual


def test_plans_a_document_for_each_as_far_as_they_get(ask: Asker) -> None:
    document = "{ dwellings { nodes { id owners { share } unit { id } } } }"
    asked = (("dwelling:read", "resident:read", "place:read"), ("dwelling:read",), ("resident:read", "place:read"), ())
    plans = [ask.plan(document, grants_of(ask.world, "qingcheng", all_rows(*granted)))[0] for granted in asked]

    # To whom dwellings are shut, nothing that is in them makes a difference.
    assert len({plan.sql for plan in plans[:3]}) == 3
    assert plans[2] is plans[3]
    for granted, plan in zip(asked, plans, strict=True):
        assert ask.plan(document, grants_of(ask.world, "zhongshan", all_rows(*granted)))[0] is plan


def test_plans_by_which_scope_lists_are_filled(ask: Asker) -> None:
    placed = frozenset({Grant("dwelling:read", "acting", "place"), *all_rows("place:read", "resident:read")})
    one, two = (Scope(grid_ids=(made_id(number),)) for number in (1, 2))
    other = Scope(estate_ids=(made_id(1),))

    usual = _plan(ask, grants_of(ask.world, "qingcheng", placed, scope=one))

    assert _plan(ask, grants_of(ask.world, "qingcheng", placed, scope=two)) is usual
    assert _plan(ask, grants_of(ask.world, "qingcheng", placed, scope=other)).sql != usual.sql
    assert _plan(ask, grants_of(ask.world, "qingcheng", placed)).sql != usual.sql


async def test_binds_each_callers_own_values_to_a_shared_plan(ask: Asker) -> None:
    document = "{ me { tenant { slug } account { displayName } } dwellings { totalCount nodes { id } } }"
    answers = {}
    for slug in ("qingcheng", "zhongshan", "xiyuan"):
        told = await ask.tell(document, grants_of(ask.world, slug))
        answers[slug] = told
        assert told.data["me"]["tenant"] == {"slug": slug}
        prefix = f"dwl_{ask.world.tenants[slug].id}_"
        assert all(row["id"].startswith(prefix) for row in told.data["dwellings"]["nodes"])
        assert told.data["dwellings"]["totalCount"] == 16

    assert len({id(told.plan) for told in answers.values()}) == 1


def test_keeps_operations_of_one_document_apart(ask: Asker) -> None:
    document = "query A { __typename } query B { b: __typename }"

    first, second = (ask.plan(document, operation=name)[0] for name in "AB")

    assert first.keys == ("__typename",)
    assert second.keys == ("b",)


def test_reads_a_forgotten_document_again(ask: Asker) -> None:
    document = "{ me { account { id } } }"
    before = ask.plan(document)[0]
    for number in range(3):
        ask.reader.document(f"{document} # {'x' * 1_000_000} {number}")

    assert ask.plan(document)[0].sql == before.sql
