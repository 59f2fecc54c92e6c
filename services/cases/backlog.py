"""When does it change for whom open cases wait, without a step? When posts, accounts or contracts change."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, Uuid, bindparam, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.bodies.tables import PropertyContract
from services.cases.opening import OpenedCase
from services.cases.queries import DRAWING, handlers_in, open_cases, requests_waiting, shares_open_in, tasks_open
from services.cases.rules import DISPATCH, HANDLE
from services.cases.tables import Case, CaseRequest, CaseShare, CaseTask
from services.cases.working import find_waiting, list_own_posts, work_case
from services.positions.tables import Position
from services.whistles.calling import Call, calls_of
from services.whistles.queries import open_whistles
from services.whistles.rules import ANSWER, BLOW
from services.work_items.commands import add_work, forget_work
from services.work_items.tables import WorkItem
from tenants.permissions import Staffed
from tenants.work import TenantWork

_LET_SHARED_WORK_WAIT = text("select app.let_shared_work_wait(:post, :handling, :coordinating)").bindparams(
    bindparam("handling", type_=ARRAY(Uuid())), bindparam("coordinating", type_=ARRAY(Uuid()))
)
_LET_WHISTLES_WAIT = text("select app.let_whistles_wait(:post, :answering, :blowing)").bindparams(
    bindparam("answering", type_=ARRAY(Uuid())), bindparam("blowing", type_=ARRAY(Uuid()))
)


async def list_backlog(work: TenantWork, *which: ColumnElement[bool]) -> list[OpenedCase]:
    """List the tenant's open cases that meet conditions, with their shares in force and who handled them.

    Waits for all steps that are being taken in the tenant; none is taken until this work has ended.
    """
    await work.take_turn(DRAWING)
    shares: dict[uuid.UUID, list[CaseShare]] = defaultdict(list)
    for share in await work.session.scalars(shares_open_in(work.tenant.id)):
        shares[share.case_id].append(share)
    handlers: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for case_id, account_id in (await work.session.execute(handlers_in(work.tenant.id))).all():
        handlers[case_id].add(account_id)
    requests: dict[uuid.UUID, list[CaseRequest]] = defaultdict(list)
    for request in await work.session.scalars(requests_waiting(work.tenant.id)):
        requests[request.case_id].append(request)
    tasks: dict[uuid.UUID, list[CaseTask]] = defaultdict(list)
    for task in await work.session.scalars(tasks_open(work.tenant.id)):
        tasks[task.case_id].append(task)
    calls: dict[uuid.UUID, list[Call]] = defaultdict(list)
    for call in calls_of((await work.session.execute(open_whistles(work.tenant.id))).all()):
        calls[call.whistle.case_id].append(call)
    return [
        OpenedCase(
            case,
            details,
            None,
            case.status,
            shares[case.id],
            handlers[case.id],
            requests[case.id],
            tasks[case.id],
            calls[case.id],
        )
        for case, details in (await work.session.execute(open_cases(work.tenant.id, *which))).all()
    ]


async def redraw_work(work: TenantWork, *which: ColumnElement[bool]) -> None:
    """Let open cases that meet conditions wait for whoever may take their next step now, and for nobody else."""
    posts = await list_own_posts(work)
    backlog = await list_backlog(work, *which)
    added = []
    for opened in backlog:
        waiting = await find_waiting(work, opened, posts=posts)
        shown = work_case(opened.case, title=opened.details.title)
        added += [(shown, one) for one in waiting]
    await forget_work(work, case_ids=[opened.case.id for opened in backlog])
    await add_work(work, added)


async def redraw_work_of_post(work: TenantWork, *, position_id: uuid.UUID) -> None:
    """Let what a post answers for wait for others, if it has ended or ends on a known day."""
    given = select(CaseTask.case_id).where(
        CaseTask.tenant_id == work.tenant.id, CaseTask.receiver_position_id == position_id, CaseTask.status == "OPEN"
    )
    await redraw_work(work, or_(Case.accountable_position_id == position_id, Case.id.in_(given)))


async def redraw_work_of_contract(work: TenantWork, *, contract_id: uuid.UUID) -> None:
    """Let what a company answers for, or what waits for its posts, wait as its contract now says."""
    contract = select(PropertyContract.body_id).where(
        PropertyContract.tenant_id == work.tenant.id, PropertyContract.id == contract_id
    )
    body_id = contract.scalar_subquery()
    waiting = select(WorkItem.case_id).join(
        Position, (Position.tenant_id == WorkItem.tenant_id) & (Position.id == WorkItem.position_id)
    )
    theirs = waiting.where(WorkItem.tenant_id == work.tenant.id, Position.body_id == body_id)
    await redraw_work(work, or_(Case.accountable_body_id == body_id, Case.id.in_(theirs)))


async def let_work_wait(work: TenantWork, *, position_id: uuid.UUID) -> None:
    """Let what is open in the tenant wait for a post, too, that has just been given an account."""
    posts = await list_own_posts(work)
    mine = [post for post in posts if post.position_id == position_id]
    if not mine:
        return
    added = []
    for opened in await list_backlog(work):
        # A case that another post answers for waits for that one alone.
        answering = [post for post in posts if post.position_id == opened.case.accountable_position_id]
        waiting = await find_waiting(work, replace(opened, shares=[]), posts=[*mine, *answering], is_whole=False)
        shown = work_case(opened.case, title=opened.details.title)
        added += [(shown, one) for one in waiting if one.position_id == position_id]
    await add_work(work, added)
    await let_shared_work_wait(work, posts=mine)


async def let_shared_work_wait(work: TenantWork, *, posts: Iterable[Staffed]) -> None:
    """Let cases of other tenants that are shared with the tenant wait for posts of it, too."""
    for post in posts:
        handling, coordinating = (_served(post, permission) for permission in (HANDLE, DISPATCH))
        if handling or coordinating:
            given = {"post": post.position_id, "handling": handling, "coordinating": coordinating}
            await work.session.execute(_LET_SHARED_WORK_WAIT, given)
        answering, blowing = (_served(post, permission) for permission in (ANSWER, BLOW))
        if answering or blowing:
            given = {"post": post.position_id, "answering": answering, "blowing": blowing}
            await work.session.execute(_LET_WHISTLES_WAIT, given)


def _served(post: Staffed, permission: str) -> list[uuid.UUID]:
    is_granted = any(grant.tenants == "served" for grant in post.grants.of(permission))
    return list(post.grants.scopes[permission].body_ids) if is_granted else []
