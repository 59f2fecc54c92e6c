"""How do tests ask about categories and file cases under them?"""

from __future__ import annotations

from typing import Any

from tests.schema.positions.conftest import Hall

FIELDS = """code name parentId isLeaf isActive isPhotoRequired isEvidenceRequired filingCondition closingCondition
  defaultHandlerKind limit { amount unit basis } referral { name phone } external { system code }"""
_LIST = f"{{ caseCategories {{ version nodes {{ id {FIELDS} }} retired {{ code }} }} }}"
SET = f"""mutation ($input: SetCaseCategoryInput!) {{
  setCaseCategory(input: $input) {{ category {{ {FIELDS} }} errors {{ code field message }} }} }}"""
RETIRE = """mutation ($code: String!) {
  retireCaseCategory(code: $code) { category { code isActive } errors { code field } } }"""
REPORT = """mutation ($input: ReportCaseInput!) { reportCase(input: $input) {
  case { id reportedAt dueAt category { code isActive } } errors { code field } } }"""


async def ask(hall: Hall, document: str, *, by: str = "admin", slug: str = "qingcheng", **given: object) -> Any:  # noqa: ANN401 - JSON.
    """Ask as somebody of a tenant; tell what the one root field answers."""
    answer = await hall.client.ask(document, given, account=f"{by}@{slug}", tenant=slug)
    (told,) = answer.json()["data"].values()
    return told


async def book(hall: Hall, *, slug: str = "qingcheng") -> tuple[int, dict[str, dict[str, Any]], list[str]]:
    """Read a tenant's categories: the version, those in use by code in their order, the codes of those out of use."""
    told = await ask(hall, _LIST, by="worker", slug=slug)
    return told["version"], {node["code"]: node for node in told["nodes"]}, [node["code"] for node in told["retired"]]


async def set_category(hall: Hall, *, by: str = "admin", slug: str = "qingcheng", **terms: object) -> dict[str, Any]:
    """Set a category, by default one to file cases under in the group 01."""
    given = {"code": "0150", "name": "测试", "parentCode": "01", "limit": {"amount": 1, "unit": "DAY"}, **terms}
    payload: dict[str, Any] = await ask(hall, SET, by=by, slug=slug, input=given)
    return payload


async def report(hall: Hall, code: str, *, slug: str = "qingcheng", **more: object) -> dict[str, Any]:
    """Report a case in the tenant's first grid."""
    at = {"placeId": hall.place_id(f"{slug}/第一网格")}
    told = {"title": "积水", "description": "积水", "categoryCode": code, "kind": "HELP", "source": "PATROL", "at": at}
    payload: dict[str, Any] = await ask(hall, REPORT, by="worker", slug=slug, input={**told, **more})
    return payload
