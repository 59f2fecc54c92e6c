"""Who reads the files of a case? Whoever some grant shows more of it than the index."""

from __future__ import annotations

import uuid
from types import MappingProxyType

import pytest

from services.cases.rules import Standing, Where, may, may_read_all
from tenants.grants import Grant, Grants, Scope

BODY, ACCOUNT, GRID = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()


def grants(*rows: tuple[str, str, str], scope: Scope | None = None) -> Grants:
    granted = frozenset(Grant("case:read", *row) for row in rows)
    return Grants(None, ACCOUNT, granted, MappingProxyType({"case:read": scope or Scope()}))


def standing(*, shared: bool = False, reporter: uuid.UUID | None = None) -> Standing:
    return Standing(
        status="ACCEPTED",
        where=Where(GRID),
        coordinator_body_id=uuid.uuid4(),
        accountable_body_id=uuid.uuid4(),
        accountable_position_id=None,
        reporter_account_id=reporter or uuid.uuid4(),
        needs_call_back=False,
        needs_verification=False,
        is_verified=False,
        is_left_out=False,
        is_called_back=False,
        handlers=frozenset(),
        shared_with=frozenset({BODY} if shared else ()),
    )


def test_an_index_shows_no_files_even_of_the_offices_own_cases() -> None:
    index = grants(("subtree", "all", "index"))

    assert may(index, "case:read", standing())
    assert not may_read_all(index, standing())
    assert may_read_all(grants(("subtree", "all", "index"), ("acting", "all", "")), standing())


@pytest.mark.parametrize("is_served", [False, True])
def test_a_share_in_force_shows_them(*, is_served: bool) -> None:
    office = grants(("subtree", "all", "index"), ("served", "own", ""), scope=Scope(body_ids=(BODY,)))

    assert may_read_all(office, standing(shared=True), is_served=is_served)
    assert not may_read_all(office, standing(), is_served=is_served)


def test_nothing_of_another_tenant_is_shown_by_grants_of_ones_own() -> None:
    everything = grants(("acting", "all", ""), ("acting", "place", ""), scope=Scope(grid_ids=(GRID,)))

    assert may_read_all(everything, standing())
    assert not may_read_all(everything, standing(reporter=ACCOUNT), is_served=True)


def test_the_grid_and_the_reporter_are_shown_theirs() -> None:
    assert may_read_all(grants(("acting", "place", ""), scope=Scope(grid_ids=(GRID,))), standing())
    assert not may_read_all(grants(("acting", "place", ""), scope=Scope(grid_ids=(uuid.uuid4(),))), standing())
    assert may_read_all(grants(("acting", "own", "as_reporter")), standing(reporter=ACCOUNT))
    assert not may_read_all(grants(("acting", "own", "as_reporter")), standing())
