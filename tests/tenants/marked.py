"""Whose are the bytes of an answer? A world whose every row bears its tenant's mark, callers of every kind in it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Table,
    Text,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy.settings import sqlalchemy_url
from schema.compiler.context import CONTEXT_VALUES
from schema.compiler.declare import Row, Source
from schema.compiler.model import ReadModel
from schema.compiler.values import encode_id
from services.boundaries.tables import GridBoundary
from services.case_counts.tables import CASE_COUNTERS, CASES
from services.cases.tables import ENDED_STATUSES, Case
from services.exports.tables import Export
from services.people.tables import Person
from services.positions.kinds import all_starting_kinds
from services.rollups.checking import rebuild_sums
from services.roster.tables import RosterCount
from tenants.audit.tables import AuditRecord
from tenants.grants import Grant, Grants, HeldPosition, Scope
from tenants.permissions import Post, compile_grants
from tenants.policies.roles import starting_roles
from tenants.tables import Tenant
from tests.fixtures.database import Database
from tests.fixtures.rows import Neighbour, make_rows, tenant_tables
from tests.make import World, made_id, make_world

# What waits for an account is the account's, in whichever tenant; every caller here is the same one.
_KINDS = {"work_items": "account", "notifications": "account"}
_MARK = re.compile(r"«([a-z]+):([a-z-]+)»")
# Where a post of each kind of place hangs, in the world of tests/make.py.
_PLACES = {"grid": "第一网格", "building": "1号楼", "estate": "花园小区", "dwelling": "1号楼1单元101室"}


@dataclass(frozen=True, slots=True)
class Marked:
    """A world with a row in every table for every tenant, and marks on all that clients could read of them."""

    database: Database
    world: World

    def neighbours(self) -> dict[str, Neighbour]:
        return neighbours(self.world)


def neighbours(world: World) -> dict[str, Neighbour]:
    """Tell the world's tenants by slug."""
    return {
        slug: Neighbour(tenant.id, slug, tenant.kind, tenant.street_id, tenant.district_id)
        for slug, tenant in world.tenants.items()
    }


async def make_marked(database: Database) -> Marked:
    """Make the world, fill what it leaves empty, and mark it."""
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.connect() as connection:
        world = await make_world(connection)
    await make_rows(database, list(neighbours(world).values()), has_ids_alike=True)
    async with engine.begin() as connection:
        for neighbour in neighbours(world).values():
            for table in tenant_tables():
                await _mark(connection, table, neighbour)
        await _complete(connection)
        await _count(connection)
        await _export(connection, world)
    await engine.dispose()
    return Marked(database, world)


async def _complete(connection: AsyncConnection) -> None:
    """Add what a single row of a table cannot show: an entry's subject, an import's other outcomes."""
    subject = select(Person.id).where(Person.tenant_id == AuditRecord.tenant_id).limit(1).scalar_subquery()
    await connection.execute(update(AuditRecord).values(subject_type="Person", subject_id=subject))
    counts = (await connection.execute(select(RosterCount.__table__))).mappings().all()
    more = [
        {**row, "id": made_id(0x9000 + number), "outcome": outcome}
        for row in counts
        for number, outcome in enumerate(("changed", "unchanged"))
    ]
    await connection.execute(insert(RosterCount), more)
    whose = select(Tenant.slug).where(Tenant.id == GridBoundary.tenant_id).scalar_subquery()
    mark = literal("«office:", Text) + whose + literal("»", Text)
    await connection.execute(update(GridBoundary).values(outline=func.to_json(mark)))
    # An office reads cases of several tenants in one list: those alike in id must not be alike in its order as well.
    later = func.make_interval(0, 0, 0, Case.tenant_id)
    await connection.execute(update(Case).values(reported_at=Case.reported_at + later, due_at=Case.due_at + later))
    # Nor in where ended ones stand, which is at the end of time: so those of one tenant alone have ended.
    ended = Case.status.in_(ENDED_STATUSES) & (
        Case.tenant_id != select(Tenant.id).where(Tenant.slug == "qingcheng").scalar_subquery()
    )
    await connection.execute(update(Case).where(ended).values(status="RESOLVED", closed_at=None))


