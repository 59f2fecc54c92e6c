"""When is something due? A table of examples, each reckoned by hand from the notices of holidays and a wall clock.

The office is open from 08:30 to 12:00 and from 14:00 to 17:30, seven hours a day. The nation rests

- in 2024 from 10 to 17 February (4 and 18 February are worked);
- in 2025 from 28 January to 4 February (26 January, 8 February), 4 to 6 April, 1 to 5 May (27 April), 31 May to 2 June,
  1 to 8 October (28 September, 11 October);
- in 2026 from 1 to 3 January (4 January), 15 to 23 February (14 and 28 February), 4 to 6 April, 1 to 5 May (9 May),
  19 to 21 June, 25 to 27 September (20 September), 1 to 7 October (10 October).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.calendars.reading import SHIPPED, read_days
from services.calendars.rules import Span, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING, AFTERNOON = Span(8 * 60 + 30, 12 * 60), Span(14 * 60, 17 * 60 + 30)
DAYS = {listed.day: listed.is_working for listed in read_days(SHIPPED.read_bytes())}
CALENDAR = WorkCalendar.of(SHANGHAI, days=DAYS, hours={date(2000, 1, 1): (AFTERNOON, MORNING)})


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def told(instant: datetime, zone: ZoneInfo = SHANGHAI) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")


_DUE = """
    2026-11-24 08:30 | 1 WORKING_HOUR  | 2026-11-24 09:30 | as the office opens
    2026-11-24 09:10 | 2 WORKING_HOUR  | 2026-11-24 11:10 | within a morning
    2026-11-24 11:00 | 1 WORKING_HOUR  | 2026-11-24 12:00 | to the minute in which lunch begins
    2026-11-24 11:00 | 2 WORKING_HOUR  | 2026-11-24 15:00 | over lunch
    2026-11-24 12:00 | 1 WORKING_HOUR  | 2026-11-24 15:00 | as lunch begins
    2026-11-24 13:10 | 1 WORKING_HOUR  | 2026-11-24 15:00 | during lunch
    2026-11-24 14:00 | 1 WORKING_HOUR  | 2026-11-24 15:00 | as lunch ends
    2026-11-24 13:30 | 4 WORKING_HOUR  | 2026-11-25 09:00 | three and a half today
    2026-11-24 06:00 | 4 WORKING_HOUR  | 2026-11-24 14:30 | before the office opens
    2026-11-24 17:29 | 1 WORKING_HOUR  | 2026-11-25 09:29 | a minute before it closes
    2026-11-24 17:30 | 1 WORKING_HOUR  | 2026-11-25 09:30 | in the closing minute
    2026-11-24 23:45 | 7 WORKING_HOUR  | 2026-11-25 17:30 | at night, a whole day
    2026-11-24 00:00 | 7 WORKING_HOUR  | 2026-11-24 17:30 | at midnight, a whole day
    2026-11-24 10:15 | 70 WORKING_HOUR | 2026-12-08 10:15 | ten working days, over a month's end
    2026-11-27 16:30 | 2 WORKING_HOUR  | 2026-11-30 09:30 | over a weekend
    2026-11-28 10:00 | 4 WORKING_HOUR  | 2026-11-30 14:30 | on a Saturday
    2026-11-24 10:00 | 1 WORKING_DAY   | 2026-11-25 17:30 | the day itself is not counted
    2026-11-24 17:30 | 1 WORKING_DAY   | 2026-11-25 17:30 | in the closing minute
    2026-11-24 23:59 | 1 WORKING_DAY   | 2026-11-25 17:30 | at night of the same day
    2026-11-25 00:00 | 1 WORKING_DAY   | 2026-11-26 17:30 | at midnight it is the next
    2026-11-27 09:00 | 1 WORKING_DAY   | 2026-11-30 17:30 | over a weekend
    2026-11-28 09:00 | 1 WORKING_DAY   | 2026-11-30 17:30 | on a Saturday
    2026-11-29 22:00 | 2 WORKING_DAY   | 2026-12-01 17:30 | on a Sunday, over a month's end
    2026-11-24 09:00 | 10 WORKING_DAY  | 2026-12-08 17:30 | two weeks
    2025-01-24 16:00 | 2 WORKING_DAY   | 2025-01-27 17:30 | Friday; the Sunday before Spring Festival is worked
    2025-01-24 16:30 | 4 WORKING_HOUR  | 2025-01-26 11:30 | one on Friday, three on the Sunday that is worked
    2025-01-27 15:00 | 1 WORKING_DAY   | 2025-02-05 17:30 | the last day before Spring Festival
    2025-01-27 17:00 | 4 WORKING_HOUR  | 2025-02-05 12:00 | half an hour, then three and a half after it
    2025-01-29 00:30 | 1 WORKING_HOUR  | 2025-02-05 09:30 | New Year's night
    2025-02-05 10:00 | 3 WORKING_DAY   | 2025-02-08 17:30 | the Saturday after Spring Festival is worked
    2025-04-03 17:00 | 1 WORKING_HOUR  | 2025-04-07 09:00 | over Tomb-sweeping Day
    2025-04-25 09:00 | 3 WORKING_DAY   | 2025-04-29 17:30 | Friday; Sunday 27 April is worked
    2025-04-30 16:00 | 2 WORKING_DAY   | 2025-05-07 17:30 | over May Day
    2025-05-30 11:30 | 8 WORKING_HOUR  | 2025-06-03 14:30 | over the Dragon Boat Festival and a month's end
    2025-09-26 15:00 | 2 WORKING_DAY   | 2025-09-29 17:30 | Friday; Sunday 28 September is worked
    2025-09-30 16:30 | 2 WORKING_HOUR  | 2025-10-09 09:30 | over National Day
    2025-10-09 09:00 | 2 WORKING_DAY   | 2025-10-11 17:30 | Thursday; Saturday 11 October is worked
    2025-12-31 16:30 | 2 WORKING_HOUR  | 2026-01-04 09:30 | over New Year, to a Sunday that is worked
    2025-12-31 09:00 | 1 WORKING_DAY   | 2026-01-04 17:30 | over New Year, to a Sunday that is worked
    2026-02-13 17:00 | 1 WORKING_HOUR  | 2026-02-14 09:00 | to the Saturday before Spring Festival, which is worked
    2026-02-13 10:00 | 2 WORKING_DAY   | 2026-02-24 17:30 | that Saturday, and the day after the nine of the festival
    2026-02-14 09:00 | 1 WORKING_DAY   | 2026-02-24 17:30 | on that Saturday
    2026-02-15 12:00 | 5 WORKING_DAY   | 2026-02-28 17:30 | on the first day of rest, to the Saturday that makes up
    2026-02-27 16:00 | 8 WORKING_HOUR  | 2026-02-28 17:00 | a Friday's end, and the Saturday that makes up
    2026-02-28 17:00 | 1 WORKING_HOUR  | 2026-03-02 09:00 | out of February
    2026-04-30 14:00 | 1 WORKING_DAY   | 2026-05-06 17:30 | over the five days of May
    2026-05-06 08:30 | 4 WORKING_DAY   | 2026-05-11 17:30 | Saturday 9 May is worked, and is the third
    2026-06-18 15:30 | 3 WORKING_HOUR  | 2026-06-22 09:30 | over the Dragon Boat Festival
    2026-09-18 10:00 | 2 WORKING_DAY   | 2026-09-21 17:30 | Friday; Sunday 20 September is worked
    2026-09-24 16:00 | 5 WORKING_DAY   | 2026-10-09 17:30 | over Mid-autumn and National Day
    2026-09-30 17:30 | 4 WORKING_HOUR  | 2026-10-08 14:30 | from the closing minute before National Day
    2026-10-01 10:00 | 24 HOUR         | 2026-10-02 10:00 | calendar hours know no holidays
    2026-11-24 23:30 | 1 HOUR          | 2026-11-25 00:30 | over midnight
    2026-12-31 20:00 | 12 HOUR         | 2027-01-01 08:00 | over a year's end
    2026-10-01 10:00 | 3 DAY           | 2026-10-04 10:00 | calendar days know none either
    2026-01-31 09:00 | 1 DAY           | 2026-02-01 09:00 | over a month's end
    2026-02-28 09:00 | 1 DAY           | 2026-03-01 09:00 | no leap year
    2024-02-28 09:00 | 2 DAY           | 2024-03-01 09:00 | a leap year
    2024-02-28 16:30 | 9 WORKING_HOUR  | 2024-03-01 09:30 | a leap day is worked
    2024-02-28 08:00 | 2 WORKING_DAY   | 2024-03-01 17:30 | a leap day is counted
    2024-02-09 10:00 | 1 WORKING_DAY   | 2024-02-18 17:30 | Spring Festival ends on a Sunday that is worked
    2027-10-01 09:00 | 1 WORKING_DAY   | 2027-10-04 17:30 | a year that is not known goes by the week
    2026-11-24 09:10:30 | 1 WORKING_HOUR | 2026-11-24 10:10:30 | seconds are kept
