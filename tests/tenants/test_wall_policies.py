"""Does row-level security hold by itself? Raw statements of the gateway's role, without any condition.

One of the four walls, tried past the others: nothing here goes through the compiler, and no id is another's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import Table

from tenants.errors import STALE_GRANTS, TENANT_GONE
from tests.fixtures.rows import (
    ALONE,
    DISTRICT,
    HERE,
    NEIGHBOURS,
    NEXT_DOOR,
    OTHER_STREET,
    STREET,
    Neighbour,
    Rows,
    new_row,
    tenant_tables,
)

ENTERED_TWICE = "JL003"
_VERSION = 1
# What is an account's own, in whichever tenant.
_OF_ACCOUNTS = ("work_items", "notifications")
_TABLES = tenant_tables()
_every_table = pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
_every_office_table = pytest.mark.parametrize(
    "table", [table for table in _TABLES if "street_id" in table.columns], ids=lambda table: table.name
)
_every_neighbour = pytest.mark.parametrize("acting", NEIGHBOURS, ids=lambda neighbour: neighbour.slug)


@pytest.fixture(scope="module")
async def gateway(rows: Rows) -> AsyncIterator[asyncpg.Connection]:
    """One connection as the gateway's role."""
    connection = await asyncpg.connect(rows.database.gateway_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def inside(gateway: asyncpg.Connection, rows: Rows, acting: Neighbour) -> AsyncIterator[asyncpg.Connection]:
    """Enter a tenant as one of its accounts, and leave nothing behind."""
    transaction = gateway.transaction()
    await transaction.start()
    try:
        await gateway.execute("select app.enter($1, $2, $3)", acting.id, rows.account_of(acting), _VERSION)
        yield gateway
    finally:
        await transaction.rollback()


async def _may(gateway: asyncpg.Connection, table: str, privilege: str) -> bool:
    found: bool = await gateway.fetchval("select has_table_privilege($1, $2)", table, privilege)
    return found


def _others(acting: Neighbour) -> list[Neighbour]:
    return [neighbour for neighbour in NEIGHBOURS if neighbour is not acting]


def _is_office_table(table: Table) -> bool:
    return "street_id" in table.columns


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


# --- reading ---------------------------------------------------------------------------------------------------------


@_every_neighbour
async def test_shows_own_rows_and_of_office_tables_those_below(
    gateway: asyncpg.Connection, rows: Rows, acting: Neighbour
) -> None:
    for table in _TABLES:
        if not await _may(gateway, table.name, "select"):
            continue
        async with inside(gateway, rows, acting):
            seen = {row["tenant_id"] for row in await gateway.fetch(f"select * from {table.name}")}

        below = {other.id for other in NEIGHBOURS if acting.reads(other)} if _is_office_table(table) else {acting.id}
        assert seen == below, table.name


@asynccontextmanager
async def _off_the_board(rows: Rows) -> AsyncIterator[None]:
    owner = await asyncpg.connect(rows.database.owner_url)
    try:
        await owner.execute("update positions set board_rank = 9999, duty_phone = null")
        yield
    finally:
        await owner.execute("update positions set board_rank = 10")
        await owner.close()


@_every_neighbour
async def test_shows_posts_off_the_duty_board_to_their_tenant_alone(
    gateway: asyncpg.Connection, rows: Rows, acting: Neighbour
) -> None:
    async with _off_the_board(rows), inside(gateway, rows, acting):
        seen = [row["tenant_id"] for row in await gateway.fetch("select tenant_id from positions")]

    assert seen == [acting.id]


@_every_table
async def test_shows_nothing_without_a_tenant(gateway: asyncpg.Connection, rows: Rows, table: Table) -> None:
    if not await _may(gateway, table.name, "select"):
        return
    assert await gateway.fetchval(f"select count(*) from {table.name}") == 0
    async with gateway.transaction():
        await gateway.execute("select app.enter(null, $1, null)", rows.account_of(HERE))
        seen = await gateway.fetch(f"select tenant_id from {table.name}")
        # What waits for the account itself is shown wherever it acts, and be it nowhere.
        assert [row["tenant_id"] for row in seen] == ([HERE.id] if table.name in _OF_ACCOUNTS else [])


@pytest.mark.parametrize("table", ["tenants", "divisions", "bodies", "accounts", "memberships"])
async def test_shows_nothing_shared_to_nobody(gateway: asyncpg.Connection, rows: Rows, table: str) -> None:
    assert rows.of(HERE, table)
    assert await gateway.fetchval(f"select count(*) from {table}") == 0


@_every_neighbour
async def test_shows_accounts_and_posts_to_the_account_or_the_tenant(
    gateway: asyncpg.Connection, rows: Rows, acting: Neighbour
) -> None:
    async with inside(gateway, rows, acting):
        accounts = [row["id"] for row in await gateway.fetch("select id from accounts")]
        tenants = [row["tenant_id"] for row in await gateway.fetch("select tenant_id from memberships")]

    assert accounts == [rows.account_of(acting)]
    assert tenants == [acting.id]


# --- writing ---------------------------------------------------------------------------------------------------------


@_every_table
async def test_adds_no_row_to_another_tenant(gateway: asyncpg.Connection, rows: Rows, table: Table) -> None:
    for acting in (HERE, STREET, DISTRICT):
        for other in _others(acting):
            values = new_row(table, other, rows)
            names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))

            async with inside(gateway, rows, acting):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await gateway.execute(f"insert into {table.name} ({names}) values ({places})", *values.values())


