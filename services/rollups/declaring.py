"""How does a feature say what it counts? Once: its counters, and how they are counted anew from its records.

That gives it two tables. Its counts are a ledger: one row for whatever a transaction changed, with who answered for it,
what it was about, and three days: on which it happened, on which it was recorded, and on which what it happened to was
opened (a case reported). Nothing in it is ever changed; what turns out otherwise is taken back by another row, on the
day it was recorded. Its sums are the ledger folded by the worker, by month and by day, for the tenant and for the
offices above it, so that a district's year is a few rows whatever happened in it. Sums and the ledger's rows that are
not folded yet are always everything.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, OfficeTable
from tenants.tables import one_of

# By which of its days a count belongs to a period: the one on which it happened, or that of the opening.
BASES = ("HAPPENED", "OPENED")
# Appended to a basis: by how much an office's sums are others when everything counts where its tenant lies today.
MOVED = "_MOVED"
GRAINS = ("MONTH", "DAY")
# What sums are kept by. By day there are sums of everything together, and of a district also of each member.
DIMENSIONS = ("ALL", "GRID", "CATEGORY", "SOURCE", "BODY")


class CountTable(OfficeTable):
    """Base of a ledger of counts."""

    __abstract__ = True

    # What it happened to, for example a case.
    subject_id: Mapped[uuid.UUID]
    happened_on: Mapped[date]
    recorded_on: Mapped[date]
    opened_on: Mapped[date]
    grid_id: Mapped[uuid.UUID | None]
    category: Mapped[str | None]
    source: Mapped[str | None]
    # Who answered for it as it happened.
    body_id: Mapped[uuid.UUID | None]
    # The offices are those of the day on which it happened. Where the tenant has moved since then, those of today.
    is_moved: Mapped[bool] = mapped_column(server_default=text("false"))
    now_street_id: Mapped[int | None] = mapped_column(Integer)
    now_district_id: Mapped[int | None] = mapped_column(Integer)
    is_folded: Mapped[bool] = mapped_column(server_default=text("false"))


class SumTable(OfficeTable):
    """Base of sums. `tenant_id` is whose sum it is: of an office everything below it, by the tree as it happened."""

    __abstract__ = True

    basis: Mapped[str]
    grain: Mapped[str]
    # The month's or the day's first day.
    starts_on: Mapped[date]
    dimension: Mapped[str]
    # Which one of the dimension, as text; empty for all together.
    member: Mapped[str] = mapped_column(SORTED_TEXT)


@dataclass(frozen=True, slots=True)
class Rollup:
    """What a feature counts."""

    name: str
    counters: tuple[str, ...]
    # SQL that counts everything anew from the records, of the tenants that :tenants lists: the ledger's columns, and
    # instead of its counters `counter` and `number`, in as many rows as it takes.
    recount: str
    counts: type[CountTable]
    sums: type[SumTable]


def _counter_columns(counters: tuple[str, ...]) -> dict[str, Any]:
    columns = {name: mapped_column(name, server_default=text("0")) for name in counters}
    return {**columns, "__annotations__": dict.fromkeys(counters, Mapped[int])}


def declare_rollup(name: str, counters: tuple[str, ...], *, recount: str) -> Rollup:
    """Declare what a feature counts, and make its two tables: NAME_counts and NAME_sums."""
    counts, sums = f"{name}_counts", f"{name}_sums"
    ledger = type(
        f"{name.title()}Count",
        (CountTable,),
        {
            "__doc__": f"The ledger of what is counted of a {name}.",
            "__module__": __name__,
            "__tablename__": counts,
            "__table_args__": (
                Index(f"ix_{counts}_subject", "tenant_id", "subject_id"),
                *(
                    Index(f"ix_{counts}_{whose}_{day}", f"{whose}_id", f"{day}_on")
                    for whose in ("tenant", "street", "district")
                    for day in ("happened", "opened")
                ),
                *(
                    Index(
                        f"ix_{counts}_now_{office}",
                        f"now_{office}_id",
                        "happened_on",
                        postgresql_where=text("is_moved"),
                    )
                    for office in ("street", "district")
                ),
                Index(f"ix_{counts}_waiting_tenant", "tenant_id", postgresql_where=text("not is_folded")),
                Index(
                    f"ix_{counts}_waiting_offices", "district_id", "street_id", postgresql_where=text("not is_folded")
                ),
            ),
            **_counter_columns(counters),
        },
    )
    folded = type(
        f"{name.title()}Sum",
        (SumTable,),
        {
            "__doc__": f"The sums of what is counted of a {name}.",
            "__module__": __name__,
            "__tablename__": sums,
            "__table_args__": (
                CheckConstraint(one_of("basis", (*BASES, *(basis + MOVED for basis in BASES))), name="basis"),
                CheckConstraint(one_of("grain", GRAINS), name="grain"),
                CheckConstraint(one_of("dimension", DIMENSIONS), name="dimension"),
                UniqueConstraint(
                    "tenant_id", "basis", "dimension", "grain", "starts_on", "member", name=f"uq_{sums}_of"
                ),
            ),
            **_counter_columns(counters),
        },
    )
    return Rollup(name, counters, recount, ledger, folded)