"""

# What is due when its clock stood still from one time to another: in working units as much office time is left.
_RESUMED = """
    2026-11-25 12:00 | WORKING_HOUR | 2026-11-24 16:30 | 2026-11-26 10:00 | 2026-11-26 16:30 | four and a half left
    2026-11-24 16:00 | WORKING_HOUR | 2026-11-24 12:10 | 2026-11-24 13:50 | 2026-11-24 16:00 | lunch takes nothing
    2026-11-24 16:00 | WORKING_HOUR | 2026-11-24 15:00 | 2026-11-27 17:00 | 2026-11-30 09:00 | half an hour Friday
    2026-11-24 16:00 | WORKING_HOUR | 2026-11-24 15:00 | 2026-11-28 11:00 | 2026-11-30 09:30 | on a Saturday
    2026-09-30 17:00 | WORKING_HOUR | 2026-09-30 16:00 | 2026-10-03 09:00 | 2026-10-08 09:30 | over National Day
    2026-11-24 11:00 | WORKING_HOUR | 2026-11-24 11:30 | 2026-11-26 10:00 | 2026-11-24 11:00 | late already
    2026-11-27 17:30 | WORKING_DAY  | 2026-11-25 17:30 | 2026-11-30 08:30 | 2026-12-01 17:30 | two whole days left
    2026-11-27 17:30 | WORKING_DAY  | 2026-11-25 10:00 | 2026-11-30 15:00 | 2026-12-03 11:30 | nineteen and a half
    2026-02-13 17:30 | WORKING_DAY  | 2026-02-12 17:30 | 2026-02-24 08:30 | 2026-02-24 17:30 | a day is left
    2026-02-14 17:30 | WORKING_DAY  | 2026-02-13 20:00 | 2026-02-20 20:00 | 2026-02-24 17:30 | both at rest
    2026-11-27 17:30 | WORKING_DAY  | 2026-11-28 10:00 | 2026-11-30 10:00 | 2026-11-27 17:30 | late already
    2026-11-25 10:00 | HOUR         | 2026-11-24 18:00 | 2026-11-24 23:30 | 2026-11-25 15:30 | time is added
    2026-10-02 10:00 | HOUR         | 2026-10-01 10:00 | 2026-10-03 10:00 | 2026-10-04 10:00 | holidays or not
    2026-11-30 09:00 | DAY          | 2026-11-28 09:00 | 2026-12-01 12:00 | 2026-12-03 12:00 | over a month's end
    2026-11-30 09:00 | DAY          | 2026-11-28 09:00 | 2026-11-28 09:00 | 2026-11-30 09:00 | taken up at once
    2026-11-28 12:00 | WORKING_HOUR | 2026-11-27 18:00 | 2026-11-27 19:00 | 2026-11-28 12:00 | put off to a Saturday
    2026-11-28 12:00 | WORKING_HOUR | 2026-11-27 18:00 | 2026-11-29 09:00 | 2026-11-29 09:00 | nothing was left
