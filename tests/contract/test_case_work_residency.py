"""Do the contract's documents about residency work as written, for the accounts that it names?"""

from __future__ import annotations

from typing import Any

from tests.contract.documents import contract_document
from tests.fixtures.demo import Demo

_JOIN = 'mutation { joinCommunity(slug: "qingcheng") { tenant { slug } errors { code } } }'
_CHOICES = "query ($id: ID!) { dwellingChoices(buildingId: $id, first: 5) { nodes { id address } } }"
_CODE = 'mutation ($id: ID!) { setBuildingCode(buildingId: $id, code: "QC-07") { errors { code } } }'


async def _run(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    # Of the file's operations each is sent alone: not all of them are in force yet.
    document = next(
        line for line in contract_document("case_work").splitlines() if line.startswith(f"mutation {operation}(")
    )
    answer = await demo.ask(account, document, variables, operation=operation, tenant="qingcheng")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert "errors" not in found, answer.text
    (payload,) = found["data"].values()
    return dict(payload)


async def _building(demo: Demo) -> tuple[str, list[dict[str, str]]]:
    """Find a building and dwellings of it, each with what its address says beyond the building's."""
    search = '{ placeSearch(text: "7号楼", first: 1) { nodes { __typename id address } } }'
    found = (await demo.ask("nobody@nowhere", search, tenant="qingcheng")).json()["data"]["placeSearch"]["nodes"]
    building = found[0]
    chosen = await demo.ask("nobody@nowhere", _CHOICES, {"id": building["id"]}, tenant="qingcheng")
    nodes = chosen.json()["data"]["dwellingChoices"]["nodes"]
    return building["id"], [{**node, "room": node["address"].removeprefix(building["address"])} for node in nodes]


async def test_binds_an_account_without_posts_by_choice_and_by_code(demo: Demo) -> None:
    nobody, worker = "nobody@nowhere", "worker@qingcheng"
    joined = (await demo.ask(nobody, _JOIN)).json()["data"]["joinCommunity"]
    building, dwellings = await _building(demo)
    assert (await demo.ask(worker, _CODE, {"id": building})).json()["data"] == {"setBuildingCode": {"errors": []}}

    by_id = {"dwelling": {"id": dwellings[0]["id"]}, "relation": "FAMILY"}
    chosen = await _run(demo, nobody, "RequestResidency", input=by_id)
    by_code = {"dwelling": {"buildingCode": "QC-07", "roomNumber": dwellings[1]["room"]}, "relation": "RENTER"}
    coded = await _run(demo, nobody, "RequestResidency", input=by_code)
    confirmed = await _run(
        demo, worker, "DecideResidency", residencyId=chosen["residency"]["id"], isConfirmed=True, reason=None
    )

    assert joined == {"tenant": {"slug": "qingcheng"}, "errors": []}
    assert (chosen["residency"]["status"], chosen["errors"]) == ("REQUESTED", [])
    assert confirmed == {"residency": {"id": chosen["residency"]["id"], "status": "CONFIRMED"}, "errors": []}
    refused = await _run(
        demo, worker, "DecideResidency", residencyId=coded["residency"]["id"], isConfirmed=False, reason="不是本人"
    )
    assert refused == {"residency": {"id": coded["residency"]["id"], "status": "REFUSED"}, "errors": []}


async def test_asks_from_another_dwelling_as_a_resident(demo: Demo) -> None:
    resident = "resident@qingcheng"
    _, dwellings = await _building(demo)

    asked = await _run(
        demo, resident, "RequestResidency", input={"dwelling": {"id": dwellings[2]["id"]}, "relation": "OWNER"}
    )
    own = await _run(demo, resident, "DecideResidency", residencyId=asked["residency"]["id"], isConfirmed=True)

    assert asked["residency"]["status"] == "REQUESTED"
    assert [error["code"] for error in own["errors"]] == ["FORBIDDEN"]
