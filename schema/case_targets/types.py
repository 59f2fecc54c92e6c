"""What do clients see of targets? What is aimed at, and beside a summary how far it was reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry
from sqlalchemy import Double, and_, case, cast, or_, select

from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import Derived, Made, Row, Source, column, derived, plain_table, reads, table_of
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from schema.summaries.measures import CaseMeasure, measure
from services.case_targets.tables import CaseTarget

if TYPE_CHECKING:
    from schema.compiler.values import Value


def _at_or_below(row: Row) -> Any:
    return or_(row.c.tenant_id == ACTING_TENANT, row.c.street_id == ACTING_TENANT, row.c.district_id == ACTING_TENANT)


# Known to everybody in the tenant, and to the offices above; how far they are reached, to whoever sees the sums.
TARGET = Source(table=table_of(CaseTarget), name="case_targets", prefix="tgt", only=_at_or_below)
ATTAINMENT = Source(table=table_of(CaseTarget), name="attainments", permission="summary:read", only=_at_or_below)


@strawberry.enum(name="TargetBound", description="目标方向: from which side a target bounds.")
class TargetBound(Enum):
    """Bounds."""

    AT_LEAST = strawberry.enum_value("AT_LEAST", description="不低于")
    AT_MOST = strawberry.enum_value("AT_MOST", description="不高于")


@reads(TARGET)
@strawberry.type(name="CaseTarget", description="目标: what a tenant aims at in periods between two days.")
class CaseTargetType(NodeInterface):
    """A target."""

    measure: CaseMeasure = column(lambda target: target.c.measure)
    bound: TargetBound = column(lambda target: target.c.bound)
    value: float = column(lambda target: target.c.value, "Of a rate from 0 to 1.")
    since: date = column(lambda target: target.c.since)
    until: date = column(lambda target: target.c.until, "The last day.")
    basis: str = column(lambda target: target.c.basis, "依据: the rule or plan that sets it.")


@reads(ATTAINMENT)
@strawberry.type(name="CaseTargetAttainment", description="目标完成情况: how far a target was reached in the period.")
class CaseTargetAttainmentType:
    """How far a target was reached."""

    measure: CaseMeasure = column(lambda target: target.c.measure)
    bound: TargetBound = column(lambda target: target.c.bound)
    target: float = column(lambda target: target.c.value)
    actual: float | None = column(lambda target: target.c.actual, "Null where it cannot be told.")
    is_met: bool | None = column(
        lambda target: case(
            (target.c.bound == quoted("AT_LEAST"), target.c.actual >= target.c.value),
            else_=target.c.actual <= target.c.value,
        )
    )
    basis: str = column(lambda target: target.c.basis)


def _attained(sums: Row, _: Mapping[str, Value]) -> Made:
    target = plain_table(CaseTarget).alias("aimed")
    actual = case(
        *((target.c.measure == quoted(one.name), cast(measure(one.name)(sums), Double)) for one in CaseMeasure)
    )
    # A grid's sums are measured by no target: these are the tenant's.
    here = and_(target.c.tenant_id == sums.c.tenant_id, sums.c.grid_id.is_(None))
    in_time = and_(target.c.since <= sums.c.last_day, target.c.until >= sums.c.first_day)
    return Made(select(*target.c, actual.label("actual")).where(here, in_time))


def attainments() -> Any:
    """Declare how far the targets of a summary's place were reached."""
    declared = Derived(_attained, order=lambda target: (target.c.measure, target.c.bound, target.c.since, target.c.id))
    return derived(
        declared,
        "目标完成情况: the targets of the place's tenant that hold on some day of the period; none of a grid.",
        arguments={},
    )
