"""Does a case ever go a way that it should not, or get lost? Ten thousand random steps by random posts, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest
import uvloop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.embedded.server import EmbeddedServer
from deploy.settings import sqlalchemy_url
from services.case_counts.tables import CASES
from services.rollups.checking import Difference, find_differences
from tests.journeys.case_asking import AskingSteps
from tests.journeys.case_model import (
    ACTIONS,
    COMMITTEE,
    DISTRICT,
    OF_PARTS,
    OPEN,
    STREET,
    WITH_RECEIVER,
    Actor,
    Modelled,
)
from tests.journeys.case_town import COMPANY, DEPARTMENT, NAMES, STANDING, Town, fits_receiver, open_town
from tests.journeys.case_whistling import CALLS, WhistlingSteps

EXAMPLES, STEPS = 54, 200


@pytest.fixture(scope="module")
def town(server: EmbeddedServer) -> Iterator[Town]:
    """A demo of the machine's own, on a loop of its own: hypothesis knows no other."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stack = AsyncExitStack()
        # Not as a runner does, which handles signals anew with each step.
        run = runner.get_loop().run_until_complete
        made: Town = run(open_town(server, stack, lambda demo: Town(run, demo)))
        yield made
        run(stack.aclose())


class CaseMachine(AskingSteps, WhistlingSteps, RuleBasedStateMachine):
    """Takes random steps, and holds what comes of them against the model."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Modelled] = []
        self.touched: Modelled | None = None
        # Who outside could read each case after the last step.
        self.readers: dict[str, set[str]] = {}

    # --- steps ---------------------------------------------------------------------------------------------------

    @rule(who=st.sampled_from(("resident", "worker", "grid-worker", "property-worker")), where=st.integers(0, 11))
    def report(self, who: str, where: int) -> None:
        actor = next(one for one in self.town.actors if one.kind == who and not one.is_elsewhere)
        place = self.town.places[where % len(self.town.places)]
        # Every fourth was fixed on the spot by whoever found it.
        is_fixed = who != "resident" and where % 4 == 0
        self._report(actor, place, source="SNAPSHOT" if who == "resident" else "PATROL", is_fixed=is_fixed)

    def _report(self, actor: Actor, place: dict[str, str], source: str, *, is_fixed: bool) -> None:
        prefix = {"grid": "grd", "estate": "est", "building": "bld", "dwelling": "dwl"}[place["kind"]]
        given = {"title": "积水", "description": "积水", "categoryCode": "0104", "kind": "HELP", "source": source}
        at = {"placeId": f"{prefix}_{place['tenant_id']}_{place['id']}"}
        handled = {"handled": {"note": "已清理"}} if is_fixed else {}
        payload = self.send(actor, "Report", input={**given, **handled, "at": at})["reportCase"]
        where = {name: place[f"{name}_id"] for name in ("grid", "building", "estate")}
        if place["kind"] in where:
            where[place["kind"]] = place["id"]
        may = {"resident": True, "worker": True, "grid-worker": where["grid"] == actor.grid}
        assert (payload["errors"] == []) == may.get(actor.kind, where["estate"] == self.town.estate), payload
        self.town.taken += 1
        if payload["case"]:
            needs = source == "SNAPSHOT"
            grid, building, estate = where["grid"], where["building"], where["estate"]
            case_id = payload["case"]["id"]
            self.touched = Modelled(case_id, actor.account, grid, building, estate, needs_call_back=needs)
            if is_fixed:
                self._fix(actor, self.touched)
            self.cases.append(self.touched)
            self.town.done += 1

    def _fix(self, actor: Actor, case: Modelled) -> None:
        case.status, case.steps, case.handlers = "RESOLVED", 2, {actor.account}
        # Which are drawn for verification, nobody can foretell.
        drawn = "select needs_verification from cases where tenant_id = $1 and id = $2"
        case.needs_verification = self.town.run(self.town.demo.owner.fetchval(drawn, *case.key))

    @rule(who=st.integers(0, 99), which=st.integers(0, 99), action=st.sampled_from(CALLS), choice=st.integers(0, 11))
    def call(self, who: int, which: int, action: str, choice: int) -> None:
        # Of those with a whistle rather, or there would hardly be an answer.
        cases = [one for one in self.cases[-6:] if one.calls] or self.cases[-6:]
        if not cases:
            self.report("resident", choice)
            return
        case = cases[which % len(cases)]
        self.conduct(case, action, who, choice)
        case.let_lapse(case.body, case.verdicts)
        self.touched = case

    @rule(who=st.integers(0, 99), which=st.integers(0, 99), action=st.sampled_from(ACTIONS), choice=st.integers(0, 11))
    def step(self, who: int, which: int, action: str, choice: int) -> None:
        if not self.cases:
            self.report("worker", choice)
            return
        case = self.cases[-1 - which % min(len(self.cases), 6)]
        able = [one for one in self.town.actors if case.allows(one, action)]
        # Mostly somebody who may, or hardly anything would ever happen.
        actor = able[who % len(able)] if able and who % 4 else self.town.actors[who % len(self.town.actors)]
        take: Callable[[Actor, Modelled, int], None] = getattr(self, f"_{action.lower()}")
        body, verdicts = case.body, case.verdicts
        take(actor, case, choice)
        case.let_lapse(body, verdicts)
        self.touched = case

    def _accept(self, actor: Actor, case: Modelled, _: int) -> None:
        if case.status == "DISPATCHED":
            self._handle(actor, case, _)
        elif self.take(actor, case, "ACCEPT", operation="Accept"):
            case.status, case.post = "ACCEPTED", "" if actor.is_of_offices else actor.post

    def _handle(self, actor: Actor, case: Modelled, _: int) -> None:
        if case.status != "DISPATCHED":
            self._accept_only(actor, case)
        elif self.take(actor, case, "HANDLE", operation="Accept"):
            case.status = "HANDLING"
            self._take_up(actor, case)

    def _accept_only(self, actor: Actor, case: Modelled) -> None:
        if self.take(actor, case, "ACCEPT", operation="Accept"):
            case.status, case.post = "ACCEPTED", "" if actor.is_of_offices else actor.post

    def _take_up(self, actor: Actor, case: Modelled) -> None:
        case.handlers.add(actor.account)
        if not case.post and not actor.is_of_offices and case.body == actor.body:
            case.post = actor.post

    def _redispatch(self, actor: Actor, case: Modelled, choice: int) -> None:
        self._dispatch(actor, case, choice)

    def _dispatch(self, actor: Actor, case: Modelled, choice: int) -> None:
        to, kind, body = self.town.receivers[choice % len(self.town.receivers)]
        fits = fits_receiver(self.town, actor, case, body)
        action = "REDISPATCH" if case.status in WITH_RECEIVER else "DISPATCH"
        if self.take(actor, case, action, operation="Dispatch", fits=fits, input={"to": to}):
            if action == "REDISPATCH":
                case.end_shares(but=case.coordinator)
            case.status, case.body = "DISPATCHED", body
            case.post = to.get("positionId", "") if kind else ""
            if body == DEPARTMENT:
                case.share(body, "given")

    def _exclude(self, actor: Actor, case: Modelled, _: int) -> None:
        if self.take(actor, case, "EXCLUDE", operation="Exclude", reason="WITHDRAWN", reply="已撤回"):
            case.status, case.shares = "EXCLUDED", []

    def _merge(self, actor: Actor, case: Modelled, choice: int) -> None:
        into = self.cases[choice % len(self.cases)]
        # An office has nothing of the other case in hand, which is another tenant's.
        fits = into is not case and into.status in OPEN and not actor.is_of_offices and into.may(actor, "read")
        if self.take(actor, case, "MERGE", operation="Merge", fits=fits, intoCaseId=into.id):
            case.status, case.shares = "MERGED", []

    def _escalate(self, actor: Actor, case: Modelled, _: int) -> None:
        above = {COMMITTEE: STREET, STREET: DISTRICT}.get(case.coordinator, "")
        if self.take(actor, case, "ESCALATE", operation="Escalate", fits=above != "", summary="请上级协调"):
            case.coordinator = case.body = above
            case.post = ""
            case.share(above, "up")

    def _hand_back(self, actor: Actor, case: Modelled, _: int) -> None:
        below = {STREET: COMMITTEE, DISTRICT: STREET}.get(case.coordinator, "")
        if self.take(actor, case, "HAND_BACK", operation="HandBack", fits=below != "", reason="请自行处置"):
            case.coordinator = case.body = below
            case.post = ""
            case.end_shares(but=below)

    def _hand_on(self, actor: Actor, case: Modelled, choice: int) -> None:
        kind = ("property-worker", "property-manager", "grid-worker")[choice % 3]
        post = next(one.post for one in self.town.actors if one.kind == kind and not one.is_elsewhere)
        fits = kind != "grid-worker" and case.body == COMPANY
        if self.take(actor, case, "HAND_ON", operation="HandOn", fits=fits, positionId=post):
            case.status, case.post = "DISPATCHED", post

    def _return(self, actor: Actor, case: Modelled, _: int) -> None:
        if self.take(actor, case, "RETURN", operation="Return", reason="不属本单位职责"):
            case.status, case.body, case.post = "ACCEPTED", case.coordinator, ""
            case.end_shares(but=case.coordinator)

    def _resolve(self, actor: Actor, case: Modelled, _: int) -> None:
        if self.take(actor, case, "RESOLVE", operation="Resolve", input={"note": "已处置"}):
            case.status, case.is_called_back, case.is_stopped = "RESOLVED", False, False
            case.is_verified = case.is_left_out = False
            self._take_up(actor, case)

    def _call_back(self, actor: Actor, case: Modelled, choice: int) -> None:
        told = (
            {"isContacted": False},
            {"isContacted": True, "isSolved": True},
            {"isContacted": True, "isSolved": False},
        )
        given = told[choice % 3]
        if self.take(actor, case, "CALL_BACK", operation="CallBack", input=given):
            case.take_down()
            if given.get("isSolved") is False:
                case.handle_again()

    def _close(self, actor: Actor, case: Modelled, _: int) -> None:
        if self.take(actor, case, "CLOSE", operation="Close"):
            case.status, case.shares = "CLOSED", []

    def _reopen(self, actor: Actor, case: Modelled, _: int) -> None:
        if self.take(actor, case, "REOPEN", operation="Reopen", reason="问题重现"):
            case.status, case.is_called_back, case.is_stopped = "ACCEPTED", False, False
            case.is_verified = case.is_left_out = False
            case.coordinator = case.body = COMMITTEE
            case.post = ""
            case.rework += 1

    # --- what always holds ---------------------------------------------------------------------------------------

    @invariant()
    def stands_as_modelled(self) -> None:
        if self.touched is None:
            return
        case = self.touched
        row = self.town.run(self.town.demo.owner.fetchrow(STANDING, *case.key))
        assert row["is_watched"]
        assert row["is_replayed"]
        assert (row["status"], row["rework"], row["post"]) == (case.status, case.rework, case.post)
        assert (row["coordinator"], row["body"]) == (NAMES[case.coordinator], NAMES[case.body])
        shares = [[NAMES[body], kind == "up"] for body, kind in case.shares]
        assert orjson.loads(row["shares"] or "[]") == shares
        steps = orjson.loads(row["steps"])
        assert [ordinal for ordinal, *_ in steps] == list(range(1, case.steps + 1))
        assert [before for _, before, _ in steps] == [None, *(after for *_, after in steps[:-1])]
        assert row["events"] == case.steps
        assert set(orjson.loads(row["requests"] or "{}")) == set(case.requests), f"{case}"
        assert row["is_stopped"] == case.is_stopped
        waiting = orjson.loads(row["waiting"] or "[]")
        # What has ended waits for nobody, unless somebody still has to decide something about it.
        assert waiting or case.status not in OPEN, f"{case} waits for nobody"
        assert not waiting or case.status in OPEN or case.requests, f"{case} waits for {waiting}"
        for account in waiting:
            actor = next((one for one in self.town.actors if one.account == account), None)
            assert actor is None or case.may(actor, "read"), f"{account} is told of {case}"

    @invariant()
    def shows_nobody_more_than_is_shared(self) -> None:
        case = self.touched
        if case is None:
            return
        outside = [one for one in self.town.actors if one.is_of_offices or one.is_elsewhere]
        readers = {one.account for one in outside if case.may(one, "read")}
        # After every step whoever gained or lost sight by it, and one of the others in turn; now and then all of them.
        turned = readers ^ self.readers.get(case.id, set()) | {outside[self.town.taken % len(outside)].account}
        self.readers[case.id] = readers
        for actor in (one for one in outside if one.account in turned or self.town.taken % 16 == 0):
            page = self.send(actor, "Seen", id=case.id)["case"]
            shown = page is not None and (page["title"] is not None or page["steps"] is not None)
            assert shown == case.may(actor, "read"), f"{actor} of {case}: {page}"

    @invariant()
    def offers_what_may_be_done(self) -> None:
        case = self.touched
        if case is None or self.town.taken % 4:
            return
        actor = self.town.actors[self.town.taken // 4 % len(self.town.actors)]
        page = self.send(actor, "Offered", id=case.id)["case"] or {}
        offered = {action for action in ACTIONS if action not in OF_PARTS and case.allows(actor, action)}
        if case.may(actor, "read"):
            urges = (("URGE", False), ("SUPERVISE", True))
            offered |= {action for action, above in urges if case.may_supervise(actor, only_from_above=above)}
        assert allowed(page) == offered, f"{actor} of {case}"
        for task in page.get("tasks") or ():
            assert allowed(task) == case.allowed_of_task(actor, task["id"]), f"{actor} of {task} of {case}"
        for whistle in page.get("whistles") or ():
            assert allowed(whistle) == case.allowed_of_whistle(actor, whistle["id"]), f"{actor} of {whistle} of {case}"
            for callee in whistle["callees"]:
                assert allowed(callee) == case.allowed_of_callee(actor, callee["id"]), f"{actor} of {callee} of {case}"
        # Whoever is offered something is shown what it would be done with.
        assert case.tasks.keys() <= {task["id"] for task in page.get("tasks") or ()} or not case.may(actor, "read")


def allowed(offering: dict[str, Any]) -> set[str]:
    """Tell what an answer says may be done."""
    return {each["action"] for each in offering.get("can") or () if each["isAllowed"]}


async def _differences(town: Town) -> list[Difference]:
    engine = create_async_engine(sqlalchemy_url(town.demo.database.owner_url))
    async with engine.connect() as connection:
        found = await find_differences(connection, CASES)
    await engine.dispose()
    return found


def test_goes_no_way_that_it_should_not(town: Town) -> None:
    CaseMachine.town = town
    limits = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(CaseMachine, settings=limits)

    # All that was counted meanwhile is what the steps say.
    assert town.run(_differences(town)) == []
    # A run takes now and then a step less than it may.
    assert town.taken >= 10_000
    # Most were steps that somebody might take: a walk of refusals goes nowhere.
    assert town.done >= town.taken // 4
