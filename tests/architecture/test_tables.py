"""Does every table stand behind the walls? Asked of a migrated database's own catalogue, and of what the code declares.

Four rules keep the way to a distributed PostgreSQL open, too: `tenant_id` first in every key, shared tables apart, no
triggers, no policies with sub-queries.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table

from deploy.roles import GATEWAY, OWNER, WORKER
from deploy.tables import load_tables
from tests.fixtures.database import Database
from tests.fixtures.rows import SHARED_TABLES

# The only tables that a street and a district read of those below them. Nothing personal belongs in them.
OFFICE_TABLES = frozenset(
    {
        "case_attachments",
        "case_categories",
        "case_counts",
        "case_requests",
        "case_steps",
        "case_sums",
        "case_targets",
        "case_tasks",
        "case_supervisions",
        "cases",
        "events",
        "grid_boundaries",
        "grid_buildings",
        "places",
        "position_kinds",
        "positions",
        "property_contracts",
    }
)
# Alembic's own, of one number.
_OUTSIDE = frozenset({"alembic_version"})

_MINE = "(tenant_id = app.tenant())"
_HOME = "(home_tenant_id = app.tenant())"
_ABOVE = "((street_id = app.tenant()) OR (district_id = app.tenant()))"
_UNDER_MY_OFFICES = (
    f"({_MINE} AND (NOT (street_id IS DISTINCT FROM app.street()))"
    " AND (NOT (district_id IS DISTINCT FROM app.district())))"
)
_INSIDE = "app.is_inside()"
# Of a count the offices are those of today, and those of then are some that the tenant has left.
_COUNTED_HERE = (
    f"({_MINE} AND (NOT is_folded) AND (((NOT is_moved) AND (NOT (street_id IS DISTINCT FROM app.street()))"
    " AND (NOT (district_id IS DISTINCT FROM app.district())))"
    " OR (is_moved AND (NOT (now_street_id IS DISTINCT FROM app.street()))"
    " AND (NOT (now_district_id IS DISTINCT FROM app.district()))"
    " AND app.has_left(street_id) AND app.has_left(district_id))))"
)
_TOLD = "((told_street_id = app.tenant()) OR (told_district_id = app.tenant()))"
_TOLD_OWN_OFFICES = (
    f"({_MINE} AND ((told_street_id IS NULL) OR (told_street_id = app.street()))"
    " AND ((told_district_id IS NULL) OR (told_district_id = app.district())))"
)
Form = tuple[str, str, str | None, str | None]

_OWNERS: Form = (OWNER, "ALL", "true", "true")
_OFFICES: Form = (GATEWAY, "SELECT", _ABOVE, None)
# Of posts the offices above read the duty board alone.
_OFFICES_OF: dict[str, Form] = {
    "positions": (GATEWAY, "SELECT", f"({_ABOVE} AND (board_rank < 9999))", None),
    "cases": (GATEWAY, "SELECT", f"COALESCE({_ABOVE}, false)", None),
}
_SHARED: dict[str, set[Form]] = {
    "tenants": {(GATEWAY, "SELECT", _INSIDE, None)},
    "divisions": {(GATEWAY, "SELECT", _INSIDE, None)},
    "calendar_days": {(GATEWAY, "SELECT", _INSIDE, None)},
    "bodies": {
        (GATEWAY, "SELECT", _INSIDE, None),
        (GATEWAY, "INSERT", None, _HOME),
        (GATEWAY, "UPDATE", _HOME, _HOME),
    },
    "accounts": {(GATEWAY, "SELECT", "(id = app.account())", None)},
    "memberships": {
        (GATEWAY, "SELECT", f"((account_id = app.account()) OR {_MINE})", None),
        (GATEWAY, "INSERT", None, _MINE),
        (GATEWAY, "UPDATE", _MINE, _MINE),
    },
}
# What others than the tenant read of its rows: whoever it was written for, or by.
_ALSO_READ = {
    "case_counts": "((now_street_id = app.tenant()) OR (now_district_id = app.tenant()))",
    "case_shares": "(receiver_tenant_id = app.tenant())",
    "case_step_texts": "((author_tenant_id = app.tenant()) OR (told_tenant_id = app.tenant()))",
    "whistles": _TOLD,
    "whistle_callees": _TOLD,
    "work_items": "(account_id = app.account())",
}
# What is asked of a row that its tenant writes, beyond that it is the tenant's own: the offices told are its own, too.
_WRITTEN = {
    "case_counts": _COUNTED_HERE,
    "whistles": _TOLD_OWN_OFFICES,
    "whistle_callees": _TOLD_OWN_OFFICES,
}
# What holds besides: within its tenant, a row is seen and written by its own account alone.
_ACCOUNTS = "(account_id = app.account())"
_RESTRICTED: dict[str, set[Form]] = {"idempotency_keys": {(GATEWAY, "ALL", _ACCOUNTS, _ACCOUNTS)}}
# What a tenant writes for accounts, each of which alone reads it, wherever it acts, and says that it has.
_LETTERS: dict[str, set[Form]] = {
    "notifications": {
        (GATEWAY, "INSERT", None, _MINE),
        (GATEWAY, "SELECT", _ACCOUNTS, None),
        (GATEWAY, "UPDATE", _ACCOUNTS, _ACCOUNTS),
    }
}
# The worker sees all tenants, so it is let at nothing but the queues that it works off and what it needs for that.
_WORKERS = {
    "audit_queue": {"SELECT", "DELETE"},
    "audit_entries": {"SELECT"},
    "audit_links": {"SELECT", "INSERT"},
    # The chain's digests are keyed by the tenant's own key.
    "data_keys": {"SELECT", "INSERT"},
    # Expired uploads are swept; their content goes with them, unseen.
    "files": {"SELECT", "DELETE"},
    # What has happened is put in order, and kept for a day.
    "events": {"SELECT", "UPDATE", "DELETE"},
    # So are keys that are older than a week.
    "idempotency_keys": {"SELECT", "DELETE"},
    # What accounts are told is put in order likewise, and deleted after half a year.
    "notifications": {"SELECT", "UPDATE", "DELETE"},
    # What happened is queued for the endpoints that want it, delivered, and deleted after a month.
    "webhooks": {"SELECT"},
    "webhook_deliveries": {"SELECT", "INSERT", "UPDATE", "DELETE"},
}
# Of these the worker, and of letters the gateway, changes one column alone.
_COLUMNS = {
    ("events", "sequence"),
    ("notifications", "read_at"),
    ("notifications", "sequence"),
    *(("webhook_deliveries", name) for name in ("attempts", "next_at", "delivered_at", "given_up_at", "fault")),
}
_READ_ONLY = {
    "tenants",
    "divisions",
    "calendar_days",
    "accounts",
    "audit_links",
    "case_sums",
    "tenant_moves",
    "webhook_deliveries",
}
_APPEND_ONLY = {
    "audit_entries",
    "case_attachments",
    "case_counts",
    # The worker alone says that one has fired.
    "case_marks",
    "case_step_texts",
    "case_steps",
    "case_supervisions",
    "data_keys",
    "events",
    "file_chunks",
    "grid_moves",
    "roster_imports",
    "roster_counts",
    "roster_problems",
    "ticket_imports",
    "ticket_problems",
}
_DELETED_FROM = {
    "dwelling_holders",
    "files",
    "grid_buildings",
    "office_hours",
    "policy_overrides",
    "tenant_calendar_days",
    "case_marks",
    "category_marks",
    "work_items",
}
_WRITE_ONLY = {"audit_queue"}

# A function with its owner's rights is a door in the wall: each is known, and what it does is tried in tests/tenants.
_DOORS = {
    "enter",
    "find_account",
    "bump_grants_version",
    "receiving_posts",
    "let_shared_work_wait",
    "let_whistles_wait",
    "claim_export",
}
_WORKERS_DOORS = {"fire_due", "fold_case_counts"}
_SETTINGS = {"tenant", "street", "district", "has_left", "account", "is_inside"}

# Indexes of tenant tables that do not begin with whose the rows are, and why.
_OTHER_INDEXES = {
    "ix_case_counts_now_district": "what tenants counted that lie there today, by the office of today",
    "ix_case_counts_now_street": "what tenants counted that lie there today, by the office of today",
    "ix_case_marks_waiting": "the worker fires what is due, in all tenants",
    "ix_case_shares_receiver": "what is shared with a body, by whichever tenant",
    "ix_events_at": "the sweep looks for what has happened long ago in all tenants",
    "ix_events_waiting": "the worker puts what has happened in order, in all tenants",
    "ix_exports_waiting": "the gateway makes what waits, in all tenants",
    "ix_files_expires_at": "the sweep looks for what has expired in all tenants",
    "ix_idempotency_keys_made_at": "the sweep looks for what is old in all tenants",
    "ix_notifications_account": "what one account is told, in all its tenants",
    "ix_notifications_at": "the sweep looks for what was told long ago in all tenants",
    "ix_notifications_feed": "what one account is told, as it happens",
    "ix_notifications_unread": "what one account has not read",
    "ix_notifications_waiting": "the worker puts what is told in order, in all tenants",
    "ix_positions_account": "the posts of one account, in all its tenants",
    "ix_webhook_deliveries_at": "the sweep looks for what was sent long ago in all tenants",
    "ix_webhook_deliveries_waiting": "the worker delivers what is due, in all tenants",
    "ix_work_items_account": "what waits for one account, in all its tenants",
    "ix_work_items_position": "what waits for one post",
    "ix_positions_body_id": "the shared body that a post belongs to is not deleted while it has posts",
}


@pytest.fixture(scope="module")
async def catalogue(own_database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The catalogue of a migrated database."""
    connection = await asyncpg.connect(own_database.owner_url)
    yield connection
    await connection.close()


