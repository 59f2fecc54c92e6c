"""How does a test let something happen to cases of the marked world, over HTTP?"""

from __future__ import annotations

from schema.compiler.values import encode_id
from tests.tenants.staff import Actor, Stage

_REPORT = """
mutation($title: String!, $place: ID!, $category: String!, $source: CaseSource!) {
  reportCase(input: {title: $title, description: $title, categoryCode: $category, kind: HELP, source: $source,
    at: {placeId: $place}}) { case { id } errors { code } }
}
"""


async def report(stage: Stage, slug: str, kind: str = "worker") -> str:
    """Report a case that bears its tenant's mark; tell its id, if whoever reports may see it."""
    place = stage.world.id("grd", f"{slug}/第一网格")
    variables = {
        "title": f"«own:{slug}»",
        "place": place,
        "category": f"0104«office:{slug}»",
        "source": "PATROL" if kind == "worker" else "SNAPSHOT",
    }
    answer = await stage.client.ask(_REPORT, variables, account=f"{kind}@{slug}", tenant=slug)
    payload = answer.json()["data"]["reportCase"]
    assert payload["errors"] == []
    return str(payload["case"]["id"]) if payload["case"] else ""


async def act(stage: Stage, call: str, actor: Actor) -> None:
    """Take a step that has to succeed, given as a mutation's field without its selection."""
    document = f"mutation {{ {call} {{ errors {{ code }} }} }}"
    answer = await stage.client.ask(document, account=actor.account, tenant=actor.slug)
    assert answer.json().get("errors") is None, answer.text
    assert [payload["errors"] for payload in answer.json()["data"].values()] == [[]], answer.text


async def hand_to_department(stage: Stage, slug: str, office: str) -> str:
    """Report a case, accept it and dispatch it to an office's department; tell its id."""
    worker, case = Actor("worker", slug), await report(stage, slug)
    department = encode_id("dep", 0, stage.world.bodies[f"{office}/department"])
    await act(stage, f'acceptCase(caseId: "{case}")', worker)
    await act(stage, f'dispatchCase(caseId: "{case}", input: {{to: {{bodyId: "{department}"}}}})', worker)
    return case
