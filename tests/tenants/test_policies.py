"""Does casbin answer as roles.csv says, and never more?"""

from __future__ import annotations

import itertools

import pytest

from tenants.grants import Grant
from tenants.policies.roles import (
    ALLOW,
    ANY,
    DENY,
    Override,
    Role,
    conditions,
    enforced,
    grants_of,
    permissions,
    starting_roles,
)
from tenants.tables import TENANT_KINDS

POSITIONS = sorted({role.position for role in starting_roles()})
# Nobody rates another's case, nor answers for a department that is not the own.
OF_ONES_OWN = frozenset({"case:rate", "whistle:answer"})
WORKER_CONTACT = Grant("contact:reveal", "acting", "all")


def of_worker(*overrides: Override) -> frozenset[Grant]:
    return grants_of("worker", grants_as="worker", tenant_kind="community", overrides=frozenset(overrides))


def listed(position: str, tenant_kind: str) -> set[Grant]:
    return {
        Grant(role.permission, role.tenants, role.rows, role.condition)
        for role in starting_roles()
        if (role.position, role.tenant_kind) == (position, tenant_kind)
    }


def test_the_table_names_all_starting_positions() -> None:
    assert POSITIONS == [
        "admin",
        "analyst",
        "auditor",
        "building-leader",
        "committee-chair",
        "department-handler",
        "dispatcher",
        "grid-leader",
        "grid-worker",
        "officer",
        "owners-chair",
        "party-secretary",
        "property-manager",
        "property-worker",
        "resident",
        "visitor",
        "volunteer",
        "worker",
    ]


def test_the_table_says_each_thing_once_and_in_known_words() -> None:
    roles = starting_roles()

    assert len(set(roles)) == len(roles)
    assert {role.tenant_kind for role in roles} == set(TENANT_KINDS)
    assert {role.tenants for role in roles} == {"acting", "subtree", "served"}
    assert {role.rows for role in roles} == {"own", "place", "all"}


@pytest.mark.parametrize("role", starting_roles(), ids=str)
def test_grants_every_line_of_the_table(role: Role) -> None:
    granted = grants_of(role.position, grants_as=role.position, tenant_kind=role.tenant_kind)

    assert Grant(role.permission, role.tenants, role.rows, role.condition) in granted


@pytest.mark.parametrize(("position", "tenant_kind"), list(itertools.product(POSITIONS, TENANT_KINDS)))
def test_grants_nothing_that_is_not_in_the_table(position: str, tenant_kind: str) -> None:
    assert grants_of(position, grants_as=position, tenant_kind=tenant_kind) == listed(position, tenant_kind)


def test_a_kind_of_the_tenants_own_grants_what_it_copies() -> None:
    police = grants_of("police", grants_as="grid-worker", tenant_kind="community")

    assert police == listed("grid-worker", "community")


def test_a_kind_that_copies_nothing_known_grants_nothing() -> None:
    assert grants_of("mediator", grants_as="mediator", tenant_kind="community") == frozenset()


def test_a_denial_takes_the_permission_and_nothing_else() -> None:
    granted = of_worker(Override("worker", "contact:reveal", ANY, ANY, DENY))

    assert granted == listed("worker", "community") - {WORKER_CONTACT}


def test_a_denial_of_some_rows_leaves_the_others() -> None:
    denied = Override("worker", "contact:reveal", "all", "", DENY)
    instead = Override("worker", "contact:reveal", "place", "", ALLOW)

    granted = of_worker(denied, instead)

    expected = listed("worker", "community") - {WORKER_CONTACT} | {Grant("contact:reveal", "acting", "place")}
    assert granted == expected


def test_a_denial_of_the_copied_kind_holds_for_the_copy_and_not_the_other_way_round() -> None:
    of_starting = frozenset({Override("grid-worker", "contact:reveal", ANY, ANY, DENY)})
    of_copy = frozenset({Override("police", "contact:reveal", ANY, ANY, DENY)})

    police = grants_of("police", grants_as="grid-worker", tenant_kind="community", overrides=of_starting)
    starting = grants_of("grid-worker", grants_as="grid-worker", tenant_kind="community", overrides=of_copy)

    assert "contact:reveal" not in {grant.permission for grant in police}
    assert starting == listed("grid-worker", "community")


@pytest.mark.parametrize("permission", sorted(permissions() - OF_ONES_OWN))
def test_an_allowance_never_leaves_the_tenants_own_walls(permission: str) -> None:
    override = Override("admin", permission, "all", "", ALLOW)

    granted = grants_of("admin", grants_as="admin", tenant_kind="street", overrides=frozenset({override}))

    assert granted == listed("admin", "street") | {Grant(permission, "acting", "all")}


def test_an_allowance_of_everything_at_once_gives_nothing() -> None:
    granted = of_worker(Override("worker", "audit:read", ANY, ANY, ALLOW))

    assert granted == listed("worker", "community")


def test_an_override_of_another_kind_changes_nothing() -> None:
    granted = of_worker(Override("admin", "contact:reveal", ANY, ANY, DENY))

    assert granted == listed("worker", "community")


def test_conditions_are_those_that_the_permission_is_granted_under_somewhere() -> None:
    assert conditions("place:read") == {"", "names", "contract_in_force"}
    assert conditions("audit:read") == {""}


@pytest.mark.parametrize("permission", sorted(permissions()))
def test_it_is_known_how_each_permission_is_held_to(permission: str) -> None:
    ways = {(rows, condition) for name, rows, condition in enforced() if name == permission}

    assert (("all", "") in ways) == (permission not in OF_ONES_OWN)
    assert ways
    assert {condition for _, condition in ways} <= conditions(permission)


@pytest.mark.parametrize(
    ("permission", "rows", "condition"),
    [("register:edit", "place", ""), ("contact:reveal", "all", "for_call_back"), ("settings:edit", "own", "")],
)
def test_an_allowance_that_nothing_holds_to_gives_nothing(permission: str, rows: str, condition: str) -> None:
    granted = of_worker(Override("worker", permission, rows, condition, ALLOW))

    assert granted == listed("worker", "community")
