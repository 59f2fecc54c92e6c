"""What becomes of a tenant when it is opened, suspended, resumed and closed?"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.onboarding.commands import (
    OpenedTenant,
    close_tenant,
    list_tenants,
    open_tenant,
    resume_tenant,
    suspend_tenant,
)
from services.onboarding.equipping import equip_all_tenants
from services.onboarding.errors import (
    CodeSystemMissing,
    CodeTaken,
    ParentNotFound,
    ParentOfWrongKind,
    SlugInvalid,
    SlugTaken,
    TenantHasTenantsBelow,
    TenantNameInvalid,
    TenantNotFound,
    TenantNotInStatus,
    TimeZoneUnknown,
)
from services.onboarding.operator import operator_grants
from services.onboarding.rules import NewTenant
from services.places.tables import Place
from services.positions.tables import PositionKind
from tenants.audit.tables import AuditQueued, AuditRecord
from tenants.errors import Refused, StaleGrants, TenantSuspended
from tenants.tables import Tenant
from tenants.work import Workshop

pytestmark = pytest.mark.usefixtures("database")

GULOU = NewTenant("gulou", "鼓楼区", "district", code="350102", code_system="statistics")
GUDONG = NewTenant("gudong", "鼓东街道", "street", "gulou", "350102001", "statistics")
QINGCHENG = NewTenant("qingcheng", "庆城社区", "community", "gudong", "350102001002", "statistics")
JIEZILU = NewTenant("jiezilu", "介子路社区", "community")


async def opened(engine: AsyncEngine, *news: NewTenant) -> list[OpenedTenant]:
    """Open tenants one after the other."""
    async with engine.begin() as connection:
        return [await open_tenant(connection, new=new) for new in news]


async def versions(engine: AsyncEngine) -> dict[str, tuple[str, int]]:
    """Tell the status and the grants version of every tenant."""
    async with engine.connect() as connection:
        found = await connection.execute(select(Tenant.slug, Tenant.status, Tenant.grants_version))
        return {row.slug: (row.status, row.grants_version) for row in found}


async def test_opens_a_tree_with_one_place_each(owner_engine: AsyncEngine) -> None:
    gulou, gudong, qingcheng, jiezilu = await opened(owner_engine, GULOU, GUDONG, QINGCHENG, JIEZILU)

    assert (gulou.street_id, gulou.district_id) == (None, gulou.id)
    assert (gudong.street_id, gudong.district_id) == (gudong.id, gulou.id)
    assert (qingcheng.street_id, qingcheng.district_id) == (gudong.id, gulou.id)
    assert (jiezilu.street_id, jiezilu.district_id) == (None, None)
    async with owner_engine.connect() as connection:
        places = (await connection.execute(select(Place).order_by(Place.tenant_id))).all()
    assert [(row.tenant_id, row.id, row.kind, row.name, row.code) for row in places] == [
        (gulou.id, gulou.place_id, "district", "鼓楼区", "350102"),
        (gudong.id, gudong.place_id, "street", "鼓东街道", "350102001"),
        (qingcheng.id, qingcheng.place_id, "community", "庆城社区", "350102001002"),
        (jiezilu.id, jiezilu.place_id, "community", "介子路社区", None),
    ]
    assert [(row.street_id, row.district_id) for row in places] == [
        (one.street_id, one.district_id) for one in (gulou, gudong, qingcheng, jiezilu)
    ]


async def test_gives_each_its_own_copy_of_the_kinds_of_position(owner_engine: AsyncEngine) -> None:
    gudong, jiezilu = await opened(owner_engine, replace(GUDONG, parent_slug=None), JIEZILU)

    async with owner_engine.connect() as connection:
        found = (await connection.execute(select(PositionKind))).all()
    codes = {tenant.id: {row.code for row in found if row.tenant_id == tenant.id} for tenant in (gudong, jiezilu)}
    assert "dispatcher" in codes[gudong.id]
    assert "dispatcher" not in codes[jiezilu.id]
    assert {"worker", "grid-worker", "resident", "admin"} < codes[jiezilu.id]
    assert {row.street_id for row in found} == {gudong.id, None}


_WHAT_IT_HAS = """
    select (select json_agg(c order by c.sort_key, c.id) from case_categories c) :: text,
        (select json_agg(m order by m.id) from category_marks m) :: text,
        (select json_agg(k order by k.code) from position_kinds k) :: text
