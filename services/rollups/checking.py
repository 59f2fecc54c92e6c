"""Do the counts agree with the records, and the sums with the counts? Counted anew as the owner, and repaired online.

What is repaired is added: the difference between what should be and what is, both seen at one instant. So nobody who
counts meanwhile has to wait, and nothing of theirs is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.rollups.declaring import Rollup

_ABOUT = "tenant_id, subject_id, happened_on, recorded_on, opened_on, grid_id, category, source, body_id"
_FOLDING = text("select pg_advisory_xact_lock(hashtextextended(:ledger, 0))")
_TENANTS = text("select id from tenants order by id")
# By the kind of tenant whose sums they are, the column of the ledger that says what lies below it.
_WHOSE = {"community": "tenant_id", "street": "street_id", "district": "district_id"}
_MEMBERS = {
    "ALL": "''",
    "GRID": "c.grid_id::text",
    "CATEGORY": "c.category",
    "SOURCE": "c.source",
    "BODY": "c.body_id::text",
}
_DAYS = {"HAPPENED": "c.happened_on", "OPENED": "c.opened_on"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A count of a subject that is not what its records say."""

    tenant_id: int
    subject_id: uuid.UUID
    counter: str
    happened_on: date
    recorded_on: date
    # How many more there should be; fewer are below zero.
    missing: int


@dataclass(frozen=True, slots=True)
class SumDifference:
    """A sum that is not what its counts add up to."""

    tenant_id: int
    basis: str
    grain: str
    starts_on: date
    dimension: str
    member: str
    counter: str
    missing: int


async def find_differences(
    connection: AsyncConnection, rollup: Rollup, *, tenant_ids: Sequence[int] | None = None
) -> list[Difference]:
    """Count everything anew from the records, and list what the ledger has otherwise."""
    chosen = await _choose(connection, tenant_ids)
    rows = (await connection.execute(text(_difference(rollup)), {"tenants": chosen})).mappings()
    return [
        Difference(row["tenant_id"], row["subject_id"], counter, row["happened_on"], row["recorded_on"], row[counter])
        for row in rows
        for counter in rollup.counters
        if row[counter]
    ]


async def find_sum_differences(connection: AsyncConnection, rollup: Rollup) -> list[SumDifference]:
    """Add up what is folded of the ledger, and list what the sums have otherwise."""
    found = []
    for span in _spans():
        rows = (await connection.execute(text(span.difference(rollup)))).mappings()
        found += [
            SumDifference(
                row["tenant_id"],
                span.basis,
                span.grain,
                row["starts_on"],
                span.dimension,
                row["member"],
                counter,
                row[counter],
            )
            for row in rows
            for counter in rollup.counters
            if row[counter]
        ]
    return found


async def rebuild(connection: AsyncConnection, rollup: Rollup, *, tenant_ids: Sequence[int] | None = None) -> int:
    """Add what is missing of the ledger and of the sums, within the open transaction; tell how many rows it took.

    Nothing is folded as long as it lasts, and nobody else waits.
    """
    await connection.execute(_FOLDING, {"ledger": f"{rollup.name}_counts"})
    chosen = await _choose(connection, tenant_ids)
    names = ", ".join(rollup.counters)
    added = await connection.execute(
        text(f"""
            insert into {rollup.name}_counts (id, street_id, district_id, is_folded, {_ABOUT}, {names})
            select gen_random_uuid(), d.street_id, d.district_id, true, {_listed("d", _ABOUT)}, {_listed("d", names)}
            from ({_difference(rollup)}) d
        """),
        {"tenants": chosen},
    )
    return int(added.rowcount) + await rebuild_sums(connection, rollup)


async def rebuild_sums(connection: AsyncConnection, rollup: Rollup) -> int:
    """Add what is missing of the sums alone; tell how many rows it took."""
    await connection.execute(_FOLDING, {"ledger": f"{rollup.name}_counts"})
    repaired = [await connection.execute(text(span.repair(rollup))) for span in _spans()]
    return sum(one.rowcount for one in repaired)


