"""What is asked of a tenant before a roster is compared with it? One statement a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.people.tables import DwellingHolder, Household, Person
from services.places.tables import Place
from services.positions.tables import OFF_THE_BOARD, Position, PositionKind
from services.roster.known import (
    HolderRecord,
    HouseholdRecord,
    Known,
    PersonRecord,
    PlaceRecord,
    PostRecord,
)

_KINDS = ("grid", "estate", "building", "unit", "dwelling")

Record = TypeVar("Record")


async def load_known(session: AsyncSession, *, tenant_id: int, today: date) -> Known:
    """Load what a roster is compared with; the tenant's imports wait for each other from here on."""
    await session.execute(_own_place(tenant_id).with_for_update(key_share=True))
    places, people = Place.__table__, Person.__table__
    holders, households = DwellingHolder.__table__, Household.__table__
    posts, kinds = Position.__table__, PositionKind.__table__
    in_force = (posts.c.since <= today, or_(posts.c.until.is_(None), posts.c.until >= today))
    board_rank = func.coalesce(kinds.c.board_rank, OFF_THE_BOARD)
    ranks = select(kinds.c.code, board_rank).where(kinds.c.tenant_id == tenant_id)
    return Known(
        places=await _load(
            session, PlaceRecord._make, _of(places, tenant_id, PlaceRecord._fields, places.c.kind.in_(_KINDS))
        ),
        people=await _load(session, PersonRecord._make, _of(people, tenant_id, PersonRecord._fields)),
        holders=await _load(session, HolderRecord._make, _of(holders, tenant_id, HolderRecord._fields)),
        households=await _load(
            session,
            HouseholdRecord._make,
            _of(households, tenant_id, HouseholdRecord._fields, households.c.until.is_(None)),
        ),
        posts=await _load(session, PostRecord._make, _of(posts, tenant_id, PostRecord._fields, *in_force)),
        board_ranks={row[0]: row[1] for row in await session.execute(ranks)},
    )


def _own_place(tenant_id: int) -> Select[Any]:
    places = Place.__table__
    return select(places.c.id).where(places.c.tenant_id == tenant_id, places.c.kind == "community")


def _of(table: FromClause, tenant_id: int, names: Sequence[str], *which: ColumnElement[bool]) -> Select[Any]:
    columns = (table.c[name] for name in names)
    return select(*columns).where(table.c.tenant_id == tenant_id, *which).order_by(table.c.id)


async def _load(session: AsyncSession, make: Callable[[Sequence[Any]], Record], statement: Select[Any]) -> list[Record]:
    return [make(row) for row in await session.execute(statement)]
