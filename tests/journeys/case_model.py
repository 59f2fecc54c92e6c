"""How may a case go, as the contract tells it? A model of its own, by which the real thing is judged step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

COMMITTEE, STREET, DISTRICT = "committee", "street", "district"
OPEN = frozenset({"REPORTED", "ACCEPTED", "DISPATCHED", "HANDLING", "RESOLVED"})
WITH_RECEIVER = frozenset({"DISPATCHED", "HANDLING"})
SETTLED = frozenset({"RESOLVED", "CLOSED"})
_STARTED = frozenset({"ACCEPTED", "DISPATCHED", "HANDLING"})

# By the columns of the contract's table of positions: who may do what with which cases. "tenant" is all of the
# community, "place" those of the own grid, "own" those handed over, "up" those shared with one's office or department.
_ACCEPTS = {"worker": "tenant", "committee-chair": "tenant", "grid-leader": "place"}
_OFFICES = {"dispatcher": "up", "party-secretary-of-street": "up", "officer": "up"}
_HANDLES = {
    **_ACCEPTS,
    "grid-worker": "own",
    "building-leader": "own",
    "property-manager": "own",
    "property-worker": "own",
    "department-handler": "up",
}
_MAY: Mapping[str, Mapping[str, str]] = {
    "accept": {**_ACCEPTS, **_OFFICES},
    "dispatch": {**_ACCEPTS, **_OFFICES},
    "hand_on": {"property-manager": "own"},
    "handle": _HANDLES,
    "call_back": {**_ACCEPTS, **_OFFICES},
    "close": {**_ACCEPTS, **_OFFICES},
    "rate": {"resident": "own"},
    "request": {"worker": "tenant", "committee-chair": "tenant", **_OFFICES},
    "blow": _OFFICES,
    "answer": {"department-handler": "up"},
    "read": {
        **_ACCEPTS,
        **_OFFICES,
        "party-secretary": "tenant",
        "grid-worker": "place",
        "building-leader": "place",
        "property-manager": "own",
        "property-worker": "own",
        "owners-chair": "own",
        "resident": "own",
        "department-handler": "up",
    },
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in one post."""

    account: str
    kind: str
    # The post's own global id, the body that is handed things with it, and where it hangs.
    post: str
    body: str = COMMITTEE
    grid: str = ""
    building: str = ""
    is_of_offices: bool = False
    is_elsewhere: bool = False


@dataclass(slots=True)
class Call:
    """A whistle that has not ended, and the one department that it calls."""

    id: str
    office: str
    status: str = "REQUESTED"
    callee: str = ""
    callee_id: str = ""
    callee_status: str = ""
    decider: str = ""
    is_insisted: bool = False

    def parties(self) -> set[str]:
        """Tell who sees the case because of it."""
        called = self.callee if self.callee_status != "EXCUSED" else ""
        return {body for body in (self.office, called, self.decider) if body}


