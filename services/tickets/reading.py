"""What does a file of tickets say, row by row? As hotline platforms write them; without a database.

The file itself is opened by services.roster.reading, in bounds and with nothing evaluated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.roster.cells import filled, text_of
from services.roster.reading import Sheet, read_sheets
from services.roster.rows import column_letter
from services.tickets.errors import TicketsWithoutHeader, TooManyTickets
from tenants.sealing.normal_forms import normalize_text

NUMBER, TITLE, TEXT, CATEGORY, KIND = "number", "title", "text", "category", "kind"
CALLER, PHONE, PLACE, RECEIVED, DUE, CONFIDENTIAL = "caller", "phone", "place", "received", "due", "confidential"
# Titles as platforms write them, blanks, brackets and signs left out.
_TITLES: Mapping[str, tuple[str, ...]] = {
    NUMBER: ("工单编号", "受理编号", "工单号", "诉求编号", "受理单号", "工单流水号", "流水号", "编号"),
    TITLE: ("诉求标题", "工单标题", "标题", "主题"),
    TEXT: ("诉求内容", "工单内容", "来电内容", "诉求描述", "问题描述", "内容", "描述"),
    CATEGORY: ("诉求类别", "事项分类", "事项类别", "诉求分类", "问题分类", "问题类别", "类别", "分类", "类别编码"),
    KIND: ("诉求类型", "工单类型", "诉求性质", "事项类型", "类型"),
    CALLER: ("来电人", "诉求人", "反映人", "来电人姓名", "诉求人姓名", "市民姓名", "联系人", "姓名"),
    PHONE: ("联系电话", "来电号码", "来电电话", "诉求人电话", "联系方式", "手机号码", "手机号", "电话"),
    PLACE: ("诉求地址", "事发地址", "事发地点", "问题地址", "发生地点", "地址", "地点"),
    RECEIVED: ("受理时间", "来电时间", "登记时间", "诉求时间", "创建时间"),
    DUE: ("办理时限", "截止时间", "办结时限", "要求办结时间", "处理时限", "到期时间"),
    CONFIDENTIAL: ("是否保密", "保密", "是否匿名"),
}
FIELDS = tuple(_TITLES)
_FIELD_OF = {title: field for field, titles in _TITLES.items() for title in titles}
_NOT_LETTERS = re.compile(r"[\W_]+|(?:必填|选填)")
_HEADER_ROWS = 20
# What one transaction locks and writes.
MOST_TICKETS = 1_000


@dataclass(frozen=True, slots=True)
class TicketColumn:
    """A column that was understood: its letter, and its title as written."""

    at: int
    letter: str
    title: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One row as written, blank texts where a column or a cell is missing; rows count as a spreadsheet counts them."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    columns: Mapping[str, TicketColumn]

    def text(self, field: str) -> str:
        """Give the text of a field."""
        return self.cells.get(field, "")


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file that has been read."""

    rows: tuple[TicketRow, ...]


async def read_tickets(content: bytes, *, name: str) -> TicketFile:
    """Read a file's bytes, off the event loop and in bounded memory.

    Raises RosterTooLarge, RosterBroken, RosterEncrypted, RosterNotATable, TicketsWithoutHeader, TooManyTickets.
    """
    return await asyncio.to_thread(lambda: list_tickets(read_sheets(content, name=name)))


def list_tickets(sheets: Sequence[Sheet]) -> TicketFile:
    """List the tickets of all visible sheets that have the columns. Raises TicketsWithoutHeader, TooManyTickets."""
    found = [(sheet, header) for sheet in sheets if not sheet.is_hidden and (header := _header(sheet))]
    if not found:
        raise TicketsWithoutHeader
    rows = tuple(row for sheet, (at, columns) in found for row in _rows(sheet, at, columns))
    if len(rows) > MOST_TICKETS:
        raise TooManyTickets(limit=MOST_TICKETS, count=len(rows))
    return TicketFile(rows)


def _header(sheet: Sheet) -> tuple[int, Mapping[str, TicketColumn]] | None:
    for number, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        columns: dict[str, TicketColumn] = {}
        for at, cell in enumerate(row):
            title = text_of(cell)
            field = _FIELD_OF.get(_NOT_LETTERS.sub("", normalize_text(title)))
            if field is not None:
                columns.setdefault(field, TicketColumn(at, column_letter(at), title))
        if NUMBER in columns and (TITLE in columns or TEXT in columns):
            return number, columns
    return None


def _rows(sheet: Sheet, header: int, columns: Mapping[str, TicketColumn]) -> Iterator[TicketRow]:
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        cells = {
            field: filled(text_of(row[column.at]).strip()) for field, column in columns.items() if column.at < len(row)
        }
        # Blank rows, and notes below the table.
        if cells.get(NUMBER) or (cells.get(TEXT) and cells.get(PHONE)):
            yield TicketRow(sheet.name, number, cells, columns)
