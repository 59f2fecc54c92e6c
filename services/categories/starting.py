"""Which categories does a tenant start with? They are data: each tenant has its own copy, and changes it."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.categories.tables import CaseCategory, CategoryBook
from tenants.database import new_id

_FILE = Path(__file__).with_name("starting.csv")


@cache
def _lines() -> tuple[dict[str, str], ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


async def copy_starting_categories(
    connection: AsyncConnection, *, tenant_id: int, street_id: int | None, district_id: int | None
) -> None:
    """Give a tenant its own copy of the starting categories, as the owner."""
    ids = {line["code"]: new_id() for line in _lines()}
    rows = [
        {
            "tenant_id": tenant_id,
            "id": ids[line["code"]],
            "street_id": street_id,
            "district_id": district_id,
            "code": line["code"],
            "name": line["name"],
            "parent_id": ids[line["parent"]] if line["parent"] else None,
            "is_leaf": bool(line["limit_amount"]),
            "is_photo_required": line["is_photo_required"] == "true",
            "limit_amount": int(line["limit_amount"]) if line["limit_amount"] else None,
            "limit_unit": line["limit_unit"] or None,
            "referral_name": line["referral_name"] or None,
            "referral_phone": line["referral_phone"] or None,
            "sort_key": line["code"],
        }
        for line in _lines()
    ]
    await connection.execute(insert(CategoryBook), [{"tenant_id": tenant_id, "id": new_id()}])
    await connection.execute(insert(CaseCategory), rows)
