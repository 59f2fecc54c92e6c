"""What is asked of a tenant before a list of its posts is taken in?"""

from __future__ import annotations

import uuid
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, or_, select, text

from services.bodies.tables import PropertyContract
from services.people.tables import Person
from services.places.tables import Place
from services.positions.tables import Position, PositionKind
from tenants.tables import Account, Body

# An account is made when it is named first.
FIND_ACCOUNT = text("select app.find_account(:id, :issuer, :subject, null)")


class Holder(NamedTuple):
    """A post of somebody whom a list may mean."""

    id: uuid.UUID
    account_id: uuid.UUID | None
    phone_index: bytes | None


def account_of(account_id: uuid.UUID) -> Select[str, str]:
    """Select the name of an account: subject and issuer."""
    return select(Account.subject, Account.issuer).where(Account.id == account_id)


def kinds_of(tenant_id: int) -> Select[PositionKind]:
    """Select the tenant's kinds of position."""
    return select(PositionKind).where(PositionKind.tenant_id == tenant_id).order_by(PositionKind.code)


def places_of(tenant_id: int) -> Select[uuid.UUID, str, str, str]:
    """Select the tenant's places that posts are listed for; dwellings are many and no duty hangs on them."""
    return select(Place.id, Place.kind, Place.name, Place.address).where(
        Place.tenant_id == tenant_id, Place.kind.notin_(("dwelling", "unit"))
    )


def bodies_of(tenant_id: int, *, today: date) -> Select[uuid.UUID, str, str, uuid.UUID | None, uuid.UUID | None]:
    """Select the tenant's bodies and the companies that serve an estate today, one row an estate."""
    serves = (
        (PropertyContract.tenant_id == tenant_id)
        & (PropertyContract.body_id == Body.id)
        & (PropertyContract.since <= today)
        & or_(PropertyContract.until.is_(None), PropertyContract.until >= today)
    )
    return (
        select(Body.id, Body.kind, Body.name, Body.place_id, PropertyContract.estate_id)
        .outerjoin(PropertyContract, serves)
        .where(or_(Body.home_tenant_id == tenant_id, PropertyContract.estate_id.is_not(None)))
        .order_by(Body.id)
    )


def holders_of(
    tenant_id: int, *, kind_code: str, place_id: uuid.UUID, name_index: bytes, today: date
) -> Select[uuid.UUID, uuid.UUID | None, bytes | None]:
    """Select post, account and phone index of those of a name who hold such a post at the place, today or later."""
    return (
        select(Position.id, Position.account_id, Person.phone_index)
        .join(Position, (Position.tenant_id == Person.tenant_id) & (Position.person_id == Person.id))
        .where(
            Position.tenant_id == tenant_id,
            Position.kind_code == kind_code,
            Position.place_id == place_id,
            or_(Position.until.is_(None), Position.until >= today),
            Person.name_index == name_index,
        )
    )
