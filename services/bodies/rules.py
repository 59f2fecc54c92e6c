"""When may a property contract start and end? Pure rules, no storage."""

from __future__ import annotations

from datetime import date

from services.bodies.errors import ContractDatesInvalid, ContractEnded


def check_can_last(*, since: date, until: date | None) -> None:
    """Go on only with dates in their order. Raises ContractDatesInvalid."""
    if until is not None and until < since:
        raise ContractDatesInvalid(field="until")


def check_can_end(*, since: date, until: date | None, last_day: date, today: date) -> None:
    """Go on only with a contract that has not ended. Raises ContractEnded, ContractDatesInvalid."""
    if until is not None and until < today:
        raise ContractEnded(until=until)
    check_can_last(since=since, until=last_day)
