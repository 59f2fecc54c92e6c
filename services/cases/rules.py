"""Which way may a case go, and who may take it there? Pure rules, no storage.

The statuses and their transitions: REPORTED → ACCEPTED → DISPATCHED → HANDLING → RESOLVED → CLOSED; EXCLUDED from the
first two; MERGED from any open one. Returned, a case is ACCEPTED again; unsolved at the call-back, DISPATCHED again;
reopened, ACCEPTED again. Found and fixed on the spot, it is RESOLVED at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.cases.errors import (
    AlreadyAsked,
    CallBackMissing,
    CaseNotInStatus,
    CaseTextInvalid,
    HandedOutside,
    NotCoordinator,
    NothingAsked,
    NotReporter,
    OwnHandling,
    OwnRequest,
    TasksOpen,
    VerdictStands,
    VerificationMissing,
)
from services.whistles.rules import ANSWER, BLOW, REQUEST
from services.whistles.rules import PERMISSIONS as WHISTLE_PERMISSIONS
from tenants.errors import Forbidden
from tenants.grants import ActingTenant, Grant, Grants, Scope

READ = "case:read"
REPORT = "case:report"
ACCEPT = "case:accept"
DISPATCH = "case:dispatch"
HAND_ON = "case:hand_on"
HANDLE = "case:handle"
CALL_BACK = "case:call_back"
CLOSE = "case:close"
RATE = "case:rate"
# What whoever reported a case may do with it, besides those to whom it was handed.
OF_REPORTER = frozenset({READ, RATE})
# What a share that a whistle opened is for.
BY_WHISTLE = frozenset({READ, *WHISTLE_PERMISSIONS})
SUPERVISE = "case:supervise"
# The condition of a grant that shows number, category, status and dates of a case, and nothing that was said of it.
INDEX = "index"

OPEN = frozenset({"REPORTED", "ACCEPTED", "DISPATCHED", "HANDLING", "RESOLVED"})
WITH_RECEIVER = frozenset({"DISPATCHED", "HANDLING"})
# Taken on, and not settled: what has a time limit that can stand still.
STARTED = frozenset({"ACCEPTED", "DISPATCHED", "HANDLING"})
SETTLED = frozenset({"RESOLVED", "CLOSED"})
# Steps of the reporter, who may not be named: of these, the post is not told.
REPORTERS_STEPS = ("REPORT", "HANDLE_ON_SPOT", "RATE")
# Steps by which the reporter says how it was settled.
CALL_BACKS = frozenset({"CALL_BACK", "RATE"})
LONGEST_TITLE = 100
LONGEST_TEXT = 5000
# Whoever came with it waits to hear back; what posts find by themselves, nobody waits for.
CALLED_BACK_SOURCES = frozenset({"SNAPSHOT", "HOTLINE", "WINDOW"})


@dataclass(frozen=True, slots=True)
class Move:
    """What may be done with a case: by which permission, and where the case then has to stand."""

    permission: str
    from_statuses: frozenset[str]
    # By whoever coordinates the case alone; by whoever it was handed to alone; by nobody who handled it; by nobody but
    # the reporter.
    by_coordinator: bool = False
    by_receiver: bool = False
    by_others: bool = False
    by_reporter: bool = False
    # By whoever was given a part of it to do, instead of whoever the permission's rows reach.
    by_tasked: bool = False
    # By the case's own tenant, or an office that coordinates it.
    by_own_or_coordinator: bool = False
    # The kind of request that is made by it, and that is decided by it, by somebody else than who made it.
    asks: str = ""
    decides: str = ""


MOVES: Mapping[str, Move] = {
    "ACCEPT": Move(ACCEPT, frozenset({"REPORTED"}), by_coordinator=True),
    "EXCLUDE": Move(ACCEPT, frozenset({"REPORTED", "ACCEPTED"}), by_coordinator=True),
    "MERGE": Move(ACCEPT, OPEN, by_coordinator=True),
    "DISPATCH": Move(DISPATCH, frozenset({"ACCEPTED"}), by_coordinator=True),
    # Also what is resolved, where all who could verify it or call back have handled it.
    "ESCALATE": Move(DISPATCH, frozenset({"ACCEPTED", "RESOLVED"}), by_coordinator=True),
    "HAND_BACK": Move(DISPATCH, frozenset({"ACCEPTED", "RESOLVED"}), by_coordinator=True),
    "REDISPATCH": Move(DISPATCH, WITH_RECEIVER, by_coordinator=True),
    "ASSIGN_TASK": Move(DISPATCH, STARTED, by_coordinator=True),
    "SUSPEND": Move(DISPATCH, STARTED, by_coordinator=True),
    "RESUME": Move(DISPATCH, STARTED, by_coordinator=True),
    "HAND_ON": Move(HAND_ON, WITH_RECEIVER, by_receiver=True),
    "HANDLE": Move(HANDLE, frozenset({"DISPATCHED"}), by_receiver=True),
    "OBJECT": Move(HANDLE, WITH_RECEIVER, by_receiver=True, asks="OBJECTION"),
    "DECIDE_OBJECTION": Move(DISPATCH, WITH_RECEIVER, by_coordinator=True, decides="OBJECTION"),
    "REQUEST_EXTENSION": Move(HANDLE, WITH_RECEIVER, by_receiver=True, asks="EXTENSION"),
    "DECIDE_EXTENSION": Move(DISPATCH, WITH_RECEIVER, by_coordinator=True, decides="EXTENSION"),
    "RETURN": Move(HANDLE, WITH_RECEIVER, by_receiver=True),
    "RESOLVE": Move(HANDLE, WITH_RECEIVER, by_receiver=True),
    "VERIFY": Move(CALL_BACK, frozenset({"RESOLVED"}), by_others=True),
    "CALL_BACK": Move(CALL_BACK, frozenset({"RESOLVED"}), by_others=True),
    "RATE": Move(RATE, SETTLED, by_reporter=True, by_others=True),
    "REQUEST_RATES_EXCLUSION": Move(CALL_BACK, SETTLED, asks="RATES_EXCLUSION"),
    "DECIDE_RATES_EXCLUSION": Move(CLOSE, SETTLED, by_others=True, decides="RATES_EXCLUSION"),
    "CLOSE": Move(CLOSE, frozenset({"RESOLVED"}), by_others=True),
    "REOPEN": Move(CLOSE, frozenset({"CLOSED"})),
    "REQUEST_WHISTLE": Move(REQUEST, OPEN, by_own_or_coordinator=True),
}
# What is done with one of a case's parts or whistles, which says for itself by whom.
MOVES_ON_PARTS: Mapping[str, Move] = {
    "CANCEL_TASK": Move(DISPATCH, STARTED, by_coordinator=True),
    "END_TASK": Move(HANDLE, STARTED, by_tasked=True),
    "WHISTLE": Move(BLOW, OPEN),
    "REFUSE_WHISTLE": Move(BLOW, OPEN),
    "ANSWER_WHISTLE": Move(ANSWER, OPEN),
    "INSIST_ON_WHISTLE": Move(BLOW, OPEN),
    "ACCEPT_DECLINE": Move(BLOW, OPEN),
    "ARRIVE_AT_WHISTLE": Move(ANSWER, OPEN),
    "CONCLUDE_WHISTLE": Move(REQUEST, OPEN),
}
_ALL_MOVES = {**MOVES, **MOVES_ON_PARTS}


def move_of(action: str) -> Move:
    """Tell what an action asks."""
    return _ALL_MOVES[action]


PERMISSION_TO_DECIDE = {move.decides: move.permission for move in MOVES.values() if move.decides}


@dataclass(frozen=True, slots=True)
class Where:
    """Where something lies, as scopes ask: the grid, and what is below and beside it."""

    grid_id: uuid.UUID | None = None
    building_id: uuid.UUID | None = None
    estate_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, as far as rules ask."""

    status: str
    where: Where
    coordinator_body_id: uuid.UUID
    accountable_body_id: uuid.UUID
    accountable_position_id: uuid.UUID | None
    reporter_account_id: uuid.UUID
    needs_call_back: bool
    is_called_back: bool
    # Somebody approved that the call-back does not count.
    is_left_out: bool
    # To be looked at by somebody who did not handle it, and looked at.
    needs_verification: bool
    is_verified: bool
    # The accounts that handled it, and the bodies outside the tenant that it is shared with now.
    handlers: frozenset[uuid.UUID]
    shared_with: frozenset[uuid.UUID]
    # What was asked and is not decided, by its kind, and the account that asked it.
    asked: Mapping[str, uuid.UUID] = field(default_factory=dict)
    # To whom parts of it were given and are not done: a body, and perhaps a post in it.
    tasked: frozenset[tuple[uuid.UUID, uuid.UUID | None]] = frozenset()
    # Those that it is shared with for a whistle alone.
    whistled: frozenset[uuid.UUID] = frozenset()


