"""How is something counted? By rows of the ledger, in the transaction of what is counted and in the same statement."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Insert,
    Integer,
    Uuid,
    bindparam,
    case,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSON

from services.rollups.declaring import Rollup
from tenants.database import new_id
from tenants.tables import TenantMove
from tenants.work import TenantWork

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.sql.selectable import LateralFromClause

_OFFICES = ("street_id", "district_id")
_ABOUT = ("tenant_id", "street_id", "district_id", "subject_id", "recorded_on", "opened_on", "grid_id", "source")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is counted: whose it is, and what its counts are told apart by."""

    tenant_id: int
    street_id: int | None
    district_id: int | None
    id: uuid.UUID
    opened_on: date
    grid_id: uuid.UUID | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """So many of each counter, on a day, for whoever answered for it."""

    happened_on: date
    body_id: uuid.UUID | None
    numbers: Mapping[str, int]


def count_insert(rollup: Rollup, *, category: ColumnElement[Any]) -> Insert:
    """Insert counts as part of a larger statement; `category` is the code of what they are about.

    Its parameters are named count_…, see `count_values`.
    """
    table = rollup.counts.__table__
    told = func.json_to_recordset(bindparam("count_rows", type_=JSON)).table_valued(
        column("id", Uuid),
        column("happened_on", Date),
        column("body_id", Uuid),
        *(column(name, Integer) for name in rollup.counters),
    )
    row = told.render_derived("told", with_types=True)
    about = {name: bindparam(f"count_{name}", type_=table.c[name].type) for name in _ABOUT}
    was = _offices_then(about["tenant_id"], row.c.happened_on, about["recorded_on"])
    values = {
        **about,
        **{name: _then_or_now(was, about[name]) for name in _OFFICES},
        "is_moved": was.c.id.is_not(None),
        **{f"now_{name}": case((was.c.id.is_not(None), about[name])) for name in _OFFICES},
        "category": category,
        **{name: row.c[name] for name in ("id", "happened_on", "body_id")},
        **{name: func.coalesce(row.c[name], 0) for name in rollup.counters},
    }
    counted = select(*values.values()).select_from(row.outerjoin(was, true()))
    return insert(rollup.counts).from_select(list(values), counted)


def _offices_then(tenant_id: Any, happened_on: Any, recorded_on: Any) -> LateralFromClause:  # noqa: ANN401 - SQL.
    """Select under which offices the tenant lay on a day before it moved; nothing otherwise."""
    return (
        select(TenantMove.id, TenantMove.from_street_id, TenantMove.from_district_id)
        # What happens as it is recorded happens where the tenant lies now.
        .where(happened_on < recorded_on, TenantMove.tenant_id == tenant_id, TenantMove.moved_on > happened_on)
        .order_by(TenantMove.moved_on, TenantMove.moved_at)
        .limit(1)
        .lateral("was")
    )


def _then_or_now(was: LateralFromClause, now: BindParameter[Any]) -> ColumnElement[Any]:
    return case((was.c.id.is_(None), now), else_=was.c[f"from_{now.key.removeprefix('count_')}"])


def count_values(subject: Subject, counts: Iterable[Count], *, today: date) -> dict[str, Any]:
    """Give what `count_insert` binds, recorded today."""
    rows = [
        {
            "id": str(new_id()),
            "happened_on": one.happened_on.isoformat(),
            "body_id": None if one.body_id is None else str(one.body_id),
            **one.numbers,
        }
        for one in counts
    ]
    about = {name: getattr(subject, name) for name in _ABOUT if name not in ("subject_id", "recorded_on")}
    values = {**about, "subject_id": subject.id, "recorded_on": today, "rows": rows}
    return {f"count_{name}": value for name, value in values.items()}


async def take_back(work: TenantWork, rollup: Rollup, *, subject_id: uuid.UUID, counters: Collection[str]) -> None:
    """Take back some counters of a subject altogether, as of today: it is no longer to be counted."""
    given = {"tenant_id": work.tenant.id, "subject_id": subject_id, "recorded_on": work.today()}
    await work.session.execute(_reversal(rollup, tuple(counters)), given)


@cache
def _reversal(rollup: Rollup, counters: tuple[str, ...]) -> Insert:
    table = rollup.counts.__table__
    where = ("is_moved", *(f"now_{name}" for name in _OFFICES))
    about = (*_ABOUT, *where, "happened_on", "body_id", "category")
    kept = [table.c[name] for name in about if name != "recorded_on"]
    sums = {name: func.sum(table.c[name]) for name in counters}
    taken = (
        select(
            func.gen_random_uuid().label("id"),
            bindparam("recorded_on", type_=Date).label("recorded_on"),
            *kept,
            *((-total).label(name) for name, total in sums.items()),
        )
        .where(
            table.c.tenant_id == bindparam("tenant_id", type_=Integer),
            table.c.subject_id == bindparam("subject_id", type_=Uuid),
        )
        .group_by(*kept)
        .having(or_(*(total != literal(0) for total in sums.values())))
    )
    names = ["id", "recorded_on", *(one.name for one in kept), *counters]
    return insert(cast("Table", table)).from_select(names, taken)
