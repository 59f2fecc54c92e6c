"""Is whatever is no roster refused clearly, in bounded memory and time?"""

from __future__ import annotations

import contextlib
import io
import random
import resource
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster import sandbox
from services.roster.errors import (
    RosterBroken,
    RosterEncrypted,
    RosterFullOfProblems,
    RosterNotATable,
    RosterTooLarge,
)
from services.roster.parsing import parse_roster
from services.roster.reading import FILE_LIMIT, read_sheets
from tenants.errors import Refused
from tests.architecture.sources import ROOT
from tests.services.roster.workbooks import GOOD, HEADER, changed, raw_workbook, roster, workbook

# Made once: a workbook bears the time at which it was made.
_WORKBOOK = workbook(HEADER, GOOD)
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _long_strings(count: int) -> Iterator[bytes]:
    signs = random.Random(1)  # noqa: S311 - noise that does not compress, the same in every run.
    for _ in range(count):
        yield b"<si><t>" + signs.randbytes(250_000).hex().encode() * 2 + b"</t></si>"


def far_apart() -> bytes:
    cell = '<row r="{0}"><c r="{1}{0}"><v>1</v></c></row>'
    return raw_workbook(cell.format(1, "A") + cell.format(1_048_576, "XFD"))


@cache
def bomb() -> bytes:
    return raw_workbook("", shared_strings=(b"<si><t>" + b"a" * 1_000_000 + b"</t></si>" for _ in range(300)))


@cache
def quiet_bomb() -> bytes:
    """Make strings that pass every declared limit together with the sheet, but not the memory."""
    return raw_workbook("", shared_strings=_long_strings(60))


def five_gigabytes_claimed() -> bytes:
    content = bytearray(workbook(HEADER, GOOD))
    at = content.rfind(b"PK\x01\x02")
    # The size of the last entry, as the table of contents declares it.
    content[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(content)


def lying_sizes() -> bytes:
    content = bytearray(bomb())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = struct.pack("<I", 1000)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def many_entries() -> bytes:
    return raw_workbook("", entries=sandbox.ENTRY_LIMIT + 1)


def many_merges() -> bytes:
    cells = "".join(f'<row r="{row}"><c r="CV{row}"><v>1</v></c></row>' for row in range(1, 1001))
    merges = "".join('<mergeCell ref="A1:CV1000"/>' for _ in range(1000))
    return raw_workbook(f"{cells}</sheetData><mergeCells>{merges}</mergeCells><sheetData>")


def many_rows() -> bytes:
    return "楼栋,房号\n".encode() + b"1,2\n" * (sandbox.ROW_LIMIT + 1)


def wide_row() -> bytes:
    return "楼栋,房号".encode() + b"," * 5000 + b"\n"


def large_file() -> bytes:
    return b"a" * (FILE_LIMIT + 1)


@pytest.mark.parametrize(
    "make",
    [
        far_apart,
        bomb,
        quiet_bomb,
        five_gigabytes_claimed,
        lying_sizes,
        many_entries,
        many_merges,
        many_rows,
        wide_row,
    ],
)
def test_refuses_what_is_too_large_quickly(make: Callable[[], bytes]) -> None:
    content = make()
    began = time.monotonic()

    with pytest.raises((RosterTooLarge, RosterBroken)):
        read_sheets(content, name="花名册.csv")

    assert time.monotonic() - began < 15


@pytest.mark.parametrize("text", ["﷽" * 200_000, "张、" * 200_000, "1" * 400_000, "(" * 300_000, "第一网格" * 100_000])
@pytest.mark.parametrize("column", range(len(GOOD)))
def test_a_monstrous_cell_is_told_quickly(text: str, column: int) -> None:
    row = [*GOOD[:column], text, *GOOD[column + 1 :]]
    began = time.monotonic()

    found = roster([text], row, [f"合计{text}"])

    assert time.monotonic() - began < 2
    assert all(len(each.value) < 100 for each in found.problems)


def test_refuses_a_file_in_which_everything_is_wrong() -> None:
    rows = [changed(room=str(at), area="很大", phone="1", owner="1") for at in range(55_000)]

    with pytest.raises(RosterFullOfProblems, match="AREA_NOT_A_NUMBER 房屋!H2"):
        roster(*rows)


def test_refuses_more_people_than_a_city_district_has() -> None:
    owners = "、".join(f"张{sign}" for sign in "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸")
    rows = [changed(room=str(at), phone=None, owner=owners) for at in range(16_000)]

    with pytest.raises(RosterTooLarge):
        roster(*rows)


def test_refuses_a_large_file_before_it_is_opened() -> None:
    with pytest.raises(RosterTooLarge) as refused:
        read_sheets(large_file(), name="1.xlsx")

    assert "32 MiB" in refused.value.text("zh")


def print_largest_reader(folder: str) -> None:
    """Read what is large, and print the memory of the largest child so far, in kilobytes."""
    for file in Path(folder).iterdir():
        with pytest.raises(Refused):
            read_sheets(file.read_bytes(), name="1.xlsx")
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)  # noqa: T201 - read by the test below.


def test_bounds_the_memory_of_the_process_that_reads(tmp_path: Path) -> None:
    for make in (far_apart, quiet_bomb, lying_sizes):
        (tmp_path / make.__name__).write_bytes(make())
    # In a process of its own, which has no other children.
    program = f"from {__name__} import print_largest_reader; print_largest_reader({str(tmp_path)!r})"
    found = subprocess.run(  # noqa: S603 - itself.
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, timeout=60
    )

    assert 10 * 1024 < int(found.stdout) < 500 * 1024


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"PK\x03\x04 not a zip", RosterBroken),
        (workbook(HEADER, GOOD)[:-400], RosterBroken),
        (_OLD + b"\0" * 2000, RosterBroken),
        (_OLD + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), RosterEncrypted),
        (b"%PDF-1.7\0\xff", RosterNotATable),
        (b"", RosterNotATable),
        (b"\x89PNG\r\n\x1a\n\0\0", RosterNotATable),
        (b"\xff\xfe\x00\xd8", RosterNotATable),
    ],
)
def test_says_what_is_wrong_with_a_file(content: bytes, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        read_sheets(content, name="花名册.xlsx")


def test_refuses_an_archive_of_another_kind() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")

    with pytest.raises(RosterNotATable):
        read_sheets(written.getvalue(), name="1.xlsx")


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(_WORKBOOK)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))

    with contextlib.suppress(Refused):
        parse_roster(read_sheets(bytes(content), name="1.xlsx"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Refused):
        parse_roster(read_sheets(b"a," + content, name="1.csv"))
