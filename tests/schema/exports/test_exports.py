"""Is what is exported what the caller reads, with what it is of, by whom and when above it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.contract.documents import contract_document
from tests.fixtures.demo import Demo
from tests.schema.exports.sheets import Exporting

_FROM, _TO = "2026-01-01", "2026-10-31"
_BY_CATEGORY = """query($from: Date!, $to: Date!, $cutOff: Date) { communities { nodes {
  name caseSummariesByCategory(from: $from, to: $to, cutOff: $cutOff) {
    category { code name } reported closed closureRate } } } }"""
_DISTRICT = """query($from: Date!, $to: Date!) { district { name byMonth: caseSummariesByPeriod(
  from: $from, to: $to, unit: MONTH) { period { from to } ...Sums } } }
  fragment Sums on CaseSums { reported closed overdue onTimeRate }"""
_CASES = """query($after: String, $isOverdue: Boolean) {
  cases(filter: {isOverdue: $isOverdue}, first: 2, after: $after) {
    totalCount pageInfo { hasNextPage } edges { cursor node {
    number title status isOverdue reportedAt category { name } grid { name } accountable { body { name } } } } } }"""
_ALL_CASES = """query($after: String) { cases(first: 100, after: $after) { totalCount
  pageInfo { hasNextPage endCursor } nodes { number title reportedAt accountable { body { name } } } } }"""


async def _all_cases(demo: Demo, account: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        cases = (await demo.ask(account, _ALL_CASES, {"after": after})).json()["data"]["cases"]
        found += cases["nodes"]
        after = cases["pageInfo"]["endCursor"]
        if not cases["pageInfo"]["hasNextPage"]:
            assert len(found) == cases["totalCount"]
            return found


def _text(value: object) -> str:
    return "" if value is None else str(value)


async def test_exports_sums_as_they_are_read(demo: Demo) -> None:
    worker, period = Exporting(demo, "worker@qingcheng"), {"from": _FROM, "to": _TO, "cutOff": _TO}

    export = await worker.request(_BY_CATEGORY, period, title="类别统计")

    assert (export["status"], export["isPersonal"], export["what"]) == ("DONE", False, "communities")
    above, table = await worker.table(export)
    told = {line[0]: line[1:] for line in above}
    assert above[0][0] == "类别统计"
    assert told["单位"] == told["范围"] == ["庆城社区"]
    assert (told["时段"], told["统计截止"], told["统计规则版本"]) == ([f"{_FROM} – {_TO}"], [_TO], ["1"])
    assert "社区工作者" in told["导出人"][0]
    answer = (await demo.ask("worker@qingcheng", _BY_CATEGORY, period)).json()["data"]["communities"]
    (community,) = answer["nodes"]
    assert table[0] == ["社区", "类别·代码", "类别", "上报", "结案", "结案率"]
    assert table[1:] == [
        ["庆城社区", *sums["category"].values(), *(_text(sums[name]) for name in ("reported", "closed", "closureRate"))]
        for sums in community["caseSummariesByCategory"]
    ]
    assert export["rowCount"] == len(table) - 1 > 5


async def test_exports_a_districts_months_as_a_workbook_in_english(demo: Demo) -> None:
    given = {"from": _FROM, "to": _TO}
    answer = (await demo.ask("officer@gulou", _DISTRICT, given)).json()["data"]["district"]
    payload = await demo.http.post(
        "/graphql",
        json={
            "query": "mutation($input: RequestExportInput!) { requestExport(input: $input) {"
            " export { format url rowCount columns } errors { code } } }",
            "variables": {
                "input": {
                    "query": _DISTRICT,
                    "variables": f'{{"from": "{_FROM}", "to": "{_TO}"}}',
                    "format": "XLSX",
                }
            },
        },
        headers={**demo._headers("officer@gulou"), "Accept-Language": "en"},  # noqa: SLF001 - as the demo asks.
    )
    export = payload.json()["data"]["requestExport"]["export"]

    above, table = await Exporting(demo, "officer@gulou").table(export)

    told = {line[0]: line[1] for line in above}
    assert told["Tenant"] == told["Place"] == answer["name"]
    assert (told["Period"], told["Version of the counting rules"]) == (f"{_FROM} – {_TO}", 1)
    now = datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    assert abs((told["Exported at"] - now).total_seconds()) < 60
    assert table[0] == ["From", "To", "Reported", "Closed", "Overdue", "On time rate"]
    assert [[day.date().isoformat() for day in row[:2]] + row[2:] for row in table[1:]] == [
        [*sums["period"].values(), sums["reported"], sums["closed"], sums["overdue"], sums["onTimeRate"]]
        for sums in answer["byMonth"]
    ]
    assert len(table) == 11


@pytest.mark.parametrize("account", ["worker@qingcheng", "grid-worker@qingcheng", "property-manager@qingcheng"])
async def test_exports_all_pages_of_a_list_in_its_order(demo: Demo, account: str) -> None:
    exporting = Exporting(demo, account)
    expected = await _all_cases(demo, account)

    export = await exporting.request(_CASES)
    _, table = await exporting.table(export)

    assert table[0] == ["编号", "标题", "状态", "是否超期", "上报时间", "类别", "网格", "单位"]
    assert [row[:2] for row in table[1:]] == [[case["number"], _text(case["title"])] for case in expected]
    assert [row[4] for row in table[1:]] == [case["reportedAt"][:19].replace("T", " ") for case in expected]
    assert (export["rowCount"], export["totalCount"]) == (len(expected), len(expected))
    if account == "worker@qingcheng":
        assert len(expected) > 200


async def test_exports_to_offices_the_index_of_cases(demo: Demo) -> None:
    officer = Exporting(demo, "officer@gulou")
    expected = await _all_cases(demo, "officer@gulou")

    _, table = await officer.table(await officer.request(_CASES))

    assert [row[:2] for row in table[1:]] == [[case["number"], _text(case["title"])] for case in expected]
    assert [row[1] for row in table[1:]].count("") > 500
    _, late = await officer.table(await officer.request(_CASES, {"isOverdue": True}))
    assert 1 < len(late) < len(table)
    assert {row[3] for row in late[1:]} == {"是"}


async def test_leaves_out_columns_that_the_caller_never_sees(demo: Demo) -> None:
    document = "{ dwellings { nodes { address floorArea households { headCount head { maskedPhone } } } } }"

    export = await Exporting(demo, "officer@gulou").request(document)

    assert (export["columns"], export["isPersonal"], export["status"]) == (["地址", "建筑面积"], False, "DONE")
    assert await Exporting(demo, "admin@qingcheng").refused(document) == "FORBIDDEN"


async def test_keeps_numbers_and_days_in_a_workbook(demo: Demo) -> None:
    worker = Exporting(demo, "worker@qingcheng")
    document = "{ dwellings { nodes { id address floorArea } } }"

    _, table = await worker.table(await worker.request(document, format="XLSX"))

    assert len(table) > 3000
    assert {tuple(map(type, row)) for row in table[1:]} <= {(str, str, float), (str, str, int)}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ('mutation { closeCase(caseId: "x") { errors { code } } }', "EXPORT_QUERY_INVALID"),
        ("{ cases { nodes { nothing } } }", "EXPORT_QUERY_INVALID"),
        ("{ cases { nodes", "EXPORT_QUERY_INVALID"),
        ("query A { me { tenant { name } } } query B { me { tenant { name } } }", "EXPORT_QUERY_INVALID"),
        ("query($exportAfter: String) { cases(after: $exportAfter) { nodes { id } } }", "EXPORT_QUERY_INVALID"),
        ("{ __schema { types { name } } }", "EXPORT_NOT_A_TABLE"),
        ("{ __typename }", "EXPORT_NOT_A_TABLE"),
        ("{ cases { totalCount } }", "EXPORT_NOT_A_TABLE"),
        ("{ cases { nodes { __typename } } }", "EXPORT_NOT_A_TABLE"),
        ("{ cases { nodes { id } } dwellings { nodes { id } } }", "EXPORT_NOT_A_TABLE"),
        ("{ cases { nodes { id steps { at } attachments { id } } } }", "EXPORT_NOT_A_TABLE"),
        (
            "{ communities { nodes { grids { nodes { buildings { nodes { units { nodes { id } } } } } } } } }",
            "QUERY_TOO_COSTLY",
        ),
    ],
)
async def test_says_what_is_no_table(demo: Demo, document: str, code: str) -> None:
    worker = Exporting(demo, "worker@qingcheng")
    before = len(await worker.listed())

    assert await worker.refused(document) == code
    assert len(await worker.listed()) == before


async def test_asks_for_a_title_that_a_file_can_have(demo: Demo) -> None:
    worker = Exporting(demo, "worker@qingcheng")
    document = "{ me { tenant { name } } }"

    assert [await worker.refused(document, title=title) for title in ("", " ", "长" * 81, "a\nb")] == (
        ["EXPORT_TITLE_INVALID"] * 4
    )
    assert await worker.refused(document, variables=None, operationName="X") == "EXPORT_QUERY_INVALID"
    export = await worker.request(document, title="单位/名称")
    answer = await demo.fetch(worker.account, export["url"])
    assert answer.headers["content-disposition"].endswith("%E5%8D%95%E4%BD%8D_%E5%90%8D%E7%A7%B0.csv")
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_makes_one_export_of_a_repeated_call(demo: Demo) -> None:
    worker = Exporting(demo, "worker@qingcheng")
    document = "{ me { tenant { name } } }"

    first = await worker.request(document, key="导出一次")
    again = await worker.request(document, key="导出一次")

    assert again["id"] == first["id"]
    assert [export["id"] for export in await worker.listed()].count(first["id"]) == 1


async def test_tells_what_came_to_nothing(demo: Demo) -> None:
    worker = Exporting(demo, "worker@qingcheng")

    export = await worker.request(
        "query($id: ID!) { community(id: $id) { name } }", {"id": "com_1_00000000-0000-7000-8000-000000000000"}
    )

    assert (export["status"], export["fault"], export["url"]) == ("FAILED", "NOT_FOUND", None)


async def test_reads_fewer_rows_at_once_where_each_holds_much(demo: Demo) -> None:
    worker = Exporting(demo, "worker@qingcheng")
    document = "{ communities { nodes { name grids { nodes { name buildings { nodes { name } } } } } } }"

    export = await worker.request(document)
    _, table = await worker.table(export)

    buildings = "select count(*) from grid_buildings b join tenants t on t.id = b.tenant_id and t.slug = 'qingcheng'"
    assert len(table) - 1 == await demo.owner.fetchval(buildings)
    assert table[0] == ["社区", "网格", "楼栋"]


async def test_takes_back_ones_own_before_it_is_made(demo: Demo) -> None:
    worker = Exporting(demo, "worker@qingcheng")
    personal = "{ dwellings { nodes { address owners { displayName } } } }"
    cancel = "mutation($id: ID!) { cancelExport(exportId: $id) { export { status fault } errors { code } } }"

    async def answer(account: str, export_id: str) -> dict[str, Any]:
        payload: dict[str, Any] = (await demo.ask(account, cancel, {"id": export_id})).json()["data"]["cancelExport"]
        return payload

    waiting = await worker.request(personal, reason="核实")
    made = await worker.request("{ me { tenant { name } } }")

    assert (await answer("committee-chair@qingcheng", waiting["id"]))["errors"] == [{"code": "NOT_FOUND"}]
    assert (await answer("worker@qingcheng", waiting["id"]))["export"] == {"status": "REFUSED", "fault": "CANCELLED"}
    assert (await answer("worker@qingcheng", waiting["id"]))["errors"] == [{"code": "EXPORT_ENDED"}]
    assert (await answer("worker@qingcheng", made["id"]))["errors"] == [{"code": "EXPORT_ENDED"}]
    decided = await Exporting(demo, "committee-chair@qingcheng").decide(waiting["id"], is_granted=True)
    assert [error["code"] for error in decided["errors"]] == ["EXPORT_DECIDED"]


async def test_exports_one_list_of_a_document_that_front_ends_rely_on(demo: Demo) -> None:
    officer, period = Exporting(demo, "officer@gulou"), {"from": _FROM, "to": _TO}
    given: dict[str, Any] = {"operationName": "DistrictSummary", "list": "district.byMonth"}

    export = await officer.request(contract_document("summaries"), period, **given)

    above, table = await officer.table(export)
    answer = await demo.ask("officer@gulou", contract_document("summaries"), period, operation="DistrictSummary")
    months = answer.json()["data"]["district"]["byMonth"]
    assert [row[:3] for row in table[1:]] == [[*month["period"].values(), str(month["reported"])] for month in months]
    assert ["时段", f"{_FROM} – {_TO}"] in above
    assert await officer.refused(contract_document("summaries"), period, **{**given, "list": "district.byNothing"}) == (
        "EXPORT_NOT_A_TABLE"
    )
