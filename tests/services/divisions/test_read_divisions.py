"""What is read from a file of divisions, and what is wrong with it?"""

from __future__ import annotations

import pytest

from services.divisions.errors import (
    DivisionsEmpty,
    DivisionsNotReadable,
    DivisionsWithoutColumn,
)
from services.divisions.reading import read_divisions
from services.divisions.rules import DivisionRow

HEADER = "code,level,name,parent_code\n"


def test_reads_codes_as_text_in_any_order_of_columns() -> None:
    file = read_divisions("name,parent_code,code,level,note\n鼓楼区,3501,350102,district,x\n".encode())

    assert file.rows == (DivisionRow(2, "350102", "district", "鼓楼区", "3501"),)
    assert file.errors == ()
    assert file.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_the_encodings_that_offices_use(encoding: str) -> None:
    file = read_divisions((HEADER + "350102001,street,鼓东街道,350102\n").encode(encoding))

    assert [row.name for row in file.rows] == ["鼓东街道"]


@pytest.mark.parametrize(
    ("line", "row", "column", "code"),
    [
        (",street,鼓东街道,350102", 2, "code", "MISSING"),
        ("350102001,,鼓东街道,350102", 2, "level", "MISSING"),
        ("350102001,street,,350102", 2, "name", "MISSING"),
        ("350102001,street", 2, "name", "MISSING"),
        ("350102001,block,鼓东街道,350102", 2, "level", "LEVEL_UNKNOWN"),
        ("3501 02001,street,鼓东街道,350102", 2, "code", "CODE_INVALID"),
        ("350102001,street,鼓东街道,35=102", 2, "parent_code", "CODE_INVALID"),
        ("350102001,street,鼓东街道,350102001", 2, "parent_code", "PARENT_IS_ITSELF"),
        ("350102001,street,鼓\x07东街道,350102", 2, "name", "NAME_INVALID"),
        (f"350102001,street,{'街' * 101},350102", 2, "name", "NAME_INVALID"),
        ("350102,district,鼓楼区,3501\n\n350102,district,台江区,3501", 4, "code", "CODE_TWICE"),
    ],
)
def test_tells_row_and_column_of_what_is_wrong(line: str, row: int, column: str, code: str) -> None:
    file = read_divisions((HEADER + line + "\n").encode())

    assert [(problem.row, problem.column, problem.code) for problem in file.errors] == [(row, column, code)]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("35010200A,street,鼓东街道,350102", "code", "CODE_UNUSUAL"),
        ("35010201,street,鼓东街道,350102", "code", "CODE_UNUSUAL"),
        ("350102600,street,鼓东街道,350102", "code", "CODE_UNUSUAL"),
        ("350102000,street,鼓东街道,350102", "code", "CODE_UNUSUAL"),
        ("350102001,street,鼓东街道,350103", "parent_code", "PARENT_UNUSUAL"),
    ],
)
def test_takes_odd_codes_with_a_warning(line: str, column: str, code: str) -> None:
    file = read_divisions((HEADER + line + "\n").encode())

    assert len(file.rows) == 1
    assert file.errors == ()
    assert [(problem.row, problem.column, problem.code) for problem in file.warnings] == [(2, column, code)]


def test_refuses_what_is_no_table() -> None:
    with pytest.raises(DivisionsNotReadable):
        read_divisions(b"PK\x03\x04\0\0\xff\xff")
    with pytest.raises(DivisionsNotReadable):
        read_divisions((HEADER + '350102,district,"鼓楼区,3501\n').encode())
    with pytest.raises(DivisionsWithoutColumn, match="parent_code"):
        read_divisions(b"code,level,name\n350102,district,x\n")
    with pytest.raises(DivisionsWithoutColumn, match="code"):
        read_divisions(b"")
    with pytest.raises(DivisionsEmpty):
        read_divisions(HEADER.encode())
