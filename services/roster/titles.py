"""What do a sheet's name and its title line say: the grid of all rows below, and who is in charge of it?"""

from __future__ import annotations

import re

from services.roster.cells import filled, names_of, phone_of, text_of
from services.roster.headers import Header, Role
from services.roster.reading import Sheet
from services.roster.rows import Named

_LONGEST_TITLE = 300
_GRID = re.compile(r"第?(?:\d+|[零一二三四五六七八九十百]+)号?网格")
_POST = re.compile(
    r"(?P<title>网格长|网格员|楼栋长|班楼长)\s*[::]?\s*(?P<people>[^::()]+?)(?=网格长|网格员|楼栋长|班楼长|[()]|$)"
)
_PHONE_WORD = re.compile(r"(联系)?(电话|手机|方式)号?码?\s*:?")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8}")
_ROLES = {
    "网格长": Role.GRID_LEADER,
    "网格员": Role.GRID_WORKER,
    "楼栋长": Role.BUILDING_LEADER,
    "班楼长": Role.BUILDING_LEADER,
}


def title_texts(sheet: Sheet, header: Header) -> list[str]:
    """Give the different texts above the column titles."""
    texts = (text_of(cell)[:_LONGEST_TITLE] for row in sheet.rows[: header.first_row] for cell in row)
    return list(dict.fromkeys(text for text in texts if text))


def grid_of_sheet(sheet: Sheet, titles: list[str]) -> str:
    """Find the grid that a whole sheet is about: its name, or what its title line names."""
    name = "".join(text_of(sheet.name).split())
    found = _GRID.search(name)
    if found:
        return found[0]
    if name.endswith("网格") and name != "网格":
        return name
    grids = {found[0] for title in titles for found in _GRID.finditer("".join(title.split()))}
    return grids.pop() if len(grids) == 1 else ""


def posts_in_titles(titles: list[str]) -> list[tuple[Role, Named]]:
    """Find those in charge in a title line: (网格员:郭华 17763626388)."""
    posts = []
    for title in titles:
        for found in _POST.finditer(_PHONE_WORD.sub(" ", title)):
            phones = [phone_of(phone) for phone in _PHONE.findall(found["people"])]
            names = [name for name in names_of(_PHONE.sub("、", found["people"])) if filled(name)]
            if not all(name.isalpha() and len(name) <= 6 for name in names):  # noqa: PLR2004 - prose, no name.
                continue
            phones += [None] * (len(names) - len(phones))
            posts += [
                (_ROLES[found["title"]], Named(name, phone, None)) for name, phone in zip(names, phones, strict=False)
            ]
    return posts
