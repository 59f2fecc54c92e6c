"""What do commands on whistles look up?"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import Select, or_, select

from services.whistles.tables import Whistle, WhistleCallee, WhistleTime


def open_whistles(tenant_id: int, case_id: uuid.UUID | None = None) -> Select[Whistle, WhistleCallee | None]:
    """Select the whistles that have not ended, of a case or of all of a tenant's, each with each that it calls."""
    found = (
        select(Whistle, WhistleCallee)
        .outerjoin(
            WhistleCallee,
            (WhistleCallee.tenant_id == Whistle.tenant_id) & (WhistleCallee.whistle_id == Whistle.id),
        )
        .where(Whistle.tenant_id == tenant_id, Whistle.ended_at.is_(None))
        .order_by(Whistle.requested_at, Whistle.id, WhistleCallee.id)
    )
    return found if case_id is None else found.where(Whistle.case_id == case_id)


def case_of_whistle(tenant_id: int, whistle_id: uuid.UUID) -> Select[uuid.UUID, uuid.UUID]:
    """Select the case of a whistle, and the whistle."""
    return select(Whistle.case_id, Whistle.id).where(Whistle.tenant_id == tenant_id, Whistle.id == whistle_id)


def case_of_callee(tenant_id: int, callee_id: uuid.UUID) -> Select[uuid.UUID, uuid.UUID]:
    """Select the case and the whistle of whoever was called."""
    return select(WhistleCallee.case_id, WhistleCallee.whistle_id).where(
        WhistleCallee.tenant_id == tenant_id, WhistleCallee.id == callee_id
    )


def times_in_force(tenant_id: int, *, reason: str, today: date) -> Select[WhistleTime]:
    """Select how much time a tenant gives today for calls of a kind, the newest first."""
    return (
        select(WhistleTime)
        .where(
            WhistleTime.tenant_id == tenant_id,
            WhistleTime.reason == reason,
            WhistleTime.since <= today,
            or_(WhistleTime.until.is_(None), WhistleTime.until >= today),
        )
        .order_by(WhistleTime.since.desc())
        .limit(1)
    )
