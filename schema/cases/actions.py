"""What may be done with a case, and why not: the rules of services/cases/rules.py, asked in the statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, not_

from schema.cases.sources import (
    asked_by_me,
    asks_for,
    has_no_tasks,
    is_coordinated_here,
    is_in_reach,
    is_own_or_coordinated_here,
    is_reporters_own,
    is_stopped,
    may_be_rated,
    was_called,
    was_handled_by_others,
    was_verified,
)
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import Expression, Offer, Reason, Row
from schema.compiler.json_sql import quoted
from services.cases.errors import (
    AlreadyAsked,
    CallBackMissing,
    HandedOutside,
    NotCalledBack,
    NotCoordinator,
    NothingAsked,
    NotReporter,
    NotSuspended,
    OnlyFromAbove,
    OwnHandling,
    OwnRequest,
    TasksOpen,
    VerdictStands,
    VerificationMissing,
)
from services.cases.rules import MOVES, OPEN, SUPERVISE, Move
from tenants.errors import Refused


def _reason(refused: type[Refused]) -> Reason:
    return Reason(refused.zh, refused.en)


_NOT_IN_STATUS = Reason("诉求当前状态不能这样办理", "This cannot be done as the case stands")
# What single steps ask beyond what their move says.
_FURTHER: dict[str, tuple[tuple[Expression, Reason], ...]] = {
    "RATE": ((may_be_rated, _reason(VerdictStands)),),
    "RESOLVE": ((has_no_tasks, _reason(TasksOpen)),),
    "CLOSE": ((was_called, _reason(CallBackMissing)), (was_verified, _reason(VerificationMissing))),
    "RESUME": ((lambda case: func.coalesce(is_stopped(case), False), _reason(NotSuspended)),),
    "REQUEST_RATES_EXCLUSION": ((lambda case: case.c.called_back_at.is_not(None), _reason(NotCalledBack)),),
}


def _stands(move: Move) -> Expression:
    def condition(case: Row) -> Any:
        return case.c.status.in_([quoted(status) for status in sorted(move.from_statuses)])

    return condition


def _conditions(action: str, move: Move) -> Iterator[tuple[Expression, Reason]]:
    yield _stands(move), _NOT_IN_STATUS
    if move.by_coordinator:
        yield is_coordinated_here, _reason(NotCoordinator)
    if move.by_own_or_coordinator:
        yield is_own_or_coordinated_here, _reason(NotCoordinator)
    if move.by_receiver:
        yield is_in_reach, _reason(HandedOutside)
    if move.by_others:
        yield was_handled_by_others, _reason(OwnHandling)
    if move.by_reporter:
        yield is_reporters_own, _reason(NotReporter)
    if move.asks:
        yield lambda case: not_(asks_for(move.asks, case)), _reason(AlreadyAsked)
    if move.decides:
        yield lambda case: asks_for(move.decides, case), _reason(NothingAsked)
        yield lambda case: not_(asks_for(move.decides, case, asked_by_me)), _reason(OwnRequest)
    yield from _FURTHER.get(action, ())


def _is_open(case: Row) -> Any:
    return case.c.status.in_([quoted(status) for status in sorted(OPEN)])


def _is_below(case: Row) -> Any:
    return case.c.tenant_id != ACTING_TENANT


CASE_OFFERS = (
    *(Offer(action, move.permission, tuple(_conditions(action, move))) for action, move in MOVES.items()),
    # By whoever holds the permission over the tenant or from above, whatever else is in their hands.
    Offer("URGE", SUPERVISE, ((_is_open, _NOT_IN_STATUS),)),
    Offer("SUPERVISE", SUPERVISE, ((_is_open, _NOT_IN_STATUS), (_is_below, _reason(OnlyFromAbove)))),
)
