"""How does a test come by people who are really sealed, with the keys of the gateway in front of them?"""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from services.people.tables import Person
from tenants.sealing.keyring import Keyring, make_data_key
from tenants.sealing.master_key import read_master_keys
from tenants.sealing.values import Purpose
from tests.fixtures.database import Database
from tests.fixtures.gateway import MASTER_KEY
from tests.make import COMMUNITIES, World

PHONES = {name: f"1380000{number:04}" for number, name in enumerate("赵钱孙李周吴郑")}


async def seal_people(database: Database, world: World) -> None:
    """Seal the people of the world, who are called 赵小树, 钱小树 …, and have the phone numbers that they had."""
    keyring = Keyring(read_master_keys(MASTER_KEY))
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.begin() as connection:
        for slug in COMMUNITIES:
            tenant_id = world.tenants[slug].id
            await make_data_key(connection, keyring=keyring, tenant_id=tenant_id)
            sealer = await keyring.sealer_of(connection, tenant_id=tenant_id)
            assert sealer is not None
            for name in "赵钱孙李周吴郑王":
                phone = PHONES.get(name)
                sealed = sealer.seal(phone, purpose=Purpose.PHONE) if phone else None
                await connection.execute(
                    update(Person)
                    .where(Person.tenant_id == tenant_id, Person.id == world.people[f"{slug}/{name}"])
                    .values(name_sealed=sealer.seal(f"{name}小树", purpose=Purpose.NAME), phone_sealed=sealed)
                )
    await engine.dispose()
