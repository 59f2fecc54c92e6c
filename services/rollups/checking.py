"""Do the counts agree with the records, and the sums with the counts? Counted anew as the owner, and repaired online.

What is repaired is added: the difference between what should be and what is, both seen at one instant. So nobody who
counts meanwhile has to wait, and nothing of theirs is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.rollups.adding_up import SUMS_OF, add_to_sums, add_up, is_any, listed, parts_of_tenants, unequal
from services.rollups.declaring import Rollup

_ABOUT = "tenant_id, subject_id, happened_on, recorded_on, opened_on, grid_id, category, source, body_id"
_FOLDING = text("select pg_advisory_xact_lock(hashtextextended(:ledger, 0))")


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
    statement, found = text(_difference(rollup)), []
    for some in await parts_of_tenants(connection, tenant_ids):
        rows = (await connection.execute(statement, {"tenants": some})).mappings()
        found += [
            Difference(
                row["tenant_id"], row["subject_id"], counter, row["happened_on"], row["recorded_on"], row[counter]
            )
            for row in rows
            for counter in rollup.counters
            if row[counter]
        ]
    return found


async def find_sum_differences(connection: AsyncConnection, rollup: Rollup) -> list[SumDifference]:
    """Add up what is folded of the ledger, and list what the sums have otherwise.

    It takes several statements: look at one instant, or let nothing be folded meanwhile.
    """
    missing = unequal(rollup, _and_not_stored(rollup, await add_up(connection, rollup)))
    rows = (await connection.execute(text(missing))).mappings()
    return [
        SumDifference(
            row["tenant_id"],
            row["basis"],
            row["grain"],
            row["starts_on"],
            row["dimension"],
            row["member"],
            counter,
            row[counter],
        )
        for row in rows
        for counter in rollup.counters
        if row[counter]
    ]


async def rebuild(
    connection: AsyncConnection,
    rollup: Rollup,
    *,
    tenant_ids: Sequence[int] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Add what is missing of the ledger and of the sums, within the open transaction; tell how many rows it took.

    Nothing is folded as long as it lasts, and nobody else waits. Progress is told in tenants.
    """
    await hold_folding(connection, rollup)
    statement = text(_adding_missing(rollup))
    changed = done = 0
    for some in await parts_of_tenants(connection, tenant_ids):
        changed += (await connection.execute(statement, {"tenants": some})).rowcount
        done += len(some)
        progress(done)
    return changed + await rebuild_sums(connection, rollup)


async def rebuild_sums(connection: AsyncConnection, rollup: Rollup) -> int:
    """Add what is missing of the sums alone; tell how many rows it took."""
    await hold_folding(connection, rollup)
    return await add_to_sums(connection, rollup, _and_not_stored(rollup, await add_up(connection, rollup)))


async def hold_folding(connection: AsyncConnection, rollup: Rollup) -> None:
    """Let nothing be folded until the transaction ends."""
    await connection.execute(_FOLDING, {"ledger": f"{rollup.name}_counts"})


async def fill_empty(connection: AsyncConnection, rollup: Rollup) -> int:
    """Count what happened before anything was counted; tell how many rows it took, none if something is counted."""
    is_filled = await connection.scalar(text(f"select exists(select from {rollup.name}_counts)"))
    return 0 if is_filled else await rebuild(connection, rollup)


def _difference(rollup: Rollup) -> str:
    """Write what the records say less what is counted, as rows of the ledger."""
    pivoted = ", ".join(f"case counter when '{name}' then number else 0 end as {name}" for name in rollup.counters)
    taken = ", ".join(f"-{name}" for name in rollup.counters)
    sums = ", ".join(f"sum({name})::integer as {name}" for name in rollup.counters)
    return f"""
        select {_ABOUT}, {sums}
        from (
            select {_ABOUT}, {pivoted} from ({rollup.recount}) recounted
            union all
            select {_ABOUT}, {taken} from {rollup.name}_counts where tenant_id = any(:tenants)
        ) compared
        group by {_ABOUT}
        having {is_any(rollup)}
    """


def _adding_missing(rollup: Rollup) -> str:
    """Write how the difference is added to the ledger, under the offices of the day on which it happened."""
    names = ", ".join(rollup.counters)
    offices = ", ".join(
        f"case when m.tenant_id is null then t.{one} else m.from_{one} end, "
        f"case when m.tenant_id is not null then t.{one} end"
        for one in ("street_id", "district_id")
    )
    return f"""
        insert into {rollup.name}_counts (id, street_id, now_street_id, district_id, now_district_id, is_moved,
            is_folded, {_ABOUT}, {names})
        select gen_random_uuid(), {offices}, m.tenant_id is not null, true, {listed("d", _ABOUT)}, {listed("d", names)}
        from ({_difference(rollup)}) d
        join tenants t on t.id = d.tenant_id
        left join lateral (
            select v.tenant_id, v.from_street_id, v.from_district_id from tenant_moves v
            where v.tenant_id = d.tenant_id and v.moved_on > d.happened_on order by v.moved_on, v.moved_at limit 1
        ) m on true
    """


def _and_not_stored(rollup: Rollup, added: str) -> str:
    taken = ", ".join(f"-{name}" for name in rollup.counters)
    return f"{added} union all select {SUMS_OF}, {taken} from {rollup.name}_sums"


async def fold(connection: AsyncConnection, rollup: Rollup, *, most: int) -> int:
    """Fold what waits in the ledger into the sums, as the worker; tell how many rows, `most` at most."""
    folded: Any = await connection.scalar(text(f"select app.fold_{rollup.name}_counts(:most)"), {"most": most})
    return int(folded)
