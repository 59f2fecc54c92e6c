"""Does a case ever go a way that it should not, or get lost? Ten thousand random steps by random posts, over HTTP."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from deploy.embedded.server import EmbeddedServer
from tests.fixtures.demo import Demo, open_demo
from tests.journeys.case_model import ACTIONS, COMMITTEE, DISTRICT, OPEN, STREET, Actor, Modelled
from tests.journeys.working import Desk, body_of, post_of

EXAMPLES, STEPS = 51, 200
_SLUG, _DEPARTMENT, _COMPANY = "guanyuan", "department", "company"
_NAMES = {
    COMMITTEE: "官园社区居民委员会",
    STREET: "巷口街道",
    DISTRICT: "芗城区",
    _DEPARTMENT: "芗城区城市管理局",
    _COMPANY: "芗里物业",
}
Result = TypeVar("Result")

# Everything that has to hold of a case, in one row.
_STANDING = """
    select c.status, coordinator.name as coordinator, body.name as body, c.rework_count as rework,
        coalesce('pos_' || c.tenant_id || '_' || c.accountable_position_id, '') as post,
        c.status in ('CLOSED', 'EXCLUDED', 'MERGED') or c.due_at is not null or c.stop_reason is not null as is_watched,
        (select json_agg(json_build_array(b.name, s.reason = 'HANDED_UP') order by s.shared_at, s.id)
         from case_shares s join bodies b on b.id = s.receiver_body_id
         where s.tenant_id = c.tenant_id and s.case_id = c.id and s.ended_at is null) as shares,
        (select json_agg(json_build_array(s.ordinal, s.from_status, s.to_status) order by s.ordinal)
         from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id) as steps,
        (select s.to_status = c.status and s.accountable_body_id = c.accountable_body_id
            and s.coordinator_body_id = c.coordinator_body_id and s.rework_count = c.rework_count
            and s.accountable_position_id is not distinct from c.accountable_position_id
            and s.due_at is not distinct from c.due_at and s.stop_reason is not distinct from c.stop_reason
         from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id order by s.ordinal desc limit 1)
            as is_replayed,
        (select count(*) from events e where e.tenant_id = c.tenant_id and e.case_id = c.id) as events,
        (select json_agg(a.subject) from work_items w join accounts a on a.id = w.account_id
         where w.tenant_id = c.tenant_id and w.case_id = c.id) as waiting
    from cases c join bodies coordinator on coordinator.id = c.coordinator_body_id
    join bodies body on body.id = c.accountable_body_id
    where c.tenant_id = $1 and c.id = $2
"""


@dataclass(slots=True)
class Town:
    """The demo with everybody in it, and what they can name."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    demo: Demo
    actors: list[Actor] = field(default_factory=list)
    places: list[dict[str, str]] = field(default_factory=list)
    receivers: list[tuple[dict[str, str], str, str]] = field(default_factory=list)
    # The estate that the company serves.
    estate: str = ""
    taken: int = 0
    done: int = 0


async def _actor(demo: Demo, kind: str, slug: str = _SLUG, **more: Any) -> Actor:  # noqa: ANN401
    account = f"{kind}@{slug}"
    post = await post_of(demo, account, slug)
    row = await demo.owner.fetchrow(
        "select p.place_id, l.kind from positions p join places l on l.tenant_id = p.tenant_id and l.id = p.place_id"
        " where 'pos_' || p.tenant_id || '_' || p.id = $1",
        post,
    )
    assert row is not None
    place = {row["kind"]: str(row["place_id"])}
    named = "party-secretary-of-street" if kind == "party-secretary" and slug != _SLUG else kind
    return Actor(account, named, post, grid=place.get("grid", ""), building=place.get("building", ""), **more)