@dataclass(slots=True)
class Modelled:
    """A case as it should stand."""

    id: str
    reporter: str
    grid: str = ""
    building: str = ""
    estate: str = ""
    status: str = "REPORTED"
    coordinator: str = COMMITTEE
    body: str = COMMITTEE
    post: str = ""
    needs_call_back: bool = False
    is_called_back: bool = False
    # How often somebody said what became of it, and whether the last word does not count.
    verdicts: int = 0
    is_left_out: bool = False
    # Drawn for verification, and verified.
    needs_verification: bool = False
    is_verified: bool = False
    is_stopped: bool = False
    rework: int = 0
    steps: int = 1
    handlers: set[str] = field(default_factory=set)
    # Bodies outside, in the order in which it was shared, and for what: "up", "given", "task", "whistle".
    shares: list[tuple[str, str]] = field(default_factory=list)
    # Of each part that is not done, the body and post.
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    # Its whistles that have not ended.
    calls: list[Call] = field(default_factory=list)
    # Those of which it was said what came of them.
    concluded: list[Call] = field(default_factory=list)
    # What was asked and is not decided: by its kind, the account that asked and the request's id.
    requests: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, str]:
        """Its tenant's and its own id, as its row has them."""
        _, tenant_id, row_id = self.id.split("_")
        return int(tenant_id), row_id

    def is_shared_with(self, body: str) -> bool:
        return any(shared == body for shared, _ in self.shares)

    def may_supervise(self, actor: Actor, *, only_from_above: bool) -> bool:
        """Tell whether the actor may urge: in the own community, or from above, also without a sight of it."""
        rows = None if actor.is_elsewhere else _SUPERVISES.get(actor.kind)
        return rows is not None and self.status in OPEN and (rows == "below" or not only_from_above)

    def may_conduct(self, actor: Actor, action: str, call: Call) -> bool:
        """Tell whether the actor may do something with one of its whistles."""
        verb, stands, callee_stands = CONDUCTS[action]
        if call not in self.calls or self.status not in OPEN or call.status != stands:
            return False
        if callee_stands not in ("", call.callee_status):
            return False
        if not (self.may(actor, "read") and self.may(actor, verb)):
            return False
        own = actor.body if actor.is_of_offices else COMMITTEE
        conductors = {
            "CONCLUDE_WHISTLE": {call.office, self.coordinator},
            "INSIST_ON_WHISTLE": {call.decider},
            "ACCEPT_DECLINE": {call.decider},
            "ANSWER_WHISTLE": {call.callee},
            "ARRIVE_AT_WHISTLE": {call.callee},
        }
        return own in conductors.get(action, {call.office})

    def allowed_of_task(self, actor: Actor, task_id: str) -> set[str]:
        """Tell what the actor may do with a part of it."""
        ends = {"FINISH_TASK", "DECLINE_TASK"} if self.may_end_task(actor, task_id) else set()
        return ends | ({"CANCEL_TASK"} if task_id in self.tasks and self.allows(actor, "CANCEL_TASK") else set())

    def allowed_of_whistle(self, actor: Actor, whistle_id: str) -> set[str]:
        """Tell what the actor may do with one of its whistles."""
        calls = [call for call in self.calls if call.id == whistle_id]
        return {each for each in _OF_WHISTLES for call in calls if self.may_conduct(actor, each, call)}

    def allowed_of_callee(self, actor: Actor, callee_id: str) -> set[str]:
        """Tell what the actor may do about a department that was called."""
        found = set()
        for call in (call for call in self.calls if call.callee_id == callee_id):
            found |= {each for each in CONDUCTS if each not in _OF_WHISTLES and self.may_conduct(actor, each, call)}
            if "ANSWER_WHISTLE" in found:
                found = {"COME_TO_WHISTLE"} | ({"DECLINE_WHISTLE"} if not call.is_insisted else set())
        for call in (call for call in self.concluded if call.callee_id == callee_id):
            found |= {"RATE_OFFICE"} if self._is_served(actor, "answer", call.callee) else set()
            is_own = not actor.is_of_offices and self.may(actor, "request")
            found |= {"RATE_DEPARTMENT"} if is_own or self._is_served(actor, "request", call.office) else set()
        return found

    @staticmethod
    def _is_served(actor: Actor, verb: str, body: str) -> bool:
        return not actor.is_elsewhere and _MAY[verb].get(actor.kind) == "up" and actor.body == body

    def may(self, actor: Actor, verb: str) -> bool:
        """Tell whether the actor's post reaches the case for this."""
        rows = None if actor.is_elsewhere else _MAY[verb].get(actor.kind)
        if rows is None:
            return False
        if rows == "up":
            # A whistle entrusts nobody with the case itself.
            kinds = {kind for body, kind in self.shares if body == actor.body}
            return bool(kinds if verb in _BY_WHISTLE else kinds - {"whistle"})
        is_handed = self.post == actor.post or (actor.body != COMMITTEE and self.body == actor.body)
        if verb == "read":
            is_handed = is_handed or any(self._is_given(actor, *task) for task in self.tasks.values())
        is_own = is_handed or (verb in ("read", "rate") and self.reporter == actor.account)
        at_place = (actor.grid != "" and actor.grid == self.grid) or (
            actor.building != "" and actor.building == self.building
        )
        return rows == "tenant" or is_own or (rows == "place" and at_place)

    @staticmethod
    def _is_given(actor: Actor, body: str, post: str) -> bool:
        return post == actor.post or (post == "" and body == actor.body)

    def may_end_task(self, actor: Actor, task_id: str) -> bool:
        """Tell whether the actor may say that a part is done."""
        task = self.tasks.get(task_id)
        rows = None if actor.is_elsewhere else _HANDLES.get(actor.kind)
        if task is None or rows is None or self.status not in _STARTED or not self.may(actor, "read"):
            return False
        return self._is_given(actor, *task) or (rows == "tenant" and not self.is_shared_with(task[0]))

    def end_task(self, task_id: str) -> None:
        """End a part, and what its body saw the case by, unless it has more to do with it."""
        body, _ = self.tasks.pop(task_id)
        if body not in (self.body, self.coordinator):
            self._keep([share for share in self.shares if share[0] != body or share[1] == "up" or self._is_busy(share)])

    def _coordinates(self, actor: Actor) -> bool:
        own = actor.body if actor.is_of_offices else COMMITTEE
        return self.coordinator == own

    def allows(self, actor: Actor, action: str) -> bool:
        """Tell whether the actor may take this step now, whatever else it may need."""
        verb, statuses = _STEPS[action]
        if not (self.may(actor, "read") and self.may(actor, verb) and self.status in statuses):
            return False
        return self._is_theirs(actor, verb) and self._suits(actor, action)

    def _is_theirs(self, actor: Actor, verb: str) -> bool:
        """Tell whether the case is in the hands of those who may do such things with it."""
        if verb in ("accept", "dispatch"):
            return self._coordinates(actor)
        if verb == "request":
            return not actor.is_of_offices or self._coordinates(actor)
        if verb in ("handle", "hand_on"):
            is_mine = actor.body != COMMITTEE and self.body == actor.body
            return is_mine or not (actor.is_of_offices or self.is_shared_with(self.body))
        return verb != "rate" or self.reporter == actor.account

    def _suits(self, actor: Actor, action: str) -> bool:
        """Tell whether it can be done now by this very person."""
        if action in _BY_OTHERS and actor.account in self.handlers:
            return False
        if action in _ASKS:
            is_timely = action != "REQUEST_RATES_EXCLUSION" or self.is_called_back
            return is_timely and _ASKS[action] not in self.requests
        if action in _DECIDES:
            asked = self.requests.get(_DECIDES[action])
            return asked is not None and asked[0] != actor.account
        if action == "RESUME":
            return self.is_stopped
        if action == "RATE":
            return not self.is_left_out and not (self.status == "CLOSED" and self.is_called_back)
        if action in ("RESOLVE", "CANCEL_TASK"):
            return (self.tasks == {}) == (action == "RESOLVE")
        return action != "CLOSE" or (
            (self.is_called_back or not self.needs_call_back) and (self.is_verified or not self.needs_verification)
        )

    def handle_again(self) -> None:
        """Send it back to whoever handled it."""
        self.status = "DISPATCHED"
        self.is_verified = False
        self.rework += 1

    def take_down(self) -> None:
        """Note that somebody said what became of it."""
        self.is_called_back, self.is_left_out = True, False
        self.verdicts += 1

    def let_lapse(self, body_before: str, verdicts_before: int) -> None:
        """Drop what nobody has to decide or to do any more, now that the case went another way."""
        is_same_verdict = self.status in SETTLED and self.verdicts == verdicts_before
        is_with_same = self.status in WITH_RECEIVER and self.body == body_before
        holds = {"EXTENSION": is_with_same, "OBJECTION": is_with_same, "RATES_EXCLUSION": is_same_verdict}
        self.requests = {kind: asked for kind, asked in self.requests.items() if holds[kind]}
        if self.status not in OPEN:
            self.tasks, self.calls = {}, []

    def share(self, body: str, kind: str) -> None:
        """Let a body outside see it, unless it does already by as much: of a body's shares the most trusting stays."""
        known = next((share for share in self.shares if share[0] == body), None)
        if known is not None and _KINDS.index(kind) >= _KINDS.index(known[1]):
            return
        self.shares = [*(share for share in self.shares if share != known), (body, kind)]

    def end_shares(self, *, but: str = "") -> None:
        """Keep no share, or those of the offices up to the one that coordinates, and of those that are busy with it."""
        handed_up = [body for body, kind in self.shares if kind == "up"]
        kept = handed_up[: handed_up.index(but) + 1] if but in handed_up else []
        busy = [share for share in self.shares if share[1] in ("task", "whistle") and self._is_busy(share)]
        self._keep([share for share in self.shares if share[0] in kept or share in busy])

    def end_shares_of_whistles(self) -> None:
        """Keep no share of a whistle but of those who have a part in one."""
        self._keep([share for share in self.shares if share[1] != "whistle" or self._is_busy(share)])

    def _keep(self, kept: list[tuple[str, str]]) -> None:
        ended = [share for share in self.shares if share not in kept]
        self.shares = kept
        for body, _ in ended:
            if self._has_task(body):
                self.share(body, "task")
            elif any(body in call.parties() for call in self.calls):
                self.share(body, "whistle")

    def _has_task(self, body: str) -> bool:
        return self.status in OPEN and any(body == other for other, _ in self.tasks.values())

    def _is_busy(self, share: tuple[str, str]) -> bool:
        body, kind = share
        return self._has_task(body) or (kind == "whistle" and any(body in call.parties() for call in self.calls))


