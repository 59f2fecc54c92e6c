"""Who is told of a step? Those to whom a case is handed, and everyone who reported it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.cases.opening import OpenedCase
from services.cases.queries import reports_merged_into
from services.notifications.commands import Telling, notify
from services.work_items.commands import Waiting
from tenants.work import TenantWork

# Steps by which a case is handed to somebody.
_HANDING = frozenset(
    {"DISPATCH", "REDISPATCH", "HAND_ON", "RETURN", "UPHOLD_OBJECTION", "ESCALATE", "HAND_BACK", "REOPEN"}
)
# Verdicts hand it back to whoever handled it, if they found it unsolved.
_VERDICTS = frozenset({"CALL_BACK", "VERIFY", "RATE"})
# Steps that urge whoever it waits for, and what these are told.
_URGING: Mapping[str, str] = {"URGE": "URGE", "SUPERVISE": "SUPERVISED"}
# Whom it begins to wait for is told by whichever step, but for what everybody who may looks after anyway.
_TOLD_WHEN_NEW = frozenset({"TO_HANDLE", "TO_DECIDE", "TO_WHISTLE", "TO_ANSWER_WHISTLE", "TO_ARRIVE"})
# What is accepted by one of them waits for all who could dispatch it: nothing has been handed to anybody.
_PLAIN = frozenset({"ACCEPT"})
# What reporters hear back, by the step.
_HEARD: Mapping[str, str] = {
    "ACCEPT": "ACCEPTED",
    "EXCLUDE": "EXCLUDED",
    "RESOLVE": "RESOLVED",
    "CLOSE": "CLOSED",
    "REOPEN": "REOPENED",
}
# Whoever reported the same again hears how it ends: these are asked for then.
ENDING = frozenset({"EXCLUDED", "RESOLVED", "CLOSED", "REOPENED"})


@dataclass(frozen=True, slots=True)
class Reported:
    """A report, as its reporter knows it: the case itself, or one that was merged into it."""

    case_id: uuid.UUID
    number: str
    title: str
    account_id: uuid.UUID


def kind_heard(action: str) -> str | None:
    """Tell what reporters hear back of a step; None for nothing."""
    return _HEARD.get(action)


def tellings_to_reporters(
    kind: str, reports: Iterable[Reported], *, tenant_id: int, actor_id: uuid.UUID, note: str | None
) -> Iterator[Telling]:
    """Tell everyone who reported it, with the reply where there is one; nobody of what he did himself."""
    reply = note if kind == "EXCLUDED" else None
    for one in reports:
        if one.account_id != actor_id:
            yield Telling(one.account_id, tenant_id, one.case_id, kind, one.number, one.title, reply)


def kind_for_waiting(action: str, status: str) -> str | None:
    """Tell what those for whom a case waits are told of a step; None for nothing."""
    is_handed = action in _HANDING or (action in _VERDICTS and status == "DISPATCHED")
    return "HANDED" if is_handed else _URGING.get(action)


def tellings_to_waiting(
    kind: str, reported: Reported, waiting: Iterable[Waiting], *, actor_id: uuid.UUID, note: str | None
) -> Iterator[Telling]:
    """Tell those for whom a case waits, each once, by the title that he may know, with the words that urge."""
    told: Collection[uuid.UUID] = {actor_id}
    for one in waiting:
        if one.account_id not in told:
            told = {*told, one.account_id}
            # Whoever is called from outside is told neither the title nor words that were not written for him.
            words = None if kind == "HANDED" or one.title is not None else note
            subject = reported.title if one.title is None else one.title
            yield Telling(one.account_id, one.post_tenant_id, reported.case_id, kind, reported.number, subject, words)


async def tell_of_step(
    work: TenantWork,
    opened: OpenedCase,
    *,
    action: str,
    note: str | None,
    waiting: Iterable[Waiting],
    new: Iterable[Waiting],
) -> None:
    """Tell of a step those for whom the case now waits by it, and everyone who reported it.

    `new` are those of them for whom it did not wait before.
    """
    case, details, actor_id = opened.case, opened.details, work.grants.account_id
    reported = Reported(case.id, case.number, details.title, details.reporter_account_id)
    urged = kind_for_waiting(action, case.status)
    is_plain = action in _PLAIN
    concerned = waiting if urged else [one for one in new if one.reason in _TOLD_WHEN_NEW and not is_plain]
    told = list(tellings_to_waiting(urged or "HANDED", reported, concerned, actor_id=actor_id, note=note))
    kind = kind_heard(action)
    if kind is not None:
        reports = [reported, *(await _merged_reports(work, case.id) if kind in ENDING else ())]
        told += tellings_to_reporters(kind, reports, tenant_id=work.tenant.id, actor_id=actor_id, note=note)
    await notify(work, told)


async def _merged_reports(work: TenantWork, case_id: uuid.UUID) -> list[Reported]:
    rows = await work.session.execute(reports_merged_into(work.tenant.id, case_id))
    return [Reported(row.id, row.number, row.title, row.reporter_account_id) for row in rows]
