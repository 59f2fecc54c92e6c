"""Does a command go on for those alone whose grant reaches all that the command touches?"""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.errors import Forbidden
from tenants.grants import Grant, Grants
from tenants.work import TenantWork

EVERYWHERE = Grant("register:edit", "acting", "all")


def work_with(*grants: Grant) -> TenantWork:
    return TenantWork(Grants(None, uuid.uuid4(), frozenset(grants)), AsyncSession())


def test_goes_on_with_all_rows_and_no_condition() -> None:
    work_with(Grant("register:edit", "acting", "place"), EVERYWHERE).require("register:edit")


@pytest.mark.parametrize(
    "grant",
    [
        Grant("register:edit", "acting", "place"),
        Grant("register:edit", "acting", "own"),
        Grant("register:edit", "acting", "all", "grid_posts"),
        Grant("register:edit", "subtree", "all"),
        Grant("register:edit", "served", "all"),
        Grant("roster:import", "acting", "all"),
    ],
    ids=str,
)
def test_stops_with_less(grant: Grant) -> None:
    with pytest.raises(Forbidden):
        work_with(grant).require("register:edit")


def test_some_rows_are_enough_where_the_rows_are_checked_after() -> None:
    some = work_with(Grant("register:edit", "acting", "place"))

    some.require_some("register:edit")
    with pytest.raises(Forbidden):
        some.require_some("roster:import")
