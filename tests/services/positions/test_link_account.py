"""How does an account come to use a post that was given without one?"""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from services.positions.commands import AccountName, end_position, link_account
from services.positions.errors import PositionEnded, PositionHasAccount, SelfAppointment
from tenants.errors import Forbidden, NotFound, Refused
from tenants.grants import Grants
from tenants.tables import Account, Membership
from tests.services.positions.town import YESTERDAY, Town

ACCOUNT = AccountName("https://sign-on.test", "7")


async def link(town: Town, grants: Grants, position_id: uuid.UUID, account: AccountName = ACCOUNT) -> None:
    async with town.workshop.work(grants) as work:
        await link_account(work, position_id=position_id, account=account)


async def refused(town: Town, grants: Grants, refusal: type[Refused], position_id: uuid.UUID) -> None:
    before = await memberships(town)
    with pytest.raises(refusal):
        await link(town, grants, position_id)
    assert await memberships(town) == before


async def memberships(town: Town) -> list[tuple[str, int, uuid.UUID]]:
    """Tell subject, tenant and post of every membership."""
    async with town.owner.connect() as connection:
        found = await connection.execute(
            select(Account.subject, Membership.tenant_id, Membership.position_id).join(Membership)
        )
        return [(row.subject, row.tenant_id, row.position_id) for row in found]


async def test_the_account_holds_the_post_from_then_on(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格")

    await link(town, admin, position_id)

    assert await memberships(town) == [("7", 3, position_id)]
    assert (await town.tenant("qingcheng")).grants_version == 2


async def test_goes_to_one_account(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格")
    await link(town, admin, position_id)

    await refused(town, await town.grants("admin", "qingcheng"), PositionHasAccount, position_id)


async def test_refuses_what_has_ended(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格", since=YESTERDAY)
    async with town.workshop.work(admin) as work:
        await end_position(work, position_id=position_id, last_day=YESTERDAY)

    await refused(town, admin, PositionEnded, position_id)


async def test_a_worker_gives_no_accounts_and_another_tenant_none_here(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格")

    await refused(town, await town.grants("worker", "qingcheng"), Forbidden, position_id)
    await refused(town, await town.grants("admin", "zhongshan"), NotFound, position_id)
    await refused(town, await town.grants("admin", "gudong"), NotFound, position_id)


async def test_nobody_takes_a_post_for_himself(town: Town) -> None:
    await town.appoint(await town.grants("admin", "qingcheng"), "admin", "qingcheng", account=ACCOUNT)
    async with town.owner.connect() as connection:
        account_id = await connection.scalar(select(Account.id).where(Account.subject == "7"))
    admin = await town.grants("admin", "qingcheng", account_id=account_id)
    position_id = await town.appoint(admin, "worker", "qingcheng")

    await refused(town, admin, SelfAppointment, position_id)
