"""What stands above an exported table: what it is, of where and when, and who had it made?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from schema.exports.paged import spans_of
from services.case_counts.tables import RULE_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from schema.exports.asking import Table
    from services.exports.cells import Cell
    from services.exports.jobs import Order

_WORDS = {
    "tenant": ("单位", "Tenant"),
    "place": ("范围", "Place"),
    "period": ("时段", "Period"),
    "cut_off": ("统计截止", "Cut-off"),
    "rules": ("统计规则版本", "Version of the counting rules"),
    "who": ("导出人", "Exported by"),
    "when": ("导出时间", "Exported at"),
    "personal": ("注意", "Note"),
}
_PERSONAL = (
    "含个人信息，仅限批准的用途，不得外传",
    "Holds personal data: for the approved purpose alone, and for nobody else",
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The lines above one export's table."""

    order: Order
    table: Table
    zone: ZoneInfo
    now: datetime

    def lines(self, tenant: str, places: Sequence[str]) -> list[list[Cell]]:
        """Write them: the title, then what is known, each with its name before it."""
        made_at = self.now.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        spans = spans_of(self.table.shape, self.table.given)
        periods = dict.fromkeys(f"{span['from']} – {span['to']}" for span in spans)
        cuts = dict.fromkeys(span["cutOff"] for span in spans if "cutOff" in span)
        who = " · ".join(name for name in (self.order.position_name, self.order.account_name) if name)
        told: list[tuple[str, Cell]] = [("tenant", tenant), ("place", " › ".join(places) or tenant)]
        if spans:
            told.append(("period", "; ".join(periods)))
        told.append(("cut_off", "; ".join(cuts) if cuts else made_at))
        if spans:
            told.append(("rules", RULE_VERSION))
        told += [("who", who), ("when", made_at)]
        if self.table.is_personal:
            told.append(("personal", self._in_language(_PERSONAL)))
        return [[self.order.title], *([self._in_language(_WORDS[name]), cell] for name, cell in told)]

    def _in_language(self, both: tuple[str, str]) -> str:
        return both[0] if self.order.language == "zh" else both[1]
