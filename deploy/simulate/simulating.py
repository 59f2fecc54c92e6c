"""How does a plan become rows? Tenants are opened as always; what is in them is streamed by COPY as the owner."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deploy.simulate.case_year import Calendar
from deploy.simulate.case_year import Extent as CaseExtent
from deploy.simulate.cases import Caseload, load_cases
from deploy.simulate.ids import IdSource
from deploy.simulate.neighbourhood import Extent, Ground, Named, Neighbourhood, build_neighbourhood
from deploy.simulate.plan import SLUG_PREFIX, OthersPresent, PlannedTenant, SimulationPlan, plan_tenants
from deploy.simulate.posts import Kind, Premises, Staff
from deploy.simulate.residents import Residents
from deploy.simulate.rows import BulkConnection, Load
from deploy.simulate.staffing import (
    PartyTree,
    Services,
    staff_community,
    staff_departments,
    staff_district,
    staff_grids,
    staff_street,
)
from services.onboarding.commands import OpenedTenant, open_tenant
from services.onboarding.rules import NewTenant
from services.places.commands import recount_tenants
from services.positions.tables import PositionKind
from tenants.sealing.keyring import Keyring, make_data_key
from tenants.sealing.values import TenantSealer
from tenants.tables import Tenant

# What is told while it runs: dwellings, or cases, made so far.
Progress = Callable[[int], None]
_POSTS_HELD_SINCE = date(2024, 1, 1)
_ROWS_AT_ONCE = 20_000
# Of those of a year, so many more are open.
_OPEN = 0.07
_TIME_ZONE = "Asia/Shanghai"
_LOADED = (
    "accounts",
    "bodies",
    "case_days",
    "case_details",
    "case_shares",
    "case_step_texts",
    "case_steps",
    "cases",
    "dwelling_holders",
    "grid_buildings",
    "households",
    "memberships",
    "people",
    "places",
    "position_kinds",
    "positions",
    "property_contracts",
    "tenants",
    "work_items",
)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What has been made."""

    tenants: int
    dwellings: int
    people: int
    cases: int = 0
    # Whose open cases are to wait for somebody, once all is committed.
    caseloads: tuple[Caseload, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """Tenants that have been opened and filled."""

    tenants: Sequence[OpenedTenant]
    dwellings: int
    people: int


async def simulate(
    bulk: BulkConnection,
    *,
    keyring: Keyring,
    plan: SimulationPlan,
    progress: Progress,
    case_progress: Progress = lambda _: None,
) -> Simulated:
    """Fill a database within one transaction of the owner's; tell what was made.

    Run `let_cases_wait` and `settle_statistics` after it. Raises OthersPresent, TooFewTenants, TooFewDwellings.
    """
    planned = plan_tenants(plan, first_number=await first_number(bulk.connection, beside_others=plan.beside_others))
    filling = Filling(plan.seed, plan.issuer)
    made = await fill_tenants(bulk, planned, filling=filling, keyring=keyring, progress=progress)
    caseloads = _caseloads(plan, made.tenants)
    cases = await load_cases(
        bulk,
        caseloads,
        calendar=Calendar(datetime.now(ZoneInfo(_TIME_ZONE)).date()),
        issuer=plan.issuer,
        seed=str(plan.seed),
        progress=case_progress,
    )
    return Simulated(len(planned), made.dwellings, made.people, cases, caseloads)


async def fill_tenants(
    bulk: BulkConnection,
    planned: Sequence[PlannedTenant],
    *,
    filling: Filling,
    keyring: Keyring,
    progress: Progress,
) -> Filled:
    """Open tenants, offices before those below them, and fill them with places, people and posts."""
    connection = bulk.connection
    opened: list[OpenedTenant] = []
    kinds: dict[str, Mapping[str, Kind]] = {}
    dwellings = people = 0
    pending = Load()
    for one in planned:
        tenant = await open_tenant(connection, new=one.new)
        opened.append(tenant)
        if tenant.kind not in kinds:
            kinds[tenant.kind] = await load_kinds(connection, tenant_id=tenant.id)
        staff = filling.staff(ground_of(one.new, tenant), kinds[tenant.kind], first_phone=people)
        sealer = await first_sealer(connection, keyring=keyring, tenant_id=tenant.id)
        made = filling.load(one, staff, sealer)
        dwellings += one.dwelling_count
        people += len(made.people)
        pending.add(made)
        if pending.size() >= _ROWS_AT_ONCE:
            await pending.write(bulk)
            progress(dwellings)
    await pending.write(bulk)
    progress(dwellings)
    await connection.execute(text("analyze places, households"))
    await recount_tenants(connection, tenant_ids=[tenant.id for tenant in opened])
    return Filled(opened, dwellings, people)


def _caseloads(plan: SimulationPlan, opened: Sequence[OpenedTenant]) -> tuple[Caseload, ...]:
    if not plan.cases_per_year:
        return ()
    extent = CaseExtent(plan.cases_per_year, round(plan.cases_per_year * _OPEN))
    return tuple(Caseload(one.id, one.slug, extent) for one in opened if one.kind == "community")


async def first_sealer(connection: AsyncConnection, *, keyring: Keyring, tenant_id: int) -> TenantSealer:
    """Make a new tenant's first data key, and get what seals with it."""
    await make_data_key(connection, keyring=keyring, tenant_id=tenant_id)
    sealer = await keyring.sealer_of(connection, tenant_id=tenant_id)
    if sealer is None:
        raise LookupError(tenant_id)
    return sealer


async def load_kinds(connection: AsyncConnection, *, tenant_id: int) -> Mapping[str, Kind]:
    """Read a tenant's kinds of position."""
    found = await connection.execute(
        select(PositionKind.code, PositionKind.name, PositionKind.board_rank).where(PositionKind.tenant_id == tenant_id)
    )
    return {row.code: Kind(row.code, row.name, row.board_rank) for row in found}


def ground_of(new: NewTenant, opened: OpenedTenant) -> Ground:
    """Tell where what is made for a tenant lies."""
    offices = (opened.street_id, opened.district_id)
    return Ground(opened.id, new.slug, new.name, *offices, opened.place_id, opened.body_id, new.code)


async def settle_statistics(engine: AsyncEngine) -> None:
    """Let the planner know what was loaded, and clear the way for index-only reads."""
    async with engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text("vacuum (analyze) " + ", ".join(_LOADED)))


