"""Which limits does a tenant start with, and the cases that it has already? The limits are its own copy, to change."""

from __future__ import annotations

import csv
import uuid
from collections import defaultdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.calendars.loading import load_calendar
from services.categories.tables import CaseCategory
from services.supervision.rules import Calendar, Limit, marks_at
from services.supervision.tables import CaseMark, CategoryMark
from tenants.database import new_id
from tenants.inserting import insert_rows
from tenants.tables import Tenant

_FILE = Path(__file__).with_name("starting.csv")

_UNMARKED = text("""
    select c.id, c.category_id, c.due_at, c.stopped_until from cases c
    where c.tenant_id = :tenant_id and c.status not in ('CLOSED', 'EXCLUDED', 'MERGED')
        and c.due_at is not null
        and not exists (
            select from case_marks m where m.tenant_id = c.tenant_id and m.case_id = c.id and m.due_at = c.due_at
        )
""")


@cache
def _lines() -> tuple[dict[str, str], ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


async def copy_starting_marks(connection: AsyncConnection, *, tenant_id: int) -> None:
    """Give a tenant its own copy of the starting limits, for the categories that it has, as the owner."""
    categories = select(CaseCategory.code, CaseCategory.id).where(CaseCategory.tenant_id == tenant_id)
    ids = {row.code: row.id for row in await connection.execute(categories)}
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "category_id": ids[line["code"]] if line["code"] else None,
            "mark": line["mark"],
            "side": line["side"],
            "amount": int(line["amount"]),
            "unit": line["unit"],
            "basis": line["basis"],
        }
        for line in _lines()
        if not line["code"] or line["code"] in ids
    ]
    await insert_rows(connection, CategoryMark, rows)


async def mark_open_cases(connection: AsyncConnection, *, tenant_id: int, now: datetime) -> None:
    """Let the marks wait of open cases that have none, for cases that no step has brought there."""
    cases = (await connection.execute(_UNMARKED, {"tenant_id": tenant_id})).all()
    if not cases:
        return
    limits: dict[uuid.UUID | None, list[Limit]] = defaultdict(list)
    columns = CategoryMark.__table__.c
    found = select(columns.category_id, columns.mark, columns.side, columns.amount, columns.unit)
    for category_id, *limit in await connection.execute(found.where(columns.tenant_id == tenant_id)):
        limits[category_id].append(Limit(*limit))
    zone = await connection.scalar(select(Tenant.time_zone).where(Tenant.id == tenant_id)) or "UTC"
    today = now.astimezone(ZoneInfo(zone)).date()
    calendar = await load_calendar(connection, tenant_id=tenant_id, time_zone=zone, today=today)
    rows = [
        {"tenant_id": tenant_id, "id": new_id(), "case_id": case.id, "mark": mark, "at": at, "due_at": case.due_at}
        for case in cases
        for at, mark in _marks(case, limits.get(case.category_id) or limits[None], now, calendar)
    ]
    await insert_rows(connection, CaseMark, rows)


def _marks(case: Any, limits: list[Limit], now: datetime, calendar: Calendar) -> list[tuple[datetime, str]]:  # noqa: ANN401 - a row.
    begin = max(now, case.stopped_until or now)
    return [(one.at, one.mark) for one in marks_at(case.due_at, limits, now=begin, calendar=calendar)]
