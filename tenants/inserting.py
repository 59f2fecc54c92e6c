"""How do many rows go into a table by one statement?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import ARRAY, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.database import Table


async def insert_rows(
    connection: AsyncConnection, table: type[Table], rows: Sequence[Mapping[str, object]], *, keeps: bool = False
) -> None:
    """Insert rows, all with the same columns, in their order; `keeps` lets those stand that are there already."""
    if not rows:
        return
    columns = tuple(rows[0])
    statement = _insert(table, columns)
    lists = {f"all_{name}": [row[name] for row in rows] for name in columns}
    await connection.execute(statement.on_conflict_do_nothing() if keeps else statement, lists)


@cache
def _insert(table: type[Table], columns: tuple[str, ...]) -> Insert:
    stored = [table.__table__.c[name] for name in columns]
    given = func.unnest(*(bindparam(f"all_{each.name}", type_=ARRAY(each.type)) for each in stored))
    rows = given.table_valued(*(column(each.name, each.type) for each in stored), name="given").render_derived()
    return insert(table).from_select(list(columns), select(*rows.c))
