"""Which ticket, category, place, caller and due time does a row mean? Pure rules, no storage."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.cases.rules import LONGEST_TEXT, LONGEST_TITLE
from services.people.rules import LONGEST_NAME
from services.places.rules import address_key
from services.roster.cells import is_cell_error, phone_of, phone_pieces
from services.roster.problems import masked_name, masked_number, shown_value
from services.tickets.reading import (
    CALLER,
    CATEGORY,
    CONFIDENTIAL,
    DUE,
    KIND,
    NUMBER,
    PHONE,
    PLACE,
    RECEIVED,
    TEXT,
    TITLE,
    TicketRow,
)
from tenants.calendar import is_instant_taken

IMPORT = "ticket:import"
_KINDS = (
    ("咨询", "INQUIRY"),
    ("投诉", "COMPLAINT"),
    ("举报", "TIP_OFF"),
    ("建议", "SUGGESTION"),
    ("意见", "SUGGESTION"),
    ("求助", "HELP"),
)
# What platforms write for a caller whose name is not known.
_NO_NAMES = re.compile(r"(?:匿名|不愿透露|市民|群众|来电人|保密).*|.{1,2}(?:先生|女士|小姐|某某?)")
_CALLER = "来电人"
_PARTS = re.compile(r"[/>＞|｜\\—→-]+")
_TIMES = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?.*)?"
)
_SPANS = re.compile(r"(\d{1,3})个?(小时|天|日|自然日)(?:内)?")
# Working days are the category's own to count.
_WORKING_DAYS = re.compile(r"\d{1,3}个?工作日(?:内)?")


@dataclass(frozen=True, slots=True)
class TicketProblem:
    """What is wrong with a row: in which column, a stable code, the value masked, texts."""

    sheet: str
    row: int
    column: str
    header: str
    code: str
    value: str
    zh: str
    en: str


class BadRow(Exception):  # noqa: N818 - becomes a problem of the row.
    """A row that cannot be imported."""

    def __init__(self, field: str, code: str, zh: str, en: str) -> None:
        """Name the field, the code and the texts."""
        super().__init__(en)
        self.field, self.code, self.zh, self.en = field, code, zh, en

    def of(self, row: TicketRow) -> TicketProblem:
        """Tell of the cell in its row, with what is personal masked."""
        column = row.columns.get(self.field)
        mask: Callable[[str], str] = {CALLER: masked_name, PHONE: masked_number}.get(self.field, shown_value)
        value = row.text(self.field)[:LONGEST_TITLE]
        letter, title = (column.letter, column.title) if column else ("", "")
        return TicketProblem(row.sheet, row.row, letter, title, self.code, mask(value), self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: a name, or what stands for one, and a number."""

    name: str
    phone: str | None
    is_named: bool


@dataclass(frozen=True, slots=True)
class ReadyTicket:
    """A ticket that can be taken in."""

    row: TicketRow
    number: str
    title: str
    text: str
    kind: str
    category_code: str
    place_id: uuid.UUID | None
    place_text: str
    caller: Caller | None
    due_at: datetime | None
    is_confidential: bool


@dataclass(frozen=True, slots=True)
class KnownCategory:
    """A category that cases are filed under."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place that a ticket may name."""

    id: uuid.UUID
    name: str
    address: str
    code: str | None


