"""How do tenants get a year of cases each? After everything else is loaded, and each from what is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.simulate.case_cast import Cast
from deploy.simulate.case_scene import Scene, look_at
from deploy.simulate.case_writing import rows_of
from deploy.simulate.case_year import Calendar, Extent, Year
from deploy.simulate.ids import IdSource
from deploy.simulate.rows import BulkConnection, Load
from services.case_counts.tables import CASES
from services.cases.backlog import redraw_work
from services.onboarding.operator import operator_grants
from services.rollups.checking import rebuild
from services.supervision.starting import mark_open_cases
from tenants.work import Workshop

_ROWS_AT_ONCE = 40_000


@dataclass(frozen=True, slots=True)
class Caseload:
    """Which tenant gets how many cases."""

    tenant_id: int
    slug: str
    extent: Extent


async def load_cases(
    bulk: BulkConnection,
    caseloads: Sequence[Caseload],
    *,
    calendar: Calendar,
    issuer: str,
    seed: str,
    progress: Callable[[int], None],
) -> int:
    """Write the cases of some tenants in the open transaction, and tell how many.

    Accounts that nobody signs in with any more are of an issuer of their own. Run `let_cases_wait` after the commit.
    """
    pending, count = Load(), 0
    for caseload in caseloads:
        scene = await look_at(bulk.driver, tenant_id=caseload.tenant_id)
        made = invent(scene, caseload, calendar=calendar, issuer=issuer, seed=seed)
        count += len(made.cases)
        pending.add(made)
        if pending.size() >= _ROWS_AT_ONCE:
            await pending.write(bulk)
            progress(count)
    await pending.write(bulk)
    progress(count)
    await bulk.connection.execute(text("analyze cases, case_details, case_steps"))
    await rebuild(bulk.connection, CASES, tenant_ids=[caseload.tenant_id for caseload in caseloads])
    return count


def invent(scene: Scene, caseload: Caseload, *, calendar: Calendar, issuer: str, seed: str) -> Load:
    """Invent a tenant's cases, and the accounts of those who took part and are gone."""
    key = f"{seed} cases {caseload.slug}"
    random, ids = Random(key), IdSource(key, block=caseload.tenant_id)  # noqa: S311 - what is invented is no secret.
    cast = Cast(scene, random, ids, f"{issuer}-former")
    load = rows_of(Year(cast, calendar).stories(caseload.extent), key=key)
    load.accounts += cast.former.values()
    return load


async def let_cases_wait(engine: AsyncEngine, caseloads: Sequence[Caseload]) -> None:
    """Let all open cases wait for whom and for what they wait, by the rules that every step follows."""
    workshop = Workshop(engine)
    for caseload in caseloads:
        async with engine.begin() as connection:
            grants = await operator_grants(connection, slug=caseload.slug)
        async with workshop.work(grants) as work:
            await redraw_work(work)
            await mark_open_cases(await work.session.connection(), tenant_id=work.tenant.id, now=work.now())
