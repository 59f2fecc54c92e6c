"""What is in the demo when it is new?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.databases import Databases
from deploy.demo.casework import caseloads
from deploy.demo.contents import COMMUNITIES, DIVISIONS_AS_OF, DIVISIONS_SYSTEM, OFFICES, TIME_ZONE
from deploy.demo.filling import Directory, fill_community, fill_office
from deploy.demo.making import SEED, Opened, SharedAccounts, open_tenants, shared_accounts
from deploy.demo.registers import staff_registered_community, take_in_roster
from deploy.demo.tokens import ISSUER
from deploy.settings import sqlalchemy_url
from deploy.simulate.case_year import Calendar
from deploy.simulate.cases import let_cases_wait, load_cases
from deploy.simulate.rows import BulkConnection, bulk_transaction
from deploy.simulate.simulating import settle_statistics
from services.divisions.commands import Edition, import_divisions
from services.divisions.reading import read_divisions
from services.places.commands import recount_tenants
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import KeyService

_DIVISIONS = Path(__file__).with_name("divisions_demo.csv")


async def create_demo(databases: Databases, *, keys: KeyService, tell: Callable[[str], None]) -> None:
    """Fill a migrated, empty database with the demo, telling each step as it begins."""
    owner = create_async_engine(sqlalchemy_url(databases.need_owner_url()), hide_parameters=True)
    gateway = create_async_engine(sqlalchemy_url(databases.need_gateway_url()), hide_parameters=True)
    keyring = Keyring(keys)
    shared = shared_accounts()
    try:
        tell("Opening the tenants …")
        async with bulk_transaction(owner) as bulk:
            await _take_in_divisions(bulk)
            opened = await open_tenants(bulk.connection, keyring=keyring)
            directory = await _fill(bulk, opened, shared)
        await _take_in_registers(gateway, keyring=keyring, tell=tell)
        async with bulk_transaction(owner) as bulk:
            for community in COMMUNITIES:
                if community.roster:
                    await staff_registered_community(
                        bulk,
                        community=community,
                        own=opened[community.new.slug],
                        directory=directory,
                        shared=shared,
                    )
        await _add_cases(owner, gateway, opened, tell=tell)
        await settle_statistics(owner)
    finally:
        await owner.dispose()
        await gateway.dispose()


async def _add_cases(
    owner: AsyncEngine, gateway: AsyncEngine, opened: Mapping[str, Opened], *, tell: Callable[[str], None]
) -> None:
    tell("Inventing a year of cases …")
    loads = caseloads({slug: own.ground.tenant_id for slug, own in opened.items()})
    # The day in the tenants' zone, so that nothing is reported ahead of its time.
    calendar = Calendar(datetime.now(ZoneInfo(TIME_ZONE)).date())
    async with bulk_transaction(owner) as bulk:
        count = await load_cases(bulk, loads, calendar=calendar, issuer=ISSUER, seed=SEED, progress=lambda _: None)
    await let_cases_wait(gateway, loads)
    tell(f"  {count} cases")


async def _take_in_divisions(bulk: BulkConnection) -> None:
    file = read_divisions(_DIVISIONS.read_bytes())
    edition = Edition(DIVISIONS_SYSTEM, DIVISIONS_AS_OF)
    await import_divisions(bulk.connection, file=file, edition=edition, today=datetime.now(UTC).date())


async def _fill(bulk: BulkConnection, opened: Mapping[str, Opened], shared: SharedAccounts) -> Directory:
    directory = Directory()
    everything = shared.load()
    for office in OFFICES:
        everything.add(fill_office(office, opened, directory))
    for community in COMMUNITIES:
        if community.extent:
            own = opened[community.new.slug]
            load = fill_community(community, community.extent, own=own, directory=directory, shared=shared)
            everything.add(load)
    await everything.write(bulk)
    await bulk.connection.execute(text("analyze places, households"))
    await recount_tenants(bulk.connection, tenant_ids=[own.ground.tenant_id for own in opened.values()])
    return directory


async def _take_in_registers(gateway: AsyncEngine, *, keyring: Keyring, tell: Callable[[str], None]) -> None:
    for community in COMMUNITIES:
        if community.roster:
            tell(f"Importing the roster of {community.new.name} …")
            report = await take_in_roster(gateway, keyring=keyring, community=community, roster=community.roster)
            created = report.created
            tell(f"  {created.buildings} buildings, {created.units} units, {created.dwellings} dwellings")
