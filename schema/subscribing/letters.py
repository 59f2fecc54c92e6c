"""How is an account told what is written to it alone, in whichever tenant? In order, from a letter that it has on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from schema.answers import answer, planned_refusal
from schema.compiler.faults import BadCursor
from schema.compiler.feeding import plan_letters, plan_newest_letter, plan_place_of_letter
from schema.compiler.feeds import Letters
from schema.compiler.values import decode_id, encode_id
from schema.subscribing.following import Change, Following, Plans, Subscribed

if TYPE_CHECKING:
    from schema.context import Gateway
    from schema.subscribing.waking import Bell, Waiter
    from tenants.grants import Grants


def follow(gateway: Gateway, bell: Bell, subscribed: Subscribed) -> Following:
    """Follow what a subscription names. Raises NothingSubscribed."""
    following = Following(gateway, bell, subscribed)
    return FollowingLetters(gateway, bell, subscribed) if following.is_of_letters else following


class FollowingLetters(Following):
    """Follows what is written to the caller. A letter's id is the cursor to go on from after it."""

    async def _after(self, grants: Grants) -> int | None:
        """Find the letter that is given; None without one. Raises BadCursor."""
        cursor = self._given_cursor(grants)
        if cursor is None:
            return None
        found = decode_id(cursor)
        if found is None or found.prefix != self._prefix:
            raise BadCursor
        planner = self._planner(grants)
        plan = plan_place_of_letter(planner, self._letters, lambda _, __: found.tenant_id, lambda _, __: found.row_id)
        place, _ = await self._read(grants, lambda _: plan)
        if place is None:
            raise BadCursor
        return int(place)

    def _check_may_be_told(self, grants: Grants) -> None:
        """Every account is told what is written to it."""

    def _let_ring(self, waiter: Waiter, grants: Grants) -> None:
        waiter.account_id = str(grants.account_id)

    @property
    def _letters(self) -> Letters:
        declared = self._gateway.reader.model.feeds[self._name]
        if not isinstance(declared, Letters):
            raise TypeError(self._name)
        return declared

    @property
    def _prefix(self) -> str:
        return self._gateway.reader.model.source(self._letters.type_name).prefix or ""

    def _compile(self, grants: Grants) -> Plans:
        letters = self._letters
        return Plans(
            grants.fingerprint,
            plan_newest_letter(self._planner(grants), letters),
            plan_letters(self._planner(grants), letters, lambda _, __: self._position),
            {self._key: self._row_plan(self._nodes, letters.type_name, grants)},
        )

    async def _change(self, event: dict[str, Any], grants: Grants) -> tuple[Change, Grants]:
        self._row = event
        found, grants = await self._read(grants, lambda plans: plans.rows[self._key])
        refusals = self._compiled(grants).rows[self._key].refusals
        errors = [planned_refusal(one, self._asked.language, (self._key,)) for one in refusals]
        cursor = encode_id(self._prefix, event["tenant_id"], event["row_id"])
        return Change(answer(orjson.dumps({self._key: found}), errors), cursor), grants