async def _people(demo: Demo) -> list[Actor]:
    inside = ("worker", "committee-chair", "grid-leader", "grid-worker", "building-leader", "party-secretary")
    found = [await _actor(demo, kind) for kind in (*inside, "owners-chair", "resident", "admin", "auditor")]
    found += [await _actor(demo, kind, body=_COMPANY) for kind in ("property-manager", "property-worker")]
    above = (
        ("dispatcher", "xiangkou", STREET),
        ("party-secretary", "xiangkou", STREET),
        ("officer", "xiangcheng", DISTRICT),
        ("department-handler", "xiangcheng", _DEPARTMENT),
    )
    found += [await _actor(demo, kind, slug, body=body, is_of_offices=True) for kind, slug, body in above]
    elsewhere = (("dispatcher", "gudong"), ("department-handler", "gulou"), ("worker", "xiyuan"))
    return found + [await _actor(demo, kind, slug, is_elsewhere=True) for kind, slug in elsewhere]


async def _open(server: EmbeddedServer, stack: AsyncExitStack, town: Callable[[Demo], Town]) -> Town:
    demo = await stack.enter_async_context(open_demo(server, f"demo_machine_{os.getpid()}"))
    made = town(demo)
    made.actors = await _people(demo)
    kinds = {actor.kind: actor for actor in made.actors if not actor.is_elsewhere}
    rows = await demo.owner.fetch(
        """select l.kind, l.tenant_id, l.id, l.grid_id, l.building_id, l.estate_id from places l
           join tenants t on t.id = l.tenant_id where t.slug = $1 and (l.kind in ('grid', 'estate')
             or l.id = $2 or (l.kind = 'dwelling' and l.building_id = $2)) order by l.kind, l.sort_key limit 12""",
        _SLUG,
        kinds["building-leader"].building,
    )
    made.places = [{name: str(row[name] or "") for name in row.keys()} for row in rows]  # noqa: SIM118 - a record.
    made.estate = await demo.owner.fetchval(
        "select place_id::text from positions p where 'pos_' || p.tenant_id || '_' || p.id = $1",
        kinds["property-manager"].post,
    )
    made.receivers = [
        *(({"positionId": kinds[kind].post}, kind, COMMITTEE) for kind in ("worker", "grid-worker", "building-leader")),
        ({"positionId": kinds["property-worker"].post}, "property-worker", _COMPANY),
        ({"bodyId": await body_of(demo, "prc", _NAMES[_COMPANY])}, "", _COMPANY),
        ({"bodyId": await body_of(demo, "dep", _NAMES[_DEPARTMENT])}, "", _DEPARTMENT),
        # Nobody that it can be handed to.
        ({"positionId": kinds["resident"].post}, "resident", ""),
        ({"bodyId": await body_of(demo, "dep", "鼓楼区城市管理局")}, "", ""),
    ]
    return made


