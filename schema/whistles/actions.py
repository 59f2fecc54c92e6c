"""What may be done with a whistle and those it calls, and why not: services/whistles/rules.py, in the statement."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import or_

from schema.cases.actions import part_conditions, reason_of
from schema.cases.sources import asked_of_case, is_coordinated_here, is_ours
from schema.compiler.declare import Expression, Offer, Reason, Row
from schema.compiler.json_sql import quoted
from schema.whistles.sources import (
    CALLED,
    CALLED_BY,
    CALLEE_OF_CASE,
    WHISTLE_OF_CASE,
    asked_of_whistle,
    is_own_case,
    is_served,
)
from services.cases.rules import move_of
from services.whistles.errors import AlreadyRated, HasToCome, NotCalled, NotDecider, NotWhistlingOffice
from services.whistles.rules import ANSWER, CALLEE_STANDS, REQUEST, WHISTLE_STANDS

_WHISTLE_NOT_SO = Reason("吹哨当前状态不能这样办理", "This cannot be done as the whistle stands")
_CALLEE_NOT_SO = Reason("被吹哨单位当前状态不能这样办理", "This cannot be done as the department stands")
_Conditions = Iterator[tuple[Expression, Reason]]


@cache
def _is(status: str) -> Expression:
    return lambda row: row.c.status == quoted(status)


def _is_offices(whistle: Row) -> Any:
    # Whom a community lets whistle for itself is its own to say.
    return or_(is_own_case(whistle), is_ours(whistle.c.office_body_id))


def _may_conclude(whistle: Row) -> Any:
    return or_(is_ours(whistle.c.office_body_id), asked_of_case(whistle, is_coordinated_here))


def _on_whistle(action: str) -> _Conditions:
    yield _is(WHISTLE_STANDS[action]), _WHISTLE_NOT_SO
    yield from part_conditions(action)
    yield (_may_conclude if action == "CONCLUDE_WHISTLE" else _is_offices), reason_of(NotWhistlingOffice)


WHISTLE_OFFERS = tuple(
    Offer(action, move_of(action).permission, tuple(_on_whistle(action)), WHISTLE_OF_CASE)
    for action in ("WHISTLE", "REFUSE_WHISTLE", "CONCLUDE_WHISTLE")
)


@cache
def _whistle_is(status: str) -> Expression:
    return lambda callee: asked_of_whistle(callee, lambda whistle: whistle.c.status == quoted(status))


def _whistle_stands(action: str) -> tuple[Expression, Reason]:
    return _whistle_is(WHISTLE_STANDS[action]), _WHISTLE_NOT_SO


def _on_callee(action: str, *by: tuple[Expression, Reason]) -> tuple[tuple[Expression, Reason], ...]:
    return (
        _whistle_stands(action),
        *part_conditions(action),
        *by,
        (_is(CALLEE_STANDS[action]), _CALLEE_NOT_SO),
    )


_BY_CALLED = (lambda callee: is_served(callee.c.body_id), reason_of(NotCalled))
_BY_DECIDER = (lambda callee: is_ours(callee.c.decider_body_id), reason_of(NotDecider))
_NOT_TOLD_TO = (lambda callee: callee.c.insisted_at.is_(None), reason_of(HasToCome))
_ANSWERING = _on_callee("ANSWER_WHISTLE", _BY_CALLED)
CALLEE_OFFERS = (
    Offer("COME_TO_WHISTLE", ANSWER, _ANSWERING, CALLEE_OF_CASE),
    Offer("DECLINE_WHISTLE", ANSWER, (*_ANSWERING, _NOT_TOLD_TO), CALLEE_OF_CASE),
    Offer("ARRIVE_AT_WHISTLE", ANSWER, _on_callee("ARRIVE_AT_WHISTLE", _BY_CALLED), CALLEE_OF_CASE),
    *(
        Offer(action, move_of(action).permission, _on_callee(action, _BY_DECIDER), CALLEE_OF_CASE)
        for action in ("INSIST_ON_WHISTLE", "ACCEPT_DECLINE")
    ),
    Offer(
        "RATE_DEPARTMENT",
        REQUEST,
        (
            _whistle_stands("RATE_WHISTLE"),
            (lambda callee: callee.c.department_rated_at.is_(None), reason_of(AlreadyRated)),
        ),
        CALLED_BY,
    ),
    Offer(
        "RATE_OFFICE",
        ANSWER,
        (
            _whistle_stands("RATE_WHISTLE"),
            _BY_CALLED,
            (lambda callee: callee.c.office_rated_at.is_(None), reason_of(AlreadyRated)),
        ),
        CALLED,
    ),
)