def lies_in(where: Where, scope: Scope) -> bool:
    """Tell whether something lies in one of a scope's grids, buildings or estates."""
    return (
        where.grid_id in scope.grid_ids
        or where.building_id in scope.building_ids
        or where.estate_id in scope.estate_ids
    )


def is_handed_to(standing: Standing, scope: Scope) -> bool:
    """Tell whether a case was handed to one of a scope's posts or bodies."""
    return standing.accountable_position_id in scope.position_ids or standing.accountable_body_id in scope.body_ids


def is_tasked(standing: Standing, scope: Scope) -> bool:
    """Tell whether a part of a case was given to one of a scope's posts or bodies."""
    return any(
        post_id in scope.position_ids or (post_id is None and body_id in scope.body_ids)
        for body_id, post_id in standing.tasked
    )


def may(grants: Grants, permission: str, standing: Standing, *, is_served: bool = False) -> bool:
    """Tell whether some grant of the caller reaches a case: of the acting tenant, or shared with a body that he serves.

    `is_served` says that the case is another tenant's, which only a share reaches.
    """
    scope = grants.scopes.get(permission, Scope())
    return any(
        _covers(grant, scope, standing, grants.account_id, is_served=is_served) for grant in grants.of(permission)
    )


def may_read_all(grants: Grants, standing: Standing, *, is_served: bool = False) -> bool:
    """Tell whether some grant of the caller shows more of a case than the index of it."""
    scope = grants.scopes.get(READ, Scope())
    return any(
        grant.condition != INDEX and _covers(grant, scope, standing, grants.account_id, is_served=is_served)
        for grant in grants.of(READ)
    )


