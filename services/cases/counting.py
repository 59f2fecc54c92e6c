"""How do steps of cases come to be counted? By what changed between how the case stood before and how it stands now."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Insert, bindparam, select

from services.case_counts.rules import CALL_BACKS, Standing, Tally, Verdict, due_body, tallies
from services.case_counts.tables import CASES, TAKEN_BACK
from services.cases.opening import OpenedCase
from services.cases.tables import Case, CaseStep
from services.categories.tables import CaseCategory
from services.rollups.recording import Count, Subject, count_insert, count_values, take_back
from tenants.work import TenantWork

# Counted by how the case stands, so no longer counted by that alone once it has gone out of the count.
_BY_STANDING = frozenset({"due_to_close", "closed", "closed_of_due", "closed_on_time"})
_HAPPENED = tuple(name for name in TAKEN_BACK if name not in _BY_STANDING)
_OUT = frozenset({"EXCLUDED", "MERGED"})


def settle_due_body(work: TenantWork, opened: OpenedCase) -> None:
    """Keep who answers for a case as it falls due; asked before the row is written."""
    case = opened.case
    case.due_body_id = due_body(_before(opened), due_at=case.due_at, body_id=case.accountable_body_id, now=work.now())


def case_count_insert(tenant_id: ColumnElement[int]) -> Insert:
    """Insert the counts of a step as part of its statement; see `case_count_values`."""
    category = select(CaseCategory.code).where(
        CaseCategory.tenant_id == tenant_id,
        CaseCategory.id == bindparam("count_category_id", type_=CaseCategory.__table__.c["id"].type),
    )
    return count_insert(CASES, category=category.scalar_subquery())


def case_count_values(
    work: TenantWork, opened: OpenedCase, action: str, *, verdict: Verdict | None = None
) -> dict[str, Any]:
    """Give what `case_count_insert` binds for a step. `verdict` is the one that no longer counts in rates, if any."""
    case, zone = opened.case, ZoneInfo(work.tenant.time_zone)
    if action in CALL_BACKS:
        verdict = Verdict(work.now(), case.accountable_body_id, case.is_contacted, case.is_solved, case.satisfaction)
    found = tallies(action, _before(opened), _standing(case), now=work.now(), zone=zone, verdict=verdict)
    opened_on = case.reported_at.astimezone(zone).date()
    subject = Subject(case.tenant_id, case.street_id, case.district_id, case.id, opened_on, case.grid_id, case.source)
    return {"count_category_id": case.category_id, **count_values(subject, _counts(found), today=work.today())}


async def take_back_counts(work: TenantWork, opened: OpenedCase) -> None:
    """Count a case that is merged or not taken on as reported and accepted alone."""
    if opened.case.status in _OUT and opened.status_before not in _OUT:
        await take_back(work, CASES, subject_id=opened.case.id, counters=_HAPPENED)


async def last_verdict(work: TenantWork, opened: OpenedCase) -> Verdict | None:
    """Find the last call-back of a case, with who answered for it then."""
    row = (
        await work.session.execute(
            select(
                CaseStep.at,
                CaseStep.accountable_body_id,
                CaseStep.is_contacted,
                CaseStep.is_solved,
                CaseStep.satisfaction,
            )
            .where(
                CaseStep.tenant_id == opened.case.tenant_id,
                CaseStep.case_id == opened.case.id,
                CaseStep.action.in_(sorted(CALL_BACKS)),
            )
            .order_by(CaseStep.ordinal.desc())
            .limit(1)
        )
    ).first()
    return None if row is None else Verdict(*row)


def _counts(found: list[Tally]) -> list[Count]:
    by_day: dict[tuple[date, UUID | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for tally in found:
        by_day[tally.day, tally.body_id][tally.counter] += tally.number
    return [Count(day, body_id, numbers) for (day, body_id), numbers in by_day.items()]


def _standing(case: Case) -> Standing:
    return Standing(
        case.status,
        case.accountable_body_id,
        case.accepted_at,
        case.due_at,
        case.due_body_id,
        case.closed_at,
        case.rework_count,
    )


def _before(opened: OpenedCase) -> Standing | None:
    """Read how a case stood before from its row as JSON."""
    row = opened.before
    if row is None:
        return None

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    due_body_id = UUID(row["due_body_id"]) if row["due_body_id"] else None
    return Standing(
        row["status"],
        UUID(row["accountable_body_id"]),
        instant("accepted_at"),
        instant("due_at"),
        due_body_id,
        instant("closed_at"),
        row["rework_count"],
    )