@dataclass(slots=True)
class Book:
    """The tenant's categories and places, to be found by what a ticket says."""

    tenant_name: str
    time_zone: ZoneInfo
    categories: Sequence[KnownCategory]
    places: Sequence[KnownPlace]
    # For tickets of no category that is known here.
    fallback_code: str | None
    _codes: dict[str, set[str]] = field(default_factory=dict)
    _places: dict[str, set[uuid.UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index by every way to say it."""
        for category in self.categories:
            for name in (category.code, category.name):
                self._codes.setdefault(name, set()).add(category.code)
        for place in self.places:
            ways = [way for way in (place.name, place.address, place.code) if way]
            for way in {*ways, *(way.removeprefix(self.tenant_name) for way in ways)} - {""}:
                self._places.setdefault(address_key(way), set()).add(place.id)

    def ready(self, row: TicketRow) -> ReadyTicket:
        """Say what a row means. Raises BadRow."""
        for name, text in row.cells.items():
            if is_cell_error(text):
                raise BadRow(name, "CELL_ERROR", "这一格是公式错误", "the cell holds a formula error")
        number = _within(row, NUMBER, LONGEST_TITLE)
        text = _within(row, TEXT if row.text(TEXT) else TITLE, LONGEST_TEXT)
        title = " ".join((row.text(TITLE) or text).split())
        place_text = row.text(PLACE)[: LONGEST_TITLE * 3] or self.tenant_name
        return ReadyTicket(
            row=row,
            number=number,
            title=title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…",
            text=text,
            kind=next((kind for word, kind in _KINDS if word in row.text(KIND)), "HELP"),
            category_code=self._category(row),
            place_id=self._place(place_text),
            place_text=place_text,
            caller=_caller(row),
            due_at=self._due_at(row),
            is_confidential=row.text(CONFIDENTIAL)[:1] in ("是", "保", "匿")
            or row.text(CONFIDENTIAL).casefold() == "y",
        )

    def _category(self, row: TicketRow) -> str:
        written = row.text(CATEGORY)
        parts = [part.strip() for part in _PARTS.split(written)]
        for name in (written, parts[-1]):
            codes = self._codes.get(name, set())
            if len(codes) == 1:
                return next(iter(codes))
        if self.fallback_code is not None:
            return self.fallback_code
        raise BadRow(
            CATEGORY,
            "CATEGORY_UNKNOWN",
            "没有这个类别，也没有指定备用类别",
            "there is no such category, and no fallback was named",
        )

    def _place(self, text: str) -> uuid.UUID | None:
        found = self._places.get(address_key(text)) or self._places.get(
            address_key(text.removeprefix(self.tenant_name))
        )
        return next(iter(found)) if found is not None and len(found) == 1 else None

    def _due_at(self, row: TicketRow) -> datetime | None:
        written = row.text(DUE)
        if not written or _WORKING_DAYS.fullmatch(written):
            return None
        span = _SPANS.fullmatch(written)
        if span is None:
            return self._instant(DUE, written)
        received, amount = row.text(RECEIVED), int(span[1])
        if not received:
            return None
        since = self._instant(RECEIVED, received)
        return _taken(DUE, since + timedelta(**{"hours" if span[2] == "小时" else "days": amount}))

    def _instant(self, name: str, written: str) -> datetime:
        found = _TIMES.fullmatch(written)
        year, month, day, hour, minute, second = map(int, found.groups(default="0")) if found else (0,) * 6
        try:
            # A day alone lasts until its end.
            at = (hour, minute, second) if found and found[4] else (23, 59, 59)
            return _taken(name, datetime(year, month, day, at[0], at[1], at[2], tzinfo=self.time_zone))
        except ValueError:
            raise _not_understood(name) from None


def _taken(name: str, instant: datetime) -> datetime:
    if not is_instant_taken(instant):
        raise _not_understood(name)
    return instant


def _not_understood(name: str) -> BadRow:
    return BadRow(
        name,
        "TIME_NOT_UNDERSTOOD",
        "看不懂这个时间，请写成 2026-06-01 17:30",
        "this time is not understood: write 2026-06-01 17:30",
    )


def _within(row: TicketRow, name: str, limit: int) -> str:
    text = row.text(name)
    if not text:
        raise BadRow(name, "MISSING", "此项不能为空", "this must not be empty")
    if len(text) > limit:
        raise BadRow(name, "TOO_LONG", f"最多 {limit} 字", f"{limit} characters at most")
    return text


def _caller(row: TicketRow) -> Caller | None:
    written, phone = row.text(CALLER), None
    pieces = [piece for piece in phone_pieces(row.text(PHONE)) if piece]
    if pieces:
        phone = next((number for number in map(phone_of, pieces) if number), None)
        if phone is None:
            raise BadRow(PHONE, "PHONE_INVALID", "不是有效的电话号码", "this is no valid phone number")
    if len(written) > LONGEST_NAME or not written.isprintable():
        raise BadRow(
            CALLER, "NAME_INVALID", f"姓名最多 {LONGEST_NAME} 字", f"a name has {LONGEST_NAME} characters at most"
        )
    if not written and phone is None:
        return None
    is_named = bool(written) and _NO_NAMES.fullmatch(written) is None
    return Caller(written or _CALLER, phone, is_named)
