"""How do clients change the working calendar?"""

from __future__ import annotations

import uuid
from datetime import date

import strawberry

from schema.calendars.types import WorkingCalendarType
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, written
from services.calendars.commands import remove_calendar_day, set_calendar_day, set_office_hours
from services.calendars.rules import Span
from services.calendars.spans import read_clock
from tenants.work import TenantWork


@strawberry.input(name="OfficeSpanInput", description="时段: from when to when, by the tenant's clock.")
class OfficeSpanInput:
    """A span of a day."""

    opens_at: str = strawberry.field(description="For example 08:30.")
    closes_at: str = strawberry.field(description="24:00 the latest.")

    def span(self) -> Span:
        """Say it in the command's words. Raises OfficeHoursInvalid."""
        return Span(
            read_clock(self.opens_at, field="spans.opensAt"), read_clock(self.closes_at, field="spans.closesAt")
        )


@strawberry.input(name="SetOfficeHoursInput", description="办公时间: in place of what was said of the same day before.")
class SetOfficeHoursInput:
    """Office hours from a day on."""

    valid_from: date
    spans: list[OfficeSpanInput] = strawberry.field(
        description="All spans of a working day; none lets the hours before it go on."
    )


@strawberry.input(name="SetCalendarDayInput", description="特殊日: a day that this tenant holds otherwise.")
class SetCalendarDayInput:
    """A day of the tenant's own."""

    day: date
    is_working: bool
    name: str = strawberry.field(description="What day it is or why, 1 to 40 characters.")


@strawberry.type(name="WorkingCalendarPayload")
class WorkingCalendarPayload(WrittenPayload):
    """The calendar as it is now, or why not."""

    calendar: WorkingCalendarType | None = written("WorkingCalendar")


@strawberry.type
class CalendarMutations:
    """When the office is open and which days are worked. Due times that were given before stay as they are."""

    @strawberry.mutation(
        description="设置办公时间: the spans of a working day from a day on. It holds from the next report on."
    )
    async def set_office_hours(self, info: GatewayInfo, input: SetOfficeHoursInput) -> WorkingCalendarPayload:
        """Set office hours."""

        async def run(work: TenantWork) -> uuid.UUID:
            spans = [span.span() for span in input.spans]
            return await set_office_hours(work, valid_from=input.valid_from, spans=spans)

        return await perform(info, WorkingCalendarPayload, run)

    @strawberry.mutation(
        description="设置特殊日: says that this tenant works on a day or not, whatever the nation does."
    )
    async def set_calendar_day(self, info: GatewayInfo, input: SetCalendarDayInput) -> WorkingCalendarPayload:
        """Set a day."""
        return await perform(
            info,
            WorkingCalendarPayload,
            lambda work: set_calendar_day(work, day=input.day, is_working=input.is_working, name=input.name),
        )

    @strawberry.mutation(description="取消特殊日: lets a day be again what it is for the nation.")
    async def remove_calendar_day(self, info: GatewayInfo, day: date) -> WorkingCalendarPayload:
        """Remove a day."""
        return await perform(info, WorkingCalendarPayload, lambda work: remove_calendar_day(work, day=day))
