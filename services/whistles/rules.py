"""What may be done with a whistle, as it stands? Pure rules, no storage.

A whistle is REQUESTED, then CALLED, or REFUSED; it ends CONCLUDED, or LAPSED when its case ends before. A callee is
CALLED, then COMING and ARRIVED, or DECLINED until an office above accepts that (EXCUSED) or calls again (CALLED).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.whistles.errors import (
    CalleeNotInStatus,
    ScoreInvalid,
    WhistleNotInStatus,
    WhistleTimesInvalid,
)

REQUEST = "whistle:request"
BLOW = "whistle:blow"
ANSWER = "whistle:answer"
PERMISSIONS = frozenset({REQUEST, BLOW, ANSWER})

OPEN = frozenset({"REQUESTED", "CALLED"})
WORST, BEST = 1, 5

# How the whistle has to stand for an act, and how whoever was called.
WHISTLE_STANDS: Mapping[str, str] = {
    "WHISTLE": "REQUESTED",
    "REFUSE_WHISTLE": "REQUESTED",
    "ANSWER_WHISTLE": "CALLED",
    "INSIST_ON_WHISTLE": "CALLED",
    "ACCEPT_DECLINE": "CALLED",
    "ARRIVE_AT_WHISTLE": "CALLED",
    "CONCLUDE_WHISTLE": "CALLED",
    "RATE_WHISTLE": "CONCLUDED",
}
CALLEE_STANDS: Mapping[str, str] = {
    "ANSWER_WHISTLE": "CALLED",
    "INSIST_ON_WHISTLE": "DECLINED",
    "ACCEPT_DECLINE": "DECLINED",
    "ARRIVE_AT_WHISTLE": "COMING",
}


def check_whistle(action: str, status: str) -> None:
    """Go on only with what may be done with a whistle that stands so. Raises WhistleNotInStatus."""
    if status != WHISTLE_STANDS[action]:
        raise WhistleNotInStatus(status=status)


def check_callee(action: str, status: str) -> None:
    """Go on only with what may be done with a callee that stands so. Raises CalleeNotInStatus."""
    if status != CALLEE_STANDS.get(action, status):
        raise CalleeNotInStatus(status=status)


def check_times(respond_by: datetime, arrive_by: datetime, *, now: datetime, field: str) -> None:
    """Go on only with times to answer and arrive that can be kept. Raises WhistleTimesInvalid."""
    if not now < respond_by <= arrive_by:
        raise WhistleTimesInvalid(field=field)


def check_score(score: int) -> None:
    """Go on only with a score of the scale. Raises ScoreInvalid."""
    if not WORST <= score <= BEST:
        raise ScoreInvalid(field="score")


def until_when(
    respond_by: datetime | None,
    arrive_by: datetime | None,
    *,
    now: datetime,
    respond_minutes: int,
    arrive_minutes: int,
) -> tuple[datetime, datetime]:
    """Tell until when to answer and to arrive: as given, the rest by the tenant's minutes and in step with it."""
    usual_respond_by, usual_arrive_by = (now + timedelta(minutes=each) for each in (respond_minutes, arrive_minutes))
    if respond_by is None:
        respond_by = usual_respond_by if arrive_by is None else min(usual_respond_by, arrive_by)
    return respond_by, max(usual_arrive_by, respond_by) if arrive_by is None else arrive_by
