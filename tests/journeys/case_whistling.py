"""Which steps of a random walk whistle for a case, answer, or urge whoever it waits for?"""

from __future__ import annotations

from typing import Any

from tests.journeys.case_model import COMMITTEE, CONDUCTS, DISTRICT, STREET, Actor, Call, Modelled
from tests.journeys.case_town import DEPARTMENT, Steps

CALLS = (*CONDUCTS, "URGE", "SUPERVISE")
_NOBODYS = "0190a000-0000-7000-8000-00000000dead"
_OF_CALLEES = frozenset({"ANSWER_WHISTLE", "ARRIVE_AT_WHISTLE", "INSIST_ON_WHISTLE", "ACCEPT_DECLINE"})


class WhistlingSteps(Steps):
    """Asks for whistles, whistles, answers, arrives and concludes; urges and supervises."""

    def conduct(self, case: Modelled, action: str, who: int, choice: int) -> None:
        """Do something with one of a case's whistles, or urge, mostly as somebody who may."""
        if action in ("URGE", "SUPERVISE"):
            self._urge(case, action, who)
            return
        tenant_id = case.id.split("_")[1]
        nobodys = Call(f"whi_{tenant_id}_{_NOBODYS}", "", callee_id=f"whc_{tenant_id}_{_NOBODYS}")
        call = case.calls[choice % len(case.calls)] if case.calls else nobodys
        able = [one for one in self.town.actors if case.may_conduct(one, action, call)]
        actor = able[who % len(able)] if able and who % 4 else self.town.actors[who % len(self.town.actors)]
        if action in _OF_CALLEES and call.callee_id == "":
            # Nobody is called yet, so there is no id to name.
            return
        is_allowed = case.may_conduct(actor, action, call)
        if action == "ANSWER_WHISTLE":
            self._answer(actor, case, call, is_coming=choice % 2 == 0, is_allowed=is_allowed)
            return
        given = {"id": call.callee_id if action in _OF_CALLEES else call.id, "department": self.town.department}
        shown = self.compared(actor, case, _name(action), given, is_allowed=is_allowed)
        if shown is not None:
            self._take_effect(case, call, action, shown)

    def _answer(self, actor: Actor, case: Modelled, call: Call, *, is_coming: bool, is_allowed: bool) -> None:
        given = {"id": call.callee_id, "isComing": is_coming, "reason": "另有任务"}
        fits = is_coming or not call.is_insisted
        if self.compared(actor, case, "AnswerWhistle", given, is_allowed=is_allowed and fits) is None:
            return
        call.callee_status = "COMING" if is_coming else "DECLINED"
        if not is_coming:
            call.decider = DISTRICT
            case.share(DISTRICT, "whistle")

    def _take_effect(self, case: Modelled, call: Call, action: str, shown: dict[str, Any]) -> None:
        if action == "WHISTLE":
            (callee,) = shown["callees"]
            call.status, call.callee, call.callee_id, call.callee_status = "CALLED", DEPARTMENT, callee["id"], "CALLED"
            case.share(DEPARTMENT, "whistle")
        elif action == "ARRIVE_AT_WHISTLE":
            call.callee_status = "ARRIVED"
            case.handlers.add(next(one.account for one in self.town.actors if one.body == DEPARTMENT))
        elif action == "INSIST_ON_WHISTLE":
            call.callee_status, call.is_insisted = "CALLED", True
        elif action == "ACCEPT_DECLINE":
            call.callee_status = "EXCUSED"
            case.end_shares_of_whistles()
        else:
            case.calls.remove(call)
            case.concluded += [call] if action == "CONCLUDE_WHISTLE" else []
            case.end_shares_of_whistles()

    def _request_whistle(self, actor: Actor, case: Modelled, _: int) -> None:
        given = {"caseId": case.id, "input": {"reason": "JOINT_ENFORCEMENT", "summary": "请部门到场"}}
        shown = self.tried(actor, case, "REQUEST_WHISTLE", "RequestWhistle", given)
        if shown is not None:
            office = {COMMITTEE: STREET}.get(actor.body, actor.body)
            case.calls.append(Call(shown["id"], office))
            case.share(office, "whistle")

    def _urge(self, case: Modelled, action: str, who: int) -> None:
        is_above = action == "SUPERVISE"
        able = [one for one in self.town.actors if case.may_supervise(one, only_from_above=is_above)]
        actor = able[who % len(able)] if able and who % 4 else self.town.actors[who % len(self.town.actors)]
        is_allowed = case.may_supervise(actor, only_from_above=is_above)
        self.compared(actor, case, _name(action), {"caseId": case.id}, is_allowed=is_allowed)


def _name(action: str) -> str:
    return "".join(part.capitalize() for part in action.split("_"))
