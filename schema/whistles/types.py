"""What do clients see of whistles?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from schema.bodies.types import DepartmentType
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import Many, One, Row, Source, column, read, reads, table_of
from schema.node import NodeInterface
from services.whistles.tables import Whistle, WhistleCallee


def _here(row: Row) -> Any:
    return row.c.tenant_id == ACTING_TENANT


WHISTLE = Source(table=table_of(Whistle), name="whistles", prefix="whi", only=_here, permission="case:read")
CALLEE = Source(table=table_of(WhistleCallee), name="whistle_callees", only=_here)


@reads(CALLEE)
@strawberry.type(name="WhistleCallee", description="被吹哨单位: a department that was called.")
class WhistleCalleeType:
    """A department that was called."""

    department: DepartmentType | None = read(One(on=lambda callee, body: body.c.id == callee.c.body_id))
    arrive_by: datetime | None = column(lambda callee: callee.c.arrive_by)
    arrived_at: datetime | None = column(lambda callee: callee.c.arrived_at)
    declined_reason: str | None = column(lambda callee: callee.c.declined_reason)


def _of_whistle(whistle: Row, callee: Row) -> Any:
    return (callee.c.tenant_id == whistle.c.tenant_id) & (callee.c.whistle_id == whistle.c.id)


def calls_for(case: Row, whistle: Row) -> Any:
    """Link a case with the whistles blown for it."""
    return (whistle.c.tenant_id == case.c.tenant_id) & (whistle.c.case_id == case.c.id)


@reads(WHISTLE)
@strawberry.type(name="Whistle", description="吹哨: departments called to a case's place.")
class WhistleType(NodeInterface):
    """A whistle."""

    reason: str = column(lambda whistle: whistle.c.reason)
    called_at: datetime | None = column(lambda whistle: whistle.c.called_at, "Null while it is only asked for.")
    outcome: str | None = column(lambda whistle: whistle.c.outcome)
    callees: list[WhistleCalleeType] | None = read(
        Many(on=_of_whistle, order=lambda callee: (callee.c.id,), covered=True)
    )
