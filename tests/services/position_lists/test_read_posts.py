"""What does a list of posts say, and how do people write it?"""

from __future__ import annotations

import io

import openpyxl
import pytest

from services.position_lists.errors import PositionsWithoutHeader
from services.position_lists.reading import ListedPost, read_posts
from services.roster.reading import read_sheets


def read(text: str, *, encoding: str = "utf-8") -> tuple[ListedPost, ...]:
    return read_posts(read_sheets(text.encode(encoding), name="list.csv"))


def test_reads_names_phones_posts_and_places() -> None:
    (post,) = read("姓名,电话,岗位,地点\n张三,138 0000 1234,网格员,第一网格\n")

    assert post == ListedPost("list", 2, "张三", "138 0000 1234", "", "网格员", "第一网格", "", "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    "header", ["姓 名,职务", "岗位（必填）,姓名*", "任职人,任职岗位,备注", "Name,Post", "序号,姓名,担任职务"]
)
def test_knows_titles_as_people_write_them(header: str, encoding: str) -> None:
    cells = ["张三" if "名" in title or "人" in title or title == "Name" else "网格员" for title in header.split(",")]

    (post,) = read(f"{header}\n{','.join(cells)}\n", encoding=encoding)

    assert (post.name, post.post) == ("张三", "网格员")


def test_finds_the_header_below_a_title_and_stops_at_no_note() -> None:
    posts = read("庆城社区岗位名单,,\n,,\n姓名,岗位,地点\n张三,网格员,第一网格\n,,\n合计：1人,,\n李四,楼栋长,1号楼\n")

    assert [(post.row, post.name) for post in posts] == [(4, "张三"), (7, "李四")]


def test_several_places_are_several_posts() -> None:
    posts = read("姓名,岗位,地点\n张三,楼栋长,1号楼、2号楼；10号楼\n")

    assert [post.place for post in posts] == ["1号楼", "2号楼", "10号楼"]
    assert {post.row for post in posts} == {2}


def test_takes_signs_for_nothing_as_nothing() -> None:
    (post,) = read("姓名,岗位,地点,电话\n张三,管理员,无,/\n")

    assert (post.place, post.phone) == ("", "")


def test_fills_merged_cells_downwards_and_reads_numbers_as_text() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["岗位", "姓名", "电话"], ["网格员", "张三", 13800001234], [None, "李四", 13900001234]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    content = io.BytesIO()
    book.save(content)

    posts = read_posts(read_sheets(content.getvalue(), name="list.xlsx"))

    assert [(post.post, post.name, post.phone) for post in posts] == [
        ("网格员", "张三", "13800001234"),
        ("网格员", "李四", "13900001234"),
    ]


@pytest.mark.parametrize("text", ["a,b\n", "姓名,电话\n张三,1\n", "岗位,地点\n网格员,第一网格\n"])
def test_refuses_what_has_no_header(text: str) -> None:
    with pytest.raises(PositionsWithoutHeader):
        read(text)
