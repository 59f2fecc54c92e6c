"""Which categories does a tenant start with? They are data: each tenant has its own copy, and changes it."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.categories.tables import CaseCategory, CategoryBook
from tenants.database import new_id
from tenants.inserting import insert_rows

_FILE = Path(__file__).with_name("starting.csv")
_TEXTS = (
    "limit_unit",
    "referral_name",
    "referral_phone",
    "code_system",
    "external_code",
    "default_handler_kind",
    "filing_condition",
    "closing_condition",
    "basis",
)
_FLAGS = ("is_photo_required", "is_evidence_required")


@cache
def _lines() -> tuple[dict[str, str], ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


async def copy_starting_categories(
    connection: AsyncConnection, *, tenant_id: int, street_id: int | None, district_id: int | None
) -> None:
    """Give a tenant its own copy of the starting categories, as the owner."""
    ids = {line["code"]: new_id() for line in _lines()}
    keys = {line["code"]: line["sort"] or line["code"] for line in _lines()}
    whose = {"tenant_id": tenant_id, "street_id": street_id, "district_id": district_id}
    await connection.execute(insert(CategoryBook), [{"tenant_id": tenant_id, "id": new_id()}])
    await insert_rows(connection, CaseCategory, [{**whose, **_row(line, ids, keys)} for line in _lines()])


def _row(line: Mapping[str, str], ids: Mapping[str, uuid.UUID], keys: Mapping[str, str]) -> dict[str, object]:
    parent, key = line["parent"], keys[line["code"]]
    return {
        "id": ids[line["code"]],
        "code": line["code"],
        "name": line["name"],
        "parent_id": ids[parent] if parent else None,
        "is_leaf": bool(line["limit_amount"]),
        "limit_amount": int(line["limit_amount"]) if line["limit_amount"] else None,
        "sort_key": f"{keys[parent]} {key}" if parent else key,
        **{name: line[name] or None for name in _TEXTS},
        **{name: line[name] == "true" for name in _FLAGS},
    }
