"""When is a message tried again, and what does it say? Pure rules, no storage."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import orjson

# In a bit less than a day.
MOST_ATTEMPTS = 10
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=12)


def wait_after(attempts: int, *, share: float) -> timedelta:
    """Tell how long to wait after so many attempts: three times as long each time, and by chance up to half of it less.

    `share` is the chance, from 0 to 1: not all that failed at once is tried again at once.
    """
    times: int = 3 ** (attempts - 1)
    return min(_FIRST_WAIT * times, _LONGEST_WAIT) * (1 - share / 2)


def body_of(*, kind: str, at: datetime, tenant_id: int, case_id: uuid.UUID, number: str) -> bytes:
    """Write what an endpoint is told: which case, and what has happened to it; nothing of what was said of it."""
    global_id = f"cas_{tenant_id}_{case_id}"
    told = {"caseId": global_id, "number": number, "kind": kind, "link": f"/cases/{global_id}"}
    return orjson.dumps(
        {"type": f"case.{kind.lower()}", "timestamp": at.isoformat(timespec="milliseconds"), "data": told}
    )
