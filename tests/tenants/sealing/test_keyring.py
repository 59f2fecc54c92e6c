"""Where do a tenant's keys come from, and do they stay its own?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.onboarding.commands import close_tenant, suspend_tenant
from tenants.entrance import entered
from tenants.errors import StaleGrants, TenantRequired, TenantSuspended
from tenants.sealing.algorithms import SealBroken
from tenants.sealing.keyring import Keyring, make_data_key, rewrap_data_keys, rotate_data_key
from tenants.sealing.master_key import LocalKeyService, MasterKeyUnknown
from tenants.sealing.tables import StoredDataKey
from tenants.sealing.values import Purpose
from tests.neighbours import MASTER_KEY, Neighbour, acting_in, make_keyring, make_neighbours

NEW_MASTER_KEY = bytes(range(32, 64))

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def neighbours(owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> tuple[Neighbour, Neighbour]:
    """Two tenants."""
    return await make_neighbours(owner_engine, gateway_engine)


async def count_keys(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return len((await connection.execute(select(StoredDataKey.id))).all())


async def test_makes_one_key_for_each_tenant_when_first_asked(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours

    first, again, other = await ours.sealer(), await ours.sealer(), await theirs.sealer()

    assert first is again
    assert first.current.id != other.current.id
    assert first.current.secret != other.current.secret
    assert await count_keys(owner_engine) == 2


async def test_another_process_opens_what_this_one_sealed(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours
    sealed = (await ours.sealer()).seal("张三", purpose=Purpose.NAME)

    elsewhere = await replace(ours, keyring=make_keyring()).sealer()

    assert elsewhere.open(sealed, purpose=Purpose.NAME) == "张三"


async def test_processes_that_come_at_once_go_on_with_one_key(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    processes = [replace(ours, keyring=make_keyring()) for _ in range(4)]

    sealers = await asyncio.gather(*(process.sealer() for process in processes))

    assert len({sealer.current.id for sealer in sealers}) == 1
    assert await count_keys(owner_engine) == 1


async def test_makes_no_key_with_master_keys_that_do_not_open_what_other_tenants_have(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    started_before = replace(theirs, keyring=Keyring(LocalKeyService([NEW_MASTER_KEY])))
    await started_before.keyring.check(theirs.workshop.engine)
    await ours.sealer()

    with pytest.raises(MasterKeyUnknown, match="tenant qingcheng"):
        await started_before.sealer()
    async with owner_engine.begin() as connection:
        with pytest.raises(MasterKeyUnknown, match=f"tenant number {ours.tenant_id}"):
            await make_data_key(connection, keyring=started_before.keyring, tenant_id=theirs.tenant_id)

    assert await count_keys(owner_engine) == 1
    # The newest wraps and the older opens, as when the master key is changed.
    both = replace(theirs, keyring=Keyring(LocalKeyService([NEW_MASTER_KEY, MASTER_KEY])))
    assert (await both.sealer()).current is not None


async def test_checks_every_tenant_that_is_not_closed(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    await theirs.sealer()
    other = Keyring(LocalKeyService([NEW_MASTER_KEY]))

    with pytest.raises(MasterKeyUnknown, match="tenant zhongshan"):
        await other.check(ours.workshop.engine)
    async with owner_engine.begin() as connection:
        await close_tenant(connection, slug="zhongshan")

    await other.check(ours.workshop.engine)
    await theirs.keyring.check(ours.workshop.engine)


async def test_what_one_tenant_sealed_does_not_open_in_another(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, theirs = neighbours
    sealed = (await ours.sealer()).seal("张三", purpose=Purpose.NAME)

    with pytest.raises(SealBroken):
        (await theirs.sealer()).open(sealed, purpose=Purpose.NAME)


async def test_the_database_holds_no_key_that_opens_anything(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    sealer = await ours.sealer()

    async with owner_engine.connect() as connection:
        row = (await connection.execute(select(StoredDataKey.__table__))).one()

    assert sealer.current.secret not in row.wrapped_key
    assert MASTER_KEY not in row.wrapped_key
    other = replace(ours, keyring=Keyring(LocalKeyService([NEW_MASTER_KEY])))
    with pytest.raises(MasterKeyUnknown):
        await other.sealer()


async def test_a_wrapped_key_put_into_another_tenant_does_not_unwrap(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    await ours.sealer()
    async with owner_engine.begin() as connection:
        await connection.execute(update(StoredDataKey).values(tenant_id=theirs.tenant_id))

    with pytest.raises(SealBroken):
        await theirs.sealer()


async def test_the_gateway_sees_the_acting_tenants_keys_alone_and_changes_none(
    neighbours: tuple[Neighbour, Neighbour], gateway_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    await ours.sealer()
    await theirs.sealer()

    async with entered(gateway_engine, grants=ours.grants) as connection:
        seen = (await connection.scalars(select(StoredDataKey.tenant_id))).all()
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(update(StoredDataKey).values(algorithm="SM4-GCM"))

    assert seen == [ours.tenant_id]


async def test_a_new_key_seals_and_the_old_one_goes_on_to_open(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    before, undisturbed = await ours.sealer(), await theirs.sealer()
    old = before.seal_text("13800000000", purpose=Purpose.PHONE)

    async with owner_engine.begin() as connection:
        key_id = await rotate_data_key(connection, keyring=ours.keyring, tenant_id=ours.tenant_id)
        tenant = await acting_in(connection, "qingcheng")

    # The version is raised, so a request with the old one is sent to load its grants, and keys, anew.
    with pytest.raises(StaleGrants):
        async with ours.workshop.work(ours.grants):
            raise AssertionError
    after = await replace(ours, grants=replace(ours.grants, tenant=tenant)).sealer()
    new = after.seal_text("13800000000", purpose=Purpose.PHONE)
    assert after.current.id == key_id
    assert [after.open(one.sealed, purpose=Purpose.PHONE) for one in (old, new)] == ["13800000000"] * 2
    assert old.blind_index == new.blind_index
    assert await theirs.sealer() is undisturbed


async def test_changes_the_master_key_and_nothing_else(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    sealed = (await ours.sealer()).seal("张三", purpose=Purpose.NAME)
    both = Keyring(LocalKeyService([NEW_MASTER_KEY, MASTER_KEY]))

    async with owner_engine.begin() as connection:
        assert await rewrap_data_keys(connection, keyring=both, tenant_id=ours.tenant_id) == 1

    new = replace(ours, keyring=Keyring(LocalKeyService([NEW_MASTER_KEY])))
    assert (await new.sealer()).open(sealed, purpose=Purpose.NAME) == "张三"
    with pytest.raises(MasterKeyUnknown):
        await replace(ours, keyring=make_keyring()).sealer()


async def test_a_suspended_tenant_goes_on_to_open_and_gets_no_first_key(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    sealed = (await ours.sealer()).seal("张三", purpose=Purpose.NAME)
    async with owner_engine.begin() as connection:
        for slug in ("qingcheng", "zhongshan"):
            await suspend_tenant(connection, slug=slug)
        suspended = {slug: await acting_in(connection, slug) for slug in ("qingcheng", "zhongshan")}

    ours = replace(ours, grants=replace(ours.grants, tenant=suspended["qingcheng"]))
    theirs = replace(theirs, grants=replace(theirs.grants, tenant=suspended["zhongshan"]))

    assert (await ours.sealer()).open(sealed, purpose=Purpose.NAME) == "张三"
    with pytest.raises(TenantSuspended):
        await theirs.sealer()


async def test_there_is_no_key_outside_a_tenant(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours

    with pytest.raises(TenantRequired):
        await replace(ours, grants=replace(ours.grants, tenant=None)).sealer()


async def test_seals_with_sm4_where_the_deployment_says_so(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours
    ours = replace(ours, keyring=make_keyring("SM4-GCM"))

    sealed = (await ours.sealer()).seal("张三", purpose=Purpose.NAME)

    assert sealed[1] == 2
    assert (await replace(ours, keyring=make_keyring()).sealer()).open(sealed, purpose=Purpose.NAME) == "张三"
