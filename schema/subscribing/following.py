"""What is a subscriber told, and when does that end? Events in order, read as the caller, with the grants of now."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from schema.answers import answer, planned_refusal
from schema.compiler.faults import BadCursor, CursorExpired
from schema.compiler.feeding import EVENTS_AT_ONCE, plan_events, plan_newest
from schema.compiler.feeds import Feed, Letters
from schema.compiler.planning import Planner
from schema.compiler.reading import of_row
from schema.compiler.selection import Selector
from schema.compiler.values import decode_cursor, encode_cursor
from schema.subscribing.errors import NothingSubscribed, will_pass
from schema.subscribing.waking import Bell, Stopping, Waiter
from services.outbox.commands import REPLAYED_FOR
from tenants.errors import StaleGrants, TenantGone, TenantRequired
from tenants.renewing import renewing

if TYPE_CHECKING:
    from graphql import FieldNode

    from schema.compiler.documents import Operation
    from schema.compiler.plan import Plan
    from schema.compiler.values import Variables
    from schema.context import Credentials, Gateway
    from tenants.grants import Grants

# How often the caller's token and posts are looked at while nothing happens; it also makes up for a lost word.
SECONDS_BETWEEN_LOOKS = 15.0
# In seconds: after a look that failed for the moment, and doubled with each that fails after it.
SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
_ROOT = "Subscription"


class Change(NamedTuple):
    """One answer of a subscription, and the cursor to go on from after it."""

    body: bytes
    cursor: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a client wants to be told: by whom it is asked, and what."""

    caller: Credentials
    language: str
    operation: Operation
    variables: Mapping[str, Any]
    # Where to go on, newer than what the argument `after` says: what a client of events sends when it comes back.
    last_cursor: str | None = None


@dataclass(slots=True)
class Plans:
    """What is compiled for one fingerprint of grants."""

    fingerprint: str
    newest: Plan
    events: Plan
    # By response key, the selections of the changed row.
    rows: dict[str, Plan]


