"""What is the least that an import can cost? Reading the workbook and copying its rows into the database.

Copied are the rows as they are, into a table without any index; or, when a folder of them is given, the finished rows
that the import makes of them, into the product's own tables, whose keys and indexes cost the database most of its time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from python_calamine import load_workbook

# What an import writes, each table after those it refers to.
WRITTEN = ("places", "people", "dwelling_holders", "households", "grid_buildings")
_ROWS_ABOVE = 2


async def _copy(path: str, dsn: str, finished: Path | None) -> None:
    rows = load_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=False)[_ROWS_ABOVE:]
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            if finished is None:
                await _copy_as_they_are(connection, rows)
            else:
                await _copy_finished(connection, finished)
    finally:
        await connection.close()


async def _copy_as_they_are(connection: asyncpg.Connection, rows: Sequence[Sequence[object]]) -> None:
    records = [tuple(None if cell == "" else str(cell) for cell in row) for row in rows]
    names = [f"column_{number}" for number in range(len(records[0]))]
    await connection.execute("drop table if exists copied_roster")
    await connection.execute(f"create table copied_roster ({', '.join(f'{name} text' for name in names)})")
    await connection.copy_records_to_table("copied_roster", records=records, columns=names)


async def _copy_finished(connection: asyncpg.Connection, folder: Path) -> None:
    for table in WRITTEN:
        await connection.copy_to_table(table, source=folder / table, format="binary")


if __name__ == "__main__":
    asyncio.run(_copy(sys.argv[1], sys.argv[2], Path(sys.argv[3]) if sys.argv[3:] else None))
