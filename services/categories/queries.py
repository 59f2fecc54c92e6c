"""What do commands on categories look up?"""

from __future__ import annotations

import uuid

from sqlalchemy import Integer, Select, Uuid, column, exists, select, table

from services.categories.tables import CaseCategory
from services.positions.tables import PositionKind

# Cases lean on categories, and categories on nothing of theirs but that they are there.
_CASES = table("cases", column("tenant_id", Integer()), column("category_id", Uuid()))


def categories_of(tenant_id: int) -> Select[CaseCategory]:
    """Select all categories of a tenant."""
    return select(CaseCategory).where(CaseCategory.tenant_id == tenant_id)


def has_cases(tenant_id: int, category_id: uuid.UUID) -> Select[bool]:
    """Ask whether a case was ever filed under a category."""
    return select(exists().where(_CASES.c.tenant_id == tenant_id, _CASES.c.category_id == category_id))


def knows_position_kind(tenant_id: int, code: str) -> Select[bool]:
    """Ask whether a tenant has a kind of post."""
    return select(exists().where(PositionKind.tenant_id == tenant_id, PositionKind.code == code))


def asks_evidence(tenant_id: int, category_id: uuid.UUID) -> Select[bool]:
    """Select whether what is settled in a category is to be shown."""
    return select(CaseCategory.is_evidence_required).where(
        CaseCategory.tenant_id == tenant_id, CaseCategory.id == category_id
    )
