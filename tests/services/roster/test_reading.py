"""Do files of every kind come out as the same rows?"""

from __future__ import annotations

import pytest

from services.roster.parsing import parse_roster
from services.roster.reading import Sheet, read_sheets
from tests.services.roster.workbooks import GOOD, HEADER, codes, workbook

_TEXT = ",".join(HEADER) + "\r\n" + ",".join(GOOD) + "\r\n"


def only_sheet(content: bytes, name: str = "房屋.csv") -> Sheet:
    (found,) = read_sheets(content, name=name)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_reads_text_in_the_encodings_that_offices_use(encoding: str) -> None:
    found = only_sheet(_TEXT.encode(encoding))

    assert found.name == "房屋"
    assert found.rows == [list(HEADER), list(GOOD)]


@pytest.mark.parametrize("delimiter", ["\t", ";", "，"])
def test_reads_text_divided_by_other_signs(delimiter: str) -> None:
    found = only_sheet(f"登记表\n{_TEXT.replace(',', delimiter)}".encode())

    assert found.rows[1] == list(HEADER)


def test_counts_rows_of_text_as_a_spreadsheet_does() -> None:
    found = only_sheet(f'登记表\n\n"楼\n栋",房号\n{"1号楼"},"1,01"\n'.encode())

    assert found.rows == [["登记表"], [], ["楼\n栋", "房号"], ["1号楼", "1,01"]]


def test_reads_a_workbook_from_row_1_even_if_the_table_begins_below() -> None:
    found = only_sheet(workbook((), (), HEADER, GOOD), "房屋.xlsx")

    assert found.rows[2] == list(HEADER)


def test_fills_merged_cells_down_and_right() -> None:
    content = workbook(("a", None, "x"), (None, None, "y"), merged=["A1:B2"])

    found = only_sheet(content, "1.xlsx")

    assert found.rows == [["a", "a", "x"], ["a", "a", "y"]]
    assert found.continued_rows(0) == {1}
    assert found.continued_rows(2) == frozenset()


def test_takes_formulas_for_the_text_they_are() -> None:
    text = only_sheet(b"a,b\n\"=cmd|' /C calc'!A0\",+1\n")
    book = only_sheet(workbook(("a", "b"), ("'=1+1", "@SUM(1)")), "1.xlsx")

    assert text.rows[1] == ["=cmd|' /C calc'!A0", "+1"]
    assert book.rows[1] == ["'=1+1", "@SUM(1)"]


def test_leaves_hidden_sheets_out_and_says_so() -> None:
    sheets = read_sheets(workbook(HEADER, GOOD, hidden=["旧表"]), name="1.xlsx")

    found = parse_roster(sheets)

    assert [each.is_hidden for each in sheets] == [False, True]
    assert len(found.dwellings) == 1
    assert codes(found) == ["SHEET_LEFT_OUT"]