def _declared() -> dict[str, Table]:
    return dict(load_tables().tables)


def _tenant_tables() -> set[str]:
    return set(_declared()) - SHARED_TABLES


async def _rows(catalogue: asyncpg.Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await catalogue.fetch(query)]


# --- tables and keys -------------------------------------------------------------------------------------------------


async def test_has_no_table_that_is_not_declared(catalogue: asyncpg.Connection) -> None:
    found = await _rows(
        catalogue,
        """select n.nspname || '.' || c.relname, c.relkind::text
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and c.relkind not in ('i', 'S')""",
    )

    # Views would read with their owner's rights; partitions and foreign tables would need walls of their own.
    assert set(found) == {(f"public.{name}", "r") for name in {*_declared(), *_OUTSIDE}}


def test_begins_every_tenant_tables_key_with_the_tenant() -> None:
    keys = {name: [column.name for column in _declared()[name].primary_key] for name in _tenant_tables()}

    assert {name: key for name, key in keys.items() if key[:2] != ["tenant_id", "id"]} == {}


def test_lets_offices_read_few_tables_and_personal_data_never() -> None:
    office = {name for name in _tenant_tables() if {"street_id", "district_id"} & set(_declared()[name].columns.keys())}
    sealed = {name for name in office for column in _declared()[name].columns if column.name.endswith("_sealed")}

    assert office == OFFICE_TABLES
    assert sealed == set()


