"""Which kinds of position does every tenant start with?"""

from __future__ import annotations

from services.places.tables import PLACE_KINDS
from services.positions.kinds import all_starting_kinds, starting_kinds
from tenants.policies.roles import starting_roles
from tenants.tables import BODY_KINDS, TENANT_KINDS


def test_every_position_that_grants_anything_is_a_kind_in_those_tenants() -> None:
    kinds = {(kind.code, tenant_kind) for kind in all_starting_kinds() for tenant_kind in kind.tenant_kinds}

    assert {(role.position, role.tenant_kind) for role in starting_roles()} <= kinds


def test_kinds_speak_of_what_there_is() -> None:
    for kind in all_starting_kinds():
        assert set(kind.tenant_kinds) <= set(TENANT_KINDS)
        assert set(kind.place_kinds) <= set(PLACE_KINDS)
        assert kind.place_kinds
        assert set(kind.body_kinds) <= set(BODY_KINDS)


def test_the_duty_board_tells_the_duties_of_whoever_stands_on_it() -> None:
    board = [kind for kind in all_starting_kinds() if kind.board_rank is not None]

    assert [kind.name for kind in board if not kind.duties] == []
    ranks = [kind.board_rank for kind in board]
    assert len(set(ranks)) == len(ranks)
    assert {"网格长", "网格员", "楼栋长"} <= {kind.name for kind in board}


def test_residents_and_those_within_an_office_are_not_on_the_board() -> None:
    off = {kind.code for kind in all_starting_kinds() if kind.board_rank is None}

    assert {"resident", "admin", "auditor", "officer", "dispatcher"} <= off


def test_an_office_has_no_grid_workers() -> None:
    assert "grid-worker" not in {kind.code for kind in starting_kinds("street")}
    assert "admin" in {kind.code for kind in starting_kinds("street")}
