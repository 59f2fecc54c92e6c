"""What do clients see of the working calendar?"""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry
from sqlalchemy import Date, Integer, Interval, cast, extract, func, literal_column, select, true

from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import (
    Connection,
    Many,
    Order,
    Row,
    Source,
    column,
    connection,
    plain_table,
    read,
    reads,
    table_of,
)
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from schema.paging import ConnectionType
from services.calendars.tables import CalendarDay, OfficeHours, TenantCalendarDay, WorkingCalendar


def _here(row: Row) -> Any:
    return row.c.tenant_id == ACTING_TENANT


# Known to everybody in the tenant.
CALENDAR = Source(table=table_of(WorkingCalendar), name="working_calendars", prefix="cal", only=_here)
HOURS = Source(table=table_of(OfficeHours), name="office_hours")
NATIONAL_DAY = Source(table=table_of(CalendarDay), name="calendar_days", tenant=None)
TENANT_DAY = Source(table=table_of(TenantCalendarDay), name="tenant_calendar_days")


def _clock(name: str) -> Any:
    minute: Any = literal_column("interval '1 minute'", Interval())
    return lambda hours: func.to_char(hours.c[name] * minute, quoted("HH24:MI"))


def _known_through(_: Row) -> Any:
    days = plain_table(CalendarDay).alias("known_days")
    last: Any = select(cast(extract("year", func.max(days.c.day)), Integer).label("year")).subquery("last_known")
    return select(func.make_date(last.c.year, 12, 31, type_=Date())).scalar_subquery().correlate_except(last)


def _from_day(row: Row, value: Any) -> Any:
    return row.c.day >= value.bind(Date())


def _to_day(row: Row, value: Any) -> Any:
    return row.c.day <= value.bind(Date())


def _days(on: Any, description: str) -> Any:
    declared = Connection(
        on=on,
        order=Order(lambda day: day.c.day),
        arguments={"since": _from_day, "until": _to_day},
        covered=True,
    )
    return connection(declared, description, arguments={"since": date | None, "until": date | None})


@reads(HOURS)
@strawberry.type(name="OfficeHours", description="办公时间: a span of a working day in which the office is open.")
class OfficeHoursType:
    """Office hours."""

    valid_from: date = column(
        lambda hours: hours.c.valid_from, "Those of the latest such day that has come hold, and no others."
    )
    opens_at: str = column(_clock("opens"), "By the tenant's clock, for example 08:30.")
    closes_at: str = column(_clock("closes"), "24:00 the latest.")


@reads(NATIONAL_DAY)
@strawberry.type(
    name="NationalDay", description="全国节假日与调休: a day of rest of the nation, or one that makes up for it."
)
class NationalDayType:
    """A day of the nation's."""

    day: date = column(lambda day: day.c.day)
    is_working: bool = column(lambda day: day.c.is_working, "True for a working day made up on a weekend.")
    name: str = column(lambda day: day.c.name)
    source: str = column(lambda day: day.c.source, "Where it was announced.")


@reads(TENANT_DAY)
@strawberry.type(name="TenantDay", description="本单位特殊日: a day on which this tenant works or not.")
class TenantDayType:
    """A day of the tenant's."""

    day: date = column(lambda day: day.c.day)
    is_working: bool = column(lambda day: day.c.is_working)
    name: str = column(lambda day: day.c.name, "What day it is or why, for example a typhoon.")


@reads(CALENDAR)
@strawberry.type(
    name="WorkingCalendar",
    description="工作日历: by which limits in working hours and working days are reckoned. Monday to Friday are worked,"
    " but for the nation's days, and over these the tenant's own.",
)
class WorkingCalendarType(NodeInterface):
    """A tenant's calendar."""

    version: int = column(lambda calendar: calendar.c.version, "Rises when the tenant changes it.")
    known_through: date | None = column(
        _known_through,
        "The nation's holidays are known up to this day. Later ones go by the week until they are announced.",
    )
    office_hours: list[OfficeHoursType] | None = read(
        Many(
            on=lambda calendar, hours: hours.c.tenant_id == calendar.c.tenant_id,
            order=lambda hours: (hours.c.valid_from, hours.c.opens, hours.c.id),
            covered=True,
        ),
        "On working days; the latest that have come hold.",
    )
    national_days: ConnectionType[NationalDayType] | None = _days(
        lambda _, __: true(), "Days that do not go by the week, for all tenants alike; both days asked for included."
    )
    tenant_days: ConnectionType[TenantDayType] | None = _days(
        lambda calendar, day: day.c.tenant_id == calendar.c.tenant_id,
        "Days that this tenant holds otherwise than the nation.",
    )


def is_own_calendar(_: object, calendar: Row) -> Any:
    """Link the request with the calendar of the tenant acted in."""
    return _here(calendar)
