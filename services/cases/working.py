"""For whom does a case wait, as it stands? For every post that may take the next step."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import text

from services.cases.opening import OpenedCase
from services.cases.rules import ACCEPT, CALL_BACK, DISPATCH, HANDLE, OPEN, WITH_RECEIVER, Standing, may
from services.cases.tables import Case, CaseShare
from services.work_items.commands import Waiting, WorkCase
from services.work_items.pending import Pending
from tenants.grants import NEVER, ActingTenant, HeldPosition
from tenants.permissions import Post, Staffed, compile_grants, list_staffed_posts
from tenants.policies.roles import starting_roles
from tenants.work import TenantWork

# Whose turn it is: by the status, the permission that the next step takes and how the work is called.
_NEXT = {
    "REPORTED": (ACCEPT, "TO_ACCEPT"),
    "ACCEPTED": (DISPATCH, "TO_HANDLE"),
    "DISPATCHED": (HANDLE, "TO_HANDLE"),
    "HANDLING": (HANDLE, "TO_HANDLE"),
    "RESOLVED": (CALL_BACK, "TO_CALL_BACK"),
}
# Where whoever coordinates a case stands in if nobody else can go on with it: hand it to others, or hand it up.
STOOD_IN = WITH_RECEIVER | {"RESOLVED"}
_ENDLESS = datetime(9999, 1, 1, tzinfo=UTC)
_RECEIVING = text("select * from app.receiving_posts(:body_id, :today)")


def work_case(case: Case, *, title: str) -> WorkCase:
    """Tell a case as a list of work shows it."""
    is_due = case.status in OPEN and case.due_at is not None
    due_order = case.due_at if is_due and case.due_at is not None else _ENDLESS
    return WorkCase(case.id, case.number, title, case.status, case.due_at, due_order)


async def find_waiting(
    work: TenantWork, opened: OpenedCase, *, posts: list[Staffed] | None = None, is_whole: bool = True
) -> list[Waiting]:
    """Find for whom a case waits now, of the tenant's posts (given, if they are known), perhaps not the whole of them.

    It waits for its next step, unless it has ended, and for whatever else was asked about it. What nobody can do to
    whom it was handed waits for whoever coordinates the case.
    """
    standing = opened.standing()
    if standing.status not in _NEXT and not opened.pending:
        return []
    own = await work.remember("posts", lambda: list_own_posts(work)) if posts is None else posts
    found = await _next_step(work, standing, opened.shares, own) if standing.status in _NEXT else []
    stand_in = Pending(DISPATCH, "TO_HANDLE", standing.coordinator_body_id)
    if not found and standing.status in STOOD_IN and is_whole:
        found = await _find_pending(work, standing, stand_in, opened.shares, own)
    # Of several things to do alike, the most urgent is told.
    for pending in sorted(opened.pending, key=lambda one: one.due_at or _ENDLESS, reverse=True):
        doing = await _find_pending(work, standing, pending, opened.shares, own)
        if not doing and pending.is_task and is_whole:
            doing = await _find_pending(work, standing, stand_in, opened.shares, own)
        found += doing
    return list({(one.position_id, one.reason): one for one in found}.values())


async def _find_pending(
    work: TenantWork, standing: Standing, pending: Pending, shares: Sequence[CaseShare], own: Sequence[Staffed]
) -> list[Waiting]:
    """Find who may do what was asked, of the people of the body that is to do it."""
    kept_from, permission = pending.kept_from, pending.permission
    found = [_waiting(post, work.tenant.id, pending.reason) for post in own if _may_do(post, pending, standing)]
    for share in shares:
        if share.receiver_body_id != pending.body_id:
            continue
        for tenant_id, post in await _receiving_posts(work, share.receiver_body_id):
            if may(post.grants, permission, standing, is_served=True):
                found.append(replace(_waiting(post, tenant_id, pending.reason), title=share.title))
    return [replace(one, due_at=pending.due_at) for one in found if one.account_id not in kept_from]


def _may_do(post: Staffed, pending: Pending, standing: Standing) -> bool:
    """Tell whether a post of the tenant may do what is pending, for the body that is to do it."""
    held = post.grants.positions[0]
    if pending.is_task:
        is_given = pending.position_id in (held.id, None) and (pending.position_id or held.body_id == pending.body_id)
        return bool(is_given) and post.grants.may(pending.permission)
    own_body = post.grants.tenant.body_id if post.grants.tenant else None
    return may(post.grants, pending.permission, standing) and pending.body_id in (held.body_id, own_body)


async def _next_step(
    work: TenantWork, standing: Standing, shares: Iterable[CaseShare], own: list[Staffed]
) -> list[Waiting]:
    permission, reason = _NEXT[standing.status]
    answering = _answering(standing, own, permission)
    found = [_waiting(post, work.tenant.id, reason) for post in own if _is_turn(post, permission, standing, answering)]
    for share in shares:
        for tenant_id, post in await _receiving_posts(work, share.receiver_body_id):
            if may(post.grants, permission, standing, is_served=True) and _is_receivers(share, permission, standing):
                found.append(replace(_waiting(post, tenant_id, reason), title=share.title))
    found = list({one.position_id: one for one in found}.values())
    # Whoever answers for it is to handle it; called back it is by anybody else.
    alone = [one for one in found if one.position_id == answering]
    return alone if alone and standing.status != "RESOLVED" else found


def _answering(standing: Standing, posts: Iterable[Staffed], permission: str) -> uuid.UUID | None:
    """Tell the post that answers for it by itself: somebody signs in for it, may do it, and goes on to."""
    held = (post for post in posts if post.position_id == standing.accountable_position_id)
    able = (post.position_id for post in held if not post.is_ending and may(post.grants, permission, standing))
    return next(able, None)


def _is_turn(post: Staffed, permission: str, standing: Standing, answering: uuid.UUID | None) -> bool:
    if not may(post.grants, permission, standing) or post.account_id in _kept_from(permission, standing):
        return False
    if permission == HANDLE:
        # The community's own people may help everywhere; it waits for those to whom it was handed.
        return _is_handed(post, standing, answering)
    own_body = post.grants.tenant.body_id if post.grants.tenant else None
    return permission == CALL_BACK or standing.coordinator_body_id == own_body


def _kept_from(permission: str, standing: Standing) -> frozenset[uuid.UUID]:
    return standing.handlers if permission == CALL_BACK else frozenset()


def _is_handed(post: Staffed, standing: Standing, answering: uuid.UUID | None) -> bool:
    held = post.grants.positions[0]
    if answering is not None or held.id == standing.accountable_position_id:
        return held.id == standing.accountable_position_id
    own_body = post.grants.tenant.body_id if post.grants.tenant else None
    return standing.accountable_body_id in (held.body_id, None if held.body_id else own_body)


def _is_receivers(share: CaseShare, permission: str, standing: Standing) -> bool:
    coordinator = standing.coordinator_body_id
    answers = {HANDLE: standing.accountable_body_id, DISPATCH: coordinator, CALL_BACK: coordinator}
    return answers.get(permission) == share.receiver_body_id


def _waiting(post: Staffed, tenant_id: int, reason: str) -> Waiting:
    return Waiting(post.account_id, tenant_id, post.position_id, reason, post.until)


@cache
def _kinds(tenant_kind: str) -> tuple[str, ...]:
    """List the starting kinds of position that ever take a step."""
    steps = {permission for permission, _ in _NEXT.values()}
    taking = {
        role.position for role in starting_roles() if role.permission in steps and role.tenant_kind == tenant_kind
    }
    return tuple(sorted(taking))


async def list_own_posts(work: TenantWork) -> list[Staffed]:
    """List the tenant's posts that ever take a step, as far as somebody signs in for them."""
    driver = await driver_of(work)
    return await list_staffed_posts(driver, tenant=work.tenant, kinds=_kinds(work.tenant.kind), today=work.today())


