"""Do the migrations give a database the shape that the tables declare?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from deploy.migrate import list_differences, migrate, newest_revision
from tests.fixtures.database import Database


async def test_leaves_no_difference_to_the_declared_tables(database: Database) -> None:
    assert await list_differences(database.owner_url) == []


async def test_changes_nothing_the_second_time(new_database: Callable[[], Awaitable[Database]]) -> None:
    database = await new_database()

    outcome = await migrate(database.owner_url)

    assert outcome == (newest_revision(), newest_revision())