async def first_number(connection: AsyncConnection, *, beside_others: bool) -> int:
    """Tell the number that simulated tenants begin with. Raises OthersPresent."""
    is_simulated = Tenant.slug.startswith(SLUG_PREFIX, autoescape=True)
    others = (await connection.scalars(select(Tenant.slug).where(~is_simulated).order_by(Tenant.id))).all()
    if others and not beside_others:
        raise OthersPresent(count=len(others), slug=others[0])
    return (await connection.scalars(select(func.count()).where(is_simulated))).one() + 1


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills tenants from a seed, with accounts of an issuer."""

    seed: int
    issuer: str
    # Of each district office.
    departments: Sequence[str] = ()
    # Of each street, by its tenant's id: the Party organisation that its communities' hang under.
    parties: dict[int, uuid.UUID] = field(default_factory=dict)

    def load(self, planned: PlannedTenant, staff: Staff, sealer: TenantSealer) -> Load:
        """Make all rows of one tenant."""
        ground, built = staff.ground, Neighbourhood()
        if planned.new.kind == "district":
            staff_district(staff)
            staff_departments(staff, self.departments)
        elif planned.new.kind == "street":
            self.parties[ground.tenant_id] = staff_street(staff)
        else:
            built = self._build(planned, staff)
        return load_of(built, staff, sealer)

    def staff(self, ground: Ground, kinds: Mapping[str, Kind], *, first_phone: int) -> Staff:
        """Begin to appoint a tenant's people."""
        key = f"{self.seed} {ground.slug}"
        random, ids = Random(key), IdSource(key, block=ground.tenant_id)  # noqa: S311 - what is invented is no secret.
        residents = Residents(ground.tenant_id, random, ids, first_phone)
        return Staff(ground, kinds, self.issuer, residents, ids, _POSTS_HELD_SINCE)

    def _build(self, planned: PlannedTenant, staff: Staff) -> Neighbourhood:
        extent = Extent(planned.dwelling_count, planned.grid_count, planned.estate_count)
        residents = staff.residents
        built = build_neighbourhood(staff.ground, extent, random=residents.random, ids=staff.ids)
        for dwelling in built.dwellings:
            residents.settle(dwelling)
        premises = premises_of(built, residents)
        name = f"{staff.ground.name}物业服务公司"
        company = Named(staff.add_body("property_company", name), name)
        party = PartyTree(self.parties[staff.ground.street_id or 0])
        committee_id = staff_community(staff, premises, services=Services(company), party=party)
        staff_grids(staff, premises, committee_id=committee_id, has_leader=True)
        return built


def premises_of(built: Neighbourhood, residents: Residents) -> Premises:
    """Find the places for posts in what was built, and the first resident."""
    first = residents.holders[0]
    resident = next(person for person in residents.people if person.id == first.person_id)
    return Premises(
        [Named(place.id, place.name) for place in built.grids],
        [Named(place.id, place.name) for place in built.buildings],
        [Named(place.id, place.name) for place in built.estates],
        Named(resident.id, resident.name),
        first.dwelling_id,
    )


def load_of(built: Neighbourhood, staff: Staff, sealer: TenantSealer) -> Load:
    """Put together all rows to be written for one tenant."""
    residents = staff.residents
    return Load(
        places=list(built.places()),
        people=residents.seal_people(sealer),
        dwelling_holders=residents.holders,
        households=residents.households,
        bodies=staff.bodies,
        property_contracts=staff.contracts,
        accounts=staff.accounts,
        positions=staff.positions,
        memberships=staff.memberships,
    )
