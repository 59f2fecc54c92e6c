"""How do clients give parts of a case to several, and end them?"""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.cases.mutations import CaseReceiverInput
from schema.cases.payloads import named_case
from schema.cases.tasks import CaseTaskType
from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform_shared, written
from services.cases.commands.tasks import assign_task, cancel_task, decline_task, finish_task


@strawberry.input(name="AssignTaskInput", description="分派子任务.")
class AssignTaskInput:
    """A part of a case."""

    to: CaseReceiverInput
    what: str = strawberry.field(description="What is to be done.")
    due_at: datetime | None = None


@strawberry.type(name="CaseTaskPayload")
class CaseTaskPayload(WrittenPayload):
    """The task as it is now, or why not."""

    task: CaseTaskType | None = written("CaseTask")


def _named(task_id: str) -> GlobalIdValue | None:
    found = decode_id(task_id)
    return found if found is not None and found.prefix == "tsk" else None


@strawberry.type
class CaseTaskMutations:
    """Parts of cases."""

    @strawberry.mutation(
        description="分派子任务: gives a part of a case to a post or body; the case stays with whoever answers for it."
    )
    async def assign_task(self, info: GatewayInfo, case_id: strawberry.ID, input: AssignTaskInput) -> CaseTaskPayload:
        """Assign."""
        return await perform_shared(
            info,
            CaseTaskPayload,
            named_case(case_id),
            lambda work, case: assign_task(
                work, case_id=case, to=input.to.receiver(work), what=input.what, due_at=input.due_at
            ),
        )

    @strawberry.mutation(description="完成子任务: says, as whoever was given it, what was done.")
    async def finish_task(self, info: GatewayInfo, task_id: strawberry.ID, note: str) -> CaseTaskPayload:
        """Finish."""
        return await perform_shared(
            info, CaseTaskPayload, _named(task_id), lambda work, task: finish_task(work, task_id=task, note=note)
        )

    @strawberry.mutation(description="拒绝子任务: says, as whoever was given it, why it is not done.")
    async def decline_task(self, info: GatewayInfo, task_id: strawberry.ID, reason: str) -> CaseTaskPayload:
        """Decline."""
        return await perform_shared(
            info, CaseTaskPayload, _named(task_id), lambda work, task: decline_task(work, task_id=task, reason=reason)
        )

    @strawberry.mutation(description="取消子任务: takes a part of a case back, as its coordinator.")
    async def cancel_task(self, info: GatewayInfo, task_id: strawberry.ID, reason: str) -> CaseTaskPayload:
        """Cancel."""
        return await perform_shared(
            info, CaseTaskPayload, _named(task_id), lambda work, task: cancel_task(work, task_id=task, reason=reason)
        )
