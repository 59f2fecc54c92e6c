"""What do commands on residencies and visitors look up?"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from services.people.tables import DwellingHolder, Household, Person
from services.places.tables import Place
from services.positions.tables import Position, PositionKind
from services.residents.rules import OWNER_ROLE
from services.residents.tables import OPEN_STATUSES, Residency, ResidencySettings
from tenants.tables import Membership


def settings_of(tenant_id: int) -> Select[ResidencySettings]:
    """Select whom a tenant lets in, and how often somebody may ask."""
    return select(ResidencySettings).where(ResidencySettings.tenant_id == tenant_id)


def dwelling_of(tenant_id: int, dwelling_id: uuid.UUID) -> Select[Place]:
    """Select a dwelling of the tenant by its id."""
    return select(Place).where(Place.tenant_id == tenant_id, Place.id == dwelling_id, Place.kind == "dwelling")


def building_with_code(tenant_id: int, code: str) -> Select[Place]:
    """Select the tenant's building that has a code."""
    return select(Place).where(Place.tenant_id == tenant_id, Place.kind == "building", Place.code == code)


def rooms_of(tenant_id: int, *, building_id: uuid.UUID, room_number: str, keys: Collection[str]) -> Select[Place]:
    """Select the dwellings of a building by their number or, with the unit in it, by what their address sorts by."""
    return (
        select(Place)
        .where(
            Place.tenant_id == tenant_id,
            Place.building_id == building_id,
            Place.kind == "dwelling",
            or_(Place.room_number == room_number, Place.sort_key.in_(keys)),
        )
        .order_by(Place.id)
        .limit(2)
    )


def known_in(
    tenant_id: int, *, dwelling_id: uuid.UUID, today: date, phone_index: bytes | None, name_index: bytes | None
) -> CompoundSelect[uuid.UUID, str]:
    """Select who owns or rents a dwelling or heads a household there now, of one exact phone or one exact name."""
    same = Person.phone_index == phone_index if phone_index is not None else Person.name_index == name_index
    held = (
        select(DwellingHolder.person_id, DwellingHolder.role)
        .join(Person, and_(Person.tenant_id == DwellingHolder.tenant_id, Person.id == DwellingHolder.person_id))
        .where(DwellingHolder.tenant_id == tenant_id, DwellingHolder.dwelling_id == dwelling_id, same)
    )
    headed = (
        select(Household.head_id, literal("head"))
        .join(Person, and_(Person.tenant_id == Household.tenant_id, Person.id == Household.head_id))
        .where(
            Household.tenant_id == tenant_id,
            Household.dwelling_id == dwelling_id,
            or_(Household.until.is_(None), Household.until >= today),
            same,
        )
    )
    return union_all(held, headed)


def has_owners(tenant_id: int, *, dwelling_id: uuid.UUID) -> Select[bool]:
    """Ask whether the register names an owner of a dwelling."""
    named = select(DwellingHolder.id).where(
        DwellingHolder.tenant_id == tenant_id,
        DwellingHolder.dwelling_id == dwelling_id,
        DwellingHolder.role == OWNER_ROLE,
    )
    return select(named.exists())


def requests_of(
    tenant_id: int, *, account_id: uuid.UUID, dwelling_id: uuid.UUID, since: datetime
) -> Select[int, int, int]:
    """Count an account's open residencies in a dwelling, its requests that wait, and those made since an instant."""
    is_open_there = and_(Residency.dwelling_id == dwelling_id, Residency.status.in_(OPEN_STATUSES))
    return select(
        func.count().filter(is_open_there),
        func.count().filter(Residency.status == "REQUESTED"),
        func.count().filter(Residency.requested_at > since),
    ).where(Residency.tenant_id == tenant_id, Residency.account_id == account_id)


def locked_residency(tenant_id: int, residency_id: uuid.UUID) -> Select[Residency, Place]:
    """Select a residency with its dwelling, and lock it."""
    return (
        select(Residency, Place)
        .join(Place, and_(Place.tenant_id == Residency.tenant_id, Place.id == Residency.dwelling_id))
        .where(Residency.tenant_id == tenant_id, Residency.id == residency_id)
        .with_for_update(of=Residency)
    )


def open_residencies_of(tenant_id: int, *, account_id: uuid.UUID) -> Select[Residency]:
    """Select what an account asked for or is bound to, and lock it."""
    return (
        select(Residency)
        .where(
            Residency.tenant_id == tenant_id,
            Residency.account_id == account_id,
            Residency.status.in_(OPEN_STATUSES),
        )
        .order_by(Residency.id)
        .with_for_update()
    )


def residency_of_post(tenant_id: int, *, position_id: uuid.UUID) -> Select[Residency]:
    """Select the residency that gave a post, while it is confirmed, and lock it."""
    return (
        select(Residency)
        .where(
            Residency.tenant_id == tenant_id,
            Residency.position_id == position_id,
            Residency.status == "CONFIRMED",
        )
        .with_for_update()
    )


def residencies_left_in(tenant_id: int, *, household_id: uuid.UUID, today: date) -> Select[Residency]:
    """Select those bound to a household's dwelling as family or renters, once no household lives there; lock them."""
    gone = Household.__table__.alias("gone")
    present = (
        select(Household.id)
        .where(
            Household.tenant_id == gone.c.tenant_id,
            Household.dwelling_id == gone.c.dwelling_id,
            or_(Household.until.is_(None), Household.until > today),
        )
        .exists()
    )
    left = select(gone.c.dwelling_id).where(
        gone.c.tenant_id == tenant_id, gone.c.id == household_id, gone.c.until.is_not(None), ~present
    )
    return (
        select(Residency)
        .where(
            Residency.tenant_id == tenant_id,
            Residency.dwelling_id == left.scalar_subquery(),
            Residency.status == "CONFIRMED",
            Residency.relation != "OWNER",
        )
        .order_by(Residency.id)
        .with_for_update()
    )


def kind_named(tenant_id: int, *, code: str) -> Select[PositionKind]:
    """Select a starting kind of post as the tenant has it; a kind of its own under that name is none."""
    return select(PositionKind).where(
        PositionKind.tenant_id == tenant_id, PositionKind.code == code, PositionKind.grants_as == code
    )


def posts_of_account(tenant_id: int, *, account_id: uuid.UUID) -> Select[Position]:
    """Select the posts that an account has and had in the tenant, the newest first."""
    return (
        select(Position)
        .where(Position.tenant_id == tenant_id, Position.account_id == account_id)
        .order_by(Position.since.desc(), Position.id.desc())
    )


def posts_at(tenant_id: int, *, kind_code: str, place_id: uuid.UUID, today: date) -> Select[Position]:
    """Select the posts of a kind at a place that have not ended, and lock them."""
    return (
        select(Position)
        .where(
            Position.tenant_id == tenant_id,
            Position.kind_code == kind_code,
            Position.place_id == place_id,
            or_(Position.until.is_(None), Position.until >= today),
        )
        .order_by(Position.id)
        .with_for_update()
    )


def tenants_of_account(account_id: uuid.UUID, *, today: date) -> Select[int]:
    """Select the tenants in which the caller's own account has a post."""
    return select(Membership.tenant_id).where(
        Membership.account_id == account_id,
        Membership.since <= today,
        or_(Membership.until.is_(None), Membership.until >= today),
    )
