"""How are parts of a case given to several, and ended? The case itself stays with whoever answers for it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from services.cases.errors import TaskDueInvalid, TaskEnded, TooManyParts
from services.cases.opening import OpenedCase, check_may_ever, open_case
from services.cases.receiving import ToBody, ToPosition, find_receiver
from services.cases.recording import Step, record_step
from services.cases.rules import LONGEST_TEXT, Standing, check_text, is_tasked, may, move_of
from services.cases.sharing import end_share_of_task, share_case
from services.cases.tables import CaseTask
from tenants.errors import NotFound
from tenants.grants import Scope
from tenants.work import TenantWork

MOST_TASKS = 20


async def assign_task(
    work: TenantWork, *, case_id: uuid.UUID, to: ToPosition | ToBody, what: str, due_at: datetime | None
) -> uuid.UUID:
    """Give a part of a case to a post or body, and tell the task's id. Whoever is outside sees the case by a share.

    Raises ReceiverUnfit, TooManyParts, TaskDueInvalid, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="ASSIGN_TASK")
    told = check_text(what, limit=LONGEST_TEXT, field="input.what")
    if due_at is not None and due_at <= work.now():
        raise TaskDueInvalid(field="input.dueAt")
    if len(opened.tasks) >= MOST_TASKS:
        raise TooManyParts(limit=MOST_TASKS)
    found = await find_receiver(work, opened, to, field="input.to")
    if found.outside is not None:
        await share_case(work, opened, found.outside, reason="TASKED", description=told)
    case = opened.case
    task = CaseTask(
        tenant_id=case.tenant_id,
        id=work.new_id(),
        street_id=case.street_id,
        district_id=case.district_id,
        case_id=case.id,
        receiver_body_id=found.body_id,
        receiver_position_id=found.position_id,
        status="OPEN",
        due_at=due_at,
        step_id=work.new_id(),
        assigned_at=work.now(),
    )
    opened.tasks.append(task)
    receiver = found.outside.tenant_id if found.outside else None
    await _record(work, opened, "ASSIGN_TASK", told, step_id=task.step_id, told_tenant_id=receiver)
    # After the step, which it names.
    work.session.add(task)
    await work.session.flush()
    return task.id


async def finish_task(work: TenantWork, *, task_id: uuid.UUID, note: str) -> uuid.UUID:
    """Say, as whoever was given it, what was done about a part of a case. Raises what _end raises."""
    return await _end(work, task_id, "END_TASK", status="DONE", note=note)


async def decline_task(work: TenantWork, *, task_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Say, as whoever was given it, why a part of a case is not done. Raises what _end raises."""
    return await _end(work, task_id, "END_TASK", status="DECLINED", note=reason)


async def cancel_task(work: TenantWork, *, task_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Take a part of a case back, as its coordinator. Raises what _end raises."""
    return await _end(work, task_id, "CANCEL_TASK", status="CANCELLED", note=reason)


_STEPS = {"DONE": "FINISH_TASK", "DECLINED": "DECLINE_TASK", "CANCELLED": "CANCEL_TASK"}


async def _end(work: TenantWork, task_id: uuid.UUID, action: str, *, status: str, note: str) -> uuid.UUID:
    """End a task.

    Raises NotFound, TaskEnded, CaseTextInvalid and what open_case raises.
    """
    # Asked first, or whoever may do nothing would learn which ids there are.
    check_may_ever(work, action)
    named = select(CaseTask.case_id).where(CaseTask.tenant_id == work.tenant.id, CaseTask.id == task_id)
    case_id = await work.session.scalar(named)
    if case_id is None:
        raise NotFound
    opened = await open_case(work, case_id=case_id, action=action, field=None)
    task = next((one for one in opened.tasks if one.id == task_id), None)
    if task is None:
        raise TaskEnded
    if action == "END_TASK":
        _check_is_theirs(work, opened.standing(), task)
    told = check_text(note, limit=LONGEST_TEXT, field="reason" if status != "DONE" else "note")
    task.status, task.ended_at = status, work.now()
    opened.tasks.remove(task)
    await end_share_of_task(work, opened, task.receiver_body_id)
    task.end_step_id = await _record(work, opened, _STEPS[status], told, is_handling=status == "DONE")
    await work.session.flush()
    return task.id


def _check_is_theirs(work: TenantWork, standing: Standing, task: CaseTask) -> None:
    """Go on only for whoever the task was given to, or who handles everything in the case's own tenant.

    Raises NotFound.
    """
    deciding, permission = work.grants.deciding, move_of("END_TASK").permission
    scope = deciding.scopes.get(permission, Scope())
    mine = is_tasked(_with_task(standing, task), scope)
    is_inside = work.grants.served_from is None and task.receiver_body_id not in standing.shared_with
    if not mine and not (is_inside and may(deciding, permission, standing) and deciding.covers_all(permission)):
        raise NotFound


def _with_task(standing: Standing, task: CaseTask) -> Standing:
    return replace(standing, tasked=frozenset({(task.receiver_body_id, task.receiver_position_id)}))


async def _record(
    work: TenantWork,
    opened: OpenedCase,
    action: str,
    note: str,
    *,
    is_handling: bool = False,
    step_id: uuid.UUID | None = None,
    told_tenant_id: int | None = None,
) -> uuid.UUID:
    permission = move_of("END_TASK" if action in ("FINISH_TASK", "DECLINE_TASK") else action).permission
    step = Step(action, permission, note=note, is_handling=is_handling, told_tenant_id=told_tenant_id)
    return await record_step(work, opened, step, step_id=step_id)
