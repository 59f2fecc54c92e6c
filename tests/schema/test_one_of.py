"""Is it said that exactly one key is given, where an input is one thing or the other?"""

from __future__ import annotations

import pytest

from tests.fixtures.gateway import GatewayClient

_REPORT = "mutation ($input: ReportCaseInput!) { reportCase(input: $input) { errors { code field } } }"
_DISPATCH = (
    'mutation ($input: DispatchCaseInput!) { dispatchCase(caseId: "x", input: $input) { errors { code field } } }'
)
_ASSIGN = 'mutation ($input: AssignTaskInput!) { assignTask(caseId: "x", input: $input) { errors { code field } } }'
_POINT = {"longitude": 119.3, "latitude": 26.1, "system": "CGCS2000"}
_CASE = {"title": "积水", "description": "三楼积水", "categoryCode": "0104", "kind": "HELP", "source": "WINDOW"}


@pytest.mark.parametrize(
    ("document", "given"),
    [
        *(
            (_REPORT, {**_CASE, "at": at})
            for at in (
                {},
                {"placeId": None},
                {"placeId": "x", "point": None},
                {"placeId": None, "point": None},
                {"placeId": "x", "point": _POINT},
            )
        ),
        *(
            (document, {"to": to, **others})
            for document, others in ((_DISPATCH, {}), (_ASSIGN, {"what": "清理"}))
            for to in (
                {},
                {"positionId": None},
                {"positionId": "x", "bodyId": None},
                {"positionId": "x", "bodyId": "y"},
            )
        ),
    ],
)
async def test_asks_for_exactly_one_key(gateway: GatewayClient, document: str, given: dict[str, object]) -> None:
    told = (await gateway.ask(document, {"input": given})).json()

    assert {error["extensions"]["code"] for error in told["errors"]} == {"BAD_REQUEST"}
    assert "exactly one field must be specified" in told["errors"][0]["message"]
    assert told.get("data") is None


@pytest.mark.parametrize("to", ["{}", "{ positionId: null }", '{ positionId: "x", bodyId: "y" }'])
async def test_asks_for_exactly_one_key_in_documents(gateway: GatewayClient, to: str) -> None:
    document = f'mutation {{ dispatchCase(caseId: "x", input: {{ to: {to} }}) {{ errors {{ code }} }} }}'

    told = (await gateway.ask(document)).json()

    assert {error["extensions"]["code"] for error in told["errors"]} == {"BAD_REQUEST"}
    assert "exactly one field must be specified" in told["errors"][0]["message"]
    assert told.get("data") is None


@pytest.mark.parametrize("variables", [{}, {"id": None}])
async def test_takes_no_null_for_the_key(gateway: GatewayClient, variables: dict[str, object]) -> None:
    document = """
    mutation ($id: ID) { dispatchCase(caseId: "x", input: { to: { positionId: $id } }) { errors { code } } }
    """
    told = (await gateway.ask(document, variables)).json()

    assert {error["extensions"]["code"] for error in told["errors"]} == {"BAD_REQUEST"}
    assert told.get("data") is None


@pytest.mark.parametrize("to", [{"positionId": "x"}, {"bodyId": "y"}])
async def test_takes_either(gateway: GatewayClient, to: dict[str, str]) -> None:
    told = (await gateway.ask(_DISPATCH, {"input": {"to": to}})).json()

    assert [error["code"] for error in told["data"]["dispatchCase"]["errors"]] == ["NOT_FOUND"]
