"""Are days taken in that can be a post's or a contract's, and no others?"""

from __future__ import annotations

import pytest

from tests.fixtures.gateway import GatewayClient

BY_VARIABLE = "mutation ($day: Date!) {{ {field} }}"
END = 'endPosition(positionId: "pos_0_0", until: {day}) {{ errors {{ code }} }}'


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
@pytest.mark.parametrize("by_variable", [True, False])
async def test_refuses_days_that_nobody_means(gateway: GatewayClient, day: str, *, by_variable: bool) -> None:
    field = END.format(day="$day" if by_variable else f'"{day}"')
    document = BY_VARIABLE.format(field=field) if by_variable else f"mutation {{ {field} }}"

    told = (await gateway.ask(document, {"day": day})).json()

    assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_REQUEST"]
    assert "A day is from 1900-01-01 to 2200-12-31." in told["errors"][0]["message"]
    assert told.get("data") is None


@pytest.mark.parametrize("day", ["1900-01-01", "2200-12-31"])
async def test_takes_the_first_and_the_last(gateway: GatewayClient, day: str) -> None:
    told = (await gateway.ask(BY_VARIABLE.format(field=END.format(day="$day")), {"day": day})).json()

    assert told == {"data": {"endPosition": {"errors": [{"code": "NOT_FOUND"}]}}}


@pytest.mark.parametrize("day", ["", "today", "2026-02-30", 20260101, None, ["2026-01-01"]])
async def test_tells_what_is_no_day(gateway: GatewayClient, day: object) -> None:
    told = (await gateway.ask(BY_VARIABLE.format(field=END.format(day="$day")), {"day": day})).json()

    assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_REQUEST"]
