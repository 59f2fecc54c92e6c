"""How does an office get one more post with an account? By a list of one, as the operator's command takes it in."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import create_async_engine

from deploy.demo.tokens import ISSUER
from deploy.settings import sqlalchemy_url
from services.onboarding.operator import operator_grants
from services.position_lists.commands import ListOptions, import_positions
from services.position_lists.reading import ListedPost
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import read_master_keys
from tenants.work import Workshop
from tests.fixtures.demo import Demo
from tests.fixtures.gateway import MASTER_KEY


async def list_post(demo: Demo, slug: str, *, post: str, account: str, body: str = "", name: str = "新来的") -> None:
    """Give an account a post in a tenant."""
    listed = ListedPost("1", 2, name, "", "", post, "", body, account)
    engine = create_async_engine(sqlalchemy_url(demo.database.gateway_url))
    async with engine.connect() as connection:
        grants = await operator_grants(connection, slug=slug)
    async with Workshop(engine).work(grants) as work:
        sealer = await Keyring(read_master_keys(MASTER_KEY)).sealer_within(work)
        report = await import_positions(work, posts=(listed,), sealer=sealer, options=ListOptions(ISSUER))
    await engine.dispose()
    assert report.appointed == 1
