"""Which exports are taken on, which wait for somebody, and for how long is a file kept? Pure rules."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from services.exports.errors import ExportDecided, ExportOwn, ExportReasonMissing, ExportTitleInvalid

APPROVE = "export:approve"
UNFINISHED = ("REQUESTED", "APPROVED", "RUNNING")
MOST_UNFINISHED = 5
MOST_ROWS = 1_000_000
LONGEST_TITLE = 80
LONGEST_REASON = 200
KEPT_FOR = timedelta(days=7)
# Whoever died over a job leaves it for this long; whoever lives renews it well before.
LEASE = timedelta(seconds=60)
# Begun so often and never ended, something is wrong with it.
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants: a query as JSON text with its variables, and what is known of it beforehand."""

    request: str
    what: str
    title: str
    format: str
    language: str
    columns: tuple[str, ...]
    is_personal: bool
    reason: str | None = None


def check_title(title: str) -> str:
    """Give a title that a file can be called. Raises ExportTitleInvalid."""
    clean = title.strip()
    if not 0 < len(clean) <= LONGEST_TITLE or not clean.isprintable():
        raise ExportTitleInvalid(limit=LONGEST_TITLE, field="input.title")
    return clean


def check_reason(reason: str | None, *, is_personal: bool) -> str | None:
    """Give the reason, without which no personal data leaves. Raises ExportReasonMissing."""
    clean = (reason or "").strip() or None
    if (clean is None and is_personal) or len(clean or "") > LONGEST_REASON:
        raise ExportReasonMissing(limit=LONGEST_REASON, field="input.reason")
    return clean


def first_status(*, is_personal: bool) -> str:
    """Tell how an export begins: personal data waits for somebody to agree."""
    return "REQUESTED" if is_personal else "APPROVED"


def check_can_decide(*, status: str, account_id: uuid.UUID, decider_id: uuid.UUID) -> None:
    """Go on only for somebody else than whoever asked, while it waits. Raises ExportOwn, ExportDecided."""
    if account_id == decider_id:
        raise ExportOwn(field="exportId")
    if status != "REQUESTED":
        raise ExportDecided(field="exportId")


def file_name(title: str, file_format: str) -> str:
    """Name the file."""
    safe = "".join("_" if each in '\\/:*?"<>|' else each for each in title)
    return f"{safe}.{file_format.lower()}"
