"""Do the contract's documents about cases work as written, for the accounts that it names?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.documents import contract_document
from tests.fixtures.demo import Demo
from tests.journeys.working import post_of

# By the column "cases: read" of the contract's table of positions.
_READ = {
    "officer@gulou": "index",
    "analyst@gulou": "index",
    "department-handler@gulou": "own",
    "party-secretary@gudong": "index",
    "dispatcher@gudong": "index",
    "party-secretary@qingcheng": "unnamed",
    "committee-chair@qingcheng": "all",
    "worker@qingcheng": "all",
    "grid-leader@jiezilu": "all",
    "grid-worker@qingcheng": "all",
    "building-leader@qingcheng": "unnamed",
    "property-manager@qingcheng": "own",
    "property-worker@qingcheng": "own",
    "owners-chair@qingcheng": "own",
    "resident@qingcheng": "own",
    "admin@qingcheng": None,
    "auditor@qingcheng": None,
}
_RUNNING = ("REPORTED", "ACCEPTED", "DISPATCHED", "HANDLING")
_COUNTS = {"toAccept", "toHandle", "dueSoon", "overdue", "toCallBack"}


async def _run(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    answer = await demo.ask(account, contract_document("cases"), variables, operation=operation)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _done(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    """Run a mutation that must succeed, and give the case as it shows it."""
    answer = await _run(demo, account, operation, **variables)
    assert "errors" not in answer, answer
    (payload,) = answer["data"].values()
    assert payload["errors"] == []
    shown: dict[str, Any] = payload["case"]
    return shown


def _refused(answer: Mapping[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


@pytest.mark.parametrize("account", list(_READ))
async def test_lists_cases_within_the_reach_of_the_account(demo: Demo, account: str) -> None:
    reach = _READ[account]

    listed = await _run(demo, account, "CaseList", filter={"status": {"in": ["REPORTED", "CLOSED"]}}, first=3)
    index = await _run(demo, account, "CaseIndex", first=3)

    # The analyst's post reads no case beyond the index, whichever it is: that is said.
    assert _refused(listed) == (set() if reach and account != "analyst@gulou" else {"FORBIDDEN"})
    assert _refused(index) == (set() if reach else {"FORBIDDEN"})
    if reach is None:
        assert (listed["data"], index["data"]) == ({"cases": None}, {"cases": None})
        return
    nodes = listed["data"]["cases"]["nodes"]
    assert {node["status"] for node in nodes} <= {"REPORTED", "CLOSED"}
    assert sorted(nodes, key=lambda node: node["reportedAt"], reverse=True) == nodes
    assert all((node["title"] is None) == (reach == "index") for node in nodes)
    # Those that go on come first.
    due = [node["dueAt"] for node in index["data"]["cases"]["nodes"] if node["status"] in _RUNNING]
    assert due == sorted(due)
    if reach != "own":
        assert nodes, "a year of cases lies in each community"
        assert listed["data"]["cases"]["totalCount"] > 3


@pytest.mark.parametrize(
    "account", [account for account, reach in _READ.items() if reach in ("index", "unnamed", "all")]
)
async def test_shows_of_a_case_what_the_account_may_read(demo: Demo, account: str) -> None:
    filter_ = {"status": {"in": ["CLOSED"]}}
    listed = await _run(demo, account, "CaseList", filter=filter_, first=20)

    answers = [await _run(demo, account, "CasePage", id=node["id"]) for node in listed["data"]["cases"]["nodes"]]

    assert answers
    pages = [answer["data"]["case"] for answer in answers]
    is_index = _READ[account] == "index"
    assert all(page["number"] and page["category"]["name"] for page in pages)
    assert all((page["steps"] is None) == is_index for page in pages)
    named = [page for page in pages if page["reporter"] is not None and page["reporter"]["displayName"]]
    assert bool(named) == (_READ[account] == "all")
    assert all("*" in page["reporter"]["displayName"] for page in named)
    if not is_index:
        assert all(page["steps"][-1]["toStatus"] == "CLOSED" for page in pages)


@pytest.mark.parametrize("account", list(_READ))
async def test_offers_everybody_the_categories(demo: Demo, account: str) -> None:
    answer = await _run(demo, account, "CategoryPicker")

    assert "errors" not in answer
    nodes = answer["data"]["caseCategories"]["nodes"]
    assert nodes
    assert {node["parentId"] for node in nodes} - {None} <= {node["id"] for node in nodes}
    assert all(node["limit"] for node in nodes if node["isLeaf"])


async def test_counts_what_waits_in_every_tenant_of_an_account(demo: Demo) -> None:
    for account, slugs in demo.accounts.items():
        me = (await _run(demo, account, "Workbench"))["data"]["me"]

        assert {tenant["slug"] for tenant in me["tenants"]} == set(slugs), account
        for tenant in me["tenants"]:
            assert set(tenant["workbench"] or dict.fromkeys(_COUNTS)) == _COUNTS
        assert isinstance(me["unreadCount"], int)


async def test_takes_a_case_from_a_report_to_its_close(demo: Demo) -> None:
    resident, worker, chair, handler = (
        f"{position}@qingcheng" for position in ("resident", "worker", "committee-chair", "grid-worker")
    )
    dwelling = (await demo.ask(resident, "{ dwellings(first: 1) { nodes { id } } }")).json()["data"]["dwellings"]
    home = dwelling["nodes"][0]["id"]
    report = {
        "title": "楼道积水",
        "description": "三楼楼道积水",
        "categoryCode": "0104",
        "kind": "HELP",
        "at": {"placeId": home},
        "source": "SNAPSHOT",
    }

    reported = await _done(demo, resident, "ReportCase", input=report, key="report-1")
    repeated = await _done(demo, resident, "ReportCase", input=report, key="report-1")
    case = reported["id"]
    accepted = await _done(demo, worker, "AcceptCase", caseId=case)
    to = {"to": {"positionId": await post_of(demo, handler, "qingcheng")}, "note": "请今天处理"}
    dispatched = await _done(demo, worker, "DispatchCase", caseId=case, input=to)
    handling = await _done(demo, handler, "AcceptCase", caseId=case)
    resolved = await _done(demo, handler, "ResolveCase", caseId=case, input={"note": "已疏通", "attachmentIds": []})
    told = {"isContacted": True, "isSolved": True, "satisfaction": "SATISFIED", "comment": "满意"}
    called = await _done(demo, chair, "CallBackCase", caseId=case, input=told)
    closed = await _done(demo, chair, "CloseCase", caseId=case, note="办结")
    at_home = await _run(demo, worker, "DwellingCases", id=home)

    assert repeated == reported
    statuses = [step["status"] for step in (reported, accepted, dispatched, handling, resolved, called, closed)]
    assert statuses == ["REPORTED", "ACCEPTED", "DISPATCHED", "HANDLING", "RESOLVED", "RESOLVED", "CLOSED"]
    assert called["callBack"] == {"isSolved": True, "satisfaction": "SATISFIED"}
    assert case in {node["id"] for node in at_home["data"]["dwelling"]["cases"]["nodes"]}
