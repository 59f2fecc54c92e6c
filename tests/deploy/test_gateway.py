"""Does a request go all the way: headers, grants, one statement, an answer?"""

from __future__ import annotations

from tests.fixtures.gateway import GatewayClient

_ME = "{ me { account { displayName } tenant { slug } } }"


async def test_answers_an_account_in_its_tenant(gateway: GatewayClient) -> None:
    answer = await gateway.ask(_ME, account="worker", tenant="qingcheng")

    assert answer.status_code == 200
    assert answer.json()["data"]["me"]["tenant"] == {"slug": "qingcheng"}


async def test_tells_nobody_whether_a_tenant_exists(gateway: GatewayClient) -> None:
    strange = await gateway.ask(_ME, account="nobody", tenant="qingcheng")
    unknown = await gateway.ask(_ME, account="nobody", tenant="nowhere")

    assert (strange.status_code, unknown.status_code) == (403, 403)
    assert strange.content == unknown.content


async def test_answers_no_stranger(gateway: GatewayClient) -> None:
    answer = await gateway.ask(_ME, account=None)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
