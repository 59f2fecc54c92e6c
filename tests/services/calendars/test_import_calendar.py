"""What does a file of holidays change in what is stored, and who reckons by it from when on?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.calendars.errors import CalendarHasBadRows, CalendarNotReadable, CalendarWouldShrink
from services.calendars.loading import get_calendar
from services.calendars.reading import SHIPPED, read_days
from services.calendars.renewing import CalendarChange, add_shipped_days, find_known_through, import_calendar
from services.calendars.tables import CalendarDay, TenantCalendarDay
from tenants.database import new_id
from tests.services.positions.town import Town

pytestmark = pytest.mark.usefixtures("database")

_SHIPPED_COUNT = 771
_NEW_YEAR = "2027-01-01,false,元旦"
_MADE_UP = "2027-01-09,true,元旦调休上班"


def file_of(*lines: str) -> bytes:
    return "\n".join(("day,is_working,name", *lines)).encode()


async def take_in(engine: AsyncEngine, *lines: str, may_shrink: bool = False) -> CalendarChange:
    async with engine.begin() as connection:
        days = read_days(file_of(*lines))
        return await import_calendar(connection, days=days, source="通知", may_shrink=may_shrink)


async def stored(engine: AsyncEngine, year: int) -> list[tuple[str, bool, str, str]]:
    async with engine.connect() as connection:
        found = await connection.execute(
            select(CalendarDay).where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))).order_by("day")
        )
        return [(str(row.day), row.is_working, row.name, row.source) for row in found]


async def test_takes_in_a_year_and_again_without_change(owner_engine: AsyncEngine) -> None:
    first = await take_in(owner_engine, _MADE_UP, _NEW_YEAR)
    again = await take_in(owner_engine, _NEW_YEAR, _MADE_UP)

    assert first == CalendarChange((2027,), 2, 0, 0, date(2027, 12, 31))
    assert again == CalendarChange((2027,), 0, 0, 0, date(2027, 12, 31))
    assert await stored(owner_engine, 2027) == [
        ("2027-01-01", False, "元旦", "通知"),
        ("2027-01-09", True, "元旦调休上班", "通知"),
    ]


async def test_speaks_for_the_whole_year_and_asks_before_it_shrinks(owner_engine: AsyncEngine) -> None:
    await take_in(owner_engine, "2028-01-03,false,元旦")
    await take_in(owner_engine, _NEW_YEAR, _MADE_UP)
    before = await stored(owner_engine, 2027)

    with pytest.raises(CalendarWouldShrink, match="2 days of 2027 are known, and this file has 1"):
        await take_in(owner_engine, "2027-01-02,false,元旦")
    assert await stored(owner_engine, 2027) == before
    forced = await take_in(owner_engine, "2027-01-02,false,元旦", may_shrink=True)

    assert (forced.added, forced.removed, forced.known_through) == (1, 2, date(2028, 12, 31))
    assert [row[0] for row in await stored(owner_engine, 2027)] == ["2027-01-02"]
    assert len(await stored(owner_engine, 2028)) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["2027-13-01,false,元旦"], "row 2, 2027-13-01 is no day"),
        ([_NEW_YEAR, "2027-01-02,no,元旦"], "row 3, is_working is true or false"),
        ([_NEW_YEAR, "2027-01-02,false,"], "row 3, a name has 1 to 40 characters"),
        ([_NEW_YEAR, _NEW_YEAR], "row 3, 2027-01-01 is there twice"),
        (["0027-01-01,false,元旦"], "row 2, there is no calendar of 27"),
        (["2027-01-01"], "row 2, is_working is true or false"),
    ],
)
def test_refuses_bad_rows(lines: list[str], message: str) -> None:
    with pytest.raises(CalendarHasBadRows, match=message):
        read_days(file_of(*lines))


@pytest.mark.parametrize(
    "content", [b"", b"day,name\n2027-01-01,x", file_of(), "day,is_working,name\n元旦".encode("gb18030"), b"\x00\xff"]
)
def test_refuses_what_is_no_table_of_days(content: bytes) -> None:
    with pytest.raises(CalendarNotReadable):
        read_days(content)


async def test_adds_the_shipped_years_that_are_missing_alone(owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(delete(CalendarDay))
        assert await find_known_through(connection) is None
    await take_in(owner_engine, "2026-01-01,false,元旦")

    async with owner_engine.begin() as connection:
        added, again = [await add_shipped_days(connection) for _ in range(2)]
        known_through = await find_known_through(connection)

    of_2026 = sum(day.day.year == 2026 for day in read_days(SHIPPED.read_bytes()))
    assert (added, again, known_through) == (_SHIPPED_COUNT - of_2026, 0, date(2026, 12, 31))
    assert await stored(owner_engine, 2026) == [("2026-01-01", False, "元旦", "通知")]


def test_ships_days_that_differ_from_the_week_or_lie_in_a_holiday() -> None:
    days = read_days(SHIPPED.read_bytes())
    saturday = 5

    # Nobody makes up on a day that is worked anyway; each year rests for more than 15 days in all.
    assert [day for day in days if day.is_working and day.day.weekday() < saturday] == []
    rested = {year: sum(not day.is_working for day in days if day.day.year == year) for year in range(2004, 2027)}
    assert min(rested.values()) > 15
    assert len(days) == _SHIPPED_COUNT


async def test_reckons_by_the_new_days_at_once(town: Town, owner_engine: AsyncEngine) -> None:
    friday = datetime(2027, 1, 8, 9, tzinfo=UTC)

    async def due(slug: str) -> str:
        async with town.workshop.work(await town.grants("admin", slug)) as work:
            return f"{(await get_calendar(work)).add(friday, 1, 'WORKING_DAY'):%m-%d %H:%M}"

    before = await due("qingcheng")
    await take_in(owner_engine, _NEW_YEAR, _MADE_UP)
    after = await due("qingcheng")
    async with owner_engine.begin() as connection:
        for slug, day in (("qingcheng", 9), ("zhongshan", 10)):
            row = {"tenant_id": town.tenants[slug].id, "day": date(2027, 1, day), "is_working": slug == "zhongshan"}
            await connection.execute(insert(TenantCalendarDay).values(**row, id=new_id(), name="值班"))
    await take_in(owner_engine, "2027-01-01,false,新年", _MADE_UP)

    assert (before, after) == ("01-11 09:30", "01-09 09:30")
    assert [await due(slug) for slug in ("qingcheng", "zhongshan")] == ["01-11 09:30", "01-09 09:30"]


async def test_looks_the_calendar_up_once(town: Town) -> None:
    grants = await town.grants("admin", "qingcheng")

    async with town.workshop.work(grants) as work:
        first = await get_calendar(work)
    async with town.workshop.work(grants) as work:
        again = await get_calendar(work)

    assert first is again
