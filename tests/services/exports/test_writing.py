"""Are tables written so that every program reads them alike, and takes nothing in them for a formula?"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from python_calamine import load_workbook

from services.exports.cells import Cell
from services.exports.csv_writing import CsvTable
from services.exports.xlsx_writing import XlsxTable

_HEAD: list[list[Cell]] = [["诉求"], ["单位", "庆城社区"]]
_FORMULAS = ("=1+1", "+86138", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A", "  =1", "\u3000=1")


def _written(table: CsvTable | XlsxTable, *rows: Sequence[Cell], headers: Sequence[str] = ("一", "二")) -> bytes:
    parts = [table.head(_HEAD, headers), *(table.rows([row]) for row in rows), table.end()]
    return b"".join(parts)


def _sheet(*rows: Sequence[Cell]) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(_written(XlsxTable(), *rows)))
    assert book.active is not None
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_writes_csv_as_the_rfc_and_spreadsheets_have_it() -> None:
    written = _written(CsvTable(), ["甲,乙", '说"好"\r\n再见'], [None, Decimal("125.60")], [3, -0.5])

    assert written.decode("utf-8-sig") == (
        '诉求\r\n单位,庆城社区\r\n\r\n一,二\r\n"甲,乙","说""好""\r\n再见"\r\n,125.60\r\n3,-0.5\r\n'
    )
    assert written.startswith(b"\xef\xbb\xbf")


def test_writes_days_and_instants_in_csv() -> None:
    written = _written(CsvTable(), [date(2026, 6, 1), datetime(2026, 6, 1, 8, 30)])  # noqa: DTZ001 - local, as told.

    assert written.decode().endswith("\r\n2026-06-01,2026-06-01 08:30:00\r\n")


@pytest.mark.parametrize("text", _FORMULAS)
def test_takes_the_sting_out_of_formulas_in_csv(text: str) -> None:
    table = CsvTable()
    written = b"".join([table.head([[text]], [text]), table.rows([[text]])]).decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    assert cells == [f"'{text}"] * 3


@pytest.mark.parametrize("text", _FORMULAS)
def test_writes_formulas_as_texts_in_workbooks(text: str) -> None:
    content = b"".join(
        [(table := XlsxTable()).head([[text]], [text]), table.rows([[text]]), table.end()],
    )

    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active is not None
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {(cell.value, cell.data_type, cell.number_format) for cell in cells} == {
        (text, "s", "@"),
    }
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f" not in parts.read("xl/worksheets/sheet1.xml")


def test_writes_numbers_as_numbers_and_dates_as_dates() -> None:
    instant = datetime(2026, 6, 1, 8, 30, 15)  # noqa: DTZ001 - local, as told.
    row: list[Cell] = [7, 0.25, Decimal("125.60"), date(2026, 6, 1), instant, "13800000001", None]

    assert _sheet(row)[4] == [
        7,
        0.25,
        125.6,
        datetime(2026, 6, 1),  # noqa: DTZ001 - as openpyxl reads days.
        instant,
        "13800000001",
        None,
    ]


def test_writes_days_before_spreadsheets_count_as_texts() -> None:
    assert _sheet([date(1899, 1, 1), datetime(1900, 2, 28, 1)])[4] == [  # noqa: DTZ001 - local, as told.
        "1899-01-01",
        "1900-02-28 01:00:00",
    ]


@pytest.mark.parametrize("text", ["a<b>&amp;\"c'", " 前后 ", "两\n行", "😀", "_x0041_", "]]>"])
def test_keeps_texts_as_they_are(text: str) -> None:
    content = _written(XlsxTable(), [text])

    # openpyxl leaves an escaped underscore as it is, where Excel and calamine read it.
    assert str(_sheet([text])[4][0]).replace("_x005F_", "_") == text
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[4][0] == text


def test_writes_what_no_xml_can_hold() -> None:
    assert _sheet(["甲\x00\x1f\ud800\uffff乙", "长" * 40_000])[4] == ["甲\ufffd\ufffd\ufffd\ufffd乙", "长" * 32_767]


def test_hands_a_workbook_on_as_it_is_made() -> None:
    table = XlsxTable()
    table.head(_HEAD, ["一"])
    row: list[Cell] = ["文字"]

    parts = [len(table.rows([[f"{number}", *row] for number in range(20_000)])) for _ in range(5)]

    assert min(parts) > 0
    assert max(parts) < 2 * min(parts)
    assert table.end()


def test_leaves_off_quietly() -> None:
    table = XlsxTable()
    table.head(_HEAD, ["一"])

    table.close()
    table.close()
