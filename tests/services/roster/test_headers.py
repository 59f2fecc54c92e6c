"""Are columns understood by whatever title they have, and never mixed up?"""

from __future__ import annotations

import pytest

from services.roster.headers import Detail, Field, Header, Meaning, Role, find_header, meaning_of
from services.roster.reading import Cell
from tests.services.roster.workbooks import sheet


def header_of(*rows: tuple[Cell, ...]) -> Header:
    found = find_header(sheet(*rows))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("titles", "field"),
    [
        ("网格 所属网格 网格名称", Field.GRID),
        ("小区 小区名称", Field.ESTATE),
        ("楼栋 楼号 幢 栋 楼幢", Field.BUILDING),
        ("单元 单元号", Field.UNIT),
        ("房号 室号 房间号 门牌", Field.ROOM),
        ("面积 建筑面积 建筑面积(㎡) 建筑面积（平方米） 面积(㎡)", Field.FLOOR_AREA),
        ("套内面积 套内面积(㎡)", Field.INSIDE_AREA),
        ("产权性质", Field.TENURE),
        ("居住情况", Field.RESIDENCE),
        ("人数 家庭人口", Field.HEAD_COUNT),
        ("产权份额", Field.SHARE),
        ("层数", Field.FLOOR_COUNT),
        ("单元数", Field.UNIT_COUNT),
        ("地址 房屋坐落", Field.ADDRESS),
    ],
)
def test_knows_the_synonyms_of_a_field(titles: str, field: Field) -> None:
    assert {meaning_of(title) for title in titles.split()} == {Meaning(field=field)}


@pytest.mark.parametrize(
    ("titles", "role"),
    [
        ("业主 产权人 权利人 业主姓名 业主/产权人 姓名(业主)", Role.OWNER),
        ("户主 户主姓名 姓名（户主）", Role.HEAD),
        ("承租人 承租人姓名", Role.RENTER),
        ("网格长", Role.GRID_LEADER),
        ("网格员", Role.GRID_WORKER),
        ("楼栋长 班楼长", Role.BUILDING_LEADER),
    ],
)
def test_knows_as_what_a_person_is_named(titles: str, role: Role) -> None:
    assert {meaning_of(title) for title in titles.split()} == {Meaning(detail=Detail.NAME, role=role)}


@pytest.mark.parametrize("title", ["备注", "租户", "车牌号", "业主大会", "网格支部书记", "户主/业主", ""])
def test_does_not_guess_a_title(title: str) -> None:
    assert meaning_of(title) is None


def test_ignores_spaces_and_width_in_titles() -> None:
    assert meaning_of(" 楼 栋\n号 ") == Meaning(field=Field.BUILDING)
    assert meaning_of("建筑面积（㎡）") == Meaning(field=Field.FLOOR_AREA)
    assert meaning_of("*房号") == Meaning(field=Field.ROOM)


def test_finds_titles_below_title_rows() -> None:
    found = header_of(
        ("介子路社区房屋登记表", None, None),
        ("2026年3月", None, None),
        ("楼栋", "房号", "业主"),
        ("1号楼", "101", "张三"),
    )

    assert (found.first_row, found.last_row) == (2, 2)
    assert (found.at(Field.BUILDING), found.at(Field.ROOM), found.at(Field.GRID)) == (0, 1, -1)


def test_reads_groups_of_columns_with_their_parts_below() -> None:
    found = header_of(
        ("楼栋", "房号", "业主", "业主", "户主", "户主"), ("楼栋", "房号", "姓名", "电话", "姓名", "联系电话")
    )

    columns = {each.role: (each.name, each.phone) for each in found.people}
    assert columns == {Role.OWNER: (2, 3), Role.HEAD: (4, 5)}
    assert found.last_row == 1


def test_gives_a_phone_to_the_person_named_before_it() -> None:
    found = header_of(("楼栋", "房号", "业主", "户主", "联系电话", "身份证号"))

    columns = {each.role: (each.name, each.phone, each.identity) for each in found.people}
    assert columns == {Role.OWNER: (2, -1, -1), Role.HEAD: (3, 4, 5)}


def test_gives_a_phone_with_a_role_to_that_role() -> None:
    found = header_of(("楼栋", "房号", "业主", "户主", "业主电话", "户主手机"))

    assert {each.role: each.phone for each in found.people} == {Role.OWNER: 4, Role.HEAD: 5}


def test_takes_a_bare_name_for_what_the_title_says() -> None:
    owners = header_of(("业主登记表", None, None), ("楼栋", "房号", "姓名"))
    heads = header_of(("住户台账", None, None), ("楼栋", "房号", "姓名"))
    nobody = header_of(("一览表", None, None), ("楼栋", "房号", "姓名"))

    assert [each.role for each in owners.people] == [Role.OWNER]
    assert [each.role for each in heads.people] == [Role.HEAD]
    assert (nobody.people, nobody.not_understood) == ((), (2,))


def test_tells_columns_it_does_not_understand_and_not_the_numbering() -> None:
    found = header_of(("序号", "楼栋", "房号", "车牌号", "楼号"))

    assert found.not_understood == (3, 4)


def test_finds_no_titles_in_prose() -> None:
    assert find_header(sheet(("填表说明",), ("楼栋请写全称",), ("1", "2"))) is None
