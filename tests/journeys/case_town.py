"""Who and what is in the town in which random steps are taken, and what has to hold of a case there?"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from deploy.embedded.server import EmbeddedServer
from tests.fixtures.demo import Demo, open_demo
from tests.journeys.case_model import COMMITTEE, DISTRICT, STREET, Actor, Modelled
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"
DEPARTMENT, COMPANY = "department", "company"
NAMES = {
    COMMITTEE: "官园社区居民委员会",
    STREET: "巷口街道",
    DISTRICT: "芗城区",
    DEPARTMENT: "芗城区城市管理局",
    COMPANY: "芗里物业",
}
# Everything that has to hold of a case, in one row.
STANDING = """
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
            and s.stopped_until is not distinct from c.stopped_until
         from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id order by s.ordinal desc limit 1)
            as is_replayed,
        (select count(*) from events e where e.tenant_id = c.tenant_id and e.case_id = c.id) as events,
        (select json_object_agg(r.kind, 'pending') from case_requests r
         where r.tenant_id = c.tenant_id and r.case_id = c.id and r.status = 'REQUESTED') as requests,
        coalesce(c.stopped_until > now(), false) as is_stopped,
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
    department: str = ""
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
    found += [await _actor(demo, kind, body=COMPANY) for kind in ("property-manager", "property-worker")]
    above = (
        ("dispatcher", "xiangkou", STREET),
        ("party-secretary", "xiangkou", STREET),
        ("officer", "xiangcheng", DISTRICT),
        ("department-handler", "xiangcheng", DEPARTMENT),
    )
    found += [await _actor(demo, kind, slug, body=body, is_of_offices=True) for kind, slug, body in above]
    elsewhere = (("dispatcher", "gudong"), ("department-handler", "gulou"), ("worker", "xiyuan"))
    return found + [await _actor(demo, kind, slug, is_elsewhere=True) for kind, slug in elsewhere]


async def open_town(server: EmbeddedServer, stack: AsyncExitStack, town: Callable[[Demo], Town]) -> Town:
    """Open a demo of the machine's own, with everybody in it."""
    demo = await stack.enter_async_context(open_demo(server, f"demo_machine_{os.getpid()}"))
    # What has to hold is asked after every step: planned once, and not by going through all events.
    await demo.owner.execute("create index on events (tenant_id, case_id)")
    await demo.owner.execute("set plan_cache_mode = force_generic_plan")
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
    made.department = await body_of(demo, "dep", NAMES[DEPARTMENT])
    made.receivers = [
        *(({"positionId": kinds[kind].post}, kind, COMMITTEE) for kind in ("worker", "grid-worker", "building-leader")),
        ({"positionId": kinds["property-worker"].post}, "property-worker", COMPANY),
        ({"bodyId": await body_of(demo, "prc", NAMES[COMPANY])}, "", COMPANY),
        ({"bodyId": await body_of(demo, "dep", NAMES[DEPARTMENT])}, "", DEPARTMENT),
        # Nobody that it can be handed to.
        ({"positionId": kinds["resident"].post}, "resident", ""),
        ({"bodyId": await body_of(demo, "dep", "鼓楼区城市管理局")}, "", ""),
    ]
    return made


def fits_receiver(town: Town, actor: Actor, case: Modelled, body: str) -> bool:
    """Tell whether something of the case can be handed to a receiver of that body by the actor."""
    if actor.is_of_offices:
        return body == DEPARTMENT
    return body != "" and (body != COMPANY or case.estate == town.estate)


class Steps:
    """Tries steps, and holds whether they were taken against the model."""

    town: Town

    def send(self, actor: Actor, operation: str, **variables: object) -> dict[str, Any]:
        """Send an operation as somebody and give its data."""
        found: dict[str, Any] = self.town.run(Desk(self.town.demo, actor.account).send(operation, **variables))
        return found

    def take(
        self, actor: Actor, case: Modelled, action: str, *, operation: str, fits: bool = True, **given: object
    ) -> bool:
        """Try a step, and hold whether it was taken against the model."""
        return self.tried(actor, case, action, operation, {"caseId": case.id, **given}, fits=fits) is not None

    def tried(
        self,
        actor: Actor,
        case: Modelled,
        action: str,
        operation: str,
        given: Mapping[str, object],
        *,
        fits: bool = True,
    ) -> dict[str, Any] | None:
        """Try what the model allows or not, and give what the payload shows of it."""
        return self.compared(actor, case, operation, given, is_allowed=fits and case.allows(actor, action))

    def compared(
        self, actor: Actor, case: Modelled, operation: str, given: Mapping[str, object], *, is_allowed: bool
    ) -> dict[str, Any] | None:
        """Try something, and hold whether it was done against whether it is allowed; give what the payload shows."""
        (payload,) = self.send(actor, operation, **given).values()
        assert (payload["errors"] == []) == is_allowed, f"{actor} {operation} {case}: {payload}"
        shown: dict[str, Any] | None = payload.get("case") or payload.get("asked")
        assert is_allowed == (shown is not None)
        self.town.taken += 1
        self.town.done += is_allowed
        case.steps += is_allowed
        return shown