# What is done with a whistle: the verb, and how it and its callee have to stand.
CONDUCTS: Mapping[str, tuple[str, str, str]] = {
    "WHISTLE": ("blow", "REQUESTED", ""),
    "REFUSE_WHISTLE": ("blow", "REQUESTED", ""),
    "ANSWER_WHISTLE": ("answer", "CALLED", "CALLED"),
    "ARRIVE_AT_WHISTLE": ("answer", "CALLED", "COMING"),
    "INSIST_ON_WHISTLE": ("blow", "CALLED", "DECLINED"),
    "ACCEPT_DECLINE": ("blow", "CALLED", "DECLINED"),
    "CONCLUDE_WHISTLE": ("request", "CALLED", ""),
}
_OF_WHISTLES = frozenset({"WHISTLE", "REFUSE_WHISTLE", "CONCLUDE_WHISTLE"})
_STEPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "ACCEPT": ("accept", frozenset({"REPORTED"})),
    "EXCLUDE": ("accept", frozenset({"REPORTED", "ACCEPTED"})),
    "MERGE": ("accept", OPEN),
    "DISPATCH": ("dispatch", frozenset({"ACCEPTED"})),
    "ESCALATE": ("dispatch", frozenset({"ACCEPTED", "RESOLVED"})),
    "HAND_BACK": ("dispatch", frozenset({"ACCEPTED", "RESOLVED"})),
    "REDISPATCH": ("dispatch", WITH_RECEIVER),
    "ASSIGN_TASK": ("dispatch", _STARTED),
    "CANCEL_TASK": ("dispatch", _STARTED),
    "END_TASK": ("handle", _STARTED),
    "SUSPEND": ("dispatch", _STARTED),
    "RESUME": ("dispatch", _STARTED),
    "HAND_ON": ("hand_on", WITH_RECEIVER),
    "HANDLE": ("handle", frozenset({"DISPATCHED"})),
    "OBJECT": ("handle", WITH_RECEIVER),
    "DECIDE_OBJECTION": ("dispatch", WITH_RECEIVER),
    "REQUEST_EXTENSION": ("handle", WITH_RECEIVER),
    "DECIDE_EXTENSION": ("dispatch", WITH_RECEIVER),
    "RETURN": ("handle", WITH_RECEIVER),
    "RESOLVE": ("handle", WITH_RECEIVER),
    "VERIFY": ("call_back", frozenset({"RESOLVED"})),
    "RATE": ("rate", SETTLED),
    "REQUEST_RATES_EXCLUSION": ("call_back", SETTLED),
    "DECIDE_RATES_EXCLUSION": ("close", SETTLED),
    "CALL_BACK": ("call_back", frozenset({"RESOLVED"})),
    "CLOSE": ("close", frozenset({"RESOLVED"})),
    "REOPEN": ("close", frozenset({"CLOSED"})),
    "REQUEST_WHISTLE": ("request", OPEN),
}
_BY_OTHERS = frozenset({"VERIFY", "RATE", "CALL_BACK", "CLOSE", "DECIDE_RATES_EXCLUSION"})
_ASKS = {
    "OBJECT": "OBJECTION",
    "REQUEST_EXTENSION": "EXTENSION",
    "REQUEST_RATES_EXCLUSION": "RATES_EXCLUSION",
}
_DECIDES = {f"DECIDE_{kind}": kind for kind in _ASKS.values()}
ACTIONS = tuple(_STEPS)
_SUPERVISES = {
    "committee-chair": "own",
    "party-secretary": "own",
    "party-secretary-of-street": "below",
    "officer": "below",
}
# What a case is shared for, the most trusting first.
_KINDS = ("up", "given", "task", "whistle")
# What a whistle's share is for.
_BY_WHISTLE = frozenset({"read", "request", "blow", "answer"})
# What is not offered with the case itself.
OF_PARTS = frozenset({"CANCEL_TASK", "END_TASK"})
