"""How does an invented case come to where it stands? Step by step, as the commands of services/cases would take it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from deploy.simulate.case_scene import Category, Office, Spot
from services.calendars.rules import WorkCalendar
from services.cases.rules import CALLED_BACK_SOURCES, MOVES, OPEN

_AT_LEAST_BETWEEN = timedelta(minutes=2)


def to_millisecond(at: datetime) -> datetime:
    """Cut an instant to what is stored of it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class NotYetError(Exception):
    """The next step lies after now, or would end a case that is to stay open: the story stops where it is."""


class Actor(NamedTuple):
    """Who takes a step: an account by a post in a body of some tenant."""

    tenant_id: int
    account_id: uuid.UUID
    body_id: uuid.UUID | None
    position_id: uuid.UUID | None
    public_name: str | None


class Answering(NamedTuple):
    """Who answers for a case: a body, perhaps a post in it."""

    body_id: uuid.UUID
    position_id: uuid.UUID | None = None


class Reporter(NamedTuple):
    """Whose case it is, masked as those called from outside see them."""

    person_id: uuid.UUID | None
    name_masked: str | None
    phone_masked: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """What is reported."""

    title: str
    description: str
    kind: str
    source: str
    spot: Spot
    reporter: Reporter
    is_confidential: bool = False


@dataclass(slots=True)
class Shared:
    """A share of the case, perhaps ended."""

    receiver_tenant_id: int
    receiver_body_id: uuid.UUID
    reason: str
    shared_at: datetime
    title: str
    description: str
    ended_at: datetime | None = None


class Taken(NamedTuple):
    """A step that was taken, and how the case stood after it."""

    at: datetime
    action: str
    from_status: str | None
    to_status: str
    actor: Actor
    is_handling: bool
    note: str | None
    coordinator_body_id: uuid.UUID
    answering: Answering
    due_at: datetime
    rework_count: int
    # Of a call-back: reached, solved, how satisfied.
    call_back: tuple[bool, bool | None, str | None] | None = None


