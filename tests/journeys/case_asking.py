"""Which steps of a random walk ask for something, decide it, stop the clock, or say what became of a case?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.journeys.case_model import Actor, Modelled
from tests.journeys.case_town import DEPARTMENT, Steps, fits_receiver

_NOBODYS = "0190a000-0000-7000-8000-00000000dead"
_PREFIXES = {"EXTENSION": "ext", "OBJECTION": "obj", "RATES_EXCLUSION": "rex"}


class AskingSteps(Steps):
    """Asks, decides, stops clocks, verifies and rates."""

    def _ask(self, actor: Actor, case: Modelled, action: str, operation: str, **given: object) -> None:
        shown = self.tried(actor, case, action, operation, {"caseId": case.id, **given})
        kind = "OBJECTION" if action == "OBJECT" else action.removeprefix("REQUEST_")
        if shown is not None:
            case.requests[kind] = (actor.account, shown["id"])

    def _decide(self, actor: Actor, case: Modelled, kind: str, operation: str, *, is_granted: bool) -> bool:
        tenant_id = case.id.split("_")[1]
        _, request_id = case.requests.get(kind, ("", f"{_PREFIXES[kind]}_{tenant_id}_{_NOBODYS}"))
        given = {"id": request_id, "isGranted": is_granted, "reason": "已核实"}
        if self.tried(actor, case, f"DECIDE_{kind}", operation, given) is None:
            return False
        del case.requests[kind]
        return is_granted

    def _request_extension(self, actor: Actor, case: Modelled, _: int) -> None:
        # Later than any before it.
        until = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=3 * self.town.taken)
        given = {"until": until.isoformat(), "reason": "等待配件"}
        self._ask(actor, case, "REQUEST_EXTENSION", "RequestExtension", **given)

    def _decide_extension(self, actor: Actor, case: Modelled, choice: int) -> None:
        self._decide(actor, case, "EXTENSION", "DecideExtension", is_granted=choice % 2 == 0)

    def _object(self, actor: Actor, case: Modelled, _: int) -> None:
        given = {"basis": "CONTRACT", "citation": "合同第三条", "reason": "不属服务范围"}
        self._ask(actor, case, "OBJECT", "Object", input=given)

    def _decide_objection(self, actor: Actor, case: Modelled, choice: int) -> None:
        if self._decide(actor, case, "OBJECTION", "DecideObjection", is_granted=choice % 2 == 0):
            case.status, case.body, case.post = "ACCEPTED", case.coordinator, ""
            case.end_shares(but=case.coordinator)

    def _request_rates_exclusion(self, actor: Actor, case: Modelled, _: int) -> None:
        self._ask(actor, case, "REQUEST_RATES_EXCLUSION", "RequestRatesExclusion", reason="号码有误")

    def _decide_rates_exclusion(self, actor: Actor, case: Modelled, choice: int) -> None:
        if self._decide(actor, case, "RATES_EXCLUSION", "DecideRatesExclusion", is_granted=choice % 2 == 0):
            case.is_left_out = True

    def _assign_task(self, actor: Actor, case: Modelled, choice: int) -> None:
        to, kind, body = self.town.receivers[choice % len(self.town.receivers)]
        fits = fits_receiver(self.town, actor, case, body)
        given = {"caseId": case.id, "input": {"to": to, "what": "现场处置"}}
        shown = self.tried(actor, case, "ASSIGN_TASK", "AssignTask", given, fits=fits)
        if shown is not None:
            case.tasks[shown["id"]] = (body, to.get("positionId", "") if kind else "")
            if body == DEPARTMENT:
                case.share(body, "task")

    def _cancel_task(self, actor: Actor, case: Modelled, choice: int) -> None:
        task_id = self._any_task(case, choice)
        given = {"id": task_id, "reason": "不再需要"}
        if self.tried(actor, case, "CANCEL_TASK", "CancelTask", given) is not None:
            case.end_task(task_id)

    def _end_task(self, actor: Actor, case: Modelled, choice: int) -> None:
        task_id = self._any_task(case, choice)
        is_done = choice % 2 == 0
        given = {"id": task_id, "note" if is_done else "reason": "已到现场"}
        operation = "FinishTask" if is_done else "DeclineTask"
        may = case.may_end_task(actor, task_id)
        if self.compared(actor, case, operation, given, is_allowed=may) is not None:
            case.end_task(task_id)
            if is_done:
                case.handlers.add(actor.account)

    @staticmethod
    def _any_task(case: Modelled, choice: int) -> str:
        tenant_id = case.id.split("_")[1]
        listed = [*case.tasks] or [f"tsk_{tenant_id}_{_NOBODYS}"]
        return listed[choice % len(listed)]

    def _suspend(self, actor: Actor, case: Modelled, _: int) -> None:
        until = datetime.now(UTC) + timedelta(days=1)
        if self.take(actor, case, "SUSPEND", operation="Suspend", reason="等待答复", until=until.isoformat()):
            case.is_stopped = True

    def _resume(self, actor: Actor, case: Modelled, _: int) -> None:
        if self.take(actor, case, "RESUME", operation="Resume"):
            case.is_stopped = False

    def _verify(self, actor: Actor, case: Modelled, choice: int) -> None:
        is_settled = choice % 3 != 0
        if self.take(actor, case, "VERIFY", operation="Verify", isSettled=is_settled, note="现场核查"):
            case.is_verified = True
            if not is_settled:
                case.handle_again()

    def _rate(self, actor: Actor, case: Modelled, choice: int) -> None:
        given = {"isSolved": choice % 3 != 0, "satisfaction": "NEUTRAL"}
        if self.take(actor, case, "RATE", operation="Rate", input=given):
            case.take_down()
            if not given["isSolved"] and case.status == "RESOLVED":
                case.handle_again()
