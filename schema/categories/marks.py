"""What do clients see of the limits at which cases are urged, or turn yellow or red?"""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from schema.categories.units import LimitUnit
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import Row, Source, column, reads, table_of
from services.supervision.tables import CategoryMark


@strawberry.enum(name="CaseMarkKind")
class CaseMarkKind(Enum):
    """What happens to a case."""

    URGE = strawberry.enum_value("URGE", description="催办: whoever it waits for is told.")
    YELLOW = strawberry.enum_value("YELLOW", description="黄灯: it turns yellow.")
    RED = strawberry.enum_value("RED", description="红灯: it turns red.")


@strawberry.enum(name="CaseMarkSide")
class CaseMarkSide(Enum):
    """On which side of the due time."""

    BEFORE = strawberry.enum_value("BEFORE", description="到期前: before the due time.")
    AFTER = strawberry.enum_value("AFTER", description="到期后: at the due time or after it.")


def _here(row: Row) -> Any:
    return row.c.tenant_id == ACTING_TENANT


MARK = Source(table=table_of(CategoryMark), name="category_marks", only=_here)


@reads(MARK)
@strawberry.type(name="CategoryMark", description="预警规则: when cases are urged, or turn yellow or red.")
class CategoryMarkType:
    """A limit."""

    mark: CaseMarkKind = column(lambda limit: limit.c.mark)
    side: CaseMarkSide = column(lambda limit: limit.c.side)
    amount: int = column(lambda limit: limit.c.amount)
    unit: LimitUnit = column(lambda limit: limit.c.unit)
    basis: str = column(lambda limit: limit.c.basis, "The rule or custom that it follows.")