async def test_carries_the_tenant_in_every_foreign_key(catalogue: asyncpg.Connection) -> None:
    found = await _rows(
        catalogue,
        """select k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text, array(
             select a.attname || ' ' || b.attname from unnest(k.conkey, k.confkey) pair (mine, theirs)
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.mine
             join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.theirs)
           from pg_constraint k where k.contype = 'f'""",
    )

    assert found
    for name, table, target, pairs in found:
        assert target in SHARED_TABLES or "tenant_id tenant_id" in pairs, name
        # A shared table is on every node of a cluster, a tenant's rows are on one: no key may lead there.
        assert table not in SHARED_TABLES or target in SHARED_TABLES, name


async def test_leaves_no_link_empty_by_itself(catalogue: asyncpg.Connection) -> None:
    found = await _rows(
        catalogue,
        """select conname from pg_constraint
           where contype = 'f' and (confdeltype in ('n', 'd') or confupdtype in ('n', 'd'))""",
    )

    assert found == []


async def test_begins_every_index_with_whose_the_rows_are(catalogue: asyncpg.Connection) -> None:
    found = await _rows(
        catalogue,
        """select i.indexrelid::regclass::text, i.indrelid::regclass::text, i.indisunique,
             array(select pg_get_indexdef(i.indexrelid, n, true) from generate_series(1, i.indnkeyatts) n)
           from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace""",
    )

    others = set()
    for name, table, is_unique, columns in found:
        if table in _tenant_tables():
            assert not is_unique or "tenant_id" in columns, name
            if columns[0] not in {"tenant_id", "street_id", "district_id"}:
                others.add(name)
    assert others == set(_OTHER_INDEXES)