"""

# So long before something is due.
_BEFORE = """
    2026-11-24 16:00 | 1 WORKING_HOUR | 2026-11-24 15:00
    2026-11-24 16:00 | 2 WORKING_HOUR | 2026-11-24 14:00
    2026-11-24 16:00 | 3 WORKING_HOUR | 2026-11-24 11:00
    2026-11-25 09:00 | 1 WORKING_HOUR | 2026-11-24 17:00
    2026-11-30 17:30 | 7 WORKING_HOUR | 2026-11-30 08:30
    2026-11-30 17:30 | 1 WORKING_DAY  | 2026-11-27 17:30
    2026-11-30 10:00 | 1 WORKING_DAY  | 2026-11-27 10:00
    2026-11-30 13:00 | 1 WORKING_DAY  | 2026-11-27 14:00
    2026-11-30 03:00 | 1 WORKING_DAY  | 2026-11-27 08:30
    2026-11-30 23:00 | 1 WORKING_DAY  | 2026-11-27 17:30
    2026-10-08 17:30 | 2 WORKING_DAY  | 2026-09-29 17:30
    2026-09-21 17:30 | 1 WORKING_DAY  | 2026-09-20 17:30
    2026-11-29 12:00 | 1 WORKING_DAY  | 2026-11-27 12:00
    2026-11-24 16:00 | 24 HOUR        | 2026-11-23 16:00
    2026-03-01 16:00 | 1 DAY          | 2026-02-28 16:00
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("start", "limit", "due", "why"), _rows(_DUE), ids=[row[3] for row in _rows(_DUE)])
def test_is_due_to_the_minute(start: str, limit: str, due: str, why: str) -> None:
    amount, unit = limit.split()

    found = CALENDAR.add(at(start), int(amount), unit)

    assert told(found) == due, why


