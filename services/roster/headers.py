"""Which row of a sheet names its columns, and which field does each column hold?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from services.roster.cells import printable
from services.roster.reading import Cell, Sheet

# Title rows stand above the column titles; nobody writes more of them than this.
_SEARCHED_ROWS = 30
_NOWHERE = -1
_LONGEST_TITLE = 200


class Field(StrEnum):
    """What a column may hold about a place or a dwelling."""

    GRID = "grid"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"
    ROOM = "room"
    ADDRESS = "address"
    FLOOR_AREA = "floor_area"
    INSIDE_AREA = "inside_area"
    TENURE = "tenure"
    RESIDENCE = "residence"
    HEAD_COUNT = "head_count"
    SHARE = "share"
    FLOOR_COUNT = "floor_count"
    UNIT_COUNT = "unit_count"


class Role(StrEnum):
    """As what a column may name a person. 户主 is the head of a household, never an owner."""

    OWNER = "owner"
    HEAD = "head"
    RENTER = "renter"
    GRID_LEADER = "grid-leader"
    GRID_WORKER = "grid-worker"
    BUILDING_LEADER = "building-leader"


class Detail(StrEnum):
    """What a column may tell about a person."""

    NAME = "name"
    PHONE = "phone"
    IDENTITY = "identity"


_POST_ROLES = (Role.GRID_LEADER, Role.GRID_WORKER, Role.BUILDING_LEADER)

# Titles as people write them, spaces, brackets and signs left out.
_FIELD_WORDS: dict[Field, str] = {
    Field.GRID: "网格 所属网格 网格名称 网格名 网格号 网格编号 所在网格",
    Field.ESTATE: "小区 小区名称 小区名 所属小区 所在小区 住宅小区 物业小区 物业管理区域 楼盘 院落",
    Field.BUILDING: "楼栋 楼号 幢 栋 楼幢 幢号 栋号 楼栋号 楼幢号 楼 楼栋名称 座 楼座 楼宇 楼房号 号楼",
    Field.UNIT: "单元 单元号 单元名称 梯 门洞 楼门",
    Field.ROOM: "房号 室号 房间号 门牌 门牌号 室 房屋号 房间 户号 房屋编号 房室号 门户号",
    Field.ADDRESS: "地址 房屋地址 住址 详细地址 房屋坐落 坐落 坐落地址 房屋座落 家庭住址 居住地址",
    Field.FLOOR_AREA: "面积 建筑面积 房屋面积 建面 房屋建筑面积 建筑面积平方米 产权面积 面积m2 建筑面积m2",
    Field.INSIDE_AREA: "套内面积 套内建筑面积 套内 使用面积 套内使用面积 套内面积平方米 套内面积m2",
    Field.TENURE: "产权性质 房屋性质 产权类型 产权 房屋类型 房屋产权 房产性质 产权类别",
    Field.RESIDENCE: "居住情况 居住状态 居住类型 居住状况 使用情况 房屋状态 使用状态 居住性质 入住情况",
    Field.HEAD_COUNT: "人数 家庭人口 人口数 常住人口 居住人数 家庭人数 人口 家庭人口数 常住人数",
    Field.SHARE: "产权份额 份额 持有份额 业主份额 产权比例 共有份额 所占份额 产权人份额",
    Field.FLOOR_COUNT: "层数 楼层数 总层数 地上层数 楼高 楼层总数 总楼层",
    Field.UNIT_COUNT: "单元数 单元数量 单元总数 门栋数 单元个数",
}
_ROLE_WORDS: dict[Role, str] = {
    Role.OWNER: "房屋所有权人 产权所有人 所有权人 房屋产权人 产权人 权利人 业主 房主 产权单位",
    Role.HEAD: "户主 家庭户主 户代表",
    Role.RENTER: "公房承租人 承租人 公房承租户",
    Role.GRID_LEADER: "网格长 总网格长 网格组长",
    Role.GRID_WORKER: "专职网格员 兼职网格员 网格员 网格管理员",
    Role.BUILDING_LEADER: "楼栋长 班楼长 楼长 楼组长 楼门长 楼院长",
}
_DETAIL_WORDS: dict[Detail, str] = {
    Detail.NAME: "姓名 名称 名字 名单 信息",
    Detail.PHONE: "电话 手机 联系电话 手机号 手机号码 电话号码 联系方式 联系手机 联系号码 移动电话 号码",
    Detail.IDENTITY: "身份证 身份证号 身份证号码 证件号 证件号码 公民身份号码 身份号码 身份证件号",
}
# Numbering, known to say nothing about the dwelling: left out without a word.
_NUMBERING_WORDS = "序号 编号 序 行号 no 顺序号 户编号 街道 社区 所属社区 所属街道 社区名称 街道名称 户数"
_NUMBERING = frozenset(_NUMBERING_WORDS.split())
_FIELDS = {word: what for what, words in _FIELD_WORDS.items() for word in words.split()}
_ROLES = sorted(
    ((word, role) for role, words in _ROLE_WORDS.items() for word in words.split()),
    key=lambda pair: -len(pair[0]),
)
_DETAILS = {word: detail for detail, words in _DETAIL_WORDS.items() for word in words.split()}
_BRACKETS = re.compile(r"[(\[【<〔][^)\]】>〕]*[)\]】>〕]")
_BRACKETED = re.compile(r"[(\[【<〔]([^)\]】>〕]*)[)\]】>〕]")
_SIGNS = re.compile(r"[\s*:：。.、_]+")
_SEVERAL = re.compile(r"[/／、或及和]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column title means: a field of the dwelling, or a detail of a person (of a role, if told)."""

    field: Field | None = None
    detail: Detail | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """The columns that tell of the people of one role; -1 is none."""

    role: Role
    name: int
    phone: int = _NOWHERE
    identity: int = _NOWHERE