@_every_table
async def test_changes_no_row_of_another_tenant(gateway: asyncpg.Connection, rows: Rows, table: Table) -> None:
    if not await _may(gateway, table.name, "update"):
        return
    column = next(column.name for column in table.columns if not column.primary_key)
    for acting in (HERE, STREET, DISTRICT):
        async with inside(gateway, rows, acting):
            everything = await gateway.execute(f"update {table.name} set {column} = {column}")
            others = await gateway.execute(
                f"update {table.name} set {column} = {column} where tenant_id <> $1", acting.id
            )

            assert (_count(everything), _count(others)) == (1, 0)


@_every_table
async def test_gives_no_row_away_and_takes_none(gateway: asyncpg.Connection, rows: Rows, table: Table) -> None:
    if not await _may(gateway, table.name, "update"):
        return
    for acting in (HERE, STREET, DISTRICT):
        for other in _others(acting):
            async with inside(gateway, rows, acting):
                taken = await gateway.execute(
                    f"update {table.name} set tenant_id = $1 where tenant_id = $2", acting.id, other.id
                )
                assert _count(taken) == 0
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await gateway.execute(f"update {table.name} set tenant_id = $1", other.id)


_OFFICES = "select array[app.tenant(), app.street(), app.district()]"


@_every_neighbour
async def test_knows_the_offices_above_the_tenant(gateway: asyncpg.Connection, rows: Rows, acting: Neighbour) -> None:
    async with inside(gateway, rows, acting):
        known = await gateway.fetchval(_OFFICES)

    assert known == [acting.id, acting.street_id, acting.district_id]
    assert await gateway.fetchval(_OFFICES) == [None, None, None]


# No office where there is one, one where there is none, and another's.
_FOREIGN = [(name, office) for name in ("street_id", "district_id") for office in (None, OTHER_STREET.id, ALONE.id)]


@pytest.mark.parametrize(("column", "office"), _FOREIGN)
@_every_office_table
async def test_shows_no_row_to_a_foreign_office(
    gateway: asyncpg.Connection, rows: Rows, table: Table, column: str, office: int | None
) -> None:
    for acting in (HERE, STREET, DISTRICT, ALONE):
        values = new_row(table, acting, rows)
        if values[column] == office:
            continue
        values[column] = office
        names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))

        async with inside(gateway, rows, acting):
            # Of sums that are folded for it, the gateway writes nothing at all.
            refused = "row-level security" if await _may(gateway, table.name, "insert") else "permission denied"
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=refused):
                await gateway.execute(f"insert into {table.name} ({names}) values ({places})", *values.values())
        if not await _may(gateway, table.name, "update"):
            continue
        async with inside(gateway, rows, acting):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await gateway.execute(f"update {table.name} set {column} = $1", office)


