"""How does an account that holds no post come into a community, and how does it leave again?"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from services.people.commands import find_or_add_person
from services.people.rules import LONGEST_NAME
from services.people.tables import Person
from services.positions.tables import Position
from services.residents.commands import end_residencies
from services.residents.errors import CommunityNotOpen
from services.residents.finding import is_phone
from services.residents.posts import end_visits, give_post, is_held
from services.residents.queries import (
    kind_named,
    open_residencies_of,
    posts_of_account,
    settings_of,
    tenants_of_account,
)
from services.residents.rules import REQUEST, VISITOR, check_may_come_in
from services.residents.tables import ResidencySettings
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.sealing.values import TenantSealer
from tenants.tables import Account, Tenant
from tenants.work import TenantWork


async def check_takes_visitors(work: TenantWork) -> ResidencySettings:
    """Go on only in a community that lets people in by themselves. Raises CommunityNotOpen."""
    settings = await work.session.scalar(settings_of(work.tenant.id))
    is_visited = await work.session.scalar(kind_named(work.tenant.id, code=VISITOR)) is not None
    if settings is None or not settings.takes_visitors or not is_visited or work.tenant.kind != "community":
        raise CommunityNotOpen(field="slug")
    return settings


async def join_community(work: TenantWork, *, phone: str | None, sealer: TenantSealer) -> uuid.UUID:
    """Come in as a visitor, once however often it is asked, and tell the tenant's id.

    No grant is asked for: the caller holds none here, and `Identifier.at_the_door` has looked at who vouches for him.
    Raises CommunityNotOpen.
    """
    settings = await check_takes_visitors(work)
    account_id = work.grants.account_id
    await work.take_turn(f"visits of {account_id}")
    posts = list(await work.session.scalars(posts_of_account(work.tenant.id, account_id=account_id)))
    held = [position for position in posts if is_held(work, position)]
    # A resident is in already; whoever works here may live here, too.
    if any(_lets_in(position) for position in held):
        return work.tenant.uid
    await _check_may_come_in(work, settings, posts)
    person = await _person(work, posts, phone=phone, sealer=sealer)
    place_id = await work.session.scalar(select(Tenant.place_id).where(Tenant.id == work.tenant.id))
    assert place_id is not None  # noqa: S101 - for the type checker: every tenant has its one place.
    position = await give_post(work, kind_code=VISITOR, place_id=place_id, person=person, account_id=account_id)
    await work.record(AuditEntry("community:join", "Position", position.id, position_id=position.id))
    # Of an account without posts nothing is remembered anywhere; so those who come in leave others' grants alone.
    if held:
        await bump_grants_version(work)
    return work.tenant.uid


async def leave_community(work: TenantWork, *, slug: str) -> uuid.UUID:
    """End what lets the caller in as a visitor or a resident, and withdraw what he asked for; tell the tenant's id.

    The community acted in has to be named. Raises Forbidden, NotFound.
    """
    work.require_some(REQUEST)
    if slug != work.tenant.slug:
        raise NotFound(field="slug")
    account_id = work.grants.account_id
    await end_residencies(
        work, (await work.session.scalars(open_residencies_of(work.tenant.id, account_id=account_id))).all()
    )
    if await end_visits(work, account_id=account_id):
        await bump_grants_version(work)
    await work.record(AuditEntry("community:leave", "Community"))
    return work.tenant.uid


def _lets_in(position: Position) -> bool:
    return position.kind_code in (VISITOR, "resident")


async def _check_may_come_in(work: TenantWork, settings: ResidencySettings, posts: list[Position]) -> None:
    today, account_id = work.today(), work.grants.account_id
    tenant_ids = (await work.session.scalars(tenants_of_account(account_id, today=today))).all()
    check_may_come_in(
        came_today=sum(position.kind_code == VISITOR and position.since == today for position in posts),
        daily_limit=settings.daily_request_limit,
        tenant_ids=[tenant_id for tenant_id in tenant_ids if tenant_id != work.tenant.id],
        tenant_limit=settings.tenant_limit,
    )


async def _person(work: TenantWork, posts: list[Position], *, phone: str | None, sealer: TenantSealer) -> Person:
    """Find whom the account was before, or add somebody of its name, with the phone that is vouched for."""
    if posts:
        return await work.session.get_one(Person, (work.tenant.id, posts[0].person_id))
    name = await work.session.scalar(select(Account.display_name).where(Account.id == work.grants.account_id))
    return await find_or_add_person(
        work,
        name=(name or "?")[:LONGEST_NAME],
        phone=phone if phone is not None and is_phone(phone) else None,
        sealer=sealer,
    )
