"""What do commands look up of limits?"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, func, select
from sqlalchemy.dialects.postgresql import JSON

from services.supervision.rules import Limit
from services.supervision.tables import CategoryMark


def limits_of(
    tenant_id: int | BindParameter[int], category_id: uuid.UUID | ColumnElement[uuid.UUID]
) -> ColumnElement[Any]:
    """Select the limits of a category as JSON: its own, or those of the tenant for all that have none."""
    limit, own = CategoryMark.__table__.alias("limits"), CategoryMark.__table__.alias("own")
    is_own = (own.c.tenant_id == tenant_id, own.c.category_id == category_id)
    has_own = select(own.c.category_id).where(*is_own).limit(1).correlate_except(own)
    one = func.json_build_array(limit.c.mark, limit.c.side, limit.c.amount, limit.c.unit, type_=JSON)
    which = limit.c.category_id.is_not_distinct_from(has_own.scalar_subquery())
    found = select(func.json_agg(one, type_=JSON)).where(limit.c.tenant_id == tenant_id, which)
    return found.correlate_except(limit).scalar_subquery()


def read_limits(found: list[list[Any]] | None) -> list[Limit]:
    """Read what `limits_of` found."""
    return [Limit(*each) for each in found or ()]