@_every_office_table
async def test_writes_rows_under_the_tenants_own_offices(gateway: asyncpg.Connection, rows: Rows, table: Table) -> None:
    for acting in (HERE, STREET, DISTRICT, ALONE):
        if not await _may(gateway, table.name, "update"):
            continue
        async with inside(gateway, rows, acting):
            changed = await gateway.execute(f"update {table.name} set street_id = street_id")

            assert _count(changed) == 1


# Of a count, where it is said to lie: under an office that the tenant has never lain under, or folded already.
_CLAIMS: tuple[dict[str, object], ...] = (
    {"is_moved": True, "street_id": OTHER_STREET.id},
    {"is_moved": True, "district_id": OTHER_STREET.id},
    {"is_moved": True, "now_street_id": OTHER_STREET.id},
    {"is_moved": True, "now_district_id": None},
    {"is_folded": True},
)


@pytest.mark.parametrize("claim", _CLAIMS, ids=str)
async def test_counts_under_no_office_that_the_tenant_never_had(
    gateway: asyncpg.Connection, rows: Rows, claim: dict[str, object]
) -> None:
    table = next(table for table in _TABLES if table.name == "case_counts")
    left = {"street_id": STREET.id, "now_street_id": HERE.street_id, "now_district_id": HERE.district_id}
    values = new_row(table, HERE, rows) | left | claim
    names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    async with inside(gateway, rows, HERE):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await gateway.execute(f"insert into case_counts ({names}) values ({places})", *values.values())


@_every_table
async def test_deletes_and_locks_no_row_of_another_tenant(
    gateway: asyncpg.Connection, rows: Rows, table: Table
) -> None:
    for acting in (HERE, STREET, DISTRICT):
        if await _may(gateway, table.name, "update"):
            async with inside(gateway, rows, acting):
                locked = await gateway.fetch(f"select tenant_id from {table.name} for update")
            assert [row["tenant_id"] for row in locked] == [acting.id]
        if await _may(gateway, table.name, "delete"):
            async with inside(gateway, rows, acting):
                others = await gateway.execute(f"delete from {table.name} where tenant_id <> {acting.id}")
            assert _count(others) == 0


async def test_writes_no_directory_entry_of_another_tenant(gateway: asyncpg.Connection, rows: Rows) -> None:
    for table, column in (("bodies", "home_tenant_id"), ("memberships", "tenant_id")):
        values = new_row(rows.tables.tables[table], NEXT_DOOR, rows)
        names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
        async with inside(gateway, rows, HERE):
            others = await gateway.execute(f"update {table} set {column} = {column} where {column} <> $1", HERE.id)
            assert _count(others) == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await gateway.execute(f"insert into {table} ({names}) values ({places})", *values.values())
        async with inside(gateway, rows, HERE):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await gateway.execute(f"update {table} set {column} = $1", NEXT_DOOR.id)


@pytest.mark.parametrize("table", ["tenants", "divisions", "accounts"])
async def test_leaves_to_the_owner_what_all_share(gateway: asyncpg.Connection, rows: Rows, table: str) -> None:
    for statement in (f"update {table} set id = id", f"delete from {table}", f"insert into {table} default values"):
        async with inside(gateway, rows, HERE):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await gateway.execute(statement)


async def test_stores_no_phone_of_a_post_off_the_duty_board(gateway: asyncpg.Connection, rows: Rows) -> None:
    async with inside(gateway, rows, HERE):
        with pytest.raises(asyncpg.CheckViolationError):
            await gateway.execute("update positions set board_rank = 9999, duty_phone = '13800000001'")


