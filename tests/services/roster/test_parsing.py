"""Are rows understood as people write them, and is every problem told where it is?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.errors import RosterWithoutHeader
from services.roster.headers import Role
from services.roster.parsing import parse_roster
from services.roster.problems import Severity
from services.roster.reading import Cell, Sheet
from tests.services.roster.workbooks import GOOD, HEADER, changed, codes, roster, sheet

BUILDINGS = ("网格", "小区", "楼栋", "层数", "单元数", "楼栋长", "电话")
NO_UNIT = ("网格", "楼栋", "房号")


def test_reads_a_good_row() -> None:
    found = roster(GOOD)

    (dwelling,) = found.dwellings
    assert (found.grids[0].name, found.estates, found.buildings[0].name) == (
        "第一网格",
        ("汇景家园",),
        "1号楼",
    )
    assert (found.units[0].name, dwelling.room_number, dwelling.floor_area) == (
        "1单元",
        "101",
        Decimal("89.50"),
    )
    assert found.people[dwelling.owners[0].person].phone == "13921933143"
    assert (found.problems, found.rows_read) == ((), 1)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (changed(area="-5"), "AREA_NOT_POSITIVE", "H"),
        (changed(area=0.0), "AREA_NOT_POSITIVE", "H"),
        (changed(area="八十多"), "AREA_NOT_A_NUMBER", "H"),
        (changed(area=89500.0), "AREA_TOO_LARGE", "H"),
        (changed(building=None), "MISSING_BUILDING", "C"),
        (changed(building="无"), "MISSING_BUILDING", "C"),
        (changed(room=""), "MISSING_ROOM", "E"),
        (changed(room="2026-03-01T00:00:00"), "LOOKS_LIKE_A_DATE", "E"),
        (changed(building="#REF!"), "CELL_ERROR", "C"),
        (changed(estate="家" * 51), "TOO_LONG", "B"),
        (changed(owner="、".join("张三" for _ in range(21))), "TOO_MANY_PEOPLE", "F"),
    ],
)
def test_keeps_a_bad_row_out_and_says_where(row: tuple[Cell, ...], code: str, column: str) -> None:
    found = roster(GOOD, row)

    (problem,) = found.problems
    assert (problem.code, problem.sheet, problem.row, problem.column) == (code, "房屋", 3, column)
    assert problem.severity is Severity.ERROR
    assert (len(found.dwellings), found.bad_rows()) == (1, 1)
    assert problem.zh
    assert problem.en


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        (changed(phone="1392193314"), "PHONE_INVALID", "139*****14"),
        (changed(phone="13921933143、13921933144"), "PHONES_LEFT_OVER", "139******************44"),
        (changed(owner="张三13921933143"), "NAME_DOUBTFUL", "张***"),
        (changed(unit=None), "UNIT_ASSUMED", ""),
    ],
)
def test_warns_and_imports_with_personal_values_masked(row: tuple[Cell, ...], code: str, value: str) -> None:
    found = roster(row)

    (problem,) = found.problems
    assert (problem.code, problem.value, problem.severity) == (code, value, Severity.WARNING)
    assert len(found.dwellings) == 1


def test_imports_the_same_row_once_and_refuses_another_of_the_same_dwelling() -> None:
    found = roster(GOOD, GOOD, changed(area="90"), changed(building="1#", unit="1", room="１０１室"))

    assert [(each.code, each.row) for each in found.problems] == [
        ("REPEATED_ROW", 3),
        ("DWELLING_TWICE", 4),
        ("REPEATED_ROW", 5),
    ]
    assert "第 2 行" in found.problems[1].zh
    assert len(found.dwellings) == 1


def test_matches_owners_with_their_phones_identities_and_shares() -> None:
    header = (*NO_UNIT, "业主", "手机", "身份证号", "产权份额")

    found = roster(
        ("1", "1#", "101", "张三、李四", "13900000001/13900000002", "11010519491231002X", "1/3、2/3"),
        ("1", "1#", "102", "王五 赵六", "无、13900000004", None, "各1/2"),
        header=header,
    )

    people = [(each.name, each.phone, each.identity is not None) for each in found.people]
    assert people == [
        ("张三", "13900000001", True),
        ("李四", "13900000002", False),
        ("王五", None, False),
        ("赵六", "13900000004", False),
    ]
    assert [[each.share for each in dwelling.owners] for dwelling in found.dwellings] == [
        ["1/3", "2/3"],
        ["1/2", "1/2"],
    ]


def test_keeps_owner_head_and_renter_apart() -> None:
    header = (*NO_UNIT, "业主", "户主", "承租人", "居住情况", "家庭人口", "产权性质")

    found = roster(("1", "1#", "101", "张三", "李四", "王五", "出租", "3人", "公房"), header=header)

    (dwelling,) = found.dwellings
    names = [found.people[each].name for each in (dwelling.owners[0].person, dwelling.renters[0].person)]
    assert names == ["张三", "王五"]
    assert dwelling.household is not None
    assert dwelling.household.head is not None
    assert found.people[dwelling.household.head].name == "李四"
    assert (dwelling.household.residence, dwelling.household.head_count) == ("RENTED", 3)
    assert dwelling.tenure == "PUBLIC"


def test_knows_a_person_again_by_name_and_phone_and_not_by_name_alone() -> None:
    same = roster(GOOD, changed(room="102"))
    namesakes = roster(changed(phone=None), changed(room="102", phone=None))

    assert (len(same.people), len(namesakes.people)) == (1, 2)


def test_reads_addresses_in_one_column() -> None:
    found = roster(
        ("第1网格", "汇景家园3号楼2单元501室", "88㎡"),
        ("第1网格", "汇景家园3幢２单元502", "88"),
        ("第1网格", "不详", "88"),
        ("第1网格", "左边第二家", "88"),
        header=("网格", "地址", "面积"),
    )

    assert (found.estates, [each.name for each in found.buildings]) == (("汇景家园",), ["3号楼"])
    assert [each.room_number for each in found.dwellings] == ["501", "502"]
    assert codes(found) == ["MISSING_BUILDING", "ADDRESS_NOT_UNDERSTOOD"]


def test_fills_down_what_is_written_once_a_group_and_refuses_what_is_merely_missing() -> None:
    grouped = roster(
        ("第1网格", "1#", "101"),
        ("", "", "102"),
        ("", "", "103"),
        ("", "2#", "101"),
        ("", "", "102"),
        header=NO_UNIT,
    )
    missing = roster(("1", "1#", "101"), ("1", "", "102"), ("1", "1#", "103"), header=NO_UNIT)
    ditto = roster(("1", "1#", "101"), ("同上", "〃", "102"), header=NO_UNIT)

    assert (len(grouped.buildings), len(grouped.dwellings), codes(grouped)) == (2, 5, [])
    assert codes(missing) == ["MISSING_BUILDING"]
    assert (len(ditto.buildings), len(ditto.dwellings)) == (1, 2)


def test_joins_the_lines_of_a_dwelling_whose_room_number_spans_them() -> None:
    rows: list[list[Cell]] = [
        [*NO_UNIT, "业主", "电话"],
        ["1", "1#", "101", "张三", "13900000001"],
        ["1", "1#", "101", "李四", "13900000002"],
    ]

    found = parse_roster([Sheet("房屋", rows, merged=(((1, 2), (2, 2)),))])

    assert [len(each.owners) for each in found.dwellings] == [2]
    assert found.problems == ()


def test_leaves_out_totals_notes_and_repeated_titles() -> None:
    found = roster(
        GOOD,
        HEADER,
        changed(room="102"),
        ("合计", None, None, None, "2户"),
        ("填表人:张三", None, "审核人:", None, None),
        ("以上情况属实",),
        (),
    )

    assert (len(found.dwellings), found.rows_read, codes(found)) == (2, 2, [])


def test_tells_when_the_total_says_otherwise() -> None:
    found = roster(GOOD, ("本网格共5户",))

    assert [(each.code, each.row) for each in found.problems] == [("TOTAL_DIFFERS", 3)]


def test_takes_the_grid_from_the_sheet_or_the_title() -> None:
    by_sheet = parse_roster([sheet(("楼号", "室号"), ("1#", 101), name="第3网格")])
    by_title = parse_roster([sheet(("某社区第三网格台账(网格员:郭华 17763626388)",), ("楼号", "室号"), ("1#", 101))])

    assert [each.name for each in by_sheet.grids] == ["第3网格"]
    assert [each.name for each in by_title.grids] == ["第三网格"]
    assert [(post.role, by_title.people[post.person].name) for post in by_title.posts] == [(Role.GRID_WORKER, "郭华")]


def test_hangs_units_of_one_building_on_two_grids_but_a_unit_on_one() -> None:
    found = roster(
        ("一", "1#", "1", "101"),
        ("二", "1#", "2", "101"),
        ("二", "1#", "1", "102"),
        header=("网格", "楼栋", "单元", "房号"),
    )

    assert [(each.name, each.grid) for each in found.units] == [("1单元", 0), ("2单元", 1)]
    assert codes(found) == ["UNIT_IN_TWO_GRIDS"]


def test_believes_the_register_that_a_building_has_more_units_than_rows_name() -> None:
    register = sheet(BUILDINGS, ("一", "汇景", "1#", 6, 3, "张三", "13900000001"), name="楼栋")
    dwellings = sheet(("小区", "楼栋", "单元", "房号"), ("汇景", "1号楼", "2", "201"))

    found = parse_roster([dwellings, register])

    assert sorted(each.name for each in found.units) == ["1单元", "2单元", "3单元"]
    assert (found.buildings[0].floor_count, len(found.buildings)) == (6, 1)
    assert (found.posts[0].role, found.posts[0].place) == (Role.BUILDING_LEADER, 0)


def test_compares_the_rows_of_a_register_of_buildings() -> None:
    row = ("一", "汇景", "1#", 6, 3, "张三", "13900000001")
    second_leader = ("一", "汇景", "1#", 6, 3, "李四", "13900000002")

    found = roster(row, row, second_leader, ("一", "汇景", "1#", 7, 3, "张三", None), header=BUILDINGS)

    assert [(each.code, each.row) for each in found.problems] == [("REPEATED_ROW", 3), ("BUILDING_TWICE", 5)]
    assert len(found.posts) == 2


def test_finds_a_building_without_its_estate_when_there_is_only_one() -> None:
    header = ("小区", "楼栋", "房号")

    alone = roster(("汇景", "1#", "101"), ("", "1#", "102"), header=header)
    later = roster(("", "1#", "101"), ("汇景", "1#", "102"), header=header)
    several = roster(("汇景", "1#", "101"), ("学府", "1#", "101"), ("", "1#", "102"), header=header)

    assert (len(alone.buildings), len(later.buildings), later.buildings[0].estate) == (1, 1, 0)
    assert codes(several) == ["AMBIGUOUS_BUILDING"]


def test_imports_formulas_as_the_names_they_stand_for() -> None:
    found = roster(changed(owner="=HYPERLINK(1)", phone=None))

    assert found.people[0].name == "=HYPERLINK(1)"
    assert [(each.code, each.value) for each in found.problems] == [("NAME_DOUBTFUL", "=***")]


def test_tells_columns_and_sheets_that_are_left_out() -> None:
    found = parse_roster([sheet((*HEADER, "备注"), (*GOOD, "共有")), sheet(("填表说明",), name="说明")])

    assert [(each.code, each.sheet, each.column) for each in found.problems] == [
        ("SHEET_LEFT_OUT", "说明", ""),
        ("COLUMN_LEFT_OUT", "房屋", "I"),
    ]


def test_refuses_a_file_without_titles() -> None:
    with pytest.raises(RosterWithoutHeader):
        parse_roster([sheet(("a", "b"), ("1", "2"))])


def test_tells_its_progress() -> None:
    told: list[tuple[int, int]] = []

    parse_roster([sheet(HEADER, *(changed(room=str(at)) for at in range(4500)))], progress=lambda *at: told.append(at))

    assert told == [(2000, 4500), (4000, 4500), (4500, 4500)]


_CELLS = st.one_of(st.none(), st.text(max_size=12), st.floats(), st.booleans(), st.sampled_from(GOOD))


@given(st.lists(st.lists(_CELLS, max_size=10), max_size=8))
def test_no_cells_make_parsing_fail(rows: list[list[Cell]]) -> None:
    found = roster(*rows)

    assert all(each.row >= 1 for each in found.problems)
    assert len(found.dwellings) <= found.rows_read


@given(st.permutations(range(12)))
def test_the_order_of_rows_does_not_change_what_is_found(order: list[int]) -> None:
    rows = [changed(building=f"{at % 3 + 1}#", unit=str(at % 2 + 1), room=str(100 + at)) for at in range(12)]

    found = roster(*(rows[at] for at in order))

    assert (len(found.buildings), len(found.units), len(found.dwellings), len(found.people)) == (3, 6, 12, 1)
    assert found.problems == ()
