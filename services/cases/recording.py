"""What does every step of a case leave behind? A step, its text, an event, the work it causes, an audit entry."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, FromClause, Insert, Select, bindparam, insert, select

from services.case_counts.rules import Verdict
from services.cases.counting import case_count_insert, case_count_values, settle_due_body, take_back_counts
from services.cases.marking import mark_case, turn_green
from services.cases.opening import OpenedCase
from services.cases.queries import case_as_json, last_ordinal, version_of
from services.cases.rules import CALL_BACKS, OPEN, READ, REPORTERS_STEPS, Where, still_waits
from services.cases.tables import Case, CaseStep, CaseStepText
from services.cases.telling import tell_of_step
from services.cases.working import find_waiting, work_case
from services.outbox.tables import Event
from services.positions.tables import OFF_THE_BOARD, Position
from services.work_items.commands import replace_work
from tenants.audit.recording import AuditEntry, entry_insert, entry_values
from tenants.grants import HeldPosition, Scope
from tenants.work import TenantWork

_STEP_COLUMNS = (
    "tenant_id",
    "street_id",
    "district_id",
    "case_id",
    "at",
    "action",
    "from_status",
    "to_status",
    "actor_body_id",
    "coordinator_body_id",
    "accountable_body_id",
    "accountable_position_id",
    "due_at",
    "stop_reason",
    "stopped_until",
    "rework_count",
    "is_contacted",
    "is_solved",
    "satisfaction",
)
_TEXT_COLUMNS = (
    "told_tenant_id",
    "tenant_id",
    "case_id",
    "author_tenant_id",
    "account_id",
    "position_id",
    "is_handling",
    "note",
    "citation",
)
_EVENT_COLUMNS = ("tenant_id", "street_id", "district_id", "at", "action", "case_id", "before")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: a post in a body of some tenant."""

    tenant_id: int
    body_id: uuid.UUID | None
    position_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has been taken, for the record."""

    action: str
    permission: str
    note: str | None = None
    # Whoever takes it has handled the case.
    is_handling: bool = False
    # What an objection goes by.
    citation: str | None = None
    # Whose people are told the words besides the case's own and the author's: whom they are for.
    told_tenant_id: int | None = None
    # The call-back that no longer counts in rates by it.
    left_out: Verdict | None = None


def acting_post(work: TenantWork, permission: str, where: Where) -> HeldPosition | None:
    """Find the post by which the caller does something: of several of one kind, the one in whose place it lies."""
    deciding = work.grants.deciding
    wanted = deciding.granting_posts.get(permission)
    granting = next((post for post in deciding.positions if wanted in (post.id, None)), None)
    if granting is None:
        return None
    places = {where.grid_id, where.building_id, where.estate_id}
    alike = (post for post in deciding.positions if post.kind_code == granting.kind_code and post.place_id in places)
    return next(alike, granting)


async def record_step(
    work: TenantWork, opened: OpenedCase, step: Step, *, step_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Write down a step that the rows already show, and tell its id, which is given where something else names it."""
    _let_requests_lapse(work, opened)
    if opened.case.status not in OPEN:
        opened.cancel_tasks(work.now())
    turn_green(opened)
    settle_due_body(work, opened)
    await work.session.flush()
    await take_back_counts(work, opened)
    values = step_values(work, opened, step) | ({"given_step_id": step_id} if step_id else {})
    work.check_version((await work.session.execute(_statement(), values)).scalar_one())
    if step.is_handling:
        opened.handlers.add(work.grants.account_id)
    waiting = await find_waiting(work, opened)
    before = await replace_work(work, case=work_case(opened.case, title=opened.details.title), waiting=waiting)
    await mark_case(work, opened)
    new = [one for one in waiting if (one.account_id, one.reason) not in before]
    await tell_of_step(work, opened, action=step.action, note=step.note, waiting=waiting, new=new)
    recorded: uuid.UUID = values["given_step_id"]
    return recorded


def _let_requests_lapse(work: TenantWork, opened: OpenedCase) -> None:
    """End what was asked of a case that has gone another way: nobody has to decide it any more."""
    before = opened.before or {}
    is_with_same = before.get("accountable_body_id") == str(opened.case.accountable_body_id)
    called_back_at = opened.case.called_back_at
    told = before.get("called_back_at")
    is_verdict_same = called_back_at == (None if told is None else datetime.fromisoformat(told))
    for request in list(opened.requests):
        if not still_waits(
            request.kind, opened.case.status, is_with_same=is_with_same, is_verdict_same=is_verdict_same
        ):
            request.status, request.decided_at = "LAPSED", work.now()
            opened.requests.remove(request)


