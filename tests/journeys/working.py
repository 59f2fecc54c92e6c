"""How does a journey work with cases? By the contract's own documents, as the accounts of the demo, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fixtures.demo import Demo

_DOCUMENT = """
mutation Report($input: ReportCaseInput!) {
  reportCase(input: $input) { case { id number status dueAt } errors { code field } }
}
mutation Accept($caseId: ID!) { acceptCase(caseId: $caseId) { ...Done } }
mutation Dispatch($caseId: ID!, $input: DispatchCaseInput!) { dispatchCase(caseId: $caseId, input: $input) { ...Done } }
mutation HandOn($caseId: ID!, $positionId: ID!) { handOnCase(caseId: $caseId, positionId: $positionId) { ...Done } }
mutation Return($caseId: ID!, $reason: String!) { returnCase(caseId: $caseId, reason: $reason) { ...Done } }
mutation Resolve($caseId: ID!, $input: ResolveCaseInput!) { resolveCase(caseId: $caseId, input: $input) { ...Done } }
mutation CallBack($caseId: ID!, $input: CallBackCaseInput!) { callBackCase(caseId: $caseId, input: $input) { ...Done } }
mutation Close($caseId: ID!, $note: String) { closeCase(caseId: $caseId, note: $note) { ...Done } }
mutation Reopen($caseId: ID!, $reason: String!) { reopenCase(caseId: $caseId, reason: $reason) { ...Done } }
mutation Escalate($caseId: ID!, $summary: String!) { escalateCase(caseId: $caseId, summary: $summary) { ...Done } }
mutation HandBack($caseId: ID!, $reason: String!) { handBackCase(caseId: $caseId, reason: $reason) { ...Done } }
mutation Merge($caseId: ID!, $intoCaseId: ID!) { mergeCase(caseId: $caseId, intoCaseId: $intoCaseId) { ...Done } }
mutation Exclude($caseId: ID!, $reason: ExclusionReason!, $reply: String!, $callPhone: String) {
  excludeCase(caseId: $caseId, reason: $reason, reply: $reply, callPhone: $callPhone) { ...Done }
}
mutation Suspend($caseId: ID!, $reason: String!, $until: DateTime!) {
  suspendCase(caseId: $caseId, reason: $reason, until: $until) { ...Done }
}
mutation Resume($caseId: ID!, $note: String) { resumeCase(caseId: $caseId, note: $note) { ...Done } }
mutation Verify($caseId: ID!, $isSettled: Boolean!, $note: String) {
  verifyCase(caseId: $caseId, isSettled: $isSettled, note: $note) { ...Done }
}
mutation Rate($caseId: ID!, $input: RateCaseInput!) { rateCase(caseId: $caseId, input: $input) { ...Done } }
mutation RequestExtension($caseId: ID!, $until: DateTime!, $reason: String!) {
  requestExtension(caseId: $caseId, until: $until, reason: $reason) { asked: extension { id status } errors { code } }
}
mutation DecideExtension($id: ID!, $isGranted: Boolean!, $reason: String) {
  decideExtension(extensionId: $id, isGranted: $isGranted, reason: $reason) {
    asked: extension { id status reason decision requestedBy { name } } errors { code }
  }
}
mutation Object($caseId: ID!, $input: ObjectToDispatchInput!) {
  objectToDispatch(caseId: $caseId, input: $input) { asked: objection { id status citation basis } errors { code } }
}
mutation DecideObjection($id: ID!, $isGranted: Boolean!, $reason: String) {
  decideObjection(objectionId: $id, isUpheld: $isGranted, reason: $reason) {
    asked: objection { id status reason decision requestedBy { name } } errors { code }
  }
}
mutation AssignTask($caseId: ID!, $input: AssignTaskInput!) {
  assignTask(caseId: $caseId, input: $input) { asked: task { id status } errors { code } }
}
mutation FinishTask($id: ID!, $note: String!) {
  finishTask(taskId: $id, note: $note) { asked: task { id status what outcome receiver { name } } errors { code } }
}
mutation DeclineTask($id: ID!, $reason: String!) {
  declineTask(taskId: $id, reason: $reason) { asked: task { id status outcome } errors { code } }
}
mutation CancelTask($id: ID!, $reason: String!) {
  cancelTask(taskId: $id, reason: $reason) { asked: task { id status outcome } errors { code } }
}
mutation RequestWhistle($caseId: ID!, $input: RequestWhistleInput!) {
  requestWhistle(caseId: $caseId, input: $input) { asked: whistle { id } errors { code } }
}
mutation Whistle($id: ID!, $department: ID!) {
  whistle(whistleId: $id, input: {callees: [{departmentId: $department}]}) {
    asked: whistle { id callees { id } } errors { code }
  }
}
mutation RefuseWhistle($id: ID!) {
  refuseWhistle(whistleId: $id, reason: "自行协调") { asked: whistle { id } errors { code } }
}
mutation ConcludeWhistle($id: ID!) {
  concludeWhistle(whistleId: $id, outcome: "已现场解决") { asked: whistle { id } errors { code } }
}
mutation AnswerWhistle($id: ID!, $isComing: Boolean!, $reason: String) {
  answerWhistle(calleeId: $id, isComing: $isComing, reason: $reason) { asked: callee { id } errors { code } }
}
mutation ArriveAtWhistle($id: ID!) { arriveAtWhistle(calleeId: $id) { asked: callee { id } errors { code } } }
mutation InsistOnWhistle($id: ID!) { insistOnWhistle(calleeId: $id) { asked: callee { id } errors { code } } }
mutation AcceptDecline($id: ID!) { acceptDecline(calleeId: $id) { asked: callee { id } errors { code } } }
mutation Urge($caseId: ID!) { urgeCase(caseId: $caseId) { case { id } errors { code } } }
mutation Supervise($caseId: ID!) {
  superviseCase(caseId: $caseId, input: {level: ORDINARY, note: "限期办结"}) { case { id } errors { code } }
}
mutation RequestRatesExclusion($caseId: ID!, $reason: String!) {
  requestRatesExclusion(caseId: $caseId, reason: $reason) { asked: exclusion { id status } errors { code } }
}
mutation DecideRatesExclusion($id: ID!, $isGranted: Boolean!, $reason: String) {
  decideRatesExclusion(exclusionId: $id, isGranted: $isGranted, reason: $reason) {
    asked: exclusion { id status reason decision requestedBy { name } } errors { code }
  }
}
mutation Reveal($personId: ID!, $purpose: RevealPurpose!) {
  revealContact(personId: $personId, purpose: $purpose) { contact { name phone } errors { code } }
}
query Page($id: ID!) {
  case(id: $id) {
    id number title description status placeText reworkCount clock { state } isOverdue dueAt
    reporter { id displayName maskedPhone } accountable { body { name } publicName positionKind { code } }
    can { action isAllowed } steps { action fromStatus toStatus actor { body { name } publicName } note }
    attachments { id fileName contentType byteSize url thumbnailUrl }
    publicSteps { label officeName } callBack { isContacted isSolved satisfaction } duplicateOf { id number }
  }
}
query Asked($id: ID!) {
  case(id: $id) {
    dueAt clock { state stoppedReason stoppedUntil } needsVerification verifiedAt
    extensions { id status until reason decision case { id } } objections { id status citation }
    tasks { id status what outcome receiver { name } } ratesExclusions { id status }
    callBack { isSolved reason isLeftOutOfRates } exclusion { reason reply callPhone }
  }
}
query Seen($id: ID!) { case(id: $id) { title steps { action } } }
query Offered($id: ID!) {
  case(id: $id) {
    can { ...Allowed } tasks { id can { ...Allowed } }
    whistles { id can { ...Allowed } callees { id can { ...Allowed } } }
  }
}
fragment Allowed on CaseAction { action isAllowed }
query Work { myWork(first: 100) { totalCount nodes { tenant { slug } case { id status } due { reason } } } }
fragment Done on CasePayload {
  case { id status reworkCount accountable { body { name } publicName } } errors { code field }
}
"""
REPORT = {"title": "楼道积水", "description": "三楼楼道积水", "categoryCode": "0104", "kind": "HELP"}


@dataclass(frozen=True, slots=True)
class Desk:
    """One account at work."""

    demo: Demo
    account: str
    tenant: str | None = None

    async def send(self, operation: str, **variables: object) -> dict[str, Any]:
        """Send one of the operations above and give its data."""
        answer = await self.demo.ask(self.account, _DOCUMENT, variables, operation=operation, tenant=self.tenant)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def report(self, at: object, **given: object) -> str:
        """Report a case and give its id."""
        payload = (await self.send("Report", input={**REPORT, "at": at, "source": "SNAPSHOT", **given}))["reportCase"]
        assert payload["errors"] == []
        return str(payload["case"]["id"])

    async def do(self, operation: str, case_id: str, **variables: object) -> dict[str, Any]:
        """Take a step that must succeed, and give the case as the payload shows it."""
        (payload,) = (await self.send(operation, caseId=case_id, **variables)).values()
        assert payload["errors"] == [], f"{self.account} {operation}: {payload}"
        assert payload["case"]["id"] == case_id
        shown: dict[str, Any] = payload["case"]
        return shown

    async def refused(self, operation: str, case_id: str, **variables: object) -> str:
        """Try a step that must be refused, and give the code."""
        (payload,) = (await self.send(operation, caseId=case_id, **variables)).values()
        assert payload["case"] is None
        (error,) = payload["errors"]
        return str(error["code"])

    async def ask(self, operation: str, **variables: object) -> dict[str, Any]:
        """Ask for something, or decide it, which must succeed; give the request as the payload shows it."""
        (payload,) = (await self.send(operation, **variables)).values()
        assert payload["errors"] == [], f"{self.account} {operation}: {payload}"
        asked: dict[str, Any] = payload["asked"]
        return asked

    async def may_not_ask(self, operation: str, **variables: object) -> str:
        """Ask for something, or decide it, which must be refused; give the code."""
        (payload,) = (await self.send(operation, **variables)).values()
        assert payload["asked"] is None
        (error,) = payload["errors"]
        return str(error["code"])

    async def asked(self, case_id: str) -> dict[str, Any] | None:
        """Read what was asked about a case, and how its clock stands."""
        found: dict[str, Any] | None = (await self.send("Asked", id=case_id))["case"]
        return found

    async def page(self, case_id: str) -> dict[str, Any] | None:
        """Read the case's page; None when it is not there or not the account's to see."""
        found: dict[str, Any] | None = (await self.send("Page", id=case_id))["case"]
        return found

    async def may(self, case_id: str) -> set[str]:
        """Tell what the page says that the account may do now."""
        page = await self.page(case_id)
        return {each["action"] for each in (page or {"can": None})["can"] or () if each["isAllowed"]}

    async def work(self, case_id: str) -> list[str]:
        """Tell for what a case waits for the account."""
        nodes = (await self.send("Work"))["myWork"]["nodes"]
        return [node["due"]["reason"] for node in nodes if node["case"]["id"] == case_id]

    async def reveal(self, person_id: str, purpose: str) -> str:
        """Ask for a contact; tell `ok`, or the code of the refusal."""
        payload = (await self.send("Reveal", personId=person_id, purpose=purpose))["revealContact"]
        assert (payload["contact"] is None) == (payload["errors"] != [])
        return str(payload["errors"][0]["code"]) if payload["errors"] else "ok"

    async def upload(self, content: bytes, *, name: str = "IMG_0001.JPG") -> str:
        """Upload a file for a case and give its id."""
        uploaded = await self.demo.upload(self.account, content, name=name, purpose="CASE", tenant=self.tenant)
        assert uploaded.status_code == 201, uploaded.text
        return str(uploaded.json()["id"])

    async def files(self, case_id: str) -> list[dict[str, Any]]:
        """List the files that the case's page shows; none when the page or the files are not the account's to see."""
        return (await self.page(case_id) or {}).get("attachments") or []

    async def status_of(self, file_id: str) -> int:
        """Fetch a file by its id and give the status of the answer."""
        return (await self.demo.fetch(self.account, f"/files/{file_id}", tenant=self.tenant)).status_code

    async def home(self) -> dict[str, str]:
        """Tell where the account lives, as a case's location."""
        answer = (await self.demo.ask(self.account, "{ dwellings(first: 1) { nodes { id } } }")).json()
        return {"placeId": answer["data"]["dwellings"]["nodes"][0]["id"]}


async def id_of(demo: Demo, prefix: str, statement: str, *arguments: object) -> str:
    """Write the global id of the row that a statement finds: tenant and id, 0 for a body."""
    row = await demo.owner.fetchrow(statement, *arguments)
    assert row is not None
    return f"{prefix}_{row[0]}_{row[1]}"


async def post_of(demo: Demo, account: str, slug: str) -> str:
    """Write the id of the post that an account holds in a tenant."""
    statement = """select p.tenant_id, p.id from positions p join accounts a on a.id = p.account_id
                   join tenants t on t.id = p.tenant_id where a.subject = $1 and t.slug = $2 order by p.id"""
    return await id_of(demo, "pos", statement, account, slug)


async def body_of(demo: Demo, prefix: str, name: str) -> str:
    """Write the id of a body."""
    return await id_of(demo, prefix, "select 0, id from bodies where name = $1", name)