"""


async def test_gives_a_tenant_what_it_lacks_and_leaves_what_it_has(owner_engine: AsyncEngine) -> None:
    await opened(owner_engine, JIEZILU)

    async with owner_engine.begin() as connection:
        await connection.execute(text("update position_kinds set name = '网格长（自定）' where code = 'grid-leader'"))
        await connection.execute(text("update case_categories set name = '别的' where code = '01'"))
        before = (await connection.execute(text(_WHAT_IT_HAS))).one()
        await connection.execute(text("delete from position_kinds where code = 'grid-worker'"))
        await equip_all_tenants(connection)
        after = (await connection.execute(text(_WHAT_IT_HAS))).one()

    assert after[:2] == before[:2]
    assert after[2] != before[2]
    assert [each["name"] for each in json.loads(after[2])] == [each["name"] for each in json.loads(before[2])]


async def test_opens_a_tenant_by_a_few_statements_whatever_it_starts_with(owner_engine: AsyncEngine) -> None:
    sent: list[int] = []

    def count(*given: object) -> None:
        *_, parameters, _context, is_many = given
        sent.append(len(parameters) if is_many and isinstance(parameters, list) else 1)

    event.listen(owner_engine.sync_engine, "before_cursor_execute", count)
    try:
        await opened(owner_engine, JIEZILU)
    finally:
        event.remove(owner_engine.sync_engine, "before_cursor_execute", count)

    assert sum(sent) <= 25


async def test_lists_each_office_before_those_below_it(owner_engine: AsyncEngine) -> None:
    other = NewTenant("xiangcheng", "芗城区", "district")
    await opened(owner_engine, JIEZILU, other, GULOU, GUDONG, QINGCHENG)

    async with owner_engine.connect() as connection:
        listed = await list_tenants(connection)

    assert [(one.slug, one.parent_slug) for one in listed] == [
        ("jiezilu", None),
        ("xiangcheng", None),
        ("gulou", None),
        ("gudong", "gulou"),
        ("qingcheng", "gudong"),
    ]


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        *((replace(JIEZILU, slug=slug), SlugInvalid) for slug in ("", "a", "9a", "a-", "Ab", "a_b", "a" * 41, "街")),
        *((replace(JIEZILU, name=name), TenantNameInvalid) for name in ("", " ", "a\nb", "社" * 101)),
        (replace(JIEZILU, slug="gudong"), SlugTaken),
        (replace(JIEZILU, parent_slug="nowhere"), ParentNotFound),
        (replace(JIEZILU, parent_slug="gulou"), ParentOfWrongKind),
        (replace(JIEZILU, kind="street", parent_slug="gudong"), ParentOfWrongKind),
        (replace(JIEZILU, kind="district", parent_slug="gulou"), ParentOfWrongKind),
        (replace(JIEZILU, code="350102001002"), CodeSystemMissing),
        (replace(JIEZILU, time_zone="../Shanghai"), TimeZoneUnknown),
        (replace(JIEZILU, time_zone="Asia/Fuzhou"), TimeZoneUnknown),
    ],
)
async def test_refuses_what_makes_no_proper_tenant(
    owner_engine: AsyncEngine, new: NewTenant, refusal: type[Refused]
) -> None:
    await opened(owner_engine, GULOU, GUDONG)

    with pytest.raises(refusal):
        await opened(owner_engine, new)

    assert set(await versions(owner_engine)) == {"gulou", "gudong"}


async def test_refuses_a_code_that_another_tenant_has(owner_engine: AsyncEngine) -> None:
    await opened(owner_engine, GULOU)
    again = replace(GULOU, slug="gulou-2")

    with pytest.raises(CodeTaken):
        await opened(owner_engine, again)
    assert set(await versions(owner_engine)) == {"gulou"}

    # Another system numbers others so, and a closed tenant's code is free until it comes back.
    await opened(owner_engine, replace(again, slug="gulou-3", code_system="civil-affairs"))
    async with owner_engine.begin() as connection:
        await close_tenant(connection, slug="gulou")
    await opened(owner_engine, again)
    with pytest.raises(CodeTaken):
        async with owner_engine.begin() as connection:
            await resume_tenant(connection, slug="gulou")
    assert (await versions(owner_engine))["gulou"] == ("closed", 2)


async def test_nothing_is_hung_under_a_closed_office(owner_engine: AsyncEngine) -> None:
    await opened(owner_engine, GULOU)
    async with owner_engine.begin() as connection:
        await close_tenant(connection, slug="gulou")

    with pytest.raises(ParentNotFound):
        await opened(owner_engine, GUDONG)


async def test_each_change_of_status_raises_the_version_of_that_tenant_alone(
    owner_engine: AsyncEngine,
) -> None:
    await opened(owner_engine, QINGCHENG_ALONE, JIEZILU)

    told = []
    for change in (suspend_tenant, resume_tenant, close_tenant, resume_tenant, suspend_tenant, close_tenant):
        async with owner_engine.begin() as connection:
            await change(connection, slug="qingcheng")
        told.append((await versions(owner_engine))["qingcheng"])

    assert told == [
        ("suspended", 2),
        ("open", 3),
        ("closed", 4),
        ("open", 5),
        ("suspended", 6),
        ("closed", 7),
    ]
    assert (await versions(owner_engine))["jiezilu"] == ("open", 1)


async def test_the_tenants_own_log_tells_when_it_was_shut_and_opened_again(owner_engine: AsyncEngine) -> None:
    qingcheng, _ = await opened(owner_engine, QINGCHENG_ALONE, JIEZILU)

    for change in (suspend_tenant, resume_tenant):
        async with owner_engine.begin() as connection:
            await change(connection, slug="qingcheng")

    async with owner_engine.connect() as connection:
        told = (await connection.execute(select(AuditRecord).order_by(AuditRecord.at))).all()
        queued = (await connection.scalars(select(AuditQueued.id))).all()
    assert [(row.tenant_id, row.action, row.account_name) for row in told] == [
        (qingcheng.id, "tenant:suspend", "系统操作员"),
        (qingcheng.id, "tenant:resume", "系统操作员"),
    ]
    assert set(queued) == {row.id for row in told}


QINGCHENG_ALONE = replace(QINGCHENG, parent_slug=None)


async def test_refuses_changes_that_lead_nowhere(owner_engine: AsyncEngine) -> None:
    await opened(owner_engine, GULOU, GUDONG, QINGCHENG)

    for change, slug, refusal in (
        (resume_tenant, "gulou", TenantNotInStatus),
        (close_tenant, "gulou", TenantHasTenantsBelow),
        (suspend_tenant, "nowhere", TenantNotFound),
    ):
        with pytest.raises(refusal):
            async with owner_engine.begin() as connection:
                await change(connection, slug=slug)

    assert await versions(owner_engine) == dict.fromkeys(("gulou", "gudong", "qingcheng"), ("open", 1))


async def test_the_operator_works_within_one_tenant_through_the_gateway(
    owner_engine: AsyncEngine, gateway_engine: AsyncEngine
) -> None:
    qingcheng, jiezilu = await opened(owner_engine, QINGCHENG_ALONE, JIEZILU)

    async with gateway_engine.begin() as connection:
        grants = await operator_grants(connection, slug="qingcheng")

    assert grants.tenant is not None
    assert grants.tenant.id == qingcheng.id
    assert grants.may("roster:import")
    async with Workshop(gateway_engine).work(grants) as work:
        assert (await work.session.scalars(select(Place.tenant_id))).all() == [qingcheng.id]
        renamed = update(Place).where(Place.tenant_id == jiezilu.id).values(name="x").returning(Place.id)
        assert (await work.session.scalars(renamed)).all() == []


async def test_a_suspended_tenant_can_be_read_and_not_changed(
    owner_engine: AsyncEngine, gateway_engine: AsyncEngine
) -> None:
    await opened(owner_engine, QINGCHENG_ALONE, JIEZILU)
    async with gateway_engine.begin() as connection:
        before = await operator_grants(connection, slug="qingcheng")
    async with owner_engine.begin() as connection:
        await suspend_tenant(connection, slug="qingcheng")
    async with gateway_engine.begin() as connection:
        after = await operator_grants(connection, slug="qingcheng")

    with pytest.raises(StaleGrants):
        async with Workshop(gateway_engine).work(before):
            pass
    with pytest.raises(TenantSuspended):
        async with Workshop(gateway_engine).work(after):
            pass
    assert after.tenant is not None
    async with gateway_engine.connect() as connection:
        await connection.execute(
            text("select app.enter(:tenant, :account, :version)"),
            {"tenant": after.tenant.id, "account": uuid.uuid4(), "version": after.tenant.grants_version},
        )
        assert await connection.scalar(select(func.count()).select_from(Place)) == 1
        with pytest.raises(DBAPIError, match="read-only"):
            await connection.execute(update(Place).values(name="x"))


async def test_a_closed_tenant_is_unknown_to_the_operator_too(
    owner_engine: AsyncEngine, gateway_engine: AsyncEngine
) -> None:
    await opened(owner_engine, QINGCHENG_ALONE, JIEZILU)
    async with owner_engine.begin() as connection:
        await close_tenant(connection, slug="qingcheng")

    async with gateway_engine.connect() as connection:
        with pytest.raises(TenantNotFound):
            await operator_grants(connection, slug="qingcheng")
