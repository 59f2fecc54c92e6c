"""What may be done with a case, and why not: the rules of services/cases/rules.py, asked in the statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schema.cases.sources import is_coordinated_here, is_in_reach, may_be_closed, was_handled_by_others
from schema.compiler.declare import Expression, Offer, Reason, Row
from schema.compiler.json_sql import quoted
from services.cases.errors import CallBackMissing, HandedOutside, NotCoordinator, OwnHandling
from services.cases.rules import MOVES, Move
from tenants.errors import Refused


def _reason(refused: type[Refused]) -> Reason:
    return Reason(refused.zh, refused.en)


_NOT_IN_STATUS = Reason("诉求当前状态不能这样办理", "This cannot be done as the case stands")
_REASONS: Mapping[Expression, Reason] = {
    is_coordinated_here: _reason(NotCoordinator),
    is_in_reach: _reason(HandedOutside),
    was_handled_by_others: _reason(OwnHandling),
    may_be_closed: _reason(CallBackMissing),
}


def _stands(move: Move) -> Expression:
    def condition(case: Row) -> Any:
        return case.c.status.in_([quoted(status) for status in sorted(move.from_statuses)])

    return condition


def _conditions(action: str, move: Move) -> Iterator[tuple[Expression, Reason]]:
    yield _stands(move), _NOT_IN_STATUS
    asked = (
        (is_coordinated_here, move.by_coordinator),
        (is_in_reach, move.by_receiver),
        (was_handled_by_others, move.by_others),
        (may_be_closed, action == "CLOSE"),
    )
    for condition, is_asked in asked:
        if is_asked:
            yield condition, _REASONS[condition]


CASE_OFFERS = tuple(Offer(action, move.permission, tuple(_conditions(action, move))) for action, move in MOVES.items())