class Following:
    """Follows one feed for one caller, from a cursor or from now on."""

    def __init__(self, gateway: Gateway, bell: Bell, subscribed: Subscribed) -> None:
        """Take what is asked. Raises NothingSubscribed."""
        self._gateway = gateway
        self._bell = bell
        self._asked = subscribed
        reader = gateway.reader
        self._selector = Selector(reader.model.schema, subscribed.operation.fragments, subscribed.variables)
        selected = self._selector.of_set(subscribed.operation.node.selection_set, _ROOT)
        if not selected:
            raise NothingSubscribed
        (self._key, self._nodes), *_ = selected.items()
        self._name = self._nodes[0].name.value
        self._payload = reader.model.return_type(_ROOT, self._name).name
        self._shown = self._selector.of_nodes(self._nodes, self._payload)
        self._plans: Plans | None = None
        # What the plans bind: the number read up to, and the row of the event in hand.
        self._position = 0
        self._row: Any = None
        # Whether there may be more to read at once.
        self._is_behind = False

    @property
    def is_of_letters(self) -> bool:
        """Tell whether what is followed is written to the account alone."""
        return isinstance(self._gateway.reader.model.feeds[self._name], Letters)

    async def start(self) -> None:
        """Find where to begin, and refuse what can never be told.

        Raises Unauthenticated, TenantUnknown, TenantRequired, Forbidden, BadCursor, CursorExpired, TooCostly, TryAgain.
        """
        grants = await self._gateway.grants(self._asked.caller)
        after = await self._after(grants)
        for plan in self._compiled(grants).rows.values():
            plan.cost.check(self._asked.variables, self._gateway.request(grants, self._asked.language))
        if after is not None:
            self._position = after
            return
        found, _ = await self._read(grants, lambda plans: plans.newest)
        self._position = int(found)

    async def changes(self) -> AsyncIterator[Change]:
        """Give the changes as they happen, without end; what passes is waited out.

        Raises Stopping at the end of the process; Unauthenticated, TenantUnknown or Forbidden once the caller may not
        be told any more.
        """
        waiter = Waiter()
        pause = SHORTEST_PAUSE
        with self._bell.waiting(waiter):
            while True:
                waiter.woken.clear()
                if self._bell.is_stopping:
                    raise Stopping
                try:
                    async with aclosing(self._look(waiter)) as told:
                        async for change in told:
                            yield change
                            pause = SHORTEST_PAUSE
                except Exception as error:
                    if not will_pass(error):
                        raise
                    # Not all who were cut off at once come back at once. What listens has logged an outage for all.
                    await self._bell.pause(waiter, pause * random.uniform(0.5, 1))  # noqa: S311 - no secret.
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                pause = SHORTEST_PAUSE
                if not self._is_behind:
                    await waiter.wait(SECONDS_BETWEEN_LOOKS)

    async def _look(self, waiter: Waiter) -> AsyncGenerator[Change, None]:
        """Give what is new in the next batch of events, to the caller as he may see it now."""
        grants = await self._gateway.grants(self._asked.caller)
        self._let_ring(waiter, grants)
        batch, grants = await self._read(grants, lambda plans: plans.events)
        for event in batch["events"]:
            change, grants = await self._change(event, grants)
            yield change
            # Whatever fails from here on, this one has been told.
            self._position = event["sequence"]
        self._position = batch["newest"] or self._position
        self._is_behind = batch["scanned"] == EVENTS_AT_ONCE

    # --- where to begin ----------------------------------------------------------------------------------------------

    def _given_cursor(self, grants: Grants) -> str | None:
        """Tell where the client wants to go on from; None for from now on."""
        given = self._planner(grants).arguments(_ROOT, self._nodes[0]).get("after")
        if self._asked.last_cursor is not None or given is None:
            return self._asked.last_cursor
        found: str | None = given.get(self._asked.variables, self._gateway.request(grants, self._asked.language))
        return found

    async def _after(self, grants: Grants) -> int | None:
        """Read the cursor that is given; None without one. Raises BadCursor, CursorExpired, TenantRequired."""
        label = self._label(grants)
        cursor = self._given_cursor(grants)
        if cursor is None:
            return None
        sequence, at = decode_cursor(self._gateway.cursor_secret, label, cursor)
        if not isinstance(sequence, int):
            raise BadCursor
        if datetime.fromisoformat(at) < datetime.now(UTC) - REPLAYED_FOR:
            raise CursorExpired(hours=REPLAYED_FOR // timedelta(hours=1))
        return sequence

    def _label(self, grants: Grants) -> str:
        # A cursor of another tenant is none here.
        return f"{_ROOT}.{self._name}.{_tenant_of(grants)}"

    # --- reading -----------------------------------------------------------------------------------------------------

    async def _read(self, grants: Grants, pick: Any) -> tuple[Any, Grants]:
        """Run one of the plans as the caller, with grants loaded anew while they are stale; give its JSON.

        Raises TryAgain when they are stale again and again.
        """

        async def run(held: Grants) -> tuple[Any, Grants]:
            return await self._run(held, pick), held

        return await renewing(run, grants, self._renewed)

    async def _renewed(self) -> Grants:
        grants = await self._gateway.renewed(self._asked.caller)
        self._check_may_be_told(grants)
        return grants

    def _check_may_be_told(self, grants: Grants) -> None:
        """Go on only while there is a tenant to be told of. Raises TenantRequired."""
        _tenant_of(grants)

    def _let_ring(self, waiter: Waiter, grants: Grants) -> None:
        """Say by what the caller is to be woken."""
        waiter.tenant_id = _tenant_of(grants)
        waiter.of_any_tenant = any(grant.tenants == "served" for grant in grants.grants)

    async def _run(self, grants: Grants, pick: Any) -> Any:
        plan: Plan = pick(self._compiled(grants))
        request = self._gateway.request(grants, self._asked.language)
        try:
            found = await self._gateway.reader.run(plan, self._variables, request)
        except TenantGone as gone:
            # Whoever loads the grants anew is told that the tenant is unknown.
            raise StaleGrants from gone
        return None if found is None else orjson.loads(found)

    @property
    def _variables(self) -> Variables:
        given = self._asked.variables
        if self._row is None:
            return given
        return of_row(given, tenant_id=self._row["tenant_id"], row_id=self._row["row_id"])

    def _planner(self, grants: Grants) -> Planner:
        return Planner(self._gateway.reader.model, self._selector, self._asked.variables, grants)

    def _compiled(self, grants: Grants) -> Plans:
        if self._plans is None or self._plans.fingerprint != grants.fingerprint:
            self._plans = self._compile(grants)
        return self._plans

    def _compile(self, grants: Grants) -> Plans:
        feed = self._feed
        rows = {key: nodes for key, nodes in self._shown.items() if nodes[0].name.value == "case"}
        return Plans(
            grants.fingerprint,
            plan_newest(self._planner(grants), feed),
            plan_events(self._planner(grants), feed, self._nodes[0], lambda _, __: self._position),
            {key: self._row_plan(nodes, feed.type_name, grants) for key, nodes in rows.items()},
        )

    @property
    def _feed(self) -> Feed:
        declared = self._gateway.reader.model.feeds[self._name]
        if not isinstance(declared, Feed):
            raise TypeError(self._name)
        return declared

    def _row_plan(self, nodes: list[FieldNode], type_name: str, grants: Grants) -> Plan:
        return self._gateway.reader.row_plan(self._asked.operation, nodes, type_name, self._asked.variables, grants)

    # --- telling -----------------------------------------------------------------------------------------------------

    async def _change(self, event: dict[str, Any], grants: Grants) -> tuple[Change, Grants]:
        self._row = event
        cursor = encode_cursor(self._gateway.cursor_secret, self._label(grants), [event["sequence"], event["at"]])
        plain = {"__typename": self._payload, "cursor": cursor, "action": event["action"], "at": event["at"]}
        told: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for key, nodes in self._shown.items():
            name = nodes[0].name.value
            if name in plain:
                told[key] = plain[name]
                continue
            found, grants = await self._read(grants, lambda plans, key=key: plans.rows[key])
            told[key] = found
            # Of what is out of reach, nothing is told at all.
            refusals = () if found is None else self._compiled(grants).rows[key].refusals
            errors += [planned_refusal(one, self._asked.language, (self._key, key)) for one in refusals]
        return Change(answer(orjson.dumps({self._key: told}), errors), cursor), grants


def _tenant_of(grants: Grants) -> int:
    if grants.tenant is None:
        raise TenantRequired
    return grants.tenant.id
