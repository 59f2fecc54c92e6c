"""Is each way of writing an area, a phone, a name, a building understood as its one meaning?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.cells import (
    AreaNotANumberError,
    address_parts,
    area_of,
    building_name,
    count_of,
    grid_key,
    grid_name,
    identity_of,
    names_of,
    phone_of,
    phone_pieces,
    room_number,
    text_of,
    unit_name,
)
from services.roster.reading import Cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("１７０１", "1701"),
        (" 张\u3000三 ", "张 三"),
        (101.0, "101"),
        (125.6, "125.6"),
        (None, ""),
        ("＝1＋1", "=1+1"),
        ("张\x00三\u200b", "张三"),
        ("张三\n李四", "张三 李四"),
        (13925735457.0, "13925735457"),
    ],
)
def test_gives_text_narrow_and_trimmed(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize("text", ["1#", "1号楼", "1幢", "1栋", "1", "01栋", "一号楼", "第1幢", "1#楼", "1座", "1号"])
def test_knows_a_building_by_any_ending(text: str) -> None:
    assert building_name(text) == "1号楼"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A座", "A座"),
        ("a栋", "A座"),
        ("东楼", "东楼"),
        ("12-1#", "12-1号楼"),
        ("十二栋", "12号楼"),
        ("A1栋", "A1号楼"),
    ],
)
def test_keeps_a_named_building_apart(text: str, name: str) -> None:
    assert building_name(text) == name


@pytest.mark.parametrize("text", ["1", "1单元", "一单元", "第1单元", "01", "1 单元"])
def test_knows_a_unit_by_any_ending(text: str) -> None:
    assert unit_name(text) == "1单元"


@pytest.mark.parametrize(("text", "room"), [("501室", "501"), ("501", "501"), ("地下室", "地下室"), ("3a室", "3A")])
def test_leaves_the_ending_of_a_room_off(text: str, room: str) -> None:
    assert room_number(text) == room


@pytest.mark.parametrize("text", ["第1网格", "第一网格", "1网格", "1", "第 1 网格"])
def test_knows_a_grid_by_number(text: str) -> None:
    assert grid_key(text) == "1网格"


def test_keeps_the_name_of_a_grid_as_written() -> None:
    assert (grid_name("第一网格"), grid_name("3"), grid_name("滨河网格")) == (
        "第一网格",
        "第3网格",
        "滨河网格",
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("3号楼2单元501室", ("", "3号楼", "2", "501")),
        ("汇景家园3号楼2单元501室", ("汇景家园", "3号楼", "2", "501")),
        ("福州路12号汇景家园3幢501", ("汇景家园", "3幢", "", "501")),
        ("3-2-501", ("", "3", "2", "501")),
        ("3#2-501", ("", "3#", "2", "501")),
        ("12栋一单元1002", ("", "12栋", "一", "1002")),
        ("鼓东街道庆城社区1号楼101室", ("", "1号楼", "", "101")),
    ],
)
def test_takes_an_address_apart(text: str, parts: tuple[str, str, str, str]) -> None:
    found = address_parts(text)

    assert found is not None
    assert (found.estate, found.building, found.unit, found.room) == parts


@pytest.mark.parametrize("text", ["", "待补", "汇景家园", "三楼左边"])
def test_does_not_guess_an_address(text: str) -> None:
    assert address_parts(text) is None


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("125.6㎡", "125.60"),
        ("120平方米", "120.00"),
        ("89.555", "89.56"),
        ("1,200.5", "1200.50"),
        ("70平", "70.00"),
        ("70m²", "70.00"),
        ("-3", "-3.00"),
        ("0", "0.00"),
        ("50 平米", "50.00"),
    ],
)
def test_reads_an_area_with_its_unit(text: str, area: str) -> None:
    assert area_of(text_of(text)) == Decimal(area)


@pytest.mark.parametrize("text", ["", "无", "-", "/", "nan"])
def test_reads_no_area_where_none_is_told(text: str) -> None:
    assert area_of(text) is None


@pytest.mark.parametrize("text", ["约120", "一百二", "89.5.1", "inf", "12万", "1e999999", "=89+1"])
def test_refuses_an_area_that_is_no_number(text: str) -> None:
    with pytest.raises(AreaNotANumberError):
        area_of(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("郭秀、曹博", ("郭秀", "曹博")),
        ("郭秀,曹博;王五", ("郭秀", "曹博", "王五")),
        ("郭秀 曹博", ("郭秀", "曹博")),
        ("张 三", ("张三",)),
        ("阿依古丽·买买提", ("阿依古丽·买买提",)),
        ("John Smith", ("John Smith",)),
        ("无", ()),
        ("", ()),
        ("郭秀\n曹博", ("郭秀", "曹博")),
    ],
)
def test_splits_names(text: str, names: tuple[str, ...]) -> None:
    assert names_of(text) == names


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("13835127407 / 13903441299", ["13835127407", "13903441299"]),
        ("139 2193 3143", ["13921933143"]),
        ("无、13903441299", [None, "13903441299"]),
        ("+86 139-2193-3143", ["13921933143"]),
        ("0591-87654321", ["059187654321"]),
        ("13835127407 13903441299", ["13835127407", "13903441299"]),
        ("1392193314", [None]),
    ],
)
def test_splits_phones_and_keeps_their_places(text: str, phones: list[str | None]) -> None:
    assert [phone_of(piece) for piece in phone_pieces(text)] == phones


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("130503670401001", True),
        ("130503671301001", False),
        ("1234", False),
    ],
)
def test_checks_identity_numbers(text: str, *, is_valid: bool) -> None:
    assert (identity_of(text) is not None) == is_valid


@pytest.mark.parametrize(("text", "count"), [("3人", 3), ("四", 4), ("6层", 6), ("0", 0), ("三十二", 32), ("多", None)])
def test_reads_counts(text: str, count: int | None) -> None:
    assert count_of(text) == count


@given(st.text(max_size=40))
def test_no_text_makes_a_reader_fail(text: str) -> None:
    clean = text_of(text)
    names_of(clean)
    phone_pieces(clean)
    identity_of(clean)
    count_of(clean)
    address_parts(clean)
    building_name(clean)
    unit_name(clean)
    grid_key(clean)
    try:
        area = area_of(clean)
    except AreaNotANumberError:
        return
    assert area is None or area.is_finite()


@given(
    st.integers(1, 999),
    st.sampled_from(["号楼", "幢", "栋", "#", ""]),
    st.integers(1, 9),
    st.integers(101, 3999),
)
def test_an_address_and_its_columns_name_the_same_dwelling(number: int, ending: str, unit: int, room: int) -> None:
    told = f"{number}{ending}{unit}单元{room}室" if ending else f"{number}-{unit}-{room}"

    found = address_parts(told)

    assert found is not None
    assert building_name(found.building) == f"{number}号楼"
    assert (unit_name(found.unit), room_number(found.room)) == (f"{unit}单元", str(room))