@pytest.fixture(scope="module")
def town(server: EmbeddedServer) -> Iterator[Town]:
    """A demo of the machine's own, on a loop of its own: hypothesis knows no other."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        made: Town = runner.run(_open(server, stack, lambda demo: Town(runner.run, demo)))
        yield made
        runner.run(stack.aclose())


class CaseMachine(RuleBasedStateMachine):
    """Takes random steps, and holds what comes of them against the model."""

    town: Town

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
        self._report(actor, place, source="SNAPSHOT" if who == "resident" else "PATROL")

    def _report(self, actor: Actor, place: dict[str, str], source: str) -> None:
        prefix = {"grid": "grd", "estate": "est", "building": "bld", "dwelling": "dwl"}[place["kind"]]
        given = {"title": "积水", "description": "积水", "categoryCode": "0104", "kind": "HELP", "source": source}
        at = {"placeId": f"{prefix}_{place['tenant_id']}_{place['id']}"}
        payload = self._send(actor, "Report", input={**given, "at": at})["reportCase"]
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
            self.cases.append(self.touched)
            self.town.done += 1

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
        take(actor, case, choice)
        self.touched = case

    def _send(self, actor: Actor, operation: str, **variables: object) -> dict[str, Any]:
        found: dict[str, Any] = self.town.run(Desk(self.town.demo, actor.account).send(operation, **variables))
        return found

    def _take(
        self, actor: Actor, case: Modelled, action: str, *, operation: str, fits: bool = True, **given: object
    ) -> bool:
        """Try a step, and hold whether it was taken against the model."""
        (payload,) = self._send(actor, operation, caseId=case.id, **given).values()
        is_allowed = fits and case.allows(actor, action)
        assert (payload["errors"] == []) == is_allowed, f"{actor} {action} {case}: {payload}"
        assert is_allowed == (payload["case"] is not None)
        self.town.taken += 1
        self.town.done += is_allowed
        case.steps += is_allowed
        return is_allowed

    def _accept(self, actor: Actor, case: Modelled, _: int) -> None:
        if case.status == "DISPATCHED":
            self._handle(actor, case, _)
        elif self._take(actor, case, "ACCEPT", operation="Accept"):
            case.status, case.post = "ACCEPTED", "" if actor.is_of_offices else actor.post

    def _handle(self, actor: Actor, case: Modelled, _: int) -> None:
        if case.status != "DISPATCHED":
            self._accept_only(actor, case)
        elif self._take(actor, case, "HANDLE", operation="Accept"):
            case.status = "HANDLING"
            self._take_up(actor, case)

    def _accept_only(self, actor: Actor, case: Modelled) -> None:
        if self._take(actor, case, "ACCEPT", operation="Accept"):
            case.status, case.post = "ACCEPTED", "" if actor.is_of_offices else actor.post

    def _take_up(self, actor: Actor, case: Modelled) -> None:
        case.handlers.add(actor.account)
        if not case.post and not actor.is_of_offices and case.body == actor.body:
            case.post = actor.post

    def _dispatch(self, actor: Actor, case: Modelled, choice: int) -> None:
        to, kind, body = self.town.receivers[choice % len(self.town.receivers)]
        fits = body != "" and (body != _COMPANY or case.estate == self.town.estate)
        if actor.is_of_offices:
            fits = body == _DEPARTMENT
        if self._take(actor, case, "DISPATCH", operation="Dispatch", fits=fits, input={"to": to}):
            case.status, case.body = "DISPATCHED", body
            case.post = to.get("positionId", "") if kind else ""
            if body == _DEPARTMENT and not case.is_shared_with(body):
                case.shares.append((body, False))

    def _exclude(self, actor: Actor, case: Modelled, _: int) -> None:
        if self._take(actor, case, "EXCLUDE", operation="Exclude", reason="WITHDRAWN", reply="已撤回"):
            case.status, case.shares = "EXCLUDED", []

    def _merge(self, actor: Actor, case: Modelled, choice: int) -> None:
        into = self.cases[choice % len(self.cases)]
        # An office has nothing of the other case in hand, which is another tenant's.
        fits = into is not case and into.status in OPEN and not actor.is_of_offices and into.may(actor, "read")
        if self._take(actor, case, "MERGE", operation="Merge", fits=fits, intoCaseId=into.id):
            case.status, case.shares = "MERGED", []

    def _escalate(self, actor: Actor, case: Modelled, _: int) -> None:
        above = {COMMITTEE: STREET, STREET: DISTRICT}.get(case.coordinator, "")
        if self._take(actor, case, "ESCALATE", operation="Escalate", fits=above != "", summary="请上级协调"):
            case.coordinator = case.body = above
            case.post = ""
            case.shares.append((above, True))

    def _hand_back(self, actor: Actor, case: Modelled, _: int) -> None:
        below = {STREET: COMMITTEE, DISTRICT: STREET}.get(case.coordinator, "")
        if self._take(actor, case, "HAND_BACK", operation="HandBack", fits=below != "", reason="请自行处置"):
            case.coordinator = case.body = below
            case.post = ""
            case.end_shares(but=below)

    def _hand_on(self, actor: Actor, case: Modelled, choice: int) -> None:
        kind = ("property-worker", "property-manager", "grid-worker")[choice % 3]
        post = next(one.post for one in self.town.actors if one.kind == kind and not one.is_elsewhere)
        fits = kind != "grid-worker" and case.body == _COMPANY
        if self._take(actor, case, "HAND_ON", operation="HandOn", fits=fits, positionId=post):
            case.status, case.post = "DISPATCHED", post

    def _return(self, actor: Actor, case: Modelled, _: int) -> None:
        if self._take(actor, case, "RETURN", operation="Return", reason="不属本单位职责"):
            case.status, case.body, case.post = "ACCEPTED", case.coordinator, ""
            case.end_shares(but=case.coordinator)

    def _resolve(self, actor: Actor, case: Modelled, _: int) -> None:
        if self._take(actor, case, "RESOLVE", operation="Resolve", input={"note": "已处置"}):
            case.status, case.is_called_back = "RESOLVED", False
            self._take_up(actor, case)

    def _call_back(self, actor: Actor, case: Modelled, choice: int) -> None:
        told = (
            {"isContacted": False},
            {"isContacted": True, "isSolved": True},
            {"isContacted": True, "isSolved": False},
        )
        given = told[choice % 3]
        if self._take(actor, case, "CALL_BACK", operation="CallBack", input=given):
            case.is_called_back = True
            if given.get("isSolved") is False:
                case.status = "DISPATCHED"
                case.rework += 1

    def _close(self, actor: Actor, case: Modelled, _: int) -> None:
        if self._take(actor, case, "CLOSE", operation="Close"):
            case.status, case.shares = "CLOSED", []

    def _reopen(self, actor: Actor, case: Modelled, _: int) -> None:
        if self._take(actor, case, "REOPEN", operation="Reopen", reason="问题重现"):
            case.status, case.is_called_back = "ACCEPTED", False
            case.coordinator = case.body = COMMITTEE
            case.post = ""
            case.rework += 1

    # --- what always holds ---------------------------------------------------------------------------------------

    @invariant()
    def stands_as_modelled(self) -> None:
        if self.touched is None:
            return
        case, (_, tenant_id, row_id) = self.touched, self.touched.id.split("_")
        row = self.town.run(self.town.demo.owner.fetchrow(_STANDING, int(tenant_id), row_id))
        assert row["is_watched"]
        assert row["is_replayed"]
        assert (row["status"], row["rework"], row["post"]) == (case.status, case.rework, case.post)
        assert (row["coordinator"], row["body"]) == (_NAMES[case.coordinator], _NAMES[case.body])
        shares = [[_NAMES[body], is_up] for body, is_up in case.shares]
        assert orjson.loads(row["shares"] or "[]") == shares
        steps = orjson.loads(row["steps"])
        assert [ordinal for ordinal, *_ in steps] == list(range(1, case.steps + 1))
        assert [before for _, before, _ in steps] == [None, *(after for *_, after in steps[:-1])]
        assert row["events"] == case.steps
        waiting = orjson.loads(row["waiting"] or "[]")
        assert (waiting != []) == (case.status in OPEN), f"{case} waits for {waiting}"
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
            page = self._send(actor, "Seen", id=case.id)["case"]
            shown = page is not None and (page["title"] is not None or page["steps"] is not None)
            assert shown == case.may(actor, "read"), f"{actor} of {case}: {page}"

    @invariant()
    def offers_what_may_be_done(self) -> None:
        case = self.touched
        if case is None or self.town.taken % 4:
            return
        actor = self.town.actors[self.town.taken // 4 % len(self.town.actors)]
        page = self._send(actor, "Seen", id=case.id)["case"]
        told = {each["action"] for each in (page or {"can": None})["can"] or () if each["isAllowed"]}
        assert told == {action for action in ACTIONS if case.allows(actor, action)}, f"{actor} of {case}"


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

    # A run takes now and then a step less than it may.
    assert town.taken >= 10_000
    # Most were steps that somebody might take: a walk of refusals goes nowhere.
    assert town.done >= town.taken // 4
