"""What can be aimed at? Pure rules, no storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.case_counts.tables import CASE_COUNTERS
from services.case_targets.errors import TargetInvalid

RATES = ("CLOSURE_RATE", "ON_TIME_RATE", "CONTACT_RATE", "SOLVED_RATE", "SATISFIED_RATE")
MEASURES = (*(name.upper() for name in CASE_COUNTERS if name != "closed_of_due"), "OVERDUE", *RATES)
BOUNDS = ("AT_LEAST", "AT_MOST")
LONGEST_BASIS = 200
MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A measure that is to be no less, or no more, than a value, in periods between two days."""

    measure: str
    bound: str
    value: float
    since: date
    until: date
    # The rule or plan that sets it.
    basis: str


def check_target(target: Target) -> None:
    """Go on only with a target that can be met and says by which rule it is set. Raises TargetInvalid."""
    if target.measure in RATES and not 0 <= target.value <= 1:
        raise TargetInvalid(reason_zh="比率在 0 到 1 之间", reason_en="a rate is from 0 to 1", field="input.value")
    if not 0 <= target.value <= MOST:
        raise TargetInvalid(reason_zh="数值超出范围", reason_en="the value is out of range", field="input.value")
    if target.until < target.since:
        raise TargetInvalid(reason_zh="止日在起日之前", reason_en="it ends before it begins", field="input.until")
    if not target.basis.strip() or len(target.basis) > LONGEST_BASIS:
        raise TargetInvalid(
            reason_zh=f"须写明依据，不超过 {LONGEST_BASIS} 字",
            reason_en=f"it needs a basis of at most {LONGEST_BASIS} characters",
            field="input.basis",
        )
