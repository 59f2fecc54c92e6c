"""Which table is the answer to a query? Its columns, what they are called, and the rows that an answer makes."""

from __future__ import annotations

import csv
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schema.compiler.documents import read_document
from schema.exports.cells import Cells, Rows
from schema.exports.paged import paged_document
from schema.exports.parts import headers
from schema.exports.shape import TableShape, shape_of
from services.exports.errors import ExportIncomplete, ExportNotATable
from tests.architecture.sources import ROOT
from tests.schema.compiler.asking import MODEL

_ZONE = ZoneInfo("Asia/Shanghai")


def _shape(document: str, **variables: object) -> TableShape:
    operation = read_document(MODEL.schema, document).operation(None)
    return shape_of(MODEL, operation, operation.coerce(variables))


def _headers(document: str, language: str = "zh") -> list[str]:
    return headers(_shape(document).columns, language)


def _rows(document: str, item: object) -> list[list[Any]]:
    shape = _shape(document)
    rows = Rows.of(shape.columns, Cells(MODEL.schema, "zh", _ZONE))
    return list(rows.of_object(shape.rows, item))


def test_names_columns_by_the_schemas_terms() -> None:
    document = """{ cases { nodes { id number status reportedAt category { code name } community { name }
      accountable { body { name } publicName } } } }"""

    assert _headers(document) == [
        *["系统编号", "编号", "状态", "上报时间", "类别·代码", "类别", "社区", "单位", "公开姓名"]
    ]
    assert _headers(document, "en") == [
        *["Id", "Number", "Status", "Reported at", "Category · Code", "Category", "Community", "Body", "Public name"]
    ]


def test_tells_columns_of_one_name_apart() -> None:
    document = """{ community(id: "x") { caseSummary(from: "2026-01-01", to: "2026-02-01") {
      reported previous { reported } lastYear { reported } again: reported } } }"""

    assert _headers(document)[1:3] == ["环比·上报", "同比·上报"]
    assert len(set(_headers(document))) == 4


def test_knows_every_name_that_it_lists() -> None:
    fields = {name for type_ in MODEL.schema.type_map.values() for name in getattr(type_, "fields", {})}
    with (ROOT / "schema/exports/labels.csv").open(encoding="utf-8", newline="") as lines:
        listed = [row["name"] for row in csv.DictReader(lines)]

    assert listed == sorted(set(listed))
    assert set(listed) - fields == set()


def test_makes_a_row_of_each_of_a_list_within_one() -> None:
    document = (
        """{ dwellings { nodes { address households { headCount residence head { displayName } } floorArea } } }"""
    )

    rows = _rows(
        document,
        {
            "address": "1号楼101室",
            "floorArea": "89.50",
            "households": [
                {"headCount": 3, "residence": "RENTED", "head": {"displayName": "张*"}},
                {"headCount": None, "residence": None, "head": None},
            ],
        },
    )

    assert [[str(cell) for cell in row] for row in rows] == [
        ["1号楼101室", "3", "出租", "张*", "89.50"],
        ["1号楼101室", "None", "None", "None", "89.50"],
    ]
    assert _rows(document, {"address": "甲", "floorArea": None, "households": []}) == [["甲", None, None, None, None]]
    assert _rows(document, {"address": "甲", "floorArea": None, "households": None}) == [["甲", None, None, None, None]]


def test_reads_an_interface_by_its_types() -> None:
    document = """{ cases { nodes { number place { id ... on Grid { name } ... on Building { name code } } } } }"""
    shape = _shape(document)

    assert {leaf.dotted.removeprefix("cases.nodes.") for leaf in shape.columns} == {
        *["number", "place.id", "place.name", "place.code"]
    }
    assert len(shape.columns) == 4
    assert _rows(document, {"number": "1", "place": {"id": "grd", "name": "第一网格"}})[0].count("第一网格") == 1
    operation = read_document(MODEL.schema, document).operation(None)
    assert "... on Grid" in paged_document(operation, shape)


def test_writes_a_page_of_whatever_pages_were_asked_for() -> None:
    document = """query($size: Int, $isShown: Boolean!, $from: Date!) { street(id: "x") {
      name communities(last: $size) { edges { cursor node { name @include(if: $isShown) ...Sums } } } } }
      fragment Sums on Community { caseSummary(from: $from, to: $from) { reported } }"""
    operation = read_document(MODEL.schema, document).operation(None)
    variables = {"size": 3, "isShown": True, "from": "2026-01-01"}
    shape = shape_of(MODEL, operation, operation.coerce(variables))

    paged = paged_document(operation, shape)

    assert "communities(first: $exportFirst, after: $exportAfter)" in paged
    for left_out in ("$size", "$isShown", "cursor", "fragment"):
        assert left_out not in paged
    # It is a document like any other.
    assert read_document(MODEL.schema, paged).operation(None).coerce({"from": "2026-01-01", "exportCounts": False})


def test_takes_the_list_that_is_wanted_of_several() -> None:
    document = """{ district { name byMonth: caseSummariesByPeriod(from: "2026-01-01", to: "2026-02-01", unit: MONTH) {
      reported } streets { nodes { name communities { nodes { id } } } } } }"""
    operation = read_document(MODEL.schema, document).operation(None)

    shapes = {
        wanted: shape_of(MODEL, operation, {}, wanted=wanted) for wanted in ("district.byMonth", "district.streets")
    }

    assert {wanted: headers(shape.columns, "zh") for wanted, shape in shapes.items()} == {
        "district.byMonth": ["上报"],
        "district.streets": ["街道", "系统编号"],
    }
    # What is beside the list is not read for every page of it.
    assert "byMonth" not in paged_document(operation, shapes["district.streets"])
    assert "streets" not in paged_document(operation, shapes["district.byMonth"])
    for wanted in (None, "district", "district.nothing", "district.streets.communities", "streets", ""):
        with pytest.raises(ExportNotATable):
            shape_of(MODEL, operation, {}, wanted=wanted)


@pytest.mark.parametrize(
    "item",
    [
        {"name": "甲", "buildings": {"nodes": [{"name": "乙"}], "pageInfo": {"hasNextPage": True}}},
        {"name": "甲", "positions": [{"publicName": "乙"}] * 100},
    ],
)
def test_is_never_cut_off_in_silence(item: dict[str, Any]) -> None:
    inner = "buildings { nodes { name } }" if "buildings" in item else "positions { publicName }"
    document = f'{{ community(id: "x") {{ grids {{ nodes {{ name {inner} }} }} }} }}'

    with pytest.raises(ExportIncomplete):
        _rows(document, item)
