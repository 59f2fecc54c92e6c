"""How do tests make rosters: workbooks, sheets and lines of a list, well-formed and hostile ones?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl

from services.roster.contents import Roster
from services.roster.parsing import parse_roster
from services.roster.reading import Cell, Sheet

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

HEADER = ("网格", "小区", "楼栋", "单元", "房号", "产权人", "联系电话", "建筑面积")
GOOD = ("第一网格", "汇景家园", "1号楼", "1单元", "101", "何雅平", "13921933143", "89.5")


def sheet(*rows: Sequence[Cell], name: str = "房屋") -> Sheet:
    """Make a sheet as reading gives it."""
    return Sheet(name=name, rows=[list(row) for row in rows])


def roster(*rows: Sequence[Cell], header: Sequence[Cell] = HEADER, name: str = "房屋") -> Roster:
    """Parse one sheet of the given rows below a header."""
    return parse_roster([sheet(header, *rows, name=name)])


def changed(**values: Cell) -> tuple[Cell, ...]:
    """Make the good row with some cells changed, named by their English words."""
    names = ("grid", "estate", "building", "unit", "room", "owner", "phone", "area")
    return tuple(values.get(name, cell) for name, cell in zip(names, GOOD, strict=True))


def codes(found: Roster) -> list[str]:
    """Tell the codes of the problems."""
    return [each.code for each in found.problems]


def workbook(
    *rows: Sequence[Cell], name: str = "房屋", merged: Iterable[str] = (), hidden: Sequence[str] = ()
) -> bytes:
    """Make the bytes of an .xlsx with one sheet of rows, merged ranges, and empty hidden sheets."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = name
    for row in rows:
        page.append(list(row))
    for area in merged:
        page.merge_cells(area)
    for other in hidden:
        extra = book.create_sheet(other)
        extra.append(HEADER)
        extra.append(GOOD)
        extra.sheet_state = "hidden"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def raw_workbook(sheet_xml: str, *, shared_strings: Iterable[bytes] = (), entries: int = 0) -> bytes:
    """Make an .xlsx by hand, with sheet data of any kind, shared strings and further entries."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="房屋" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet_xml}</sheetData></worksheet>',
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            strings.write(f'<sst xmlns="{_MAIN}">'.encode())
            for each in shared_strings:
                strings.write(each)
            strings.write(b"</sst>")
        for number in range(entries):
            archive.writestr(f"xl/extra{number}.xml", "")
    return written.getvalue()
