"""What do the folded rows of a ledger add up to? For each tenant, and for the offices above it, as the sums hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.rollups.declaring import MOVED, Rollup

# What sums are told apart by.
SUMS_OF = "tenant_id, basis, dimension, grain, starts_on, member"
# The columns of the ledger that say what a dimension tells apart.
MEMBERS = {"GRID": "grid_id", "CATEGORY": "category", "SOURCE": "source", "BODY": "body_id"}
_DAYS = {"HAPPENED": "happened_on", "OPENED": "opened_on"}
_OFFICES = ("street_id", "district_id")
_WHOSE = "tenant_id, street_id, district_id, is_moved, now_street_id, now_district_id"
_TENANTS = text("select id from tenants order by id")
# Counted anew in parts, so that it takes no more memory when there are more tenants. What a part is sorted in.
_TENANTS_AT_ONCE = 100
_MEMORY = text("select set_config('work_mem', '64MB', true), set_config('hash_mem_multiplier', '4', true)")


async def parts_of_tenants(
    connection: AsyncConnection, tenant_ids: Sequence[int] | None = None
) -> Iterator[Sequence[int]]:
    """List some tenants, or all of them, in parts; and let the transaction have memory for each."""
    await connection.execute(_MEMORY)
    chosen = list((await connection.scalars(_TENANTS)).all()) if tenant_ids is None else tenant_ids
    return (chosen[begin : begin + _TENANTS_AT_ONCE] for begin in range(0, len(chosen), _TENANTS_AT_ONCE))


async def add_up(connection: AsyncConnection, rollup: Rollup, *, tenant_ids: Sequence[int] | None = None) -> str:
    """Add up what is folded of the ledger, into a table of the transaction's own.

    Give SQL that selects from it what the sums should hold for these tenants, and as their parts in those of offices:
    SUMS_OF and the counters, several times over for the same sum.
    """
    added = f"added_{rollup.name}_counts"
    await connection.execute(text(f"drop table if exists {added}"))
    adding = text(f"create temp table {added} on commit drop as {_adding(rollup)} with no data")
    await connection.execute(adding, {"tenants": []})
    for some in await parts_of_tenants(connection, tenant_ids):
        await connection.execute(text(f"insert into {added} {_adding(rollup)}"), {"tenants": some})
    await connection.execute(text(f"analyze {added}"))
    return _spreading(rollup, added)


async def add_to_sums(connection: AsyncConnection, rollup: Rollup, missing: str) -> int:
    """Add what SQL selects, as `add_up` gives it, to the sums; tell how many rows it took."""
    names = ", ".join(rollup.counters)
    adding = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in rollup.counters)
    statement = f"""
        insert into {rollup.name}_sums as s (id, street_id, district_id, {SUMS_OF}, {names})
        select gen_random_uuid(), t.street_id, t.district_id, {listed("d", SUMS_OF)}, {listed("d", names)}
        from ({unequal(rollup, missing)}) d join tenants t on t.id = d.tenant_id
        -- As the key is ordered, which fills its index fastest.
        order by {listed("d", SUMS_OF)}
        on conflict ({SUMS_OF}) do update set {adding}
    """
    return int((await connection.execute(text(statement))).rowcount)


def unequal(rollup: Rollup, compared: str) -> str:
    """Write SQL that adds up each sum of what is compared, and leaves out what comes to nothing."""
    sums = ", ".join(f"sum({name})::integer as {name}" for name in rollup.counters)
    return f"select {SUMS_OF}, {sums} from ({compared}) compared group by {SUMS_OF} having {is_any(rollup)}"


def is_any(rollup: Rollup) -> str:
    """Write the SQL condition that any counter adds up to something."""
    return " or ".join(f"sum({name}) <> 0" for name in rollup.counters)


def listed(alias: str, names: str) -> str:
    """Write columns of an alias."""
    return ", ".join(f"{alias}.{name.strip()}" for name in names.split(","))


def _adding(rollup: Rollup) -> str:
    by_day = [_adding_days(rollup, "district_id", is_moved=False)]
    by_day += [_adding_days(rollup, one, is_moved=True) for one in ("district_id", "now_district_id")]
    return " union all ".join([*(_adding_by(rollup, basis) for basis in _DAYS), *by_day])


def _sums(rollup: Rollup, sign: str = "") -> str:
    # Integers are added up much faster than what their sum is otherwise.
    return ", ".join(f"{sign}sum({name})::integer as {name}" for name in rollup.counters)


def _dimension(members: Sequence[str]) -> str:
    cases = " ".join(f"when grouping({MEMBERS[name]}) = 0 then '{name}'" for name in members)
    return f"case {cases} else 'ALL' end as dimension"


def _member(members: Sequence[str]) -> str:
    return f"""coalesce({", ".join(f"{MEMBERS[name]}::text" for name in members)}, '') collate "C" as member"""


def _is_one(members: Sequence[str]) -> str:
    return " and ".join(f"(grouping({MEMBERS[name]}) = 1 or {MEMBERS[name]} is not null)" for name in members)


def _adding_by(rollup: Rollup, basis: str) -> str:
    """Write sums of each tenant by month: of everything, of each member of each dimension, and of everything by day."""
    members = tuple(MEMBERS)
    sets = [f"({_WHOSE}, month)", *(f"({_WHOSE}, month, {MEMBERS[name]})" for name in members)]
    # Of days there are sums by when something happened alone.
    sets += [f"({_WHOSE}, day)"] if basis == "HAPPENED" else []
    grain = "case when grouping(day) = 0 then 'DAY' else 'MONTH' end" if basis == "HAPPENED" else "'MONTH'"
    starts = "coalesce(day, month)" if basis == "HAPPENED" else "month"
    return f"""
        select {_WHOSE}, '{basis}' as basis, {_dimension(members)}, {grain} as grain, {starts} as starts_on,
            {_member(members)}, {_sums(rollup)}
        from (
            select *, {_DAYS[basis]} as day, date_trunc('month', {_DAYS[basis]})::date as month
            from {rollup.name}_counts where is_folded and tenant_id = any(:tenants)
        ) c
        group by grouping sets ({", ".join(sets)})
        having {_is_one(members)}
    """


def _adding_days(rollup: Rollup, whose: str, *, is_moved: bool) -> str:
    """Write sums of a district by day of each member: the tenants' part of them, or of how they differ by today's tree.

    As if they were the district's own, since they are nobody's besides.
    """
    members = tuple(name for name in MEMBERS if name != "GRID")
    sets = ", ".join(f"({whose}, happened_on, {MEMBERS[name]})" for name in members)
    basis = f"HAPPENED{MOVED}" if is_moved else "HAPPENED"
    sign = "-" if is_moved and whose == "district_id" else ""
    which = "and is_moved and now_district_id is distinct from district_id" if is_moved else ""
    return f"""
        select {whose}, {whose}, {whose}, false, null, null, '{basis}', {_dimension(members)}, 'DAY', happened_on,
            {_member(members)}, {_sums(rollup, sign)}
        from {rollup.name}_counts
        where is_folded and tenant_id = any(:tenants) and {whose} is not null {which}
        group by grouping sets ({sets})
        having {_is_one(members)}
    """


def _spreading(rollup: Rollup, added: str) -> str:
    """Write whose sums what is added up belongs to: the tenant's, its offices', and what differs by today's tree."""
    names, taken = ", ".join(rollup.counters), ", ".join(f"-{name}" for name in rollup.counters)
    rest = "dimension, grain, starts_on, member"
    of_others = [f"{one}, basis, {rest}, {names} from {added} where {one} <> tenant_id" for one in _OFFICES]
    for office in _OFFICES:
        differs = f"where is_moved and now_{office} is distinct from {office}"
        of_others += [
            f"{one}, basis || '{MOVED}', {rest}, {numbers} from {added} {differs} and {one} <> tenant_id"
            for one, numbers in ((f"now_{office}", names), (office, taken))
        ]
    others = "".join(f" union all select {one} and dimension <> 'GRID'" for one in of_others)
    return f"select {SUMS_OF}, {names} from {added}{others}"