def _actor(work: TenantWork, permission: str, where: Where) -> Actor:
    deciding = work.grants.deciding
    tenant = deciding.tenant or work.tenant
    post = acting_post(work, permission, where)
    if post is None:
        return Actor(tenant.id, tenant.body_id, None)
    if tenant.id != work.tenant.id:
        bodies = deciding.scopes.get(permission, Scope()).body_ids
        return Actor(tenant.id, bodies[0] if bodies else tenant.body_id, post.id)
    at_home = post.place_id in deciding.scopes.get(READ, Scope()).dwelling_ids
    body_id = post.body_id or (None if at_home else tenant.body_id)
    return Actor(tenant.id, body_id, post.id)


def step_values(work: TenantWork, opened: OpenedCase, step: Step) -> dict[str, Any]:
    """Give what `step_insert` binds, for a step by the caller; the step's id among it, as given_step_id."""
    case, actor = opened.case, _actor(work, step.permission, opened.where())
    values = {
        "tenant_id": case.tenant_id,
        "step_id": work.new_id(),
        "street_id": case.street_id,
        "district_id": case.district_id,
        "case_id": case.id,
        "at": work.now(),
        "action": step.action,
        "from_status": opened.status_before,
        "to_status": case.status,
        "actor_body_id": actor.body_id,
        "coordinator_body_id": case.coordinator_body_id,
        "accountable_body_id": case.accountable_body_id,
        "accountable_position_id": case.accountable_position_id,
        "due_at": case.due_at,
        "stop_reason": case.stop_reason,
        "stopped_until": case.stopped_until,
        "rework_count": case.rework_count,
        **_verdict(step, case),
        "author_tenant_id": actor.tenant_id,
        "account_id": work.grants.account_id,
        "position_id": actor.position_id,
        "is_handling": step.is_handling,
        "note": step.note,
        "citation": step.citation,
        "told_tenant_id": step.told_tenant_id,
        "event_id": work.new_id(),
        "before": opened.before,
    }
    # Of a post in another tenant, this one's audit log knows nothing.
    post_id = actor.position_id if actor.tenant_id == case.tenant_id else None
    entry = AuditEntry(step.permission, "Case", case.id, purpose=step.action, position_id=post_id)
    return {
        **{f"given_{name}": value for name, value in values.items()},
        **entry_values(work, entry),
        **case_count_values(work, opened, step.action, verdict=step.left_out),
    }


def _verdict(step: Step, case: Case) -> dict[str, Any]:
    """Tell what the reporter said, if the step is a call-back."""
    names = ("is_contacted", "is_solved", "satisfaction")
    return {name: getattr(case, name) if step.action in CALL_BACKS else None for name in names}


@cache
def _statement() -> Select[int]:
    tenant_id, case_id = _given("tenant_id", CaseStep.__table__), _given("case_id", CaseStep.__table__)
    happened = step_insert(
        ordinal=last_ordinal(tenant_id, case_id).scalar_subquery() + 1,
        after=case_as_json(tenant_id, case_id).scalar_subquery(),
    )
    return version_of(tenant_id).add_cte(happened.cte("happened"))


def step_insert(*, ordinal: ColumnElement[int], after: ColumnElement[Any]) -> Insert:
    """Insert a step, its text, its event, its counts and its audit entry in one round trip.

    Parameters are named given_…, those of the counts count_….

    `after` is the case's row as JSON. What is in other rows is looked up where it lies.
    """
    step, words, event = CaseStep.__table__, CaseStepText.__table__, Event.__table__
    step_id = bindparam("given_step_id", type_=step.c["id"].type)
    added = insert(CaseStep).values(
        {name: _given(name, step) for name in _STEP_COLUMNS} | {"id": step_id, "ordinal": ordinal}
    )
    steps = added.returning(step.c["ordinal"]).cte("added")
    # Of a post in another tenant, nothing is seen here.
    public_name = select(Position.public_name).where(
        Position.tenant_id == _given("tenant_id", step),
        Position.tenant_id == _given("author_tenant_id", words),
        Position.id == _given("position_id", words),
        Position.board_rank < OFF_THE_BOARD,
        _given("action", step).not_in(REPORTERS_STEPS),
    )
    told = insert(CaseStepText).values(
        {name: _given(name, words) for name in _TEXT_COLUMNS}
        | {"id": step_id, "public_name": public_name.scalar_subquery()}
    )
    happened = insert(Event).values(
        {name: _given(name, event) for name in _EVENT_COLUMNS}
        | {
            "id": bindparam("given_event_id", type_=event.c["id"].type),
            "ordinal": select(steps.c.ordinal).scalar_subquery(),
            "after": after,
        }
    )
    counted = case_count_insert(_given("tenant_id", step)).cte("counted")
    return happened.add_cte(steps, told.cte("told"), entry_insert().cte("noted"), counted)


def _given(name: str, table: FromClause) -> BindParameter[Any]:
    return bindparam(f"given_{name}", type_=table.c[name].type)
