"""Which limits does a tenant start with? They are data: each tenant has its own copy, and changes it."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.categories.tables import CaseCategory
from services.supervision.tables import CategoryMark
from tenants.database import new_id

_FILE = Path(__file__).with_name("starting.csv")


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
    await connection.execute(insert(CategoryMark), rows)