async def _count(connection: AsyncConnection) -> None:
    """Let each tenant have counts of its own of everything, folded and not, where the world's cases lie."""
    numbers = ", ".join(f"{name} = tenant_id * 100 + {place}" for place, name in enumerate(CASE_COUNTERS))
    days = "happened_on = '2026-05-20', recorded_on = '2026-05-20', opened_on = '2026-05-20'"
    grid = """(select p.id from places p where p.tenant_id = c.tenant_id and p.kind = 'grid'
        order by p.sort_key, p.id limit 1)"""
    body = "(select b.id from bodies b where b.home_tenant_id = c.tenant_id order by b.id limit 1)"
    about = f"grid_id = {grid}, body_id = {body}, source = 'PATROL'"
    await connection.execute(text(f"update case_counts c set {days}, {numbers}, {about}, is_folded = false"))
    names = ", ".join(one.name for one in CASES.counts.__table__.c if one.name not in ("id", "is_folded"))
    await connection.execute(
        text(
            f"insert into case_counts (id, is_folded, {names}) select gen_random_uuid(), true, {names} from case_counts"
        )
    )
    await connection.execute(text("delete from case_sums"))
    await rebuild_sums(connection, CASES)


async def _export(connection: AsyncConnection, world: World) -> None:
    """Let each tenant have an export that is made, besides the one that waits: only such a one has an address."""
    made = {"status": "'DONE'", "is_personal": "false", "expires_at": "'2099-01-01'", "account_id": ":account"}
    same = [one.name for one in Export.__table__.c if one.name not in ("id", *made)]
    names, values = ", ".join(("id", *made, *same)), ", ".join(("gen_random_uuid()", *made.values(), *same))
    statement = text(f"insert into exports ({names}) select {values} from exports")
    await connection.execute(statement, {"account": world.accounts["worker"]})


async def _mark(connection: AsyncConnection, table: Table, neighbour: Neighbour) -> None:
    kind = "office" if "street_id" in table.columns else _KINDS.get(table.name, "own")
    mark: Any = literal(f"«{kind}:{neighbour.slug}»", Text)
    if "told_street_id" in table.columns:
        # Of whistles an office reads those that it has a part in.
        is_told = or_(table.c.told_street_id.is_not(None), table.c.told_district_id.is_not(None))
        mark = case((is_told, literal(f"«office:{neighbour.slug}»", Text)), else_=mark)
    if table.name == "case_shares":
        # A share is its receiver's to read.
        receiver = select(Tenant.slug).where(Tenant.id == table.c.receiver_tenant_id).scalar_subquery()
        mark = literal("«own:", Text) + receiver + literal("»", Text)
    changes = {column.name: column + mark for column in _free_texts(table)}
    marked = table.c.tenant_id == neighbour.id
    if table.name == "case_step_texts":
        # What an office wrote into a tenant's case is both's to read.
        marked &= table.c.author_tenant_id == table.c.tenant_id
    if changes:
        await connection.execute(update(table).where(marked).values(changes))


def _free_texts(table: Table) -> Iterator[Column[str]]:
    """List the columns that take any text: no key, no link, no choice among a few values."""
    checks = " ".join(str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint))
    for column in table.columns:
        is_bound = column.primary_key or column.foreign_keys or re.search(rf"\b{column.name}\b", checks)
        if column.type.python_type is str and not is_bound and column.name not in _LINKED_TO.get(table.name, ()):
            yield column


def _linked_to() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table in tenant_tables():
        for key in table.foreign_keys:
            found.setdefault(key.column.table.name, set()).add(key.column.name)
    return found


_LINKED_TO = _linked_to()


def find_leaks(answer: bytes | None, acting: Neighbour | None, others: dict[str, Neighbour]) -> list[str]:
    """List the marks in an answer that are not the acting tenant's to see."""
    found = set(_MARK.findall((answer or b"").decode()))
    if acting is None:
        return sorted(f"{kind}:{slug}" for kind, slug in found if kind != "account")
    return sorted(
        f"{kind}:{slug}"
        for kind, slug in found
        if slug != acting.slug and kind != "account" and not (kind == "office" and acting.reads(others[slug]))
    )