def _covers(grant: Grant, scope: Scope, standing: Standing, account_id: uuid.UUID, *, is_served: bool) -> bool:
    if grant.tenants == "served":
        others = frozenset() if grant.permission in BY_WHISTLE else standing.whistled
        return not (standing.shared_with - others).isdisjoint(scope.body_ids)
    if is_served:
        return False
    if grant.rows == "all":
        return True
    if grant.permission == READ and is_tasked(standing, scope):
        return True
    if is_handed_to(standing, scope) or (
        grant.permission in OF_REPORTER and standing.reporter_account_id == account_id
    ):
        return True
    return grant.rows == "place" and lies_in(standing.where, scope)


def may_supervise(grants: Grants, tenant: ActingTenant, *, only_from_above: bool) -> bool:
    """Tell whether some grant of the caller lets him urge what lies in a tenant: his own, or one below his office.

    The one grant over a subtree by which anything is written in another tenant, and what: steps that urge.
    """
    acting = grants.tenant
    if acting is None:
        return False
    kinds = {grant.tenants for grant in grants.of(SUPERVISE)}
    if acting.id == tenant.id:
        return bool(kinds & {"subtree", "acting"}) and not only_from_above
    return "subtree" in kinds and acting.id in (tenant.street_id, tenant.district_id)


