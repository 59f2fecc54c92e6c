"""What is counted of cases? Everything that summaries of cases are made of; `recounting` says how from the records."""

from __future__ import annotations

from services.case_counts.recounting import RECOUNT
from services.rollups.declaring import declare_rollup

CASE_COUNTERS = (
    "reported",
    "accepted",
    "dispatched",
    "handled_on_spot",
    # These three on the day on which a case falls due, closed or not.
    "due_to_close",
    "closed_of_due",
    "closed_on_time",
    "closed",
    "reworked",
    "extended",
    "whistled",
    "called_back",
    "contacted",
    "solved",
    "satisfied",
)
# What a merged case and one that is not taken on no longer count as.
TAKEN_BACK = tuple(name for name in CASE_COUNTERS if name not in ("reported", "accepted"))
# Of the rules by which all of this is counted.
RULE_VERSION = 1

CASES = declare_rollup("case", CASE_COUNTERS, recount=RECOUNT)
