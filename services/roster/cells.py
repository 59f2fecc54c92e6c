"""What does the text of one cell mean: an area, a phone, names, a building's number? Pure, cached."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from operator import mul

from services.places.rules import chinese_number
from services.roster.reading import Cell

_LONGEST_TEXT = 2_000
_LONGEST_ADDRESS = 100
_NOTHING_WORDS = """
无 没有 空 - -- —— — – ― / \\ 、 . 。 无业主 未知 不详 不明 暂无 待核 待核实 无电话 n/a none null nan 〇 ×
"""
_NOTHING = frozenset(_NOTHING_WORDS.split())
_NOTHING_LENGTH = max(map(len, _NOTHING))
_DITTO = frozenset(("同上", '"', "″", "〃", "''", "′′", "”", "“", "'′"))
_ERRORS = frozenset(("#ref!", "#n/a", "#value!", "#name?", "#div/0!", "#null!", "#num!"))
_EXACT_INTEGER = 2**53
_DATE_MADE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+)?")
_CHINESE_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百]+")

_CENT = Decimal("0.01")
_AREA_UNIT = re.compile(r"(平方米|平米|平方|平|m2|m²|㎡|mm2|m\^2)$", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")

_PIECES = re.compile(r"[、,，;；/|\n\r]+")
_SPACES = re.compile(r"\s+")
_HARD_SEPARATOR = re.compile(r"[、,，;；/|\s]")
_PLAIN_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7}|400\d{7}|1\d{4}")
_COUNTRY = re.compile(r"^(\+86|0086|86(?=1[3-9]\d{9}$))")
_NAME = re.compile(r"[^\d=+@#<>&%$*]{1,40}")
_MOBILE_LENGTH = 11

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# The sum of the weights times the sign 0: what is to be taken off when signs stand for digits.
_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_SIGNS = "10X98765432"
_IDENTITY_LENGTH = 18
_OLD_IDENTITY = re.compile(r"\d{6}(\d\d)(\d\d)(\d\d)\d{3}")

_BUILDING_ENDING = re.compile(r"(号楼栋|号楼|#楼|楼栋|号幢|号栋|幢楼|栋楼|号|#|幢|栋|座|楼)$")
_UNIT_ENDING = re.compile(r"(单元|门洞|门|梯|#)$")
_LABEL = r"[0-9a-z零〇一二两三四五六七八九十百]+(?:-[0-9a-z]+)*"
_ADDRESS = re.compile(
    rf"(?P<before>.*?)第?(?P<building>{_LABEL}|[甲乙丙丁东西南北][0-9]*)(?P<ending>号楼|#楼|号幢|号栋|#|幢|栋|座|楼|号)"
    rf"-?(?:第?(?P<unit>[0-9a-z一二三四五六七八九十甲乙丙丁]+)(?:单元|门|梯)-?|(?P<dash_unit>[0-9]+)-)?"
    rf"(?P<room>-?[0-9a-z]+(?:-[0-9a-z]+)*)(?:室|号房|号|房|户)?",
    re.IGNORECASE,
)
_DASHED = re.compile(rf"(?P<building>{_LABEL})-(?P<unit>\d+)-(?P<room>\d+[a-z]?)(?:室|号|房)?", re.IGNORECASE)
_STREET_NUMBER = re.compile(r"^.*(?:路|街|巷|道|弄|里)\d+(?:-\d+)?号(?:院)?")
# Only what is surely a division: an estate may well be called 新市花园 or 汇景东区.
_DIVISION = re.compile(r"^(?:.{2,}?省)?(?:.{2,}?市.{2,}?[区县])?(?:.*(?:街道|社区))?")


class AreaNotANumberError(ValueError):
    """The text of an area is not a number."""


@dataclass(frozen=True, slots=True)
class AddressParts:
    """What an address in one cell says; an empty text is what it does not say."""

    estate: str
    building: str
    unit: str
    room: str


def text_of(cell: Cell) -> str:
    """Give a cell as trimmed text: full-width signs narrowed, 101.0 as 101; blank markers are kept."""
    if isinstance(cell, str):
        # Longer is no entry of a list; as a compatible form one sign may even become eighteen.
        cell = cell[:_LONGEST_TEXT]
        if not cell.isascii() and not unicodedata.is_normalized("NFKC", cell):
            cell = unicodedata.normalize("NFKC", cell)
        return (cell if cell.isprintable() else printable(cell)).strip()
    if cell is None:
        return ""
    return _text_of_number(cell)


def printable(text: str) -> str:
    """Leave out signs that show nothing and that a database may refuse, line breaks and blanks excepted."""
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)


@lru_cache(maxsize=65536)
def _text_of_number(cell: float) -> str:
    if float(cell).is_integer() and abs(cell) < 10 * _EXACT_INTEGER:
        return str(int(cell))
    return str(cell)


def filled(text: str) -> str:
    """Give the text, or nothing where people write a sign for nothing: 无, －, /."""
    return "" if len(text) <= _NOTHING_LENGTH and text.casefold() in _NOTHING else text


def is_ditto(text: str) -> bool:
    """Tell whether a cell says "as above"."""
    return text in _DITTO


def is_made_date(text: str) -> bool:
    """Tell whether a spreadsheet turned a number such as 3-1 into a date."""
    return _DATE_MADE.fullmatch(text) is not None


def is_cell_error(text: str) -> bool:
    """Tell whether the cell is the error of a formula, such as #REF!."""
    return text.casefold() in _ERRORS