# --- entering --------------------------------------------------------------------------------------------------------


async def _state_of(gateway: asyncpg.Connection, *arguments: object) -> str | None:
    try:
        await gateway.execute("select app.enter($1, $2, $3)", *arguments)
    except asyncpg.PostgresError as error:
        return error.sqlstate
    return None


async def test_enters_once_in_a_transaction(gateway: asyncpg.Connection, rows: Rows) -> None:
    account = rows.account_of(HERE)
    for first in ((HERE.id, account, _VERSION), (None, account, None)):
        for second in ((NEXT_DOOR.id, account, _VERSION), (HERE.id, account, _VERSION), (None, account, None)):
            async with gateway.transaction():
                await gateway.execute("select app.enter($1, $2, $3)", *first)
                nested = gateway.transaction()
                await nested.start()
                assert await _state_of(gateway, *second) == ENTERED_TWICE
                await nested.rollback()
                shown = await gateway.fetchval("select app.tenant()")
            assert shown == first[0]


@pytest.mark.parametrize(
    ("tenant", "version", "state"),
    [(HERE.id, 2, STALE_GRANTS), (HERE.id, 0, STALE_GRANTS), (HERE.id, None, STALE_GRANTS), (999, 1, TENANT_GONE)],
)
async def test_enters_with_the_newest_grants_alone(
    gateway: asyncpg.Connection, rows: Rows, tenant: int, version: int | None, state: str
) -> None:
    assert await _state_of(gateway, tenant, rows.account_of(HERE), version) == state


@pytest.mark.usefixtures("rows")
async def test_enters_for_an_account_alone(gateway: asyncpg.Connection) -> None:
    async with gateway.transaction():
        nested = gateway.transaction()
        await nested.start()
        assert await _state_of(gateway, HERE.id, None, _VERSION) is not None
        await nested.rollback()
        assert await gateway.fetchval("select count(*) from tenants") == 0


@asynccontextmanager
async def _status(rows: Rows, neighbour: Neighbour, status: str) -> AsyncIterator[None]:
    owner = await asyncpg.connect(rows.database.owner_url)
    change = "update tenants set status = $1 where id = $2"
    try:
        await owner.execute(change, status, neighbour.id)
        yield
    finally:
        await owner.execute(change, "open", neighbour.id)
        await owner.close()


async def test_does_not_enter_a_closed_tenant(gateway: asyncpg.Connection, rows: Rows) -> None:
    async with _status(rows, ALONE, "closed"):
        closed = await _state_of(gateway, ALONE.id, rows.account_of(ALONE), _VERSION)

    assert closed == TENANT_GONE == await _state_of(gateway, 999, rows.account_of(ALONE), _VERSION)


async def test_reads_a_suspended_tenant_and_writes_nothing_there(gateway: asyncpg.Connection, rows: Rows) -> None:
    async with _status(rows, ALONE, "suspended"):
        for write in ("update people set name_masked = ''", "delete from dwelling_holders"):
            async with inside(gateway, rows, ALONE):
                assert await gateway.fetchval("select count(*) from people") == 1
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    await gateway.execute(write)
        async with inside(gateway, rows, ALONE):
            # There is no way back within the transaction.
            with pytest.raises(asyncpg.ActiveSQLTransactionError):
                await gateway.execute("set transaction read write")


async def test_raises_no_version_from_outside(gateway: asyncpg.Connection, rows: Rows) -> None:
    async with gateway.transaction():
        nested = gateway.transaction()
        await nested.start()
        with pytest.raises(asyncpg.PostgresError, match="not inside a tenant"):
            await gateway.execute("select app.bump_grants_version()")
        await nested.rollback()
    async with inside(gateway, rows, HERE):
        await gateway.execute("select app.bump_grants_version()")
        versions = await gateway.fetch("select id from tenants where grants_version <> $1", _VERSION)
    assert [row["id"] for row in versions] == [HERE.id]
