"""What may be done with a case or a part of it, and why not: services/cases/rules.py, asked in the statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from sqlalchemy import false, func, not_

from schema.cases.sources import (
    TASK,
    asked_by_me,
    asked_of_case,
    asks_for,
    has_no_tasks,
    is_coordinated_here,
    is_given_to,
    is_in_reach,
    is_own_or_coordinated_here,
    is_reporters_own,
    is_stopped,
    is_task_in_reach,
    may_be_rated,
    was_called,
    was_handled_by_others,
    was_verified,
)
from schema.compiler.context import ACTING_TENANT, ScopeBinds
from schema.compiler.declare import Expression, Offer, Reason, Row
from schema.compiler.json_sql import quoted
from schema.compiler.offers import NOT_THIS_ROW
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
    TaskEnded,
    TasksOpen,
    VerdictStands,
    VerificationMissing,
)
from services.cases.rules import MOVES, OPEN, SUPERVISE, Move, move_of
from tenants.errors import Refused


def reason_of(refused: type[Refused]) -> Reason:
    """Tell what the refusal of a command tells."""
    return Reason(refused.zh, refused.en)


_NOT_IN_STATUS = Reason("诉求当前状态不能这样办理", "This cannot be done as the case stands")
# What single steps ask beyond what their move says.
_FURTHER: dict[str, tuple[tuple[Expression, Reason], ...]] = {
    "RATE": ((may_be_rated, reason_of(VerdictStands)),),
    "RESOLVE": ((has_no_tasks, reason_of(TasksOpen)),),
    "CLOSE": ((was_called, reason_of(CallBackMissing)), (was_verified, reason_of(VerificationMissing))),
    "RESUME": ((lambda case: func.coalesce(is_stopped(case), False), reason_of(NotSuspended)),),
    "REQUEST_RATES_EXCLUSION": ((lambda case: case.c.called_back_at.is_not(None), reason_of(NotCalledBack)),),
}


# What is asked in the same words is one condition: the statement finds each of them out once for all on offer.
@cache
def _stands(statuses: frozenset[str]) -> Expression:
    return lambda case: case.c.status.in_([quoted(status) for status in sorted(statuses)])


@cache
def _asks(kind: str) -> Expression:
    return lambda case: asks_for(kind, case)


@cache
def _asks_not(kind: str) -> Expression:
    return lambda case: not_(asks_for(kind, case))


@cache
def _asks_not_by_me(kind: str) -> Expression:
    return lambda case: not_(asks_for(kind, case, asked_by_me))


@cache
def _of_its_case(condition: Expression) -> Expression:
    return partial(asked_of_case, condition=condition)


def _conditions(action: str, move: Move) -> Iterator[tuple[Expression, Reason]]:
    yield _stands(move.from_statuses), _NOT_IN_STATUS
    if move.by_coordinator:
        yield is_coordinated_here, reason_of(NotCoordinator)
    if move.by_own_or_coordinator:
        yield is_own_or_coordinated_here, reason_of(NotCoordinator)
    if move.by_receiver:
        yield is_in_reach, reason_of(HandedOutside)
    if move.by_others:
        yield was_handled_by_others, reason_of(OwnHandling)
    if move.by_reporter:
        yield is_reporters_own, reason_of(NotReporter)
    if move.asks:
        yield _asks_not(move.asks), reason_of(AlreadyAsked)
    if move.decides:
        yield _asks(move.decides), reason_of(NothingAsked)
        yield _asks_not_by_me(move.decides), reason_of(OwnRequest)
    yield from _FURTHER.get(action, ())


def part_conditions(action: str) -> Iterator[tuple[Expression, Reason]]:
    """Ask what is done with a part of a case of the case that it belongs to, as its move says."""
    for condition, reason in _conditions(action, move_of(action)):
        yield _of_its_case(condition), reason


def _is_below(case: Row) -> Any:
    return case.c.tenant_id != ACTING_TENANT


CASE_OFFERS = (
    *(Offer(action, move.permission, tuple(_conditions(action, move))) for action, move in MOVES.items()),
    # By whoever holds the permission over the tenant or from above, whatever else is in their hands.
    Offer("URGE", SUPERVISE, ((_stands(OPEN), _NOT_IN_STATUS),)),
    Offer("SUPERVISE", SUPERVISE, ((_stands(OPEN), _NOT_IN_STATUS), (_is_below, reason_of(OnlyFromAbove)))),
)


def _is_to_do(task: Row) -> Any:
    return task.c.status == quoted("OPEN")


def _is_mine(task: Row, scope: ScopeBinds) -> Any:
    mine = is_given_to(task, scope)
    return false() if mine is None else mine


# Whoever was given it, wherever the case lies; and whoever handles everything in the case's own tenant.
_GIVEN_TASK = replace(TASK, within=_is_mine, served=_is_mine)
_ENDING = (
    (_is_to_do, reason_of(TaskEnded)),
    *part_conditions("END_TASK"),
    (is_task_in_reach, NOT_THIS_ROW),
)
TASK_OFFERS = (
    Offer("FINISH_TASK", move_of("END_TASK").permission, _ENDING, _GIVEN_TASK),
    Offer("DECLINE_TASK", move_of("END_TASK").permission, _ENDING, _GIVEN_TASK),
    Offer(
        "CANCEL_TASK",
        move_of("CANCEL_TASK").permission,
        ((_is_to_do, reason_of(TaskEnded)), *part_conditions("CANCEL_TASK")),
    ),
)