async def driver_of(work: TenantWork) -> Any:  # noqa: ANN401 - asyncpg's connection, by the adapter SQLAlchemy wraps it in.
    """Get the driver's connection of the open transaction."""
    raw = await (await work.session.connection()).get_raw_connection()
    driver = raw.driver_connection
    if not isinstance(driver, asyncpg.Connection):
        raise TypeError(driver)
    return driver


async def _receiving_posts(work: TenantWork, body_id: uuid.UUID) -> list[tuple[int, Staffed]]:
    """List the posts of another tenant that serve a body to which something of this tenant is shared.

    Asked once in a transaction: a step may ask for each part and each whistle.
    """
    known = work.session.info.setdefault("receiving_posts", {})
    if body_id not in known:
        known[body_id] = await _ask_receiving_posts(work, body_id)
    found: list[tuple[int, Staffed]] = known[body_id]
    return found


async def _ask_receiving_posts(work: TenantWork, body_id: uuid.UUID) -> list[tuple[int, Staffed]]:
    rows = (await work.session.execute(_RECEIVING, {"body_id": body_id, "today": work.today()})).all()
    return list(_staffed(rows))


def _staffed(rows: Iterable[Any]) -> Iterator[tuple[int, Staffed]]:
    for row in rows:
        office = ActingTenant(
            row.tenant_id, row.position_id, "", row.tenant_kind, "", None, None, "open", "UTC", 0, row.office_body_id
        )
        held = HeldPosition(row.position_id, row.kind_code, row.person_id, row.body_id, row.place_id)
        post = Post(held, row.grants_as, row.tenant_kind, row.body_kind)
        grants = compile_grants(
            office, account_id=row.account_id, posts=[post], overrides=frozenset(), valid_until=NEVER
        )
        yield row.tenant_id, Staffed(row.account_id, row.position_id, grants)
