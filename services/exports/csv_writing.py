"""How is a table written as CSV? RFC 4180, in UTF-8 with a mark by which spreadsheets know it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.exports.cells import Cell, is_formula

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CsvTable:
    """Gives the bytes of a table as its rows come."""

    def __init__(self) -> None:
        """Begin with the mark."""
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._mark = _BYTE_ORDER_MARK

    def head(self, lines: Iterable[Sequence[Cell]], headers: Sequence[str]) -> bytes:
        """Write what it is about, an empty line and the headers."""
        self._writer.writerows([[_text(cell) for cell in line] for line in lines])
        self._writer.writerow([])
        self._writer.writerow([_text(header) for header in headers])
        return self._taken()

    def rows(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        """Write rows."""
        self._writer.writerows([[_text(cell) for cell in row] for row in rows])
        return self._taken()

    def end(self) -> bytes:
        """Write what is still to come: nothing."""
        return b""

    def close(self) -> None:
        """Leave off: nothing is held."""

    def _taken(self) -> bytes:
        content = self._mark + self._text.getvalue().encode("utf-8", "replace")
        self._mark = b""
        self._text.seek(0)
        self._text.truncate()
        return content


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if is_formula(cell) else cell
    return cell.isoformat(" ", "seconds") if isinstance(cell, datetime) else str(cell)
