"""What may a tenant change of its calendar? Its office hours, and days that differ from the nation's.

Due times that were given before stay as they are: what is in hand is extended or suspended, where that is right.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.calendars.errors import CalendarDayInvalid, OfficeHoursInvalid
from services.calendars.queries import hours_of, tenant_day_of
from services.calendars.rules import Span
from services.calendars.spans import check_spans
from services.calendars.tables import OfficeHours, TenantCalendarDay, WorkingCalendar
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.work import TenantWork

PERMISSION = "settings:edit"
LONGEST_NAME = 40


async def set_office_hours(work: TenantWork, *, valid_from: date, spans: Sequence[Span]) -> uuid.UUID:
    """Say when the office is open on working days from a day on; without spans, what held before goes on.

    What was said of that day before is replaced. Raises Forbidden, OfficeHoursInvalid.
    """
    work.require(PERMISSION)
    checked = check_spans(spans)
    calendar_id = await _change(work)
    here = OfficeHours.tenant_id == work.tenant.id
    await work.session.execute(delete(OfficeHours).where(here, OfficeHours.valid_from == valid_from))
    work.session.add_all(
        OfficeHours(tenant_id=work.tenant.id, id=work.new_id(), valid_from=valid_from, opens=opens, closes=closes)
        for opens, closes in checked
    )
    await work.session.flush()
    if await work.session.scalar(hours_of(work.tenant.id).limit(1)) is None:
        raise OfficeHoursInvalid(
            reason_zh="至少要有一个时段", reason_en="at least one span has to be left", field="spans"
        )
    await _finish(work, calendar_id)
    return calendar_id


async def set_calendar_day(work: TenantWork, *, day: date, is_working: bool, name: str) -> uuid.UUID:
    """Say that the tenant works on a day or not, whatever the nation does. Raises Forbidden, CalendarDayInvalid."""
    work.require(PERMISSION)
    told = name.strip()
    if not (0 < len(told) <= LONGEST_NAME and told.isprintable()):
        raise CalendarDayInvalid(limit=LONGEST_NAME, field="name")
    calendar_id = await _change(work)
    found = await work.session.scalar(tenant_day_of(work.tenant.id, day))
    if found is None:
        found = TenantCalendarDay(tenant_id=work.tenant.id, id=work.new_id(), day=day)
        work.session.add(found)
    found.is_working, found.name = is_working, told
    await work.session.flush()
    await _finish(work, calendar_id)
    return calendar_id


async def remove_calendar_day(work: TenantWork, *, day: date) -> uuid.UUID:
    """Let a day again be what it is for the nation. Raises Forbidden, NotFound."""
    work.require(PERMISSION)
    calendar_id = await _change(work)
    found = await work.session.scalar(tenant_day_of(work.tenant.id, day))
    if found is None:
        raise NotFound(field="day")
    await work.session.delete(found)
    await work.session.flush()
    await _finish(work, calendar_id)
    return calendar_id


async def _change(work: TenantWork) -> uuid.UUID:
    """Begin a change of the calendar, one at a time; tell its id."""
    fresh = insert(WorkingCalendar).values(tenant_id=work.tenant.id, id=work.new_id())
    changed = fresh.on_conflict_do_update(
        index_elements=[WorkingCalendar.tenant_id], set_={"version": WorkingCalendar.version + 1}
    )
    calendar_id: uuid.UUID = (await work.session.execute(changed.returning(WorkingCalendar.id))).scalar_one()
    return calendar_id


async def _finish(work: TenantWork, calendar_id: uuid.UUID) -> None:
    await work.record(AuditEntry(PERMISSION, "WorkingCalendar", calendar_id))
    # Calendars are remembered under this version.
    await bump_grants_version(work)
