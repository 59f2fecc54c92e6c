"""What is every test of posts over HTTP given?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from schema.compiler.values import encode_id
from services.positions.commands import AccountName
from tests.fixtures.database import Database
from tests.fixtures.gateway import ISSUER, GatewayClient, open_client
from tests.services.positions.town import Town, make_town

PREFIXES = {"community": "com", "grid": "grd", "building": "bld", "estate": "est", "dwelling": "dwl"}


@dataclass(frozen=True, slots=True)
class Hall:
    """A town with somebody at every desk, and the gateway in front of it."""

    town: Town
    client: GatewayClient

    def place_id(self, name: str) -> str:
        """Write the global id of a place, by `slug` or `slug/name`."""
        place = self.town.places[name]
        tenant = self.town.tenants[name.partition("/")[0]]
        return encode_id(PREFIXES[self.town.place_kinds[place]], tenant.id, place)


@pytest.fixture(scope="module")
async def hall(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Hall]:
    """Accounts named for their posts in both communities; `manager` holds posts in both."""
    database = await new_database()
    owner, gateway = (create_async_engine(sqlalchemy_url(url)) for url in (database.owner_url, database.gateway_url))
    town = await make_town(owner, gateway)
    for slug in ("qingcheng", "zhongshan"):
        for kind, at, body in (
            ("admin", slug, None),
            ("auditor", slug, None),
            ("worker", slug, "居委会"),
            ("committee-chair", slug, "居委会"),
            ("property-manager", f"{slug}/花园小区", "物业"),
        ):
            subject = "manager" if kind == "property-manager" else f"{kind}@{slug}"
            account = AccountName(ISSUER.name, subject)
            await town.appoint(await town.grants("admin", slug), kind, at, body=body, account=account)
    async with open_client(database) as client:
        yield Hall(town, client)
    await owner.dispose()
    await gateway.dispose()
