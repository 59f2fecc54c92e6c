"""How much time does a tenant give to departments that are called, at first? It is data: each has its own copy."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.whistles.tables import WhistleTime
from tenants.database import new_id
from tenants.inserting import insert_rows

_FILE = Path(__file__).with_name("starting.csv")
_SINCE = date(2019, 1, 1)


@cache
def _lines() -> tuple[dict[str, str], ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


async def copy_starting_whistle_times(connection: AsyncConnection, *, tenant_id: int) -> None:
    """Give a tenant that has none its own copy of the starting times, as the owner."""
    known = await connection.scalar(select(WhistleTime.id).where(WhistleTime.tenant_id == tenant_id).limit(1))
    if known is not None:
        return
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "reason": line["reason"],
            "respond_minutes": int(line["respond_minutes"]),
            "arrive_minutes": int(line["arrive_minutes"]),
            "basis": line["basis"],
            "since": _SINCE,
        }
        for line in _lines()
    ]
    await insert_rows(connection, WhistleTime, rows)
