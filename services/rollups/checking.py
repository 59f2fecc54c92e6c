"""Do the counts agree with the records, and the sums with the counts? Counted anew as the owner, and repaired online.

What is repaired is added: the difference between what should be and what is, both seen at one instant. So nobody who
counts meanwhile has to wait, and nothing of theirs is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.rollups.declaring import Rollup

_ABOUT = "tenant_id, subject_id, happened_on, recorded_on, opened_on, grid_id, category, source, body_id"
_FOLDING = text("select pg_advisory_xact_lock(hashtextextended(:ledger, 0))")
_TENANTS = text("select id from tenants order by id")
# Counted anew in parts, so that it takes no more memory when there are more tenants. What a part is sorted in.
_TENANTS_AT_ONCE = 100
_MEMORY = text("select set_config('work_mem', '64MB', true), set_config('hash_mem_multiplier', '4', true)")
# What sums are told apart by.
_OF = "tenant_id, basis, dimension, grain, starts_on, member"
# The columns of the ledger that say what a dimension tells apart.
_MEMBERS = {"GRID": "grid_id", "CATEGORY": "category", "SOURCE": "source", "BODY": "body_id"}
_DAYS = {"HAPPENED": "happened_on", "OPENED": "opened_on"}


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
    await connection.execute(_MEMORY)
    statement, found = text(_difference(rollup)), []
    for some in _parts(await _choose(connection, tenant_ids)):
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
    await _add_up(connection, rollup)
    rows = (await connection.execute(text(_sum_difference(rollup)))).mappings()
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
    await connection.execute(_FOLDING, {"ledger": f"{rollup.name}_counts"})
    await connection.execute(_MEMORY)
    names = ", ".join(rollup.counters)
    statement = text(f"""
        insert into {rollup.name}_counts (id, street_id, district_id, is_folded, {_ABOUT}, {names})
        select gen_random_uuid(), d.street_id, d.district_id, true, {_listed("d", _ABOUT)}, {_listed("d", names)}
        from ({_difference(rollup)}) d
    """)
    changed = done = 0
    for some in _parts(await _choose(connection, tenant_ids)):
        changed += (await connection.execute(statement, {"tenants": some})).rowcount
        done += len(some)
        progress(done)
    return changed + await rebuild_sums(connection, rollup)


async def rebuild_sums(connection: AsyncConnection, rollup: Rollup) -> int:
    """Add what is missing of the sums alone; tell how many rows it took."""
    await connection.execute(_FOLDING, {"ledger": f"{rollup.name}_counts"})
    await _add_up(connection, rollup)
    return int((await connection.execute(text(_repair(rollup)))).rowcount)


async def fill_empty(connection: AsyncConnection, rollup: Rollup) -> int:
    """Count what happened before anything was counted; tell how many rows it took, none if something is counted."""
    is_filled = await connection.scalar(text(f"select exists(select from {rollup.name}_counts)"))
    return 0 if is_filled else await rebuild(connection, rollup)


async def _choose(connection: AsyncConnection, tenant_ids: Sequence[int] | None) -> list[int]:
    return list(tenant_ids) if tenant_ids is not None else list((await connection.scalars(_TENANTS)).all())


def _parts(tenant_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(tenant_ids), _TENANTS_AT_ONCE):
        yield tenant_ids[begin : begin + _TENANTS_AT_ONCE]


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


async def _add_up(connection: AsyncConnection, rollup: Rollup) -> None:
    """Add up what is folded of the ledger for each tenant, all ways at once, into a table of the transaction's own."""
    await connection.execute(_MEMORY)
    await connection.execute(text(f"drop table if exists {_added(rollup)}"))
    await connection.execute(
        text(f"create temp table {_added(rollup)} on commit drop as {_adding(rollup)} with no data"),
        {"tenants": []},
    )
    statement = text(f"insert into {_added(rollup)} {_adding(rollup)}")
    for some in _parts(await _choose(connection, None)):
        await connection.execute(statement, {"tenants": some})
    await connection.execute(text(f"analyze {_added(rollup)}"))


