"""Which spans of time can a day's office hours be? Pure rules, no storage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from services.calendars.errors import OfficeHoursInvalid
from services.calendars.rules import MINUTES_OF_DAY, Span

MOST_SPANS = 8
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


def read_clock(text: str, *, field: str) -> int:
    """Read a time of day, 00:00 to 24:00, as minutes. Raises OfficeHoursInvalid."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise OfficeHoursInvalid(
            reason_zh="时间应写作 08:30，最晚 24:00",
            reason_en="a time is written as 08:30, at most 24:00",
            field=field,
        )
    return MINUTES_OF_DAY if found[1] is None else int(found[1]) * 60 + int(found[2])


def check_spans(spans: Iterable[Span]) -> Sequence[Span]:
    """Give spans of a day in their order, if they can be office hours. Raises OfficeHoursInvalid."""
    ordered = sorted(spans)
    if len(ordered) > MOST_SPANS:
        raise OfficeHoursInvalid(
            reason_zh=f"一天最多 {MOST_SPANS} 个时段", reason_en=f"a day has {MOST_SPANS} spans at most", field="spans"
        )
    if any(not 0 <= span.opens < span.closes <= MINUTES_OF_DAY for span in ordered):
        raise OfficeHoursInvalid(
            reason_zh="下班时间应晚于上班时间", reason_en="a span closes after it opens", field="spans"
        )
    if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
        raise OfficeHoursInvalid(reason_zh="时段不能重叠", reason_en="spans do not overlap", field="spans")
    return ordered
