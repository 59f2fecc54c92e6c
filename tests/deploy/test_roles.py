"""Are the three roles what they must be, and is a role that may not serve found out?"""

from __future__ import annotations

import asyncpg
import pytest

from deploy.roles import ensure_roles, find_role_fault
from tests.fixtures.database import Database


@pytest.mark.parametrize(
    ("role", "fault"),
    [
        ("superuser_url", "the role postgres is a superuser"),
        ("owner_url", "the role jinlin_owner owns tables or the database"),
        ("gateway_url", None),
        ("worker_url", None),
    ],
)
async def test_finds_the_role_that_may_not_serve(database: Database, role: str, fault: str | None) -> None:
    connection = await asyncpg.connect(getattr(database, role))
    try:
        assert await find_role_fault(connection) == fault
    finally:
        await connection.close()


async def test_takes_back_what_a_role_should_not_have(database: Database) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await connection.execute("alter role jinlin_worker bypassrls createrole")

        await ensure_roles(database.superuser_url)

        row = await connection.fetchrow(
            "select rolbypassrls, rolcreaterole from pg_roles where rolname='jinlin_worker'"
        )
        assert tuple(row or ()) == (False, False)
    finally:
        await connection.close()
