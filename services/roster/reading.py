"""Which sheets, rows and cells does a roster file of any kind have, and within which bounds?"""

from __future__ import annotations

import codecs
import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

import orjson

from services.roster import sandbox
from services.roster.errors import RosterBroken, RosterEncrypted, RosterNotATable, RosterTooLarge
from tenants.errors import Refused

Cell = str | float | bool | None
Merged = tuple[tuple[int, int], tuple[int, int]]

FILE_LIMIT = 32 * sandbox.MIB
READ_SECONDS = 60
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
# GB18030 also reads what was written as GB2312 or GBK, and almost any bytes at all: it comes last.
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",\t;，"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows from row 1 on, merged ranges filled; these as (first, last) of (row, column)."""

    name: str
    rows: list[list[Cell]]
    is_hidden: bool = False
    merged: tuple[Merged, ...] = ()

    def continued_rows(self, column: int) -> frozenset[int]:
        """Tell which rows, from 0 on, continue the cell above them in the given column."""
        spans = [
            range(top + 1, min(bottom, len(self.rows) - 1) + 1)
            for (top, left), (bottom, right) in self.merged
            if left <= column <= right
        ]
        return frozenset(row for span in spans for row in span)


def read_sheets(content: bytes, *, name: str) -> list[Sheet]:
    """Read an .xlsx, .xls or .csv file into sheets of raw cells; nothing in it is evaluated.

    Raises RosterTooLarge, RosterBroken, RosterEncrypted or RosterNotATable.
    """
    if len(content) > FILE_LIMIT:
        raise _too_large("size")
    if content.startswith(b"PK"):
        return _read_workbook(content)
    if content.startswith(_OLD_WORKBOOK):
        if _ENCRYPTED_STREAM in content:
            raise RosterEncrypted
        return _read_workbook(content)
    return [_read_text(content, _sheet_name(PurePath(name).stem))]


def read_file(path: Path) -> bytes:
    """Read a file from disk, unless it is larger than a roster may be."""
    with path.open("rb") as file:
        content = file.read(FILE_LIMIT + 1)
    if len(content) > FILE_LIMIT:
        raise _too_large("size")
    return content


def _too_large(what: str) -> Refused:
    texts = {
        "size": (f"超过 {FILE_LIMIT // sandbox.MIB} MiB", f"more than {FILE_LIMIT // sandbox.MIB} MiB"),
        "unpacked": ("解压后的内容异常地大", "what it unpacks to is abnormally large"),
        "sheets": (f"工作表超过 {sandbox.SHEET_LIMIT} 个", f"more than {sandbox.SHEET_LIMIT} sheets"),
        "cells": (
            f"超过 {sandbox.ROW_LIMIT:,} 行或 {sandbox.CELL_LIMIT:,} 个单元格，或列过多",
            f"more than {sandbox.ROW_LIMIT:,} rows or {sandbox.CELL_LIMIT:,} cells, or too many columns",
        ),
    }
    zh, en = texts[what]
    return RosterTooLarge(what_zh=zh, what_en=en)


def _read_workbook(content: bytes) -> list[Sheet]:
    # -I: neither the environment nor the working directory decides what the process imports.
    command = [sys.executable, "-I", sandbox.__file__]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own file, no shell.
            command, input=content, capture_output=True, timeout=READ_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_large("unpacked") from None
    if done.returncode == 0:
        return [_sheet(line) for line in io.BytesIO(done.stdout)]
    word = done.stderr.decode(errors="replace") if done.returncode == sandbox.REFUSED else "unpacked"
    # A signal or a panic: the limits of memory or processor time ended the process.
    if word == "broken":
        raise RosterBroken
    if word == "encrypted":
        raise RosterEncrypted
    if word == "kind":
        raise RosterNotATable
    raise _too_large(word)


def _sheet(line: bytes) -> Sheet:
    name, is_hidden, merged, rows = orjson.loads(line)
    _fill_merged(rows, merged)
    return Sheet(name=_sheet_name(name), rows=rows, is_hidden=is_hidden, merged=tuple(merged))


def _sheet_name(name: str) -> str:
    # Spreadsheets allow 31 signs; a file that says otherwise was not made by one.
    return "".join(sign for sign in name if sign.isprintable())[:100]


def _fill_merged(rows: list[list[Cell]], merged: list[Merged]) -> None:
    """Copy the first cell of each merged range to its others; overlapping ranges may not be a bomb."""
    budget = sandbox.CELL_LIMIT
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        last_row, last_column = min(bottom, len(rows) - 1), min(right, len(rows[top]) - 1)
        budget -= (last_row - top + 1) * (last_column - left + 1)
        if budget < 0:
            raise _too_large("cells")
        filling = [rows[top][left]] * (last_column - left + 1)
        for row in rows[top : last_row + 1]:
            row[left : last_column + 1] = filling


def _read_text(content: bytes, name: str) -> Sheet:
    encodings: tuple[str, ...] = _ENCODINGS
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    elif b"\0" in content or not content.strip():
        raise RosterNotATable
    for encoding in encodings:
        try:
            return Sheet(name=name, rows=list(_rows_of_text(content, encoding)))
        except UnicodeError:
            continue
        except csv.Error:
            raise RosterBroken from None
    raise RosterNotATable


def _rows_of_text(content: bytes, encoding: str) -> Iterator[list[Cell]]:
    cells = 0
    lines = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    for count, row in enumerate(csv.reader(lines, delimiter=_delimiter(content, encoding)), start=1):
        cells += len(row)
        if count > sandbox.ROW_LIMIT or len(row) > sandbox.COLUMN_LIMIT or cells > sandbox.CELL_LIMIT:
            raise _too_large("cells")
        yield list(row)


def _delimiter(content: bytes, encoding: str) -> str:
    """Take the sign that the fullest of the first lines is divided by; a title line has none."""
    start = content[:65536].decode(encoding, errors="ignore").splitlines()[:20]
    counts = {sign: max((line.count(sign) for line in start), default=0) for sign in _DELIMITERS}
    return max(counts, key=lambda sign: counts[sign])
