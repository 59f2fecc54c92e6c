"""Which way do invented cases go? Mostly straight to the end, some on the spot, up, back, round again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from deploy.simulate.case_cast import Cast
from deploy.simulate.case_story import Actor, Answering, NotYetError, Story

# Of a hundred cases.
_LATE, _EXCLUDED, _RETURNED, _UNSOLVED, _REOPENED = 13, 3, 5, 4, 2
_TO_DEPARTMENT, _UP = 45, 60
_UNREACHED, _NEUTRAL, _DISSATISFIED = 7, 14, 5
_HUNDRED = 100
_DAY = timedelta(days=1)
_MORNING, _EVENING = 8, 20
_EXCLUSIONS = (
    "NOT_OUR_DUTY: 此事由其他单位负责，已告知办理途径。",
    "IN_COURT: 此事已进入诉讼，请以法院处理为准。",
    "NOT_CLEAR: 情况说明不清，请补充后再次反映。",
    "WITHDRAWN: 您已撤回此诉求。",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """When steps are taken: at parts of the time that the whole takes, by day unless it is urgent."""

    story: Story
    random: Random
    length: timedelta

    def at(self, part: float) -> datetime:
        """Tell when a part of the time is over."""
        return self._by_day(self.story.reported_at + self.length * part)

    def after_last(self, part: float) -> datetime:
        """Tell when a part of the time has passed since the last step."""
        return self._by_day(self.story.steps[-1].at + self.length * part)

    def _by_day(self, at: datetime) -> datetime:
        if self.story.due_at - self.story.reported_at <= _DAY:
            return at
        local = at.astimezone(self.story.reported_at.tzinfo)
        if _MORNING <= local.hour < _EVENING:
            return at
        hour = _MORNING if local.hour < _MORNING else self.random.randrange(15, _EVENING)
        return datetime.combine(local.date(), time(hour, local.minute, local.second), local.tzinfo)


@dataclass(frozen=True, slots=True)
class Plot:
    """How one case goes, and who is in it."""

    cast: Cast
    story: Story
    by: str
    settled: str

    def play(self, reporter: Actor) -> None:
        """Let it go as far as it goes until now."""
        story, random = self.story, self.cast.random
        story.report(reporter)
        limit = story.due_at - story.reported_at
        is_late = random.randrange(_HUNDRED) < _LATE
        pace = Pace(story, random, limit * (random.uniform(1.05, 1.8) if is_late else random.uniform(0.3, 0.95)))
        try:
            if self._is_fixed_on_spot():
                story.fix_on_spot(reporter, self.settled)
                self._settle(pace)
                return
            self._go(pace)
        except NotYetError:
            return

    def _is_fixed_on_spot(self) -> bool:
        is_found = self.story.told.source in ("PATROL", "VISIT") and self.by in ("grid", "worker")
        return is_found and self.cast.random.randrange(3) > 0

    def _go(self, pace: Pace) -> None:
        story, random = self.story, self.cast.random
        settler = self._settler()
        drawn = random.randrange(_HUNDRED)
        if drawn < _EXCLUDED:
            story.exclude(pace.at(0.2), settler, random.choice(_EXCLUSIONS))
            return
        story.accept(pace.at(0.05), settler)
        if drawn < _EXCLUDED + _RETURNED:
            self._return_once(pace, settler)
        self._handle(pace, settler)
        self._settle(pace)
        if random.randrange(_HUNDRED) < _REOPENED:
            story.reopen(pace.after_last(0.5), settler, "反映人表示问题再次出现，重新办理。")
            self._handle(pace, settler)
            self._settle(pace)

    def _settler(self) -> Actor:
        settler = self.cast.settler(self.story.told.spot, kept_out=tuple(self.story.handlers))
        if settler is None:
            raise NotYetError
        return settler

    def _return_once(self, pace: Pace, settler: Actor) -> None:
        story, cast = self.story, self.cast
        found = cast.department()
        if found is None:
            return
        department, handler = found
        to = Answering(department.body_id)
        story.dispatch(pace.at(0.1), settler, to, note="请核实办理。", outside=department.tenant_id)
        story.give_back(pace.at(0.2), cast.actor(handler), "经现场核实，不属本单位职责，退回重新派单。")

    def _handle(self, pace: Pace, settler: Actor) -> None:
        random = self.cast.random
        drawn = random.randrange(_HUNDRED)
        handler = None
        if self.cast.scene.own.kind == "street":
            # A street has nobody who handles: it hands everything to a department.
            handler = self._by_department(pace, settler)
            if handler is None:
                raise NotYetError
        elif self.by == "department" and drawn < _TO_DEPARTMENT:
            handler = self._by_department(pace, settler)
        elif self.by == "department" and drawn < _UP:
            handler = self._by_office(pace, settler)
        elif self.by == "property":
            handler = self._by_company(pace, settler)
        self._work(pace, handler or self._by_community(pace, settler))

    def _work(self, pace: Pace, handler: Actor) -> None:
        if self.cast.random.randrange(4):
            self.story.handle(pace.after_last(0.1), handler)
        self.story.resolve(max(pace.after_last(0.02), pace.at(0.6)), handler, self.settled)

    def _by_department(self, pace: Pace, settler: Actor) -> Actor | None:
        found = self.cast.department()
        if found is None:
            return None
        department, handler = found
        to = Answering(department.body_id)
        self.story.dispatch(pace.after_last(0.05), settler, to, note="请到现场处置。", outside=department.tenant_id)
        return self.cast.actor(handler)

    def _by_office(self, pace: Pace, settler: Actor) -> Actor | None:
        story, cast = self.story, self.cast
        coordinator = cast.office()
        if coordinator is None:
            return None
        office = cast.scene.above[0]
        story.escalate(pace.after_last(0.05), settler, office, f"{story.told.title}，需上级协调处置")
        handler = self._by_department(pace, coordinator)
        if handler is None:
            story.hand_back(pace.after_last(0.1), coordinator, "街道已协调，请社区跟进办理。")
        return handler

    def _by_company(self, pace: Pace, settler: Actor) -> Actor | None:
        story, cast = self.story, self.cast
        found = cast.company(story.told.spot)
        if found is None:
            return None
        to, people = found
        story.dispatch(pace.after_last(0.05), settler, to, note="请尽快处理并反馈。")
        chief, *others = people
        if not others or cast.random.randrange(2):
            return cast.actor(chief)
        worker = cast.random.choice(others)
        story.hand_on(pace.after_last(0.03), cast.actor(chief), worker.id)
        return cast.actor(worker)

    def _by_community(self, pace: Pace, settler: Actor) -> Actor:
        post = self.cast.handler(self.by, self.story.told.spot)
        handler = self.cast.actor(post)
        to = Answering(self.cast.scene.own.body_id, post.id)
        self.story.dispatch(pace.after_last(0.05), settler, to)
        return handler

    def _settle(self, pace: Pace) -> None:
        """Call back and close it; what is said to be unsolved is handled once more."""
        story, random = self.story, self.cast.random
        settler = self._settler()
        if story.needs_call_back or random.randrange(4) == 0:
            is_unsolved = story.rework_count == 0 and random.randrange(_HUNDRED) < _UNSOLVED
            if is_unsolved and story.steps[-1].action == "RESOLVE":
                handler = story.steps[-1].actor
                answer = (True, False, random.choice(("NEUTRAL", "DISSATISFIED")))
                story.hear(pace.after_last(0.15), settler, answer, "反映人表示问题还没有解决。")
                story.resolve(pace.after_last(0.3), handler, f"再次处理：{self.settled}")
            story.hear(pace.after_last(0.15), settler, self._answer(), None)
        story.close(pace.after_last(0.1), settler)

    def _answer(self) -> tuple[bool, bool | None, str | None]:
        drawn = self.cast.random.randrange(_HUNDRED)
        if drawn < _UNREACHED:
            return False, None, None
        if drawn < _UNREACHED + _DISSATISFIED:
            return True, True, "DISSATISFIED"
        return True, True, "NEUTRAL" if drawn < _UNREACHED + _DISSATISFIED + _NEUTRAL else "SATISFIED"
