"""What do posts, contracts and overrides add up to?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tenants.grants import ActingTenant, Grant, Grants, HeldPosition, Scope
from tenants.permissions import Post, compile_grants, next_midnight
from tenants.policies.roles import ALLOW, DENY, Override, grants_of

QINGCHENG = ActingTenant(3, uuid.uuid4(), "qingcheng", "community", "庆城社区", 2, 1, "open", "Asia/Shanghai", 1)
GULOU = ActingTenant(1, uuid.uuid4(), "gulou", "district", "鼓楼区", None, 1, "open", "Asia/Shanghai", 1)
MIDNIGHT = datetime(2026, 6, 1, 16, tzinfo=UTC)


def post(kind: str, place_kind: str, *, grants_as: str = "", body: bool = False, in_force: bool | None = None) -> Post:
    held = HeldPosition(uuid.uuid4(), kind, uuid.uuid4(), uuid.uuid4() if body else None, uuid.uuid4())
    body_kind = "property_company" if in_force is not None else "volunteer_team" if body else None
    return Post(held, grants_as or kind, place_kind, body_kind, bool(in_force))


def grants(*posts: Post, tenant: ActingTenant = QINGCHENG, overrides: Iterable[Override] = ()) -> Grants:
    return compile_grants(
        tenant,
        account_id=uuid.uuid4(),
        posts=posts,
        overrides=frozenset(overrides),
        valid_until=MIDNIGHT,
    )


def test_who_holds_nothing_may_nothing() -> None:
    nothing = grants()

    assert (nothing.grants, dict(nothing.scopes), nothing.positions) == (frozenset(), {}, ())
    assert not nothing.may("place:read")


@pytest.mark.parametrize(
    ("kind", "place_kind", "permission", "scope_list"),
    [
        ("grid-worker", "grid", "resident:read", "grid_ids"),
        ("grid-leader", "grid", "contact:reveal", "grid_ids"),
        ("owners-chair", "estate", "place:read", "estate_ids"),
        ("resident", "dwelling", "resident:read", "dwelling_ids"),
    ],
)
def test_a_grant_of_rows_reaches_the_posts_own_place(
    kind: str, place_kind: str, permission: str, scope_list: str
) -> None:
    held = post(kind, place_kind)

    places = {scope_list: (held.held.place_id,)}
    assert grants(held).scopes[permission] == Scope(**places, position_ids=(held.held.id,))


def test_a_grant_of_all_rows_has_no_scope() -> None:
    worker = grants(post("worker", "community"))

    assert worker.may("resident:read")
    assert dict(worker.scopes) == {}


def test_several_posts_add_up() -> None:
    first, second, home = (
        post("grid-worker", "grid"),
        post("grid-worker", "grid"),
        post("resident", "dwelling"),
    )

    together = grants(first, second, home)

    assert together.scopes["resident:read"] == Scope(
        grid_ids=tuple(sorted((first.held.place_id, second.held.place_id))),
        dwelling_ids=(home.held.place_id,),
        position_ids=tuple(sorted(each.held.id for each in (first, second, home))),
    )
    assert {(grant.rows, grant.condition) for grant in together.of("resident:read")} == {
        ("place", ""),
        ("own", ""),
    }
    assert {(grant.rows, grant.condition) for grant in together.of("place:read")} == {
        ("all", ""),
        ("all", "names"),
    }


def test_a_company_sees_its_estate_while_its_contract_is_in_force() -> None:
    manager = post("property-manager", "estate", body=True, in_force=True)

    held = grants(manager)

    estate, company = manager.held.place_id, manager.held.body_id
    assert company is not None
    handed = Scope(body_ids=(company,), position_ids=(manager.held.id,))
    assert held.scopes["place:read"] == replace(handed, estate_ids=(estate,))
    assert held.scopes["contact:reveal"] == handed
    assert held.grants == grants_of("property-manager", grants_as="property-manager", tenant_kind="community")


def test_a_company_sees_nothing_once_its_contract_has_ended() -> None:
    override = Override("property-manager", "resident:read", "place", "", ALLOW)

    held = grants(post("property-manager", "estate", body=True, in_force=False), overrides=[override])

    assert held.grants == frozenset()
    assert dict(held.scopes) == {}


def test_a_contract_condition_needs_a_contract_even_without_a_company() -> None:
    held = grants(post("property-manager", "estate"))

    assert not held.may("place:read")


def test_what_is_ones_own_is_never_the_grid_around_it() -> None:
    own = Override("grid-worker", "resident:read", "own", "", ALLOW)
    not_by_place = Override("grid-worker", "resident:read", "place", "", DENY)

    worker = post("grid-worker", "grid")

    held = grants(worker, overrides=[own, not_by_place])

    assert held.of("resident:read") == (Grant("resident:read", "acting", "own"),)
    assert held.scopes["resident:read"] == Scope(position_ids=(worker.held.id,))


def test_a_place_of_a_whole_community_is_not_all_of_it() -> None:
    patrol = post("patrol", "community", grants_as="grid-worker")

    held = grants(patrol)

    assert held.scopes["resident:read"] == Scope(position_ids=(patrol.held.id,))


def test_what_a_committee_was_handed_is_not_each_of_its_posts_own() -> None:
    held = HeldPosition(uuid.uuid4(), "grid-worker", uuid.uuid4(), uuid.uuid4(), uuid.uuid4())

    worker = grants(Post(held, "grid-worker", "grid", "residents_committee"))

    assert worker.scopes["case:handle"] == Scope(position_ids=(held.id,))


def test_an_office_serves_what_is_handed_up_to_it_and_a_department_what_is_handed_to_the_department() -> None:
    office_id, department_id = uuid.uuid4(), uuid.uuid4()
    office = replace(GULOU, body_id=office_id)
    officer, handler = post("officer", "district"), post("department-handler", "district")
    handler = replace(handler, held=replace(handler.held, body_id=department_id), body_kind="department")

    assert grants(officer, tenant=office).scopes["case:dispatch"] == Scope(body_ids=(office_id,))
    assert grants(handler, tenant=office).scopes["case:handle"] == Scope(body_ids=(department_id,))


def test_an_office_has_what_its_kind_of_tenant_grants() -> None:
    assert grants(post("officer", "district"), tenant=GULOU).of("place:read") == (
        Grant("place:read", "subtree", "all"),
    )
    assert grants(post("officer", "community")).grants == frozenset()


def test_the_fingerprint_says_what_shapes_a_plan_and_nothing_else() -> None:
    one, other = grants(post("grid-worker", "grid")), grants(post("grid-worker", "grid"))
    wider = grants(post("grid-worker", "grid"), post("resident", "dwelling"))

    assert one.fingerprint == other.fingerprint
    assert len({one.fingerprint, wider.fingerprint, grants(post("worker", "community")).fingerprint}) == 3


@pytest.mark.parametrize(
    ("now", "time_zone", "expected"),
    [
        (datetime(2026, 6, 1, 3, tzinfo=UTC), "Asia/Shanghai", datetime(2026, 6, 1, 16, tzinfo=UTC)),
        (datetime(2026, 6, 1, 16, tzinfo=UTC), "Asia/Shanghai", datetime(2026, 6, 2, 16, tzinfo=UTC)),
        (datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC), "Asia/Shanghai", datetime(2026, 6, 1, 16, tzinfo=UTC)),
        (datetime(2026, 6, 1, 3, tzinfo=UTC), "Asia/Urumqi", datetime(2026, 6, 1, 18, tzinfo=UTC)),
    ],
)
def test_grants_hold_until_the_tenants_next_midnight(now: datetime, time_zone: str, expected: datetime) -> None:
    assert next_midnight(now, time_zone=time_zone) == expected