async def test_has_neither_triggers_nor_rules_nor_enums(catalogue: asyncpg.Connection) -> None:
    triggers = await _rows(catalogue, "select tgname from pg_trigger where not tgisinternal")
    rules = await _rows(
        catalogue,
        "select rulename from pg_rules where schemaname not in ('pg_catalog', 'information_schema')",
    )
    enums = await _rows(catalogue, "select typname from pg_type where typtype = 'e'")
    inherited = await _rows(catalogue, "select inhrelid::regclass::text from pg_inherits")

    assert [triggers, rules, enums, inherited] == [[], [], [], []]


# --- policies --------------------------------------------------------------------------------------------------------


async def test_forces_row_level_security_on_every_table(catalogue: asyncpg.Connection) -> None:
    found = await _rows(
        catalogue,
        """select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
           and not (relrowsecurity and relforcerowsecurity)""",
    )

    assert {name for (name,) in found} == _OUTSIDE


def _worker_forms(table: str) -> set[Form]:
    checked = ("INSERT", "UPDATE")
    return {
        (WORKER, command, None if command == "INSERT" else "true", "true" if command in checked else None)
        for command in _WORKERS.get(table, ())
    }


def _forms(table: str) -> set[Form]:
    if table in SHARED_TABLES:
        return {_OWNERS} | _SHARED[table]
    if table in _LETTERS:
        return {_OWNERS} | _LETTERS[table] | _worker_forms(table)
    is_of_offices = table in OFFICE_TABLES
    also: set[Form] = {(GATEWAY, "SELECT", _ALSO_READ[table], None)} if table in _ALSO_READ else set()
    also |= {_OFFICES_OF.get(table, _OFFICES)} if is_of_offices else set()
    own: Form = (GATEWAY, "ALL", _MINE, _WRITTEN.get(table, _UNDER_MY_OFFICES if is_of_offices else _MINE))
    return {_OWNERS, own} | also | _worker_forms(table)


@pytest.mark.parametrize("table", sorted(load_tables().tables))
async def test_has_the_policies_that_are_known_and_no_other(catalogue: asyncpg.Connection, table: str) -> None:
    found = await catalogue.fetch(
        """select roles::text[], cmd, qual, with_check, permissive from pg_policies
           where schemaname = 'public' and tablename = $1""",
        table,
    )

    forms: dict[str, set[Form]] = {"PERMISSIVE": set(), "RESTRICTIVE": set()}
    for row in found:
        forms[row["permissive"]].add((*row["roles"], row["cmd"], row["qual"], row["with_check"]))
    assert forms == {"PERMISSIVE": _forms(table), "RESTRICTIVE": _RESTRICTED.get(table, set())}


# --- roles and what they may do --------------------------------------------------------------------------------------


async def test_gives_no_role_a_way_past_the_policies(catalogue: asyncpg.Connection) -> None:
    roles = await _rows(
        catalogue,
        f"""select rolname::text from pg_roles where rolname in ('{OWNER}', '{GATEWAY}', '{WORKER}')
            and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)""",
    )
    members = await _rows(
        catalogue, "select member::regrole::text from pg_auth_members where member::regrole::text like 'jinlin%'"
    )
    owned = await _rows(
        catalogue,
        """select distinct relowner::regrole::text from pg_class where relnamespace = 'public'::regnamespace
           union select proowner::regrole::text from pg_proc where pronamespace = 'app'::regnamespace""",
    )

    assert {name for (name,) in roles} == {OWNER, GATEWAY, WORKER}
    assert members == []
    assert owned == [(OWNER,)]


