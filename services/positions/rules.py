"""Who may give and end which posts, and which posts can there be? Pure rules, no storage."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.positions.errors import (
    AccountInvalid,
    PositionBodyMissing,
    PositionBodyUnfit,
    PositionDatesInvalid,
    PositionEnded,
    PositionPlaceUnfit,
)
from tenants.errors import Forbidden
from tenants.grants import Grant, Grants, Scope

APPOINT = "position:appoint"
END = "position:end"
# As in tenants/tokens.py.
LONGEST_ACCOUNT = 255

_GRID_PLACES = frozenset({"grid", "building"})
_COMPANY = "property_company"
_OWNERS = "owners_committee"
# Posts of these bodies reach what the body was entrusted with, and nothing without it.
_ENTRUSTED = frozenset({_COMPANY, _OWNERS, "department"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of position, as far as rules ask."""

    code: str
    name: str
    grants_as: str
    place_kinds: frozenset[str]
    body_kinds: frozenset[str]
    is_party_post: bool
    # Whether who holds it gives posts himself.
    appoints: bool

    @property
    def is_grid_post(self) -> bool:
        """Tell whether it is a post of the grids: at a grid or a building and nowhere else."""
        return bool(self.place_kinds) and self.place_kinds <= _GRID_PLACES


@dataclass(frozen=True, slots=True)
class Post:
    """A post that is to be given or ended."""

    kind: Kind
    place_id: uuid.UUID
    place_kind: str
    # The place itself, and the grid, building and estate around it.
    lies_in: frozenset[uuid.UUID]
    body_id: uuid.UUID | None
    body_kind: str | None
    has_account: bool = False
    is_from_roster: bool = False


def _any(_: Post, __: Scope) -> bool:
    return True


def _is_grid_post(post: Post, _: Scope) -> bool:
    return post.kind.is_grid_post and not post.kind.is_party_post


def _is_party_grid_post(post: Post, _: Scope) -> bool:
    return post.kind.is_grid_post and post.kind.is_party_post


def _is_by_roster(post: Post, scope: Scope) -> bool:
    return post.is_from_roster and not post.has_account and _is_grid_post(post, scope)


def _is_of_my(body_kind: str) -> Callable[[Post, Scope], bool]:
    def asked(post: Post, scope: Scope) -> bool:
        return (
            post.kind.body_kinds == {body_kind} and post.place_id in scope.estate_ids and post.body_id in scope.body_ids
        )

    return asked


# What stands in the column `condition` of tenants/policies/roles.csv for posts.
_CONDITIONS: Mapping[str, Callable[[Post, Scope], bool]] = {
    "": _any,
    "grid_posts": _is_grid_post,
    "party_grid_posts": _is_party_grid_post,
    "by_roster": _is_by_roster,
    "own_staff": _is_of_my(_COMPANY),
    "committee_members": _is_of_my(_OWNERS),
}


def check_may(grants: Grants, *, permission: str, post: Post) -> None:
    """Go on only if some grant of the caller covers the post.

    Whoever gives posts under a condition or at some places gives none that give posts in turn. Raises Forbidden.
    """
    scope = grants.scopes.get(permission, Scope())
    if not any(_covers(grant, post, scope) for grant in grants.of(permission)):
        raise Forbidden(permission=permission)


def _covers(grant: Grant, post: Post, scope: Scope) -> bool:
    meets = _CONDITIONS.get(grant.condition)
    if grant.tenants != "acting" or meets is None or not meets(post, scope):
        return False
    if grant.rows != "all" and not _is_at_my_places(post, scope):
        return False
    return not post.kind.appoints or (grant.rows == "all" and not grant.condition)


def _is_at_my_places(post: Post, scope: Scope) -> bool:
    mine = (scope.grid_ids, scope.building_ids, scope.estate_ids, scope.dwelling_ids)
    return not post.lies_in.isdisjoint({place_id for ids in mine for place_id in ids})


def check_fits(post: Post) -> None:
    """Go on only if the kind of post goes with the kind of place and of body.

    Raises PositionPlaceUnfit, PositionBodyUnfit, PositionBodyMissing.
    """
    kind = post.kind
    if kind.place_kinds and post.place_kind not in kind.place_kinds:
        raise PositionPlaceUnfit(kind=kind.name, place_kinds=", ".join(sorted(kind.place_kinds)), field="placeId")
    if post.body_kind is None:
        if kind.body_kinds and kind.body_kinds <= _ENTRUSTED:
            raise PositionBodyMissing(kind=kind.name, field="bodyId")
    elif post.body_kind not in kind.body_kinds:
        allowed = ", ".join(sorted(kind.body_kinds)) or "—"
        raise PositionBodyUnfit(kind=kind.name, body_kinds=allowed, field="bodyId")


def check_account(issuer: str, subject: str) -> None:
    """Go on only with an account that a token can be of. Raises AccountInvalid."""
    if not all(0 < len(name) <= LONGEST_ACCOUNT and name.isprintable() for name in (issuer, subject)):
        raise AccountInvalid(limit=LONGEST_ACCOUNT, field="account")


def check_dates(*, since: date, until: date | None) -> None:
    """Go on only with days in their order. Raises PositionDatesInvalid."""
    if until is not None and until < since:
        raise PositionDatesInvalid(field="until")


def check_holds(*, until: date | None, today: date) -> None:
    """Go on only with a post that has not ended. Raises PositionEnded."""
    if until is not None and until < today:
        raise PositionEnded(until=until)


def check_can_end(*, since: date, until: date | None, last_day: date, today: date) -> None:
    """Go on only if a post can end on the day; the day before its first means that it was never held.

    Raises PositionEnded, PositionDatesInvalid.
    """
    check_holds(until=until, today=today)
    if last_day < since - timedelta(days=1) or (until is not None and last_day > until):
        raise PositionDatesInvalid(field="until")