@lru_cache(maxsize=65536)
def area_of(text: str) -> Decimal | None:
    """Read an area in square metres, with or without its unit; None when the cell says nothing.

    Raises AreaNotANumberError when it is in words.
    """
    number = _AREA_UNIT.sub("", text.replace(" ", "")).strip()
    if not filled(number):
        return None
    if _THOUSANDS.fullmatch(number):
        number = number.replace(",", "")
    try:
        area = Decimal(number)
    except InvalidOperation:
        raise AreaNotANumberError(text) from None
    if not area.is_finite() or area.adjusted() > _CENT.adjusted() + 20:
        raise AreaNotANumberError(text)
    return area.quantize(_CENT, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=4096)
def count_of(text: str) -> int | None:
    """Read a whole number with or without its measure word: 3人, 6层, 四单元; None when it is none."""
    number = re.sub(r"(人|口|层|个单元|单元|个|栋|户)$", "", text.replace(" ", ""))
    if number.isascii() and number.isdigit() and len(number) <= 6:  # noqa: PLR2004 - longer is no count.
        return int(number)
    if _CHINESE_NUMBER.fullmatch(number):
        return chinese_number(number)
    return None


def names_of(text: str) -> tuple[str, ...]:
    """Split the names in one cell; 张 三, spaced out to the width of three signs, is one name."""
    if not _HARD_SEPARATOR.search(text):
        return (text,) if text and filled(text) else ()
    names: list[str] = []
    for piece in _PIECES.split(text):
        words = _SPACES.split(piece.strip())
        if all(len(word) <= 1 for word in words) or all(word.isascii() for word in words):
            words = ["".join(words) if len(words[0]) <= 1 else " ".join(words)]
        names += [word for word in words if filled(word)]
    return tuple(names)


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of a person or an organisation."""
    return _NAME.fullmatch(text) is not None


def is_mobile(text: str) -> bool:
    """Tell whether a text is a mobile number and nothing else."""
    return len(text) == _MOBILE_LENGTH and text.isdigit() and text.isascii() and "13" <= text[:2] <= "19"


def phone_pieces(text: str) -> tuple[str, ...]:
    """Split the phone numbers in one cell; one said not to be is an empty text, since places count."""
    pieces: list[str] = []
    for piece in _PIECES.split(text):
        whole = filled(piece.strip())
        words = _SPACES.split(whole)
        if len(words) > 1 and all(phone_of(word) for word in words):
            pieces += words
        else:
            pieces.append(whole)
    return tuple(pieces)


def phone_of(piece: str) -> str | None:
    """Give a mobile, fixed or service number as bare digits; None when it is not valid."""
    if not is_mobile(piece):
        piece = _COUNTRY.sub("", re.sub(r"[\s()（）.-]", "", piece))
    return piece if _PLAIN_PHONE.fullmatch(piece) else None


def identity_of(text: str) -> str | None:
    """Give an identity number (GB 11643: 18 signs, or the old 15 digits); None when it is not valid."""
    number = text.replace(" ", "").upper()
    if len(number) == _IDENTITY_LENGTH and number.isascii() and number[:17].isdigit():
        total = sum(map(mul, _WEIGHTS, number.encode())) - _ZEROS
        right = number[17] == _CHECK_SIGNS[total % 11] and _is_day(number[6:14])
        return number if right else None
    old = _OLD_IDENTITY.fullmatch(number)
    return number if old and _is_day(f"19{old[1]}{old[2]}{old[3]}") else None


def is_rounded_identity(cell: Cell) -> bool:
    """Tell whether a spreadsheet stored an identity number as a number, which keeps 15 of its digits."""
    return isinstance(cell, float) and abs(cell) >= 10**15


@lru_cache(maxsize=65536)
def _is_day(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _plain_number(label: str) -> str:
    label = label.removeprefix("第")
    if _CHINESE_NUMBER.fullmatch(label):
        label = str(chinese_number(label))
    return label.lstrip("0") or "0" if label.isascii() and label.isdigit() else label.upper()


@lru_cache(maxsize=16384)
def building_name(text: str) -> str:
    """Give a building's one name: 1#, 1号楼, 1幢 and 1 are all 1号楼; a named one keeps its name."""
    whole = "".join(text.split())
    label = _plain_number(_BUILDING_ENDING.sub("", whole))
    if not label:
        return whole
    if label[-1].isascii() and label[-1].isalnum() and not label.isalpha():
        return f"{label}号楼"
    return f"{label}座" if label.isascii() and label.isalpha() and len(label) == 1 else whole