@dataclass(frozen=True, slots=True)
class Header:
    """A sheet's column titles: the rows they stand in, what each column holds, and columns not understood."""

    first_row: int
    last_row: int
    titles: tuple[str, ...]
    fields: dict[Field, int] = field(default_factory=dict)
    people: tuple[PersonColumns, ...] = ()
    not_understood: tuple[int, ...] = ()

    @property
    def has_posts(self) -> bool:
        """Tell whether a column names those in charge of grids or buildings."""
        return any(columns.role in _POST_ROLES for columns in self.people)

    def at(self, what: Field) -> int:
        """Find the column of a field; -1, the blank cell that every row ends with, is none."""
        return self.fields.get(what, _NOWHERE)


@lru_cache(maxsize=4096)
def meaning_of(title: str) -> Meaning | None:
    """Tell what a column title means, whatever its spaces, brackets, width and synonym."""
    whole = unicodedata.normalize("NFKC", title).casefold()
    text = _SIGNS.sub("", _BRACKETS.sub("", whole))
    found = _meaning_of_word(text)
    if found is None and (parts := [part for part in _SEVERAL.split(text) if part])[1:]:
        meanings = {_meaning_of_word(part) for part in parts}
        found = meanings.pop() if len(meanings) == 1 else None
    bracketed = _BRACKETED.search(whole)
    if bracketed and (found is None or (found.detail is not None and found.role is None)):
        # 姓名(业主), 电话(户主): the brackets say whose.
        told = _meaning_of_word(bracketed[1] + text)
        found = told if told is not None and told.role is not None else found
    return found


def _meaning_of_word(word: str) -> Meaning | None:
    if word in _FIELDS:
        return Meaning(field=_FIELDS[word])
    if word in _DETAILS:
        return Meaning(detail=_DETAILS[word])
    for role_word, role in _ROLES:
        if word.startswith(role_word):
            rest = word.removeprefix(role_word)
            if not rest:
                return Meaning(detail=Detail.NAME, role=role)
            return Meaning(detail=_DETAILS[rest], role=role) if rest in _DETAILS else None
    return None


