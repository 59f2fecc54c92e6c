"""How does work come to wait for an account, and stop waiting? In the transaction that causes it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Insert, Uuid, any_, bindparam, column, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.work_items.tables import WorkItem
from tenants.work import TenantWork

_LISTED = tuple(column.name for column in WorkItem.__table__.c if column.name != "number")


@dataclass(frozen=True, slots=True)
class WorkCase:
    """A case of the acting tenant, as a list of work shows it."""

    id: uuid.UUID
    number: str
    title: str
    status: str
    due_at: datetime | None
    due_order: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """For whom it waits, and why."""

    account_id: uuid.UUID
    post_tenant_id: int
    position_id: uuid.UUID
    reason: str
    until: date | None = None
    # What a receiver from outside sees the case by, instead of its title.
    title: str | None = None
    # By when, if not by when the case is due.
    due_at: datetime | None = None


async def replace_work(
    work: TenantWork, *, case: WorkCase, waiting: Iterable[Waiting]
) -> frozenset[tuple[uuid.UUID, str]]:
    """Let a case wait for these and for nobody else; tell for which accounts it waited before, and why."""
    before = await forget_work(work, case_ids=[case.id])
    await add_work(work, [(case, one) for one in waiting])
    return before


async def forget_work(work: TenantWork, *, case_ids: Sequence[uuid.UUID]) -> frozenset[tuple[uuid.UUID, str]]:
    """Let cases wait for nobody; tell for which accounts they waited, and why."""
    cases = any_(literal(list(case_ids), ARRAY(Uuid())))
    forgotten = await work.session.execute(
        delete(WorkItem)
        .where(WorkItem.tenant_id == work.tenant.id, WorkItem.case_id == cases)
        .returning(WorkItem.account_id, WorkItem.reason)
        .execution_options(synchronize_session=False)
    )
    return frozenset((row.account_id, row.reason) for row in forgotten)


async def add_work(work: TenantWork, added: Iterable[tuple[WorkCase, Waiting]]) -> None:
    """Let cases wait for more accounts."""
    rows = [_row(work, case, one) for case, one in added]
    if rows:
        await work.session.execute(insert(WorkItem), rows)


def _row(work: TenantWork, case: WorkCase, one: Waiting) -> dict[str, object]:
    return {
        "tenant_id": work.tenant.id,
        "id": work.new_id(),
        "account_id": one.account_id,
        "post_tenant_id": one.post_tenant_id,
        "position_id": one.position_id,
        "case_id": case.id,
        "reason": one.reason,
        "number": case.number,
        "title": case.title if one.title is None else one.title,
        "status": case.status,
        "due_at": one.due_at or case.due_at,
        "due_order": one.due_at or case.due_order,
        "made_at": work.now(),
        "until": one.until,
    }


def work_insert(*, number: ColumnElement[str]) -> Insert:
    """Insert all work that a new case causes as a part of a larger statement, which gives the case its number.

    Its parameters are lists, named work_….
    """
    columns = [WorkItem.__table__.c[name] for name in _LISTED]
    given = func.unnest(*(bindparam(f"work_{each.name}", type_=ARRAY(each.type)) for each in columns))
    rows = given.table_valued(*(column(each.name, each.type) for each in columns)).render_derived()
    return insert(WorkItem).from_select(["number", *_LISTED], select(number, *rows.c))


def work_values(work: TenantWork, *, case: WorkCase, waiting: Iterable[Waiting]) -> dict[str, object]:
    """Give what `work_insert` binds."""
    rows = [_row(work, case, one) for one in waiting]
    return {f"work_{name}": [row[name] for row in rows] for name in _LISTED}
