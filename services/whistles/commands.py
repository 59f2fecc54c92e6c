"""How does a tenant say how much time departments have that are called? What is done with whistles is in cases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from services.whistles.errors import WhistleTimesInvalid, WhistleTimesWithoutBasis
from services.whistles.tables import WhistleTime
from tenants.audit.recording import AuditEntry
from tenants.work import TenantWork

PERMISSION = "settings:edit"
_LONGEST_BASIS = 500
# A year: whoever means more means that nobody has to come.
_MOST_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class Times:
    """How long departments have for calls of a kind, and what that goes by."""

    reason: str
    respond_minutes: int
    arrive_minutes: int
    basis: str
    since: date
    until: date | None = None


async def set_whistle_times(work: TenantWork, *, times: Times) -> uuid.UUID:
    """Set how long departments have from a day on; what was set for the same day is replaced.

    Raises Forbidden, WhistleTimesInvalid, WhistleTimesWithoutBasis.
    """
    work.require(PERMISSION)
    if not 0 < times.respond_minutes <= times.arrive_minutes <= _MOST_MINUTES:
        raise WhistleTimesInvalid(field="input.respondMinutes")
    if times.until is not None and times.until < times.since:
        raise WhistleTimesInvalid(field="input.until")
    basis = times.basis.strip()
    if not 0 < len(basis) <= _LONGEST_BASIS:
        raise WhistleTimesWithoutBasis(field="input.basis")
    values = {
        "respond_minutes": times.respond_minutes,
        "arrive_minutes": times.arrive_minutes,
        "basis": basis,
        "until": times.until,
    }
    key = {"tenant_id": work.tenant.id, "id": work.new_id(), "reason": times.reason, "since": times.since}
    statement = insert(WhistleTime).values(key | values)
    replaced = statement.on_conflict_do_update(
        index_elements=[WhistleTime.tenant_id, WhistleTime.reason, WhistleTime.since], set_=values
    )
    times_id: uuid.UUID = (await work.session.execute(replaced.returning(WhistleTime.id))).scalar_one()
    await work.record(AuditEntry(PERMISSION, "WhistleTimes", times_id))
    return times_id
