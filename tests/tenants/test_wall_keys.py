"""Do composite keys hold by themselves? Rows that point at another tenant's, written as the owner past every policy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from operator import attrgetter

import asyncpg
import pytest
from sqlalchemy import ForeignKeyConstraint, Table

from tests.fixtures.rows import HERE, NEXT_DOOR, SHARED_TABLES, STREET, Neighbour, Rows, tenant_tables


def _links(table: Table) -> list[ForeignKeyConstraint]:
    keys = sorted(table.foreign_key_constraints, key=attrgetter("column_keys"))
    return [key for key in keys if key.referred_table.name not in SHARED_TABLES]


_LINKS = [(table, key) for table in tenant_tables() for key in _links(table)]


@pytest.fixture(scope="module")
async def owner(rows: Rows) -> AsyncIterator[asyncpg.Connection]:
    """One connection as the owner, whom the policies let do everything."""
    connection = await asyncpg.connect(rows.database.owner_url)
    yield connection
    await connection.close()


@pytest.mark.parametrize(("table", "key"), _LINKS, ids=lambda part: getattr(part, "name", None))
@pytest.mark.parametrize(("one", "other"), [(HERE, NEXT_DOOR), (STREET, HERE)])
async def test_points_at_no_row_of_another_tenant(
    owner: asyncpg.Connection,
    rows: Rows,
    table: Table,
    key: ForeignKeyConstraint,
    one: Neighbour,
    other: Neighbour,
) -> None:
    theirs = rows.of(other, key.referred_table.name)
    values = {
        element.parent.name: theirs[element.column.name]
        for element in key.elements
        if element.parent.name != "tenant_id"
    }
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, start=2))

    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(f"update {table.name} set {changes} where tenant_id = $1", one.id, *values.values())

    assert refused.value.constraint_name == key.name


async def test_knows_links_between_tenants_tables() -> None:
    # Nothing would be tried above if the links were not found.
    assert len(_LINKS) > 20
    assert {key.name for table, key in _LINKS} >= {"fk_places_tenant_id_grid_id", "fk_positions_tenant_id_person_id"}