@dataclass(slots=True)
class Story:
    """A case on its way. Each step changes what stands here first and is then taken, or raises NotYetError."""

    told: Told
    category: Category
    own: Office
    calendar: WorkCalendar
    reported_at: datetime
    now: datetime
    stays_open: bool = False
    most_steps: int = 99
    due_at: datetime = field(init=False)
    status: str = "REPORTED"
    coordinator: uuid.UUID = field(init=False)
    answering: Answering = field(init=False)
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    called_back_at: datetime | None = None
    call_back: tuple[bool, bool | None, str | None] | None = None
    rework_count: int = 0
    duplicate_of: Story | None = None
    steps: list[Taken] = field(default_factory=list)
    shares: list[Shared] = field(default_factory=list)
    handlers: set[uuid.UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.coordinator = self.own.body_id
        self.answering = Answering(self.own.body_id)
        self.due_at = self._due(self.reported_at)

    @property
    def needs_call_back(self) -> bool:
        """Somebody waits to hear back."""
        return self.told.source in CALLED_BACK_SOURCES

    @property
    def is_open(self) -> bool:
        """It has not ended."""
        return self.status in OPEN

    @property
    def due_body_id(self) -> uuid.UUID:
        """Who answers for it as it falls due."""
        due_at, found = self.steps[0].due_at, self.steps[0].answering.body_id
        for step in self.steps[1:]:
            if step.due_at != due_at or step.at <= due_at:
                found = step.answering.body_id
            due_at = step.due_at
        return found

    def report(self, actor: Actor) -> None:
        """Report it."""
        self._take("REPORT", self.reported_at, actor, from_status=None)

    def fix_on_spot(self, actor: Actor, note: str) -> None:
        """Find and fix it in one step."""
        self.status, self.resolved_at = "RESOLVED", self._later(self.reported_at)
        self._take("HANDLE_ON_SPOT", self.reported_at, actor, from_status="REPORTED", note=note, is_handling=True)

    def accept(self, at: datetime, actor: Actor) -> None:
        """Take it on."""
        self._check("ACCEPT", at, "ACCEPTED", actor)
        before, self.status, self.accepted_at = self.status, "ACCEPTED", self._later(at)
        self.answering = Answering(self.answering.body_id, actor.position_id)
        self._take("ACCEPT", at, actor, from_status=before)

    def exclude(self, at: datetime, actor: Actor, note: str) -> None:
        """Say why it is not taken on."""
        self._check("EXCLUDE", at, "EXCLUDED", actor)
        before, self.status = self.status, "EXCLUDED"
        self._end_shares(at)
        self._take("EXCLUDE", at, actor, from_status=before, note=note)

    def merge(self, at: datetime, actor: Actor, into: Story) -> None:
        """Settle it with another one; the note is that one's number, once it has one."""
        self._check("MERGE", at, "MERGED", actor)
        before, self.status, self.duplicate_of = self.status, "MERGED", into
        self._end_shares(at)
        self._take("MERGE", at, actor, from_status=before)

    def dispatch(
        self, at: datetime, actor: Actor, to: Answering, *, note: str | None = None, outside: int | None = None
    ) -> None:
        """Hand it to whoever is to handle it; to a department outside, by a share with its tenant."""
        self._check("DISPATCH", at, "DISPATCHED", actor)
        before, self.status, self.dispatched_at, self.answering = self.status, "DISPATCHED", self._later(at), to
        if outside is not None:
            up = next((share for share in reversed(self.shares) if share.reason == "HANDED_UP"), None)
            title = up.title if up else self.told.title
            self._share(Shared(outside, to.body_id, "DISPATCHED", self._later(at), title, note or ""))
        self._take("DISPATCH", at, actor, from_status=before, note=note)

    def escalate(self, at: datetime, actor: Actor, office: Office, summary: str) -> None:
        """Hand it up to the office above."""
        self._check("ESCALATE", at, "ACCEPTED", actor)
        self._share(Shared(office.id, office.body_id, "HANDED_UP", self._later(at), summary, ""))
        self.coordinator, self.answering = office.body_id, Answering(office.body_id)
        self._take("ESCALATE", at, actor, from_status=self.status, note=summary)

    def hand_back(self, at: datetime, actor: Actor, note: str) -> None:
        """Give it back to the community."""
        self._check("HAND_BACK", at, "ACCEPTED", actor)
        self._end_shares(at)
        self.coordinator, self.answering = self.own.body_id, Answering(self.own.body_id)
        self._take("HAND_BACK", at, actor, from_status=self.status, note=note)

    def hand_on(self, at: datetime, actor: Actor, position_id: uuid.UUID) -> None:
        """Hand it on within a company."""
        self._check("HAND_ON", at, "DISPATCHED", actor)
        before, self.status = self.status, "DISPATCHED"
        self.answering = Answering(self.answering.body_id, position_id)
        self._take("HAND_ON", at, actor, from_status=before)

    def handle(self, at: datetime, actor: Actor) -> None:
        """Begin to handle it."""
        self._check("HANDLE", at, "HANDLING", actor)
        before, self.status = self.status, "HANDLING"
        self._take_up(actor)
        self._take("HANDLE", at, actor, from_status=before, is_handling=True)

    def give_back(self, at: datetime, actor: Actor, note: str) -> None:
        """Return it to whoever dispatched it."""
        self._check("RETURN", at, "ACCEPTED", actor)
        before, self.status, self.answering = self.status, "ACCEPTED", Answering(self.coordinator)
        self._end_shares(at, but=self.coordinator)
        self._take("RETURN", at, actor, from_status=before, note=note)

    def resolve(self, at: datetime, actor: Actor, note: str) -> None:
        """Say how it is settled."""
        self._check("RESOLVE", at, "RESOLVED", actor)
        before, self.status, self.resolved_at = self.status, "RESOLVED", self._later(at)
        self.called_back_at = self.call_back = None
        self._take_up(actor)
        self._take("RESOLVE", at, actor, from_status=before, note=note, is_handling=True)

    def hear(self, at: datetime, actor: Actor, answer: tuple[bool, bool | None, str | None], note: str | None) -> None:
        """Call the reporter back: reached, solved, how satisfied; unsolved, it is handled again."""
        is_unsolved = answer[1] is False
        self._check("CALL_BACK", at, "DISPATCHED" if is_unsolved else "RESOLVED", actor)
        before, self.called_back_at, self.call_back = self.status, self._later(at), answer
        if is_unsolved:
            self.status, self.resolved_at = "DISPATCHED", None
            self.rework_count += 1
        self._take("CALL_BACK", at, actor, from_status=before, note=note)

    def close(self, at: datetime, actor: Actor) -> None:
        """Close it."""
        self._check("CLOSE", at, "CLOSED", actor)
        if self.needs_call_back and self.called_back_at is None:
            raise ValueError("closed without a call-back")
        before, self.status, self.closed_at = self.status, "CLOSED", self._later(at)
        self._end_shares(at)
        self._take("CLOSE", at, actor, from_status=before)

    def reopen(self, at: datetime, actor: Actor, note: str) -> None:
        """Take it up again, with a new time limit."""
        self._check("REOPEN", at, "ACCEPTED", actor)
        before, self.status = self.status, "ACCEPTED"
        self.rework_count += 1
        self.closed_at = self.resolved_at = self.dispatched_at = self.called_back_at = self.call_back = None
        self.coordinator, self.answering = self.own.body_id, Answering(self.own.body_id)
        self.due_at = self._due(self._later(at))
        self._take("REOPEN", at, actor, from_status=before, note=note)

    def _due(self, start: datetime) -> datetime:
        return self.calendar.add(start, self.category.limit_amount, self.category.limit_unit)

    def _later(self, at: datetime) -> datetime:
        return to_millisecond(max(at, self.steps[-1].at + _AT_LEAST_BETWEEN) if self.steps else at)

    def _check(self, action: str, at: datetime, to_status: str, actor: Actor) -> None:
        move = MOVES[action]
        if self.status not in move.from_statuses or (move.by_others and actor.account_id in self.handlers):
            raise ValueError(f"{action} of a case that is {self.status}")
        if self._later(at) >= self.now or len(self.steps) >= self.most_steps:
            raise NotYetError
        if self.stays_open and to_status not in OPEN:
            raise NotYetError

    def _take_up(self, actor: Actor) -> None:
        is_ours = actor.tenant_id == self.own.id and actor.body_id == self.answering.body_id
        if is_ours and self.answering.position_id is None:
            self.answering = Answering(self.answering.body_id, actor.position_id)

    def _share(self, share: Shared) -> None:
        if all(one.ended_at or one.receiver_body_id != share.receiver_body_id for one in self.shares):
            self.shares.append(share)

    def _end_shares(self, at: datetime, *, but: uuid.UUID | None = None) -> None:
        for share in self.shares:
            if share.ended_at is None and (share.reason != "HANDED_UP" or share.receiver_body_id != but):
                share.ended_at = self._later(at)

    def _take(
        self,
        action: str,
        at: datetime,
        actor: Actor,
        *,
        from_status: str | None,
        note: str | None = None,
        is_handling: bool = False,
    ) -> None:
        if is_handling:
            self.handlers.add(actor.account_id)
        standing = (self.coordinator, self.answering, self.due_at, self.rework_count)
        when, heard = self._later(at), self.call_back if action == "CALL_BACK" else None
        self.steps.append(Taken(when, action, from_status, self.status, actor, is_handling, note, *standing, heard))
