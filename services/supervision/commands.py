"""How do the marks of a case come to wait, and how do they fire? In a step's transaction, and by the worker."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, column, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.calendars.loading import get_calendar
from services.supervision.queries import limits_of, read_limits
from services.supervision.rules import Calendar, Limit, marks_at
from services.supervision.tables import CaseMark
from tenants.work import TenantWork

# Fired in one transaction: as long as it lasts, steps of these cases wait.
FIRED_AT_ONCE = 50
_COLUMNS = tuple(each.name for each in CaseMark.__table__.c if each.name != "fired_at")
_FIRE = text("select app.fire_due(:now, :most)")


@dataclass(frozen=True, slots=True)
class Watched:
    """A case as far as its marks ask: by when it is due, and under which category."""

    id: uuid.UUID
    category_id: uuid.UUID
    due_at: datetime | None
    is_open: bool
    # Until when its clock stands still, if it does.
    stopped_until: datetime | None = None


def mark_insert() -> Insert:
    """Insert marks of a case, perhaps as a part of a larger statement; those that are there stay as they are.

    Its parameters are lists, named mark_….
    """
    columns = [CaseMark.__table__.c[name] for name in _COLUMNS]
    given = func.unnest(*(bindparam(f"mark_{each.name}", type_=ARRAY(each.type)) for each in columns))
    rows = given.table_valued(*(column(each.name, each.type) for each in columns)).render_derived("marked")
    return insert(CaseMark).from_select(list(_COLUMNS), select(*rows.c)).on_conflict_do_nothing()


def mark_values(work: TenantWork, case: Watched, limits: Iterable[Limit], calendar: Calendar) -> dict[str, object]:
    """Give what `mark_insert` binds."""
    begin = max(work.now(), case.stopped_until or work.now())
    marks = [] if case.due_at is None else marks_at(case.due_at, limits, now=begin, calendar=calendar)
    rows = [
        {
            "tenant_id": work.tenant.id,
            "id": work.new_id(),
            "case_id": case.id,
            "mark": one.mark,
            "at": one.at,
            "due_at": case.due_at,
        }
        for one in marks
    ]
    return {f"mark_{name}": [row[name] for row in rows] for name in _COLUMNS}


# To the session one statement with lists, not many rows of a mapping.
_MARK = mark_insert().execution_options(dml_strategy="raw")


async def renew_marks(work: TenantWork, case: Watched) -> None:
    """Let the marks of a case wait that its due time now asks for, and no others."""
    await work.session.execute(
        delete(CaseMark)
        .where(
            CaseMark.tenant_id == work.tenant.id,
            CaseMark.case_id == case.id,
            CaseMark.fired_at.is_(None),
        )
        .execution_options(synchronize_session=False)
    )
    if not case.is_open:
        return
    found = await work.session.scalar(select(limits_of(work.tenant.id, case.category_id)))
    await work.session.execute(_MARK, mark_values(work, case, read_limits(found), await get_calendar(work)))


async def fire_due(connection: AsyncConnection, *, now: datetime) -> int:
    """Fire marks of all tenants whose instant has come, as the worker; tell how many, 50 at most.

    What another worker has in hand, and the marks of a case of which a step is being taken, wait for the next time.
    """
    fired: int = await connection.scalar(_FIRE, {"now": now, "most": FIRED_AT_ONCE})
    return fired
