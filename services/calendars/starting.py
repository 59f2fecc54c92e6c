"""Which office hours does a tenant start with? They are data: each tenant has its own copy, and changes it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.calendars.queries import calendar_of
from services.calendars.spans import read_clock
from services.calendars.tables import OfficeHours, WorkingCalendar
from tenants.database import new_id
from tenants.inserting import insert_rows

_FILE = Path(__file__).with_name("starting.csv")


async def give_calendar(connection: AsyncConnection, *, tenant_id: int) -> None:
    """See to it that a tenant has a calendar, as the owner: with the starting office hours if it had none."""
    if (await connection.execute(calendar_of(tenant_id))).first() is not None:
        return
    await connection.execute(insert(WorkingCalendar).values(tenant_id=tenant_id, id=new_id()))
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [
            {
                "tenant_id": tenant_id,
                "id": new_id(),
                "valid_from": date.fromisoformat(line["valid_from"]),
                "opens": read_clock(line["opens"], field="opens"),
                "closes": read_clock(line["closes"], field="closes"),
            }
            for line in csv.DictReader(file)
        ]
    await insert_rows(connection, OfficeHours, rows)