async def fill_empty(connection: AsyncConnection, rollup: Rollup) -> int:
    """Count what happened before anything was counted; tell how many rows it took, none if something is counted."""
    is_filled = await connection.scalar(text(f"select exists(select from {rollup.name}_counts)"))
    return 0 if is_filled else await rebuild(connection, rollup)


async def _choose(connection: AsyncConnection, tenant_ids: Sequence[int] | None) -> list[int]:
    return list(tenant_ids) if tenant_ids is not None else list((await connection.scalars(_TENANTS)).all())


def _listed(alias: str, names: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in names.split(","))


def _unequal(rollup: Rollup) -> str:
    return " or ".join(f"sum({name}) <> 0" for name in rollup.counters)


def _difference(rollup: Rollup) -> str:
    """Write what the records say less what is counted, as rows of the ledger."""
    pivoted = ", ".join(f"case counter when '{name}' then number else 0 end as {name}" for name in rollup.counters)
    taken = ", ".join(f"-{name}" for name in rollup.counters)
    sums = ", ".join(f"sum({name})::integer as {name}" for name in rollup.counters)
    return f"""
        select max(street_id) as street_id, max(district_id) as district_id, {_ABOUT}, {sums}
        from (
            select street_id, district_id, {_ABOUT}, {pivoted} from ({rollup.recount}) recounted
            union all
            select street_id, district_id, {_ABOUT}, {taken} from {rollup.name}_counts where tenant_id = any(:tenants)
        ) compared
        group by {_ABOUT}
        having {_unequal(rollup)}
    """


@dataclass(frozen=True, slots=True)
class _Span:
    """One of the ways in which counts are added up."""

    kind: str
    basis: str
    dimension: str
    grain: str

    def difference(self, rollup: Rollup) -> str:
        """Write what the folded ledger adds up to less the sums."""
        day, member = _DAYS[self.basis], _MEMBERS[self.dimension]
        whose = "tenant_id" if self.dimension == "GRID" else _WHOSE[self.kind]
        starts = f"date_trunc('month', {day})::date" if self.grain == "MONTH" else day
        sums = ", ".join(f"sum({name})::integer as {name}" for name in rollup.counters)
        counted = ", ".join(f"c.{name}" for name in rollup.counters)
        taken = ", ".join(f"-s.{name}" for name in rollup.counters)
        return f"""
            select tenant_id, starts_on, member, {sums}
            from (
                select t.id as tenant_id, {starts} as starts_on, {member} as member, {counted}
                from {rollup.name}_counts c join tenants t on t.id = c.{whose} and t.kind = '{self.kind}'
                where c.is_folded and {member} is not null
                union all
                select s.tenant_id, s.starts_on, s.member, {taken}
                from {rollup.name}_sums s join tenants t on t.id = s.tenant_id and t.kind = '{self.kind}'
                where s.basis = '{self.basis}' and s.dimension = '{self.dimension}' and s.grain = '{self.grain}'
            ) compared
            group by tenant_id, starts_on, member
            having {_unequal(rollup)}
        """

    def repair(self, rollup: Rollup) -> str:
        """Write how the difference is added to the sums."""
        names = ", ".join(rollup.counters)
        adding = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in rollup.counters)
        key = "tenant_id, basis, dimension, grain, starts_on, member"
        return f"""
            insert into {rollup.name}_sums as s (id, street_id, district_id, {key}, {names})
            select gen_random_uuid(), t.street_id, t.district_id, d.tenant_id, '{self.basis}', '{self.dimension}',
                '{self.grain}', d.starts_on, d.member, {_listed("d", names)}
            from ({self.difference(rollup)}) d join tenants t on t.id = d.tenant_id
            on conflict ({key}) do update set {adding}
        """


def _spans() -> Iterator[_Span]:
    for kind in _WHOSE:
        yield _Span(kind, "HAPPENED", "ALL", "DAY")
        for basis in _DAYS:
            for dimension in _MEMBERS:
                yield _Span(kind, basis, dimension, "MONTH")


async def fold(connection: AsyncConnection, rollup: Rollup, *, most: int) -> int:
    """Fold what waits in the ledger into the sums, as the worker; tell how many rows, `most` at most."""
    folded: Any = await connection.scalar(text(f"select app.fold_{rollup.name}_counts(:most)"), {"most": most})
    return int(folded)