def _added(rollup: Rollup) -> str:
    return f"added_{rollup.name}_counts"


def _adding(rollup: Rollup) -> str:
    return " union all ".join(_adding_by(rollup, basis) for basis in _DAYS)


def _adding_by(rollup: Rollup, basis: str) -> str:
    """Write sums of each tenant by month: of everything, of each member of each dimension, and of everything by day."""
    whose = "tenant_id, street_id, district_id"
    # Integers are added up much faster than what their sum is otherwise.
    sums = ", ".join(f"sum({name})::integer as {name}" for name in rollup.counters)
    dimensions = " ".join(f"when grouping({column}) = 0 then '{name}'" for name, column in _MEMBERS.items())
    members = ", ".join(f"{column}::text" for column in _MEMBERS.values())
    kept = " and ".join(f"(grouping({column}) = 1 or {column} is not null)" for column in _MEMBERS.values())
    sets = [f"({whose}, month)", *(f"({whose}, month, {column})" for column in _MEMBERS.values())]
    # Of days there are sums by when something happened alone.
    sets += [f"({whose}, day)"] if basis == "HAPPENED" else []
    grain = "case when grouping(day) = 0 then 'DAY' else 'MONTH' end" if basis == "HAPPENED" else "'MONTH'"
    starts = "coalesce(day, month)" if basis == "HAPPENED" else "month"
    return f"""
        select {whose}, '{basis}' as basis, case {dimensions} else 'ALL' end as dimension, {grain} as grain,
            {starts} as starts_on, coalesce({members}, '') collate "C" as member, {sums}
        from (
            select *, {_DAYS[basis]} as day, date_trunc('month', {_DAYS[basis]})::date as month
            from {rollup.name}_counts where is_folded and tenant_id = any(:tenants)
        ) c
        group by grouping sets ({", ".join(sets)})
        having {kept}
    """


def _sum_difference(rollup: Rollup) -> str:
    """Write what the folded ledger adds up to less the sums: of each tenant, and of the offices above it."""
    sums = ", ".join(f"sum({name})::integer as {name}" for name in rollup.counters)
    names, taken = ", ".join(rollup.counters), ", ".join(f"-{name}" for name in rollup.counters)
    of = _OF.removeprefix("tenant_id, ")
    return f"""
        select {_OF}, {sums}
        from (
            select {_OF}, {names} from {_added(rollup)}
            union all
            select street_id, {of}, {names} from {_added(rollup)}
            where street_id <> tenant_id and dimension <> 'GRID'
            union all
            select district_id, {of}, {names} from {_added(rollup)}
            where district_id <> tenant_id and district_id is distinct from street_id and dimension <> 'GRID'
            union all
            select {_OF}, {taken} from {rollup.name}_sums
        ) compared
        group by {_OF}
        having {_unequal(rollup)}
    """


def _repair(rollup: Rollup) -> str:
    """Write how the difference is added to the sums."""
    names = ", ".join(rollup.counters)
    adding = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in rollup.counters)
    return f"""
        insert into {rollup.name}_sums as s (id, street_id, district_id, {_OF}, {names})
        select gen_random_uuid(), t.street_id, t.district_id, {_listed("d", _OF)}, {_listed("d", names)}
        from ({_sum_difference(rollup)}) d join tenants t on t.id = d.tenant_id
        -- As the key is ordered, which fills its index fastest.
        order by {_listed("d", _OF)}
        on conflict ({_OF}) do update set {adding}
    """


async def fold(connection: AsyncConnection, rollup: Rollup, *, most: int) -> int:
    """Fold what waits in the ledger into the sums, as the worker; tell how many rows, `most` at most."""
    folded: Any = await connection.scalar(text(f"select app.fold_{rollup.name}_counts(:most)"), {"most": most})
    return int(folded)
