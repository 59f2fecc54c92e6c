"""What do clients see of the parts of a case?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from schema.bodies.types import BodyInterface
from schema.cases.actions import TASK_OFFERS
from schema.cases.enums import CaseTaskStatus
from schema.cases.parts import CaseActionType
from schema.cases.requests import written_with
from schema.cases.sources import TASK
from schema.compiler.declare import FieldClass, Offers, One, Row, column, read, reads
from schema.node import NodeInterface

if TYPE_CHECKING:
    from schema.cases.types import CaseType

_WORDS = "Within the case's tenant, and to the office whose people wrote it."


@reads(TASK)
@strawberry.type(name="CaseTask", description="子任务: a part of a case that was given to somebody.")
class CaseTaskType(NodeInterface):
    """A part of a case."""

    status: CaseTaskStatus = column(lambda task: task.c.status)
    receiver: BodyInterface | None = read(One(on=lambda task, body: body.c.id == task.c.receiver_body_id))
    due_at: datetime | None = column(lambda task: task.c.due_at)
    assigned_at: datetime = column(lambda task: task.c.assigned_at)
    ended_at: datetime | None = column(lambda task: task.c.ended_at)
    what: str | None = column(
        written_with("step_id", "note"),
        f"{_WORDS} A department that it was given to reads it in the case's description.",
        field_class=FieldClass.INTERNAL,
    )
    outcome: str | None = column(written_with("end_step_id", "note"), _WORDS, field_class=FieldClass.INTERNAL)
    can: list[CaseActionType] | None = read(
        Offers(TASK_OFFERS, field_class=FieldClass.INTERNAL), "What the caller may do with it now, and why not."
    )
    case: Annotated[CaseType, strawberry.lazy("schema.cases.types")] | None = read(
        One(on=lambda task, case: (case.c.tenant_id == task.c.tenant_id) & (case.c.id == task.c.case_id))
    )


def of_its_case(case: Row, task: Row) -> Any:
    """Link a case with its parts."""
    return (task.c.tenant_id == case.c.tenant_id) & (task.c.case_id == case.c.id)
