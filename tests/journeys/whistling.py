"""How does a journey whistle? By documents of its own, as the accounts of a street, its district and a community."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fixtures.demo import Demo
from tests.journeys.listing import list_post
from tests.journeys.working import Desk, body_of

SUMMARY = "沿街商铺夜间违规用火，居民反映强烈"
_DOCUMENT = """
mutation Request($caseId: ID!, $input: RequestWhistleInput!) {
  requestWhistle(caseId: $caseId, input: $input) { whistle { ...Whistle } errors { code field } }
}
mutation Whistle($whistleId: ID!, $input: WhistleInput!) {
  whistle(whistleId: $whistleId, input: $input) { whistle { ...Whistle } errors { code field } }
}
mutation Refuse($whistleId: ID!, $reason: String!) {
  refuseWhistle(whistleId: $whistleId, reason: $reason) { whistle { ...Whistle } errors { code field } }
}
mutation Conclude($whistleId: ID!, $outcome: String!) {
  concludeWhistle(whistleId: $whistleId, outcome: $outcome) { whistle { ...Whistle } errors { code field } }
}
mutation Answer($calleeId: ID!, $isComing: Boolean!, $reason: String) {
  answerWhistle(calleeId: $calleeId, isComing: $isComing, reason: $reason) {
    callee { ...Callee } errors { code field }
  }
}
mutation Arrive($calleeId: ID!, $place: String) {
  arriveAtWhistle(calleeId: $calleeId, place: $place) { callee { ...Callee } errors { code field } }
}
mutation Insist($calleeId: ID!) { insistOnWhistle(calleeId: $calleeId) { callee { ...Callee } errors { code field } } }
mutation Excuse($calleeId: ID!) { acceptDecline(calleeId: $calleeId) { callee { ...Callee } errors { code field } } }
mutation Rate($calleeId: ID!, $score: Int!, $comment: String) {
  rateWhistle(calleeId: $calleeId, score: $score, comment: $comment) { callee { ...Callee } errors { code field } }
}
query Whistles($id: ID!) { case(id: $id) { title whistles { ...Whistle } } }
query ReadWhistle($id: ID!) { node(id: $id) { ...Whistle } }
query ReadCallee($id: ID!) { node(id: $id) { ...Callee } }
query Due { myWork(first: 100) { nodes { case { id title } due { at reason } } } }
fragment Whistle on Whistle {
  id status reason summary placeText note calledAt outcome refusedReason office { name } requestedBy { name }
  callees { ...Callee }
}
fragment Callee on WhistleCallee {
  id status department { name } respondBy arriveBy answeredAt arrivedAt arrivedPlace declinedReason insistedAt
  decidedBy { name } departmentScore departmentComment officeScore officeComment
}
"""


@dataclass(frozen=True, slots=True)
class Whistler:
    """One account at whistles."""

    desk: Desk

    async def _send(self, operation: str, **variables: object) -> dict[str, Any]:
        answer = await self.desk.demo.ask(
            self.desk.account, _DOCUMENT, variables, operation=operation, tenant=self.desk.tenant
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def do(self, operation: str, **variables: object) -> dict[str, Any]:
        """Do something that must succeed, and give the whistle or callee as the payload shows it."""
        (payload,) = (await self._send(operation, **variables)).values()
        assert payload.pop("errors") == [], f"{self.desk.account} {operation}: {payload}"
        (shown,) = payload.values()
        assert shown is not None
        found: dict[str, Any] = shown
        return found

    async def refused(self, operation: str, **variables: object) -> str:
        """Try something that must be refused, and give the code."""
        (payload,) = (await self._send(operation, **variables)).values()
        (error,) = payload.pop("errors")
        assert set(payload.values()) == {None}
        return str(error["code"])

    async def request(self, case: str, reason: str = "EMERGENCY") -> str:
        """Ask for a whistle and give its id."""
        asked = await self.do("Request", caseId=case, input={"reason": reason, "summary": SUMMARY})
        return str(asked["id"])

    async def call(self, whistle: str, *departments: str, **given: object) -> dict[str, str]:
        """Whistle for departments, and give the ids of the calls by name."""
        called = await self.do(
            "Whistle", whistleId=whistle, input={"callees": [{"departmentId": each} for each in departments], **given}
        )
        return {callee["department"]["name"]: callee["id"] for callee in called["callees"]}

    async def whistles(self, case: str) -> list[dict[str, Any]] | None:
        """Read a case's whistles; None when the case or its whistles are not the account's to see."""
        found = (await self._send("Whistles", id=case))["case"]
        return None if found is None else found["whistles"]

    async def node(self, global_id: str) -> dict[str, Any] | None:
        """Read a whistle or a callee by its id."""
        found: dict[str, Any] | None = (
            await self._send("ReadWhistle" if global_id.startswith("whi_") else "ReadCallee", id=global_id)
        )["node"]
        return found

    async def due(self, case: str) -> dict[str, str | None]:
        """Tell for what a case waits for the account, and until when."""
        nodes = (await self._send("Due"))["myWork"]["nodes"]
        return {node["due"]["reason"]: node["due"]["at"] for node in nodes if node["case"]["id"] == case}


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody who has a part in whistles of 庆城社区, some who have none, and the departments."""

    demo: Demo
    bureau: str
    station: str

    def desk(self, name: str) -> Desk:
        return Desk(self.demo, name, name.partition("@")[2])

    def __getitem__(self, name: str) -> Whistler:
        return Whistler(self.desk(name))

    async def accepted(self) -> str:
        """Report a case in the community and take it on."""
        resident, worker = self.desk("resident@qingcheng"), self.desk("worker@qingcheng")
        case = await resident.report(await resident.home(), title="夜间违规用火")
        await worker.do("Accept", case)
        return case


async def open_town(demo: Demo) -> Town:
    """Find the departments: one of the district, one of the street, whose handler gets an account."""
    await list_post(demo, "gudong", post=HANDLER, body=STATION, account=STATIONS_HANDLER, name="庄警官")
    return Town(demo, await body_of(demo, "dep", BUREAU), await body_of(demo, "dep", STATION))


HANDLER = "职能部门经办人"
BUREAU, STATION = "鼓楼区城市管理局", "鼓东派出所"
WORKER, CHAIR = "worker@qingcheng", "committee-chair@qingcheng"
STREET, DISTRICT = "dispatcher@gudong", "officer@gulou"
BUREAUS_HANDLER, STATIONS_HANDLER = "department-handler@gulou", "department-handler@gudong"
# In other communities, streets and districts.
STRANGERS = (
    "worker@guanyuan",
    "dispatcher@xiangkou",
    "officer@xiangcheng",
    "department-handler@xiangcheng",
)
