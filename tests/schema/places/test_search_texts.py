"""Is what clients search for bounded before anything is done with it?"""

from __future__ import annotations

import pytest

from tests.fixtures.gateway import GatewayClient

ADDRESS = "query ($text: String!) { dwellings(filter: {addressContains: $text}) { totalCount } }"
PHONE = "query ($text: String!) { dwellings(filter: {phone: $text}) { totalCount } }"
PLACES = "query ($text: String!) { placeSearch(text: $text) { totalCount } }"


@pytest.mark.parametrize("document", [ADDRESS, PHONE, PLACES])
@pytest.mark.parametrize("text", ["一" * 101, " ".join("一" * 11)])
async def test_refuses_what_is_longer_than_anybody_types(gateway: GatewayClient, document: str, text: str) -> None:
    chinese = await gateway.ask(document, {"text": text})
    english = await gateway.ask(document, {"text": text}, headers={"Accept-Language": "en"})

    assert chinese.json()["errors"] == [
        {"message": "搜索文字过长：上限为 100 个字符、10 个词", "extensions": {"code": "SEARCH_TOO_LONG"}}
    ]
    assert english.json()["errors"][0]["message"] == (
        "The text to search for is too long: the limit is 100 characters and 10 words"
    )


@pytest.mark.parametrize("document", [ADDRESS, PHONE, PLACES])
@pytest.mark.parametrize("text", ["一" * 100, " ".join("一" * 10)])
async def test_searches_for_what_is_as_long_as_the_limit(gateway: GatewayClient, document: str, text: str) -> None:
    answer = await gateway.ask(document, {"text": text})

    assert "errors" not in answer.json()