def may_report_at(grants: Grants, where: Where) -> bool:
    """Tell whether the caller may report something that lies there."""
    scope = grants.scopes.get(REPORT, Scope())
    return any(grant.rows == "all" or (grant.rows == "place" and lies_in(where, scope)) for grant in grants.of(REPORT))


def check_move(action: str, grants: Grants, standing: Standing, *, is_served: bool) -> None:
    """Go on only with what may be done with a case by this caller, as it stands.

    Raises Forbidden, CaseNotInStatus, NotCoordinator, HandedOutside, OwnHandling, NotReporter, AlreadyAsked,
    NothingAsked, OwnRequest, TasksOpen, VerdictStands, CallBackMissing, VerificationMissing.
    """
    move = move_of(action)
    is_granted = may(grants, move.permission, standing, is_served=is_served)
    if move.by_tasked:
        is_granted = is_granted or is_tasked(standing, grants.scopes.get(move.permission, Scope()))
    if not is_granted:
        raise Forbidden(permission=move.permission)
    if standing.status not in move.from_statuses:
        raise CaseNotInStatus(status=standing.status)
    own_body = grants.tenant.body_id if grants.tenant else None
    is_concerned = move.by_coordinator or (move.by_own_or_coordinator and is_served)
    if is_concerned and standing.coordinator_body_id != own_body:
        raise NotCoordinator
    if move.by_receiver and not _is_with(grants, move.permission, standing, is_served=is_served):
        raise HandedOutside
    if move.by_others and grants.account_id in standing.handlers:
        raise OwnHandling
    if move.by_reporter and standing.reporter_account_id != grants.account_id:
        raise NotReporter
    _check_asked(move, grants, standing)
    _check_further(action, standing)


def _check_asked(move: Move, grants: Grants, standing: Standing) -> None:
    if move.asks and move.asks in standing.asked:
        raise AlreadyAsked
    if not move.decides:
        return
    asker = standing.asked.get(move.decides)
    if asker is None:
        raise NothingAsked
    if asker == grants.account_id:
        raise OwnRequest


def _check_further(action: str, standing: Standing) -> None:
    """Check what single steps ask beyond what their move says."""
    if action == "RESOLVE" and standing.tasked:
        raise TasksOpen
    if action == "RATE" and (standing.is_left_out or (standing.status == "CLOSED" and standing.is_called_back)):
        raise VerdictStands
    if action == "CLOSE":
        _check_may_end(standing)


def _check_may_end(standing: Standing) -> None:
    if standing.needs_call_back and not standing.is_called_back:
        raise CallBackMissing
    if standing.needs_verification and not standing.is_verified:
        raise VerificationMissing


def _is_with(grants: Grants, permission: str, standing: Standing, *, is_served: bool) -> bool:
    is_mine = standing.accountable_body_id in grants.scopes.get(permission, Scope()).body_ids
    return is_mine or (not is_served and standing.accountable_body_id not in standing.shared_with)


def still_waits(kind: str, status: str, *, is_with_same: bool, is_verdict_same: bool) -> bool:
    """Tell whether a request is still to be decided once a case stands so, perhaps with the same body as before.

    One about a call-back waits as long as that is the last one.
    """
    if kind == "RATES_EXCLUSION":
        return status in SETTLED and is_verdict_same
    return status in WITH_RECEIVER and is_with_same


def check_text(text: str, *, limit: int, field: str) -> str:
    """Give a text without the blanks around it. Raises CaseTextInvalid."""
    stripped = text.strip()
    if not stripped or len(stripped) > limit:
        raise CaseTextInvalid(limit=limit, field=field)
    return stripped


def check_note(note: str | None, *, field: str) -> str | None:
    """Give a note that may be left out. Raises CaseTextInvalid."""
    return None if note is None or not note.strip() else check_text(note, limit=LONGEST_TEXT, field=field)


def case_number(day: str, ordinal: int) -> str:
    """Write a case's number as people read it out: the day, and the case of the day."""
    return f"{day}-{ordinal:04}"
