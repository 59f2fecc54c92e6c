"""Do property contracts start and end, and with them what the company's people see?"""

from __future__ import annotations

from tests.fixtures.gateway import GatewayClient
from tests.make import World

_START = """
mutation ($estate: ID!, $company: ID!, $since: Date!, $until: Date) {
  startPropertyContract(estateId: $estate, companyId: $company, since: $since, until: $until, service: "1元服务") {
    contract { id service since until estate { name } company { name } }
    errors { code message field }
  }
}
"""
_END = """
mutation ($contract: ID!, $until: Date!) {
  endPropertyContract(contractId: $contract, until: $until) {
    contract { until estate { propertyCompany { name } } }
    errors { code field }
  }
}
"""
_COMPANIES = "{ bodies(kind: PROPERTY_COMPANY) { nodes { id name } } }"


async def _company(gateway: GatewayClient) -> str:
    answer = await gateway.ask(_COMPANIES)
    found: str = answer.json()["data"]["bodies"]["nodes"][0]["id"]
    return found


async def test_starts_and_ends_a_contract(gateway: GatewayClient, world: World) -> None:
    company, estate = await _company(gateway), world.id("est", "qingcheng/新村小区")

    started = await gateway.ask(
        _START, {"estate": estate, "company": company, "since": "2001-01-01", "until": "2001-12-31"}
    )
    again = await gateway.ask(
        _START, {"estate": estate, "company": company, "since": "2001-06-01"}, headers={"Accept-Language": "en"}
    )
    late = await gateway.ask(
        _END, {"contract": started.json()["data"]["startPropertyContract"]["contract"]["id"], "until": "2001-11-30"}
    )

    contract = started.json()["data"]["startPropertyContract"]["contract"]
    assert (contract["service"], contract["since"], contract["until"]) == ("1元服务", "2001-01-01", "2001-12-31")
    refused = again.json()["data"]["startPropertyContract"]
    assert refused["contract"] is None
    assert refused["errors"][0]["code"] == "ESTATE_UNDER_CONTRACT"
    assert "2001-01-01" in refused["errors"][0]["message"]
    assert late.json()["data"]["endPropertyContract"]["errors"] == [{"code": "CONTRACT_ENDED", "field": None}]


async def test_refuses_what_is_no_property_company_or_not_ours(gateway: GatewayClient, world: World) -> None:
    company = await _company(gateway)
    own, foreign = world.id("est", "qingcheng/新村小区"), world.id("est", "zhongshan/新村小区")
    asked = [(own, own), (own, company.replace("prc", "dep")), (foreign, company)]

    answers = [
        await gateway.ask(_START, {"estate": estate, "company": body, "since": "2002-01-01"}) for estate, body in asked
    ]

    codes = [answer.json()["data"]["startPropertyContract"]["errors"][0]["code"] for answer in answers]
    assert codes == ["NOT_FOUND"] * 3


async def test_refuses_the_companys_own_manager(gateway: GatewayClient, world: World) -> None:
    company, estate = await _company(gateway), world.id("est", "qingcheng/新村小区")

    answer = await gateway.ask(_START, {"estate": estate, "company": company, "since": "2003-01-01"}, account="manager")

    assert answer.json()["data"]["startPropertyContract"]["errors"][0]["code"] == "FORBIDDEN"


async def test_does_not_make_a_contract_longer_by_ending_it(gateway: GatewayClient, world: World) -> None:
    company, estate = await _company(gateway), world.id("est", "qingcheng/新村小区")
    given = {"estate": estate, "company": company, "since": "2101-01-01", "until": "2101-12-31"}
    contract = (await gateway.ask(_START, given)).json()["data"]["startPropertyContract"]["contract"]

    answers = [
        (await gateway.ask(_END, {"contract": contract["id"], "until": day})).json()["data"]["endPropertyContract"]
        for day in ("2102-01-01", "2101-12-31", "2101-11-30")
    ]

    assert [answer["errors"] for answer in answers] == [[{"code": "CONTRACT_DATES_INVALID", "field": "until"}], [], []]
    assert [answer["contract"] and answer["contract"]["until"] for answer in answers] == [
        None,
        "2101-12-31",
        "2101-11-30",
    ]
