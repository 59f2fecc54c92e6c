"""Are instants taken in that can be a limit's or a report's, and no others?"""

from __future__ import annotations

import pytest

from tests.fixtures.gateway import GatewayClient

_READ = "markNotificationsRead(until: {at}) {{ errors {{ code }} }}"
_BETWEEN = "cases(filter: {{ reportedAt: {{ from: {at} }} }}) {{ totalCount }}"
_FIELDS = [("mutation", _READ), ("query", _BETWEEN)]
_FAR = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "1899-12-31T23:59:59Z",
    # Within the bounds where it is written, and not in UTC.
    "1900-01-01T00:00:00+00:01",
    "2200-12-31T23:59:59-00:01",
    "2201-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:00",
    "9999-12-31T24:00:00Z",
]


def _asked(kind: str, field: str, at: str, *, by_variable: bool) -> tuple[str, dict[str, object]]:
    if by_variable:
        return f"{kind} ($at: DateTime!) {{ {field.format(at='$at')} }}", {"at": at}
    written = f'"{at}"'
    return f"{kind} {{ {field.format(at=written)} }}", {}


@pytest.mark.parametrize("at", _FAR)
@pytest.mark.parametrize("by_variable", [True, False])
@pytest.mark.parametrize(("kind", "field"), _FIELDS)
async def test_refuses_instants_that_nobody_means(
    gateway: GatewayClient, kind: str, field: str, at: str, *, by_variable: bool
) -> None:
    document, variables = _asked(kind, field, at, by_variable=by_variable)

    told = (await gateway.ask(document, variables)).json()

    assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_REQUEST"]
    assert "An instant is from 1900-01-01 to 2200-12-31, in UTC." in told["errors"][0]["message"]
    assert told.get("data") is None


@pytest.mark.parametrize("at", ["1900-01-01T08:00:00+08:00", "2200-12-31T23:59:59.999999Z", "2026-06-01T24:00:00Z"])
@pytest.mark.parametrize("by_variable", [True, False])
@pytest.mark.parametrize(("kind", "field"), _FIELDS)
async def test_takes_the_first_and_the_last(
    gateway: GatewayClient, kind: str, field: str, at: str, *, by_variable: bool
) -> None:
    document, variables = _asked(kind, field, at, by_variable=by_variable)

    told = (await gateway.ask(document, variables)).json()

    assert "errors" not in told


@pytest.mark.parametrize("at", ["", "today", "2026-02-30T00:00:00Z", "2026-06-01T09:00:00", "2026-06-01"])
@pytest.mark.parametrize("by_variable", [True, False])
@pytest.mark.parametrize(("kind", "field"), _FIELDS)
async def test_tells_what_is_no_instant(
    gateway: GatewayClient, kind: str, field: str, at: str, *, by_variable: bool
) -> None:
    document, variables = _asked(kind, field, at, by_variable=by_variable)

    told = (await gateway.ask(document, variables)).json()

    assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_REQUEST"]


@pytest.mark.parametrize("at", ["2026-06-01T09:00:00", "2026-06-01"])
async def test_asks_for_an_offset(gateway: GatewayClient, at: str) -> None:
    document, variables = _asked("mutation", _READ, at, by_variable=True)

    told = (await gateway.ask(document, variables)).json()

    assert "An instant has an offset from UTC, for example Z or +08:00." in told["errors"][0]["message"]