@pytest.mark.parametrize(
    ("due", "unit", "suspended_from", "suspended_until", "expected", "why"),
    _rows(_RESUMED),
)
def test_leaves_what_was_left_when_the_clock_stood_still(
    due: str, unit: str, suspended_from: str, suspended_until: str, expected: str, why: str
) -> None:
    found = CALENDAR.resume(at(due), unit, suspended_from=at(suspended_from), suspended_until=at(suspended_until))

    assert told(found) == expected, why


@pytest.mark.parametrize(("due", "limit", "expected"), _rows(_BEFORE))
def test_tells_when_so_much_is_left(due: str, limit: str, expected: str) -> None:
    amount, unit = limit.split()

    assert told(CALENDAR.subtract(at(due), int(amount), unit)) == expected


# --- the tenant's own ------------------------------------------------------------------------------------------------


def test_holds_office_hours_from_the_day_they_begin() -> None:
    summer = (Span(8 * 60, 12 * 60), Span(15 * 60, 18 * 60))
    hours = {date(2000, 1, 1): (MORNING, AFTERNOON), date(2026, 6, 1): summer, date(2026, 10, 1): (MORNING, AFTERNOON)}
    calendar = WorkCalendar.of(SHANGHAI, days=DAYS, hours=hours)

    assert told(calendar.add(at("2026-05-29 16:30"), 2, "WORKING_HOUR")) == "2026-06-01 09:00"
    assert told(calendar.add(at("2026-05-29 16:30"), 1, "WORKING_DAY")) == "2026-06-01 18:00"
    assert told(calendar.add(at("2026-09-30 17:00"), 2, "WORKING_HOUR")) == "2026-10-08 09:30"
    assert told(calendar.subtract(at("2026-06-01 09:00"), 2, "WORKING_HOUR")) == "2026-05-29 16:30"
    assert told(calendar.add(at("1999-12-31 17:00"), 1, "WORKING_HOUR")) == "2000-01-03 09:00"


def test_takes_a_tenants_own_days() -> None:
    days = {**DAYS, date(2026, 11, 25): False, date(2026, 11, 28): True}
    calendar = WorkCalendar.of(SHANGHAI, days=days, hours={date(2000, 1, 1): (MORNING, AFTERNOON)})

    assert told(calendar.add(at("2026-11-24 17:00"), 1, "WORKING_HOUR")) == "2026-11-26 09:00"
    assert told(calendar.add(at("2026-11-27 17:00"), 1, "WORKING_DAY")) == "2026-11-28 17:30"
    assert [calendar.is_working_day(date(2026, 11, day)) for day in range(24, 30)] == [
        True,
        False,
        True,
        True,
        True,
        False,
    ]


def test_works_round_the_clock_while_no_hours_are_known() -> None:
    calendar = WorkCalendar.of(SHANGHAI, days={}, hours={})

    assert told(calendar.add(at("2026-11-27 20:00"), 5, "WORKING_HOUR")) == "2026-11-30 01:00"
    assert told(calendar.add(at("2026-11-27 20:00"), 1, "WORKING_DAY")) == "2026-12-01 00:00"


def test_goes_by_the_clock_of_the_tenants_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = WorkCalendar.of(berlin, days={}, hours={date(2000, 1, 1): (MORNING, AFTERNOON)})
    urumqi = ZoneInfo("Asia/Urumqi")
    western = WorkCalendar.of(urumqi, days=DAYS, hours={date(2000, 1, 1): (MORNING, AFTERNOON)})

    # Clocks go forward on 29 March 2026, and back on 25 October.
    assert told(calendar.add(at("2026-03-27 17:00", berlin), 1, "WORKING_HOUR"), berlin) == "2026-03-30 09:00"
    assert told(calendar.add(at("2026-03-28 12:00", berlin), 1, "DAY"), berlin) == "2026-03-29 12:00"
    assert told(calendar.add(at("2026-10-24 12:00", berlin), 24, "HOUR"), berlin) == "2026-10-25 11:00"
    assert told(western.add(at("2026-11-24 17:30", SHANGHAI), 1, "WORKING_HOUR"), urumqi) == "2026-11-24 16:30"


def test_tells_how_much_office_time_is_left() -> None:
    left = [
        CALENDAR.working_left(at(start), at(due))
        for start, due in (
            ("2026-11-24 11:00", "2026-11-24 15:00"),
            ("2026-09-30 17:00", "2026-10-08 09:00"),
            ("2026-10-01 00:00", "2026-10-07 23:59"),
            ("2026-11-24 15:00", "2026-11-24 11:00"),
        )
    ]

    assert left == [timedelta(hours=2), timedelta(hours=1), timedelta(0), timedelta(0)]
