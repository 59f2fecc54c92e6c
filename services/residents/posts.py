"""How does somebody who gets in come by a post, and how does it end? At once, with the membership that goes with it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from services.people.tables import Person
from services.positions.tables import OFF_THE_BOARD, Position
from services.residents.queries import posts_at, posts_of_account
from services.residents.rules import RESIDENT, VISITOR
from tenants.tables import Membership
from tenants.work import TenantWork


async def give_post(
    work: TenantWork, *, kind_code: str, place_id: uuid.UUID, person: Person, account_id: uuid.UUID
) -> Position:
    """Give an account a post off the duty board from today on; the caller raises the grants version, if need be."""
    position = Position(
        tenant_id=work.tenant.id,
        street_id=work.tenant.street_id,
        district_id=work.tenant.district_id,
        id=work.new_id(),
        kind_code=kind_code,
        person_id=person.id,
        account_id=account_id,
        place_id=place_id,
        since=work.today(),
        public_name=person.name_masked,
        board_rank=OFF_THE_BOARD,
    )
    work.session.add(position)
    await _keep_membership(work, position)
    return position


async def give_resident_post(
    work: TenantWork, *, dwelling_id: uuid.UUID, person: Person, account_id: uuid.UUID
) -> Position:
    """Give an account the post of a resident, or the one that the register's person has there without an account."""
    today = work.today()
    held = list(
        await work.session.scalars(posts_at(work.tenant.id, kind_code=RESIDENT, place_id=dwelling_id, today=today))
    )
    for position in held:
        if position.account_id == account_id and position.since <= today:
            return position
    for position in held:
        if position.account_id is None and position.person_id == person.id and position.since <= today:
            position.account_id = account_id
            await _keep_membership(work, position)
            return position
    return await give_post(work, kind_code=RESIDENT, place_id=dwelling_id, person=person, account_id=account_id)


async def end_visits(work: TenantWork, *, account_id: uuid.UUID) -> bool:
    """End the visitor's posts of an account; tell whether there was one."""
    held = await work.session.scalars(posts_of_account(work.tenant.id, account_id=account_id))
    visits = [position for position in held if position.kind_code == VISITOR and is_held(work, position)]
    for position in visits:
        await end_post(work, position)
    return bool(visits)


async def end_post(work: TenantWork, position: Position) -> None:
    """End a post at once: its last day was yesterday, so one given today was never held."""
    if is_held(work, position):
        position.until = work.today() - timedelta(days=1)
        await _keep_membership(work, position)


def is_held(work: TenantWork, position: Position) -> bool:
    """Tell whether a post is in force today."""
    today = work.today()
    return position.since <= today and (position.until is None or position.until >= today)


async def _keep_membership(work: TenantWork, position: Position) -> None:
    await work.session.flush()
    if position.account_id is None:
        return
    await work.session.merge(
        Membership(
            account_id=position.account_id,
            tenant_id=position.tenant_id,
            position_id=position.id,
            since=position.since,
            until=position.until,
        )
    )
    await work.session.flush()
