"""Who may decide about whom, what proves that somebody belongs to a dwelling, and how often may he ask? Pure rules."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.residents.errors import (
    AlreadyAsked,
    CommunityNotOpen,
    DwellingUnclear,
    OwnResidency,
    ReasonInvalid,
    ResidencyLimitInvalid,
    ResidencyNotInStatus,
    TooManyRequests,
)
from tenants.grants import Grants, Scope
from tenants.permissions import Staffed

REQUEST = "residency:request"
DECIDE = "residency:decide"
EDIT = "register:edit"
VISITOR = "visitor"
RESIDENT = "resident"
LONGEST_REASON = 500
HIGHEST_LIMIT = 1000
A_DAY = timedelta(hours=24)
OWNER_ROLE = "owner"
HEAD_ROLE = "head"
# Whose phone proves what: an owner's also that he lives with his family there.
_PROVED_BY = {
    "OWNER": frozenset({OWNER_ROLE}),
    "FAMILY": frozenset({OWNER_ROLE, "renter", HEAD_ROLE}),
    "RENTER": frozenset({"renter", HEAD_ROLE}),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a dwelling lies."""

    dwelling_id: uuid.UUID
    building_id: uuid.UUID | None
    grid_id: uuid.UUID | None
    estate_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom the register names in a dwelling: as `owner`, `renter` or `head` of a household there now."""

    person_id: uuid.UUID
    role: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests of one account may wait, and be made within 24 hours."""

    open_requests: int
    daily_requests: int


def find_proof(relation: str, known: Iterable[Known], *, has_owners: bool) -> uuid.UUID | None:
    """Find who the account's phone says it is, as far as that proves the relation; an owner before others.

    Many registers name heads of households alone: where no owner is named, the head's phone proves an owner.
    """
    roles = _PROVED_BY[relation] if has_owners else _PROVED_BY[relation] | {HEAD_ROLE}
    proving = [one for one in known if one.role in roles]
    proving.sort(key=lambda one: (one.role != OWNER_ROLE, one.person_id))
    return proving[0].person_id if proving else None


def may_decide_at(grants: Grants, ground: Ground) -> bool:
    """Tell whether some post of the caller decides who belongs to the dwelling."""
    rows = {grant.rows for grant in grants.of(DECIDE) if grant.tenants == "acting" and not grant.condition}
    if "all" in rows:
        return True
    scope = grants.scopes.get(DECIDE, Scope()) if rows else Scope()
    return (
        ground.grid_id in scope.grid_ids
        or ground.building_id in scope.building_ids
        or ground.estate_id in scope.estate_ids
        or ground.dwelling_id in scope.dwelling_ids
    )


def check_can_decide(*, status: str, is_own: bool) -> None:
    """Go on only with a request that waits, and that is somebody else's. Raises OwnResidency, ResidencyNotInStatus."""
    if is_own:
        raise OwnResidency(field="residencyId")
    if status != "REQUESTED":
        raise ResidencyNotInStatus(status=status, field="residencyId")


def check_can_end(status: str) -> None:
    """Go on only with a residency that is open. Raises ResidencyNotInStatus."""
    if status not in ("REQUESTED", "CONFIRMED"):
        raise ResidencyNotInStatus(status=status, field="residencyId")


def check_may_ask(*, is_open_there: bool, waiting: int, asked_today: int, limits: Limits | None) -> None:
    """Go on only within the tenant's limits. Raises AlreadyAsked, TooManyRequests."""
    if is_open_there:
        raise AlreadyAsked(field="dwelling")
    allowed = limits or Limits(0, 0)
    if waiting >= allowed.open_requests or asked_today >= allowed.daily_requests:
        raise TooManyRequests(open_limit=allowed.open_requests, daily_limit=allowed.daily_requests)


def check_may_come_in(*, came_today: int, daily_limit: int, tenant_ids: Collection[int], tenant_limit: int) -> None:
    """Go on only with an account that does not go in and out, nor collects communities. Raises CommunityNotOpen."""
    if came_today >= daily_limit or len(set(tenant_ids)) >= tenant_limit:
        raise CommunityNotOpen(field="slug")


def check_naming(*, dwelling_id: object, building_code: str | None, room_number: str | None) -> None:
    """Go on only with a dwelling that is named in one way. Raises DwellingUnclear."""
    by_code = bool(building_code and building_code.strip()) and bool(room_number and room_number.strip())
    is_mixed = dwelling_id is not None and (building_code is not None or room_number is not None)
    if is_mixed or (dwelling_id is None and not by_code):
        raise DwellingUnclear(field="dwelling")


def check_reason(reason: str | None) -> str | None:
    """Give what was said without blanks around it; None where nothing was. Raises ReasonInvalid."""
    if reason is None:
        return None
    told = reason.strip()
    if not 0 < len(told) <= LONGEST_REASON:
        raise ReasonInvalid(limit=LONGEST_REASON, field="reason")
    return told


def check_limit(limit: int, *, field: str) -> None:
    """Go on only with a limit that limits. Raises ResidencyLimitInvalid."""
    if not 1 <= limit <= HIGHEST_LIMIT:
        raise ResidencyLimitInvalid(limit=HIGHEST_LIMIT, field=field)


def accounts_to_tell(
    status: str, *, applicant: uuid.UUID, by: uuid.UUID | None, ground: Ground, posts: Iterable[Staffed]
) -> frozenset[uuid.UUID]:
    """Tell which accounts want to know how a residency stands now: whoever can decide, and afterwards who asked.

    Nobody is told what he did himself; `by` is None where the phone decided. This is where notices hang on.
    """
    if status == "REQUESTED":
        deciding = {post.account_id for post in posts if may_decide_at(post.grants, ground)}
        return frozenset(deciding - {applicant})
    return frozenset({applicant} - {by})