def _gateways(table: str) -> set[str]:
    if table in _WRITE_ONLY:
        return {"INSERT"}
    written = set() if table in _READ_ONLY | _OUTSIDE else {"INSERT"}
    changed = {"UPDATE"} if written and table not in _APPEND_ONLY else set()
    return {"SELECT"} | written | changed | ({"DELETE"} if table in _DELETED_FROM else set())


def _workers(table: str) -> set[str]:
    return {"SELECT"} if table in _OUTSIDE else _WORKERS.get(table, set())


def _is_by_column(table: str, role: str) -> bool:
    return role == WORKER or table in _LETTERS


async def test_grants_what_the_work_needs_and_no_more(catalogue: asyncpg.Connection) -> None:
    found = await _rows(
        catalogue,
        """select c.relname::text, a.grantee::regrole::text, a.privilege_type, a.is_grantable
           from pg_class c cross join aclexplode(c.relacl) a
           where c.relnamespace = 'public'::regnamespace and a.grantee <> c.relowner and c.relkind <> 'S'""",
    )
    of_columns = await _rows(
        catalogue,
        """select attrelid::regclass::text, attname::text from pg_attribute join pg_class c on c.oid = attrelid
           where attacl is not null and c.relnamespace = 'public'::regnamespace""",
    )

    expected = {
        (table, role, privilege, False)
        for table in {*_declared(), *_OUTSIDE}
        for role, privileges in ((GATEWAY, _gateways(table)), (WORKER, _workers(table)))
        for privilege in privileges
        if not (privilege == "UPDATE" and table in {name for name, _ in _COLUMNS} and _is_by_column(table, role))
    }
    assert set(found) == expected
    assert set(of_columns) == _COLUMNS


async def test_lets_nobody_make_anything_in_the_database(catalogue: asyncpg.Connection) -> None:
    for role in (GATEWAY, WORKER):
        may = await catalogue.fetchrow(
            """select has_schema_privilege($1, 'public', 'create'), has_schema_privilege($1, 'app', 'create'),
                 has_database_privilege($1, current_database(), 'create'),
                 has_database_privilege($1, current_database(), 'temporary')""",
            role,
        )
        assert tuple(may or ()) == (False, False, False, False)
    strangers = await _rows(
        catalogue,
        """select privilege_type from pg_database cross join aclexplode(datacl)
           where datname = current_database() and grantee = 0""",
    )
    assert strangers == []


async def test_knows_every_function_and_who_may_call_it(catalogue: asyncpg.Connection) -> None:
    found = await catalogue.fetch(
        """select p.proname::text as name, p.prosecdef as is_door, p.proconfig as settings,
             has_function_privilege($1, p.oid, 'execute') as for_gateway,
             has_function_privilege($2, p.oid, 'execute') as for_worker
           from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname not in ('pg_catalog', 'information_schema')""",
        GATEWAY,
        WORKER,
    )

    doors = {row["name"]: row for row in found if row["is_door"]}
    assert set(doors) == _DOORS | _WORKERS_DOORS
    assert {row["name"] for row in found} == _DOORS | _WORKERS_DOORS | _SETTINGS
    for name, door in doors.items():
        # Names must mean what they mean to the owner, whatever the caller's search path says.
        path, *others = door["settings"]
        assert path == "search_path=pg_catalog, pg_temp", name
        # And but for that a door may say only by which ways its rows are not to be looked for.
        assert [each for each in others if not re.fullmatch("enable_[a-z]+=off", each)] == [], name
        is_workers = name in _WORKERS_DOORS
        assert (door["for_gateway"], door["for_worker"]) == (not is_workers, is_workers), name
