"""How is a table written as a workbook, row by row, without the whole of it in memory or on a disk?

An .xlsx is a zip of XML: the sheet is its last entry, and goes out as it is packed. Texts stand in the cells
themselves, as texts: nothing of them is a formula.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from services.exports.cells import Cell
from services.exports.errors import ExportTooLong

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_SHEET = "xl/worksheets/sheet1.xml"
_DAY, _INSTANT, _TEXT, _BOLD = 1, 2, 3, 4
_EPOCH = date(1899, 12, 30)
# Before it, spreadsheets count a day that never was.
_FIRST_DAY = date(1900, 3, 1)
_SECONDS_OF_DAY = 86_400
_LONGEST_TEXT = 32_767
# In bytes before they are packed: what a zip can hold without extensions that spreadsheets do not read.
_LARGEST_SHEET = 2_000_000_000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a reader would take for one escaped character.
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class _Sink:
    """Takes what the zip writes and hands it on; it cannot go back, so the zip does not ask it to."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, part: bytes, /) -> int:
        self._held.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Hold back nothing."""

    def close(self) -> None:
        """Leave what was not taken yet."""

    def taken(self) -> bytes:
        content, self._held = b"".join(self._held), []
        return content


class XlsxTable:
    """Gives the bytes of a workbook of one sheet as its rows come."""

    def __init__(self) -> None:
        """Begin the zip with all but the sheet."""
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        for name, content in _PARTS.items():
            self._zip.writestr(name, _DECLARATION + content)
        self._sheet = self._zip.open(_SHEET, "w")
        self._size = self._row_count = 0

    def head(self, lines: Iterable[Sequence[Cell]], headers: Sequence[str]) -> bytes:
        """Write what it is about, an empty line and the headers, which stay in sight."""
        about = [_row(line) for line in lines]
        frozen = len(about) + 2
        self._write(
            f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            f'<pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" activePane="bottomLeft" state="frozen"/>'
            '</sheetView></sheetViews><sheetFormatPr defaultColWidth="18" defaultRowHeight="15"/><sheetData>'
            f"{''.join(about)}<row/>{_row(headers, texts=_BOLD)}"
        )
        return self._sink.taken()

    def rows(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        """Write rows. Raises ExportTooLong."""
        if self._size > _LARGEST_SHEET:
            raise ExportTooLong(limit=self._row_count)
        self._row_count += len(rows)
        self._write("".join([_row(row) for row in rows]))
        return self._sink.taken()

    def end(self) -> bytes:
        """Close the sheet and the zip."""
        self._write("</sheetData></worksheet>")
        self.close()
        return self._sink.taken()

    def close(self) -> None:
        """Leave off, whether or not it has come to its end."""
        self._sheet.close()
        self._zip.close()

    def _write(self, text: str) -> None:
        content = text.encode()
        self._size += len(content)
        self._sheet.write(content)


def _row(cells: Sequence[Cell], *, texts: int = _TEXT) -> str:
    return f"<row>{''.join([_cell(cell, texts) for cell in cells])}</row>"


def _cell(cell: Cell, texts: int) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, str):
        return _text_cell(cell, texts)
    if not isinstance(cell, date):
        return f"<c><v>{cell}</v></c>"
    day = cell.date() if isinstance(cell, datetime) else cell
    if day < _FIRST_DAY:
        return _text_cell(str(cell), texts)
    number = (day - _EPOCH).days
    if not isinstance(cell, datetime):
        return f'<c s="{_DAY}"><v>{number}</v></c>'
    seconds = (cell - datetime.combine(day, time.min)).total_seconds()
    return f'<c s="{_INSTANT}"><v>{number + round(seconds) / _SECONDS_OF_DAY:.8f}</v></c>'


def _text_cell(text: str, style: int) -> str:
    clean = _ESCAPED.sub("_x005F_", _NOT_XML.sub("\ufffd", text[:_LONGEST_TEXT])).translate(_ENTITIES)
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'
