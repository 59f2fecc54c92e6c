"""What is the least that an import can cost? Reading the workbook and copying its rows into a table, as they are."""

from __future__ import annotations

import asyncio
import sys

import asyncpg
from python_calamine import load_workbook

_ROWS_ABOVE = 2


async def _copy(path: str, dsn: str) -> None:
    rows = load_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=False)[_ROWS_ABOVE:]
    records = [tuple(None if cell == "" else str(cell) for cell in row) for row in rows]
    names = [f"column_{number}" for number in range(len(records[0]))]
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("drop table if exists copied_roster")
            await connection.execute(f"create table copied_roster ({', '.join(f'{name} text' for name in names)})")
            await connection.copy_records_to_table("copied_roster", records=records, columns=names)
    finally:
        await connection.close()


if __name__ == "__main__":
    asyncio.run(_copy(sys.argv[1], sys.argv[2]))
