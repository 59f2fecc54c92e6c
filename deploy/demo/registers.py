"""How do the two communities that have a workbook come in? By the roster importer, as the operator would do it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Select, and_, insert, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deploy.demo.contents import Community
from deploy.demo.filling import Directory, add_extras
from deploy.demo.making import POSTS_HELD_SINCE, Opened, SharedAccounts
from deploy.simulate.ids import IdSource
from deploy.simulate.neighbourhood import Ground, Named, Neighbourhood, build_sites
from deploy.simulate.posts import Premises
from deploy.simulate.rows import BulkConnection, MembershipRow
from deploy.simulate.simulating import load_of
from deploy.simulate.staffing import staff_community, staff_grids
from services.onboarding.operator import operator_grants
from services.people.tables import DwellingHolder, Household
from services.places.commands import recount_tenants
from services.places.rules import address_key
from services.places.tables import Place
from services.positions.tables import Position
from services.roster.commands import ImportOptions, ImportReport, import_roster
from services.roster.files import read_roster
from tenants.sealing.keyring import Keyring
from tenants.work import Workshop

_SITES_PER_GRID = 3
# So that the first building leader and resident live in the estate that the property manager serves.
_IN_ESTATES_FIRST = (Place.estate_id.is_(None), Place.sort_key)
ROSTERS = Path(__file__).with_name("rosters")


class RosterNotTaken(Exception):  # noqa: N818 - says what happened.
    """A workbook that the demo ships was refused by the importer."""


async def take_in_roster(engine: AsyncEngine, *, keyring: Keyring, community: Community, roster: str) -> ImportReport:
    """Import a workbook through the gateway's role. Raises RosterNotTaken."""
    workshop = Workshop(engine)
    async with engine.begin() as connection:
        grants = await operator_grants(connection, slug=community.new.slug)
    sealer = await keyring.sealer(workshop, grants=grants)
    file = await read_roster((ROSTERS / roster).read_bytes(), name=roster)
    async with workshop.work(grants) as work:
        report = await import_roster(work, file=file, sealer=sealer, options=ImportOptions())
    if report.status != "DONE":
        raise RosterNotTaken(f"{roster}: {report.bad_row_count} bad rows")
    return report


async def staff_registered_community(
    bulk: BulkConnection, *, community: Community, own: Opened, directory: Directory, shared: SharedAccounts
) -> None:
    """Fill the posts of an imported community; those that the workbook names keep their people, and sign in."""
    connection, ground = bulk.connection, own.ground
    if community.estate_over_grids:
        await _add_estate(connection, community.estate_over_grids, ground)
    premises = await _premises(connection, ground)
    staff = own.staff()
    services, party = directory.services(community), directory.party(community, own)
    committee_id = staff_community(staff, premises, services=services, party=party)
    registered = await _registered_posts(connection, ground)
    missing = replace(
        premises,
        grids=() if "grid-worker" in registered else premises.grids,
        buildings=() if "building-leader" in registered else premises.buildings,
    )
    staff_grids(staff, missing, committee_id=committee_id, has_leader=False)
    accounts = {kind_code: staff.add_account(kind_code) for kind_code in registered}
    for kind_code, position_ids in registered.items():
        staff.memberships += [
            MembershipRow(accounts[kind_code].id, ground.tenant_id, position_id, POSTS_HELD_SINCE, None)
            for position_id in position_ids
        ]
    add_extras(community, staff, premises.estates[0], services=services, shared=shared)
    random, ids = staff.residents.random, staff.ids
    sites = build_sites(ground, premises.grids, per_grid=_SITES_PER_GRID, random=random, ids=ids)
    await load_of(Neighbourhood(sites=sites), staff, own.sealer).write(bulk)
    for kind_code, position_ids in registered.items():
        await connection.execute(
            update(Position)
            .where(Position.tenant_id == ground.tenant_id, Position.id.in_(position_ids))
            .values(account_id=accounts[kind_code].id, since=POSTS_HELD_SINCE)
        )


async def _registered_posts(connection: AsyncConnection, ground: Ground) -> dict[str, list[uuid.UUID]]:
    # Of each kind, the posts of whoever holds the first one: a grid leader may hold several.
    found = await connection.execute(
        select(Position.kind_code, Position.person_id, Position.id)
        .join(Place, and_(Place.tenant_id == Position.tenant_id, Place.id == Position.place_id))
        .where(Position.tenant_id == ground.tenant_id)
        .order_by(Place.sort_key, Position.id)
    )
    holders: dict[str, uuid.UUID] = {}
    posts: dict[str, list[uuid.UUID]] = {}
    for row in found:
        if holders.setdefault(row.kind_code, row.person_id) == row.person_id:
            posts.setdefault(row.kind_code, []).append(row.id)
    return posts


async def _add_estate(connection: AsyncConnection, over_grids: tuple[str, int], ground: Ground) -> None:
    """Put the buildings of the first grids, with all in them, into an estate of their own."""
    name, grid_count = over_grids
    estate_id = IdSource(f"{ground.slug} estate", block=ground.tenant_id).next()
    await connection.execute(
        insert(Place).values(
            tenant_id=ground.tenant_id,
            id=estate_id,
            street_id=ground.street_id,
            district_id=ground.district_id,
            kind="estate",
            name=name,
            address=name,
            sort_key=address_key(name),
        )
    )
    grids = [row.id for row in await connection.execute(_named("grid", ground).limit(grid_count))]
    buildings = select(Place.id).where(
        Place.tenant_id == ground.tenant_id, Place.kind == "building", Place.grid_id.in_(grids)
    )
    building_ids = (await connection.scalars(buildings)).all()
    await connection.execute(
        update(Place)
        .where(
            Place.tenant_id == ground.tenant_id,
            or_(Place.id.in_(building_ids), Place.building_id.in_(building_ids)),
        )
        # As the importer writes addresses: the estate comes first.
        .values(estate_id=estate_id, address=name + Place.address, sort_key=address_key(name) + Place.sort_key)
    )
    await recount_tenants(connection, tenant_ids=[ground.tenant_id])


async def _premises(connection: AsyncConnection, ground: Ground) -> Premises:
    named = {
        kind: [Named(row.id, row.name) for row in await connection.execute(_named(kind, ground))]
        for kind in ("grid", "building", "estate")
    }
    # An owner where the workbook names owners, else the head of a household.
    residents = union_all(
        select(DwellingHolder.dwelling_id, DwellingHolder.person_id).where(
            DwellingHolder.tenant_id == ground.tenant_id
        ),
        select(Household.dwelling_id, Household.head_id).where(
            Household.tenant_id == ground.tenant_id, Household.head_id.is_not(None)
        ),
    ).subquery()
    first = (
        await connection.execute(
            select(residents)
            .join(Place, and_(Place.tenant_id == ground.tenant_id, Place.id == residents.c.dwelling_id))
            .order_by(*_IN_ESTATES_FIRST, residents.c.person_id)
            .limit(1)
        )
    ).one()
    # A resident's name is nobody's business; the post shows its kind instead.
    return Premises(named["grid"], named["building"], named["estate"], Named(first.person_id, ""), first.dwelling_id)


def _named(kind: str, ground: Ground) -> Select[uuid.UUID, str]:
    return (
        select(Place.id, Place.name)
        .where(Place.tenant_id == ground.tenant_id, Place.kind == kind)
        .order_by(*_IN_ESTATES_FIRST, Place.id)
    )
