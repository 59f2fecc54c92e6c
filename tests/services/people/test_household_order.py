"""In which order do a dwelling's households come?"""

from __future__ import annotations

from datetime import date

from services.people.rules import household_key


def test_present_households_come_first_then_the_latest_to_leave() -> None:
    spans: list[tuple[date | None, date | None]] = [
        (None, date(2001, 5, 31)),
        (date(2019, 1, 1), None),
        (date(2001, 6, 1), date(2018, 12, 31)),
        (date(2018, 1, 1), date(2018, 2, 1)),
        (None, None),
        (date(2010, 7, 1), None),
    ]

    ordered = sorted(spans, key=lambda span: household_key(since=span[0], until=span[1]))

    assert ordered == [
        (None, None),
        (date(2010, 7, 1), None),
        (date(2019, 1, 1), None),
        (date(2001, 6, 1), date(2018, 12, 31)),
        (date(2018, 1, 1), date(2018, 2, 1)),
        (None, date(2001, 5, 31)),
    ]
