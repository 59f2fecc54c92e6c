"""What does a row of a platform's export mean, and which cells stop it?"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.roster.reading import Sheet, read_sheets
from services.tickets.errors import TicketsWithoutHeader, TooManyTickets
from services.tickets.reading import MOST_TICKETS, TicketRow, list_tickets
from services.tickets.rules import BadRow, Book, Caller, KnownCategory, KnownPlace, ReadyTicket

_BUILDING = uuid.UUID(int=1)
_HEADER = "受理编号,诉求标题,诉求内容（必填）,事项分类,诉求性质,诉求人,来电号码,事发地址,受理时间,办理时限,是否保密\n"


def book(*, fallback: str | None = None) -> Book:
    categories = [KnownCategory("0104", "积水"), KnownCategory("0203", "路灯"), KnownCategory("0204", "路灯")]
    twins = [KnownPlace(uuid.UUID(int=number), "便利店", "便利店", None) for number in (2, 3)]
    places = [KnownPlace(_BUILDING, "3号楼", "汇景家园3号楼", "B-3"), *twins]
    return Book("官园社区", ZoneInfo("Asia/Shanghai"), categories, places, fallback)


def rows(lines: str) -> tuple[TicketRow, ...]:
    return list_tickets(read_sheets((_HEADER + lines).encode(), name="工单.csv")).rows


def ready(line: str, *, fallback: str | None = None) -> ReadyTicket:
    (row,) = rows(line)
    return book(fallback=fallback).ready(row)


def refused(line: str) -> tuple[str, str, str]:
    """Tell column, code and value of what is wrong."""
    (row,) = rows(line)
    with pytest.raises(BadRow) as bad:
        book().ready(row)
    problem = bad.value.of(row)
    assert (problem.sheet, problem.row) == ("工单", 2)
    return problem.column, problem.code, problem.value


def test_reads_what_a_platform_writes() -> None:
    found = ready(
        "R-1,楼道积水,三楼积水,市容/积水,投诉,张三,138 0000 1234,汇景家园3号楼,2026/6/1 9:05,2026年6月3日 17:30,否"
    )

    assert (found.number, found.title, found.text, found.kind) == ("R-1", "楼道积水", "三楼积水", "COMPLAINT")
    assert (found.category_code, found.place_id, found.place_text) == ("0104", _BUILDING, "汇景家园3号楼")
    assert found.caller == Caller("张三", "13800001234", is_named=True)
    assert found.due_at == datetime(2026, 6, 3, 9, 30, tzinfo=UTC)
    assert found.is_confidential is False


@pytest.mark.parametrize("place", ["3号楼", "B-3", "官园社区汇景家园三号楼", "官园社区3号楼"])
def test_finds_a_place_by_what_it_is_called(place: str) -> None:
    assert ready(f"R-1,,积水,0104,,,,{place},,,").place_id == _BUILDING


@pytest.mark.parametrize("place", ["3号楼东侧", "便利店", "", "13号楼"])
def test_keeps_any_other_place_as_a_text(place: str) -> None:
    found = ready(f"R-1,,积水,0104,,,,{place},,,")

    assert (found.place_id, found.place_text) == (None, place or "官园社区")


@pytest.mark.parametrize(
    ("received", "limit", "due"),
    [
        ("2026-06-01 09:00", "24小时", datetime(2026, 6, 2, 1, tzinfo=UTC)),
        ("2026-06-01 09:00:30", "3天内", datetime(2026, 6, 4, 1, 0, 30, tzinfo=UTC)),
        ("", "3天", None),
        ("2026-06-01", "5个工作日", None),
        ("", "2026-06-02", datetime(2026, 6, 2, 15, 59, 59, tzinfo=UTC)),
        ("", "", None),
    ],
)
def test_understands_time_limits(received: str, limit: str, due: datetime | None) -> None:
    assert ready(f"R-1,,积水,0104,,,,,{received},{limit},").due_at == due


@pytest.mark.parametrize(
    ("name", "phone", "caller"),
    [
        ("张先生", "", Caller("张先生", None, is_named=False)),
        ("", "0591-87654321", Caller("来电人", "059187654321", is_named=False)),
        ("匿名", "13800001234", Caller("匿名", "13800001234", is_named=False)),
        ("", "", None),
        ("无", "-", None),
    ],
)
def test_tells_who_called(name: str, phone: str, caller: Caller | None) -> None:
    assert ready(f"R-1,,积水,0104,,{name},{phone},,,,").caller == caller


def test_makes_a_title_of_the_text() -> None:
    long = "积水" * 100

    assert ready(f"R-1,,{long},0104,,,,,,,").title == ("积水" * 50)[:99] + "…"
    assert ready("R-1,路灯不亮,,0104,,,,,,,").text == "路灯不亮"


def test_files_what_it_does_not_know_under_the_fallback() -> None:
    assert ready("R-1,,积水,别的,,,,,,,", fallback="0203").category_code == "0203"
    # Which of two that are called so is not known either.
    assert ready("R-1,,积水,路灯,,,,,,,", fallback="0104").category_code == "0104"


def test_tells_what_is_wrong_with_personal_values_masked() -> None:
    found = [
        refused(line)
        for line in (
            ",,积水,0104,,,13800001234,,,,",
            "R-1,,积水,别的,,,,,,,",
            "R-1,,积水,,,,,,,,",
            "R-1,,积水,0104,,张三,打我1380000,,,,",
            f"R-1,,积水,0104,,{'欧' * 60},,,,,",
            "R-1,,积水,0104,,,,,,下周,",
            "R-1,,积水,0104,,,,,昨天,3天,",
            "R-1,,积水,0104,,,,,,2026-02-30,",
            f"{'1' * 101},,积水,0104,,,,,,,",
            "R-1,,#REF!,0104,,,,,,,",
        )
    ]

    assert [(column, code) for column, code, _ in found] == [
        ("A", "MISSING"),
        ("D", "CATEGORY_UNKNOWN"),
        ("D", "CATEGORY_UNKNOWN"),
        ("G", "PHONE_INVALID"),
        ("F", "NAME_INVALID"),
        ("J", "TIME_NOT_UNDERSTOOD"),
        ("I", "TIME_NOT_UNDERSTOOD"),
        ("J", "TIME_NOT_UNDERSTOOD"),
        ("A", "TOO_LONG"),
        ("C", "CELL_ERROR"),
    ]
    assert "1380000" not in found[3][2]
    assert found[4][2] == "欧***"


@pytest.mark.parametrize(
    ("received", "limit", "column"),
    [
        ("", "0001-01-01 00:00", "J"),
        ("", "1899-12-31 12:00", "J"),
        ("", "2201-01-01 12:00", "J"),
        ("", "9999-12-31", "J"),
        ("9999-12-31 10:00", "999天", "I"),
        ("9999-12-31 10:00", "999小时", "I"),
        ("0001-01-01", "1天", "I"),
        # Within the bounds by itself, but not what is due after it.
        ("2200-12-31 10:00", "1天", "J"),
    ],
)
def test_refuses_times_that_nobody_means(received: str, limit: str, column: str) -> None:
    line = f"R-1,,积水,0104,,,,,{received},{limit},"

    assert refused(line)[:2] == (column, "TIME_NOT_UNDERSTOOD")


@pytest.mark.parametrize("limit", ["1900-01-02 00:00", "2201-01-01 07:59"])
def test_takes_the_first_and_the_last_time(limit: str) -> None:
    assert ready(f"R-1,,积水,0104,,,,,,{limit},").due_at is not None


def test_takes_a_formula_for_a_text() -> None:
    found = ready("R-1,=HYPERLINK(0),@SUM(1),0104,,,,,,,")

    assert (found.title, found.text) == ("=HYPERLINK(0)", "@SUM(1)")


def test_needs_a_header_and_bounds() -> None:
    with pytest.raises(TicketsWithoutHeader):
        list_tickets(read_sheets("姓名,电话\n张三,1\n".encode(), name="list.csv"))
    with pytest.raises(TicketsWithoutHeader):
        list_tickets([Sheet("表", [["工单编号", "诉求内容"], ["R-1", "积水"]], is_hidden=True)])
    many = [["工单编号", "诉求内容"], *([f"R-{number}", "积水"] for number in range(MOST_TICKETS + 1))]
    with pytest.raises(TooManyTickets):
        list_tickets([Sheet("表", many)])  # type: ignore[arg-type]
