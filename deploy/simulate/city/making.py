"""How does a city get into a database? Its tenants as always, then their cases, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.simulate.case_year import Extent
from deploy.simulate.cases import Caseload, let_cases_wait
from deploy.simulate.city.cases import load_city_cases
from deploy.simulate.city.plan import CityPlan, plan_city
from deploy.simulate.rows import BulkConnection
from deploy.simulate.simulating import Filling, fill_tenants, first_number, settle_statistics
from services.onboarding.commands import OpenedTenant
from tenants.sealing.keyring import Keyring

DEPARTMENTS = (
    "城市管理局",
    "住房和建设局",
    "市场监督管理局",
    "公安分局",
    "生态环境局",
    "水务公司",
    "供电公司",
)
# What is counted, besides what every simulation fills.
_COUNTED = ("case_counts", "case_requests", "case_sums")
# What is told while it runs: dwellings, cases, tenants counted or tenants with open cases, and how many so far.
CityProgress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class City:
    """What has been made."""

    tenants: Sequence[OpenedTenant]
    dwellings: int
    people: int
    cases: int
    # Of the smallest, the middle and the largest community.
    cases_of_a_community: tuple[int, int, int]


async def make_city(bulk: BulkConnection, *, keyring: Keyring, plan: CityPlan, progress: CityProgress) -> City:
    """Fill a database with a city within one transaction of the owner's; tell what was made.

    Run `settle_city` after it. Raises OthersPresent, NoCommunities, TooFewDwellings.
    """
    number = await first_number(bulk.connection, beside_others=plan.beside_others)
    planned = plan_city(plan, first_number=number)
    filling = Filling(plan.seed, plan.issuer, DEPARTMENTS)
    filled = await fill_tenants(
        bulk,
        planned.tenants,
        filling=filling,
        keyring=keyring,
        progress=lambda done: progress("dwellings", done),
    )
    cases = await load_city_cases(bulk, plan, cases=planned.cases, progress=progress) if plan.case_count else 0
    sizes = sorted(planned.cases.values())
    spread = (sizes[0], sizes[len(sizes) // 2], sizes[-1])
    return City(filled.tenants, filled.dwellings, filled.people, cases, spread)


async def let_city_wait(engine: AsyncEngine, city: City, *, progress: CityProgress) -> None:
    """Let all open cases wait for whom and for what they wait, by the rules that every step follows."""
    for number, tenant in enumerate([one for one in city.tenants if one.kind == "community"], start=1):
        await let_cases_wait(engine, [Caseload(tenant.id, tenant.slug, Extent(0))])
        progress("tenants with open cases", number)


async def settle_city(engine: AsyncEngine) -> None:
    """Let the planner know what was loaded, and clear the way for index-only reads."""
    await settle_statistics(engine)
    async with engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text("vacuum (analyze) " + ", ".join(_COUNTED)))
