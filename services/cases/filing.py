"""How does a new case get into the tables? All its rows in one statement, which gives it its number, too.

The tenant's other reports wait from that statement to the commit, so nothing is looked up in between.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, bindparam, insert, literal_column, select

from services.calendars.loading import get_calendar
from services.cases.counting import settle_due_body
from services.cases.marking import watched
from services.cases.opening import OpenedCase
from services.cases.queries import CASE_AS_JSON, count_of_day, number_of_day, version_of
from services.cases.recording import Step, step_insert, step_values
from services.cases.tables import Case, CaseDay, CaseDetails
from services.cases.working import find_waiting, work_case
from services.supervision.commands import mark_insert, mark_values
from services.supervision.rules import Limit
from services.work_items.commands import work_insert, work_values
from tenants.database import Table
from tenants.work import TenantWork

# PostgreSQL's own to fill in, or this statement's.
_NOT_GIVEN = frozenset({"number", "due_order"})


async def file_case(work: TenantWork, opened: OpenedCase, step: Step, *, limits: Iterable[Limit]) -> uuid.UUID:
    """Write down a new case with its first step and give it its number; tell the step's id.

    Its rows are not the session's: what changes them later opens the case first.
    """
    case, details = opened.case, opened.details
    settle_due_body(work, opened)
    waiting = await find_waiting(work, opened)
    values = {
        **_values("case", case),
        **_values("details", details),
        **work_values(work, case=work_case(case, title=details.title), waiting=waiting),
        **mark_values(work, watched(case), limits, await get_calendar(work)),
        **step_values(work, opened, step),
        "day_id": work.new_id(),
        "day": work.today(),
    }
    case.number, version = (await work.session.execute(_statement(), values)).one()
    work.check_version(version)
    step_id: uuid.UUID = values["given_step_id"]
    return step_id


@cache
def _statement() -> Select[str, int]:
    day = bindparam("day", type_=Date())
    given = _given("case", Case)
    day_id = bindparam("day_id", type_=CaseDay.__table__.c["id"].type)
    numbered = count_of_day(given["tenant_id"], day_id, day).cte("numbered")
    number = number_of_day(day, select(numbered.c.last_number).scalar_subquery())
    filed = (
        insert(Case)
        .values(**given, number=number)
        .returning(Case.__table__.c["number"], CASE_AS_JSON.label("after"))
        .cte("filed")
    )
    details = insert(CaseDetails).values(_given("details", CaseDetails))
    waiting = work_insert(number=select(filed.c.number).scalar_subquery())
    happened = step_insert(ordinal=literal_column("1"), after=select(filed.c.after).scalar_subquery())
    marks = mark_insert().cte("marks")
    rows = (details.cte("details"), waiting.cte("waiting"), marks, happened.cte("happened"))
    return select(filed.c.number, version_of(given["tenant_id"]).scalar_subquery()).add_cte(*rows)


def _names(table: type[Table]) -> list[str]:
    return [column.name for column in table.__table__.c if column.name not in _NOT_GIVEN]


def _given(prefix: str, table: type[Table]) -> dict[str, Any]:
    columns = table.__table__.c
    return {name: bindparam(f"{prefix}_{name}", type_=columns[name].type) for name in _names(table)}


def _values(prefix: str, row: Table) -> dict[str, Any]:
    return {f"{prefix}_{name}": getattr(row, name) for name in _names(type(row))}