def find_header(sheet: Sheet) -> Header | None:
    """Find the column titles of a sheet below its title rows: one row, or groups with parts below."""
    rows = sheet.rows[:_SEARCHED_ROWS]
    known = [_known_titles(row) for row in rows]
    if not known or max(known) < 2:  # noqa: PLR2004 - one known word alone may stand in any sentence.
        return None
    first = known.index(max(known))
    titles = [text_of_title(cell) for cell in rows[first]]
    last = first
    if first + 1 < len(rows) and known[first + 1]:
        below = [text_of_title(cell) for cell in rows[first + 1]]
        if all(not text or meaning_of(text) for text in below):
            titles, last = _joined(titles, below), first + 1
    elif first > 0 and known[first - 1] and len(set(rows[first - 1])) > 1:
        titles, last = _joined([text_of_title(cell) for cell in rows[first - 1]], titles), first
        first -= 1
    return _header(titles, first, last, "".join(text_of_title(cell) for row in rows[:first] for cell in row[:1]))


def is_header_row(written: Sequence[Cell], header: Header) -> bool:
    """Tell whether a row, blank cells left out, repeats the column titles, as printed pages do."""
    if len(written) < 2 or text_of_title(written[0]) not in header.titles:  # noqa: PLR2004 - one word is no row.
        return False
    return {text_of_title(cell) for cell in written} <= set(header.titles)


def text_of_title(cell: Cell) -> str:
    """Give a title cell as one line of text."""
    return "" if cell is None else "".join(printable(str(cell)[:_LONGEST_TITLE]).split())


def _known_titles(row: list[Cell]) -> int:
    return len({text for cell in row if isinstance(cell, str) and (text := text_of_title(cell)) and meaning_of(text)})


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    joined = []
    for group, part in zip(upper, lower, strict=True):
        both = group + part if part != group else group
        if not part or meaning_of(both):
            joined.append(both)
        else:
            joined.append(part if meaning_of(part) else both)
    return joined


def _header(titles: list[str], first: int, last: int, above: str) -> Header:
    fields: dict[Field, int] = {}
    people: dict[Role, dict[Detail, int]] = {}
    not_understood = []
    nearest: Role | None = None
    default = _role_of_names(titles, above)
    for column, title in enumerate(titles):
        meaning = meaning_of(title) if title else None
        if meaning is None:
            if title and _SIGNS.sub("", title).casefold() not in _NUMBERING:
                not_understood.append(column)
        elif meaning.field is not None:
            if fields.setdefault(meaning.field, column) != column:
                not_understood.append(column)
        elif meaning.detail is not None:
            # A phone or identity number without a role belongs to the person named before it.
            role = meaning.role or (nearest if meaning.detail is not Detail.NAME and nearest else default)
            if role is None or people.setdefault(role, {}).setdefault(meaning.detail, column) != column:
                not_understood.append(column)
            else:
                nearest = role
    columns = tuple(
        PersonColumns(
            role=role,
            name=told[Detail.NAME],
            phone=told.get(Detail.PHONE, _NOWHERE),
            identity=told.get(Detail.IDENTITY, _NOWHERE),
        )
        for role, told in people.items()
        if Detail.NAME in told
    )
    lost = [at for told in people.values() if Detail.NAME not in told for at in told.values()]
    return Header(first, last, tuple(titles), fields, columns, tuple(sorted(not_understood + lost)))


def _role_of_names(titles: list[str], above: str) -> Role | None:
    """Decide whose a bare 姓名 is: the only role that the titles name, else what the sheet's title says."""
    told = {meaning.role for title in titles if title and (meaning := meaning_of(title)) and meaning.role}
    if told:
        return min(told) if len(told) == 1 else None
    for words, role in (
        ("业主 产权 权利人", Role.OWNER),
        ("承租", Role.RENTER),
        ("住户 户主 居民户", Role.HEAD),
    ):
        if any(word in above for word in words.split()):
            return role
    return None
