"""What does every step of a case leave behind? A step, its text, an event, the work it causes, an audit entry."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import insert, select

from services.cases.opening import OpenedCase
from services.cases.queries import case_as_json, last_ordinal
from services.cases.rules import READ
from services.cases.tables import CaseStep, CaseStepText
from services.cases.working import find_waiting, work_case
from services.outbox.tables import Event
from services.positions.tables import OFF_THE_BOARD, Position
from services.work_items.commands import replace_work
from tenants.audit.recording import AuditEntry
from tenants.grants import HeldPosition, Scope
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: a post in a body of some tenant."""

    tenant_id: int
    body_id: uuid.UUID | None
    position_id: uuid.UUID | None
    public_name: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has been taken, for the record."""

    action: str
    permission: str
    note: str | None = None
    # Whoever takes it has handled the case.
    is_handling: bool = False


def acting_post(work: TenantWork, permission: str) -> HeldPosition | None:
    """Find the post by which the caller does something."""
    deciding = work.grants.deciding
    wanted = deciding.granting_posts.get(permission)
    return next((post for post in deciding.positions if wanted in (post.id, None)), None)


async def record_step(work: TenantWork, opened: OpenedCase, step: Step) -> uuid.UUID:
    """Write down a step that the rows already show, and tell its id."""
    await work.session.flush()
    actor = await _actor(work, step.permission)
    step_id, ordinal = await _add_step(work, opened, step, actor)
    if step.is_handling:
        opened.handlers.add(work.grants.account_id)
    await _add_event(work, opened, step.action, ordinal)
    waiting = await find_waiting(work, standing=opened.standing(), shares=opened.shares)
    await replace_work(work, case=work_case(opened.case, title=opened.details.title), waiting=waiting)
    await work.record(AuditEntry(step.permission, "Case", opened.case.id, purpose=step.action))
    return step_id


async def _actor(work: TenantWork, permission: str) -> Actor:
    deciding = work.grants.deciding
    tenant = deciding.tenant or work.tenant
    post = acting_post(work, permission)
    if post is None:
        return Actor(tenant.id, tenant.body_id, None, None)
    if tenant.id != work.tenant.id:
        bodies = deciding.scopes.get(permission, Scope()).body_ids
        return Actor(tenant.id, bodies[0] if bodies else tenant.body_id, post.id, None)
    at_home = post.place_id in deciding.scopes.get(READ, Scope()).dwelling_ids
    body_id = post.body_id or (None if at_home else tenant.body_id)
    name = await work.session.scalar(
        select(Position.public_name).where(
            Position.tenant_id == tenant.id, Position.id == post.id, Position.board_rank < OFF_THE_BOARD
        )
    )
    return Actor(tenant.id, body_id, post.id, name)


async def _add_step(work: TenantWork, opened: OpenedCase, step: Step, actor: Actor) -> tuple[uuid.UUID, int]:
    case, step_id = opened.case, work.new_id()
    ordinal = (await work.session.scalar(last_ordinal(case.tenant_id, case.id)) or 0) + 1
    # One after the other, since the second points at the first.
    await work.session.execute(
        insert(CaseStep).values(
            tenant_id=case.tenant_id,
            id=step_id,
            street_id=case.street_id,
            district_id=case.district_id,
            case_id=case.id,
            ordinal=ordinal,
            at=work.now(),
            action=step.action,
            from_status=opened.status_before,
            to_status=case.status,
            actor_body_id=actor.body_id,
            coordinator_body_id=case.coordinator_body_id,
            accountable_body_id=case.accountable_body_id,
            accountable_position_id=case.accountable_position_id,
            due_at=case.due_at,
            stop_reason=case.stop_reason,
            rework_count=case.rework_count,
        )
    )
    await work.session.execute(
        insert(CaseStepText).values(
            tenant_id=case.tenant_id,
            id=step_id,
            case_id=case.id,
            author_tenant_id=actor.tenant_id,
            account_id=work.grants.account_id,
            position_id=actor.position_id,
            public_name=actor.public_name,
            is_handling=step.is_handling,
            note=step.note,
        )
    )
    return step_id, ordinal


async def _add_event(work: TenantWork, opened: OpenedCase, action: str, ordinal: int) -> None:
    case = opened.case
    after = await work.session.scalar(case_as_json(case.tenant_id, case.id))
    await work.session.execute(
        insert(Event).values(
            tenant_id=case.tenant_id,
            id=work.new_id(),
            street_id=case.street_id,
            district_id=case.district_id,
            at=work.now(),
            action=action,
            case_id=case.id,
            ordinal=ordinal,
            before=opened.before,
            after=after,
        )
    )
