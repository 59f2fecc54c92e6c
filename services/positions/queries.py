"""What do commands on posts look up?"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import Select, or_, select

from services.places.tables import Place
from services.positions.tables import Position, PositionKind
from tenants.tables import Body


def kind_of(tenant_id: int, *, code: str) -> Select[PositionKind]:
    """Select a tenant's kind of position by its code."""
    return select(PositionKind).where(PositionKind.tenant_id == tenant_id, PositionKind.code == code)


def place_facts_of(
    tenant_id: int, *, place_id: uuid.UUID
) -> Select[str, uuid.UUID | None, uuid.UUID | None, uuid.UUID | None]:
    """Select the kind of one of the tenant's places, and the grid, building and estate that it lies in."""
    return select(Place.kind, Place.grid_id, Place.building_id, Place.estate_id).where(
        Place.tenant_id == tenant_id, Place.id == place_id
    )


def body_kind_of(body_id: uuid.UUID) -> Select[str]:
    """Select the kind of a body in the directory."""
    return select(Body.kind).where(Body.id == body_id)


def same_posts(
    tenant_id: int,
    *,
    person_id: uuid.UUID,
    kind_code: str,
    place_id: uuid.UUID,
    body_id: uuid.UUID | None,
    since: date,
    until: date | None,
) -> Select[Position]:
    """Select a person's posts of the same kind, place and body that share a day with the given time."""
    overlapping = [or_(Position.until.is_(None), Position.until >= since)]
    if until is not None:
        overlapping.append(Position.since <= until)
    # A post that was taken back before its first day was never held.
    overlapping.append(or_(Position.until.is_(None), Position.until >= Position.since))
    return (
        select(Position)
        .where(
            Position.tenant_id == tenant_id,
            Position.person_id == person_id,
            Position.kind_code == kind_code,
            Position.place_id == place_id,
            Position.body_id.is_not_distinct_from(body_id),
            *overlapping,
        )
        .order_by(Position.since)
        .limit(1)
    )