# --- who asks --------------------------------------------------------------------------------------------------------


def callers(world: World, slug: str) -> Iterator[tuple[str, Grants]]:
    """Give the grants of every kind of position in a tenant, of all of them together, and of none."""
    tenant = world.tenants[slug]
    kinds = {role.position for role in starting_roles() if role.tenant_kind == tenant.kind}
    for kind in sorted(kinds):
        post = post_of(world, slug, kind)
        yield kind, _compiled(world, slug, [post])
    yield "everybody", _compiled(world, slug, [post_of(world, slug, kind) for kind in sorted(kinds)])
    yield "nobody", Grants(tenant, world.accounts["nobody"])


def _compiled(world: World, slug: str, posts: Sequence[Post]) -> Grants:
    tenant = world.tenants[slug]
    grants = compile_grants(
        tenant,
        account_id=world.accounts["worker"],
        posts=posts,
        overrides=frozenset(),
        valid_until=Grants(None, world.accounts["worker"]).valid_until,
    )
    assert grants.grants, "a kind of position that grants nothing tries nothing"
    return grants


def post_of(world: World, slug: str, kind: str) -> Post:
    """Make a post of a kind where such a post hangs."""
    known = {each.code: each for each in all_starting_kinds()}[kind]
    tenant_kind = world.tenants[slug].kind
    place_kind = next(each for each in known.place_kinds if each == tenant_kind or each in _PLACES)
    place = world.places[f"{slug}/{_PLACES[place_kind]}" if place_kind in _PLACES else slug]
    body_kind = next((each for each in known.body_kinds if f"{slug}/{each}" in world.bodies), None)
    body = world.bodies[f"{slug}/{body_kind}"] if body_kind else None
    held = HeldPosition(made_id(0x9999), kind, made_id(0x200), body, place)
    return Post(held, kind, place_kind, body_kind, has_contract=body_kind == "property_company")


def anything(world: World, slug: str) -> Grants:
    """Grant every permission in every way, also those that no kind of position in this tenant has."""
    permissions = {role.permission for role in starting_roles()}
    reaches = {(role.tenants, role.rows) for role in starting_roles()}
    place = world.places[f"{slug}/第一网格"] if world.tenants[slug].kind == "community" else world.places[slug]
    scope = Scope(
        grid_ids=(place,),
        building_ids=(place,),
        estate_ids=(place,),
        dwelling_ids=(place,),
        body_ids=(place,),
        position_ids=(place,),
    )
    return Grants(
        world.tenants[slug],
        world.accounts["worker"],
        frozenset(Grant(permission, tenants, rows) for permission in permissions for tenants, rows in reaches),
        MappingProxyType(dict.fromkeys(permissions, scope)),
    )


# --- ids -------------------------------------------------------------------------------------------------------------


async def ids_by_type(model: ReadModel, database: Database) -> dict[str, list[str]]:
    """Find global ids of every type that has one: of each tenant the first row, all others being in the same case."""
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.connect() as connection:
        found = {}
        for prefix, type_name in model.prefixes.items():
            rows = await _rows_of(connection, model.source(type_name))
            if rows:
                found[type_name] = [encode_id(prefix, tenant_id, row_id) for tenant_id, row_id in rows]
    await engine.dispose()
    return found


async def _rows_of(connection: AsyncConnection, source: Source) -> list[tuple[int, uuid.UUID]]:
    row = Row(source.table("t"), source.name)
    whose = literal(0) if source.tenant is None else source.tenant(row)
    row_id = row.c[source.id_column]
    statement = select(whose, func.min(cast(row_id, Text))).group_by(whose).order_by(whose)
    only = None if source.only is None else source.only(row)
    # What a source asks of the request itself is for the statement under test to say.
    if only is not None and not set(only.compile().params) & set(CONTEXT_VALUES):
        statement = statement.where(only)
    return [(tenant_id, uuid.UUID(found)) for tenant_id, found in await connection.execute(statement)]