@lru_cache(maxsize=16384)
def unit_name(text: str) -> str:
    """Give a unit's one name: 1, 一单元 and 第1单元 are all 1单元."""
    return f"{_plain_number(_UNIT_ENDING.sub('', ''.join(text.split())))}单元"


@lru_cache(maxsize=65536)
def room_number(text: str) -> str:
    """Give a room's number without 室 and 号: 501室 is 501."""
    return re.sub(r"(?<=[0-9A-Za-z])(室|号房|号|房)$", "", "".join(text.split())).upper()


@lru_cache(maxsize=1024)
def grid_key(text: str) -> str:
    """Give what makes a grid's name the same: 第1网格, 第一网格 and 1 are one grid."""
    label = _plain_number("".join(text.split()).removesuffix("网格").removesuffix("号"))
    return f"{label}网格"


@lru_cache(maxsize=1024)
def grid_name(text: str) -> str:
    """Give a grid's name as the roster writes it, a bare number as 第1网格."""
    whole = "".join(text.split())
    label = _plain_number(whole)
    return f"第{label}网格" if label.isascii() and label.isdigit() else whole


@lru_cache(maxsize=65536)
def address_parts(text: str) -> AddressParts | None:
    """Take apart an address such as 汇景家园3号楼2单元501室, 3#501, 3-2-501; None if not understood."""
    whole = "".join(text.split()).replace("—", "-").replace("–", "-")
    if len(whole) > _LONGEST_ADDRESS:
        return None
    found = _DASHED.fullmatch(whole)
    if found:
        return AddressParts(estate="", building=found["building"], unit=found["unit"], room=found["room"])
    street = _STREET_NUMBER.match(whole)
    rest = whole
    if street and _ADDRESS.fullmatch(whole[street.end() :]):
        rest = whole[street.end() :]
    found = _ADDRESS.fullmatch(rest)
    if not found:
        return None
    return AddressParts(
        estate=_DIVISION.sub("", found["before"]),
        building=found["building"] + found["ending"],
        unit=found["unit"] or found["dash_unit"] or "",
        room=found["room"],
    )
