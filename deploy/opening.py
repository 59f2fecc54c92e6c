"""How does a gateway get its connections, its keys and its callers, and lose them again in the right order?"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import create_async_engine

from deploy.app import Surface
from deploy.health import check_fit_to_serve
from deploy.settings import Settings, SettingsError, sqlalchemy_url
from schema.compiler.reading import Reader, open_read_pool
from schema.context import Gateway
from schema.endpoint import GraphQLEndpoint
from schema.files.endpoint import FilesEndpoint
from schema.people.searching import PeopleSearches
from schema.root import read_model
from schema.subscribing.endpoint import SubscriptionsEndpoint
from schema.subscribing.waking import listening
from services.files.store import PostgresFileStore
from tenants.access import AccessKey
from tenants.identify import Identifier
from tenants.issuers import TrustedIssuer, read_issuers
from tenants.lending import LONGEST_WAIT
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import KeyService, read_master_keys
from tenants.tokens import TokenVerifier
from tenants.work import Workshop


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the gateway believes, and what it seals with."""

    issuers: Sequence[TrustedIssuer]
    keys: KeyService
    # The same on every process, so that a cursor from one is good on another.
    cursor_secret: str
    # The same on every process, so that a file's address from one is good on another.
    access: AccessKey
    # Whether tenants' webhooks may lead to private addresses, and by plain http.
    may_call_inside: bool = False


def read_trust(settings: Settings) -> Trust:
    """Read the production's issuers and master key. Raises SettingsError."""
    if settings.issuers_file is None:
        raise SettingsError("JINLIN_ISSUERS is not set: name the file of trusted issuers (tenants/README.md).")
    if settings.master_key is None:
        raise SettingsError("JINLIN_MASTER_KEY is not set. Make a key with: openssl rand -base64 32")
    trust = make_trust(read_issuers(settings.issuers_file), settings.master_key)
    return replace(trust, may_call_inside=settings.may_call_inside)


def make_trust(issuers: Sequence[TrustedIssuer], master_keys: str) -> Trust:
    """Trust these issuers, and seal with these master keys, the newest first."""
    newest = master_keys.partition(",")[0].strip()
    cursors = hmac.new(newest.encode(), b"jinlin cursors", hashlib.sha256).hexdigest()
    access = AccessKey(hmac.digest(newest.encode(), b"jinlin addresses of files", hashlib.sha256))
    return Trust(issuers, read_master_keys(master_keys), cursors, access)


@asynccontextmanager
async def open_surface(database_url: str, trust: Trust) -> AsyncIterator[Surface]:
    """Open what answers requests. Raises NotFitToServeError for a role or a database that must not be used.

    Raises MasterKeyUnknown for keys that are not the database's.
    """
    pool = await open_read_pool(database_url)
    try:
        async with pool.acquire() as connection:
            await check_fit_to_serve(connection)
        # Names and phone numbers are parameters of statements: they stay out of the texts of errors.
        engine = create_async_engine(sqlalchemy_url(database_url), hide_parameters=True, pool_timeout=LONGEST_WAIT)
        try:
            workshop = Workshop(engine)
            keyring = Keyring(trust.keys)
            await keyring.check(engine)
            gateway = Gateway(
                reader=Reader(read_model(), pool),
                workshop=workshop,
                identifier=Identifier(TokenVerifier(trust.issuers), pool),
                searches=PeopleSearches(keyring, workshop),
                keyring=keyring,
                cursor_secret=trust.cursor_secret,
                access=trust.access,
                may_call_inside=trust.may_call_inside,
            )
            graphql = GraphQLEndpoint(gateway)
            async with listening(database_url) as bell, gateway.exports.working():
                yield Surface(
                    graphql=graphql,
                    files=FilesEndpoint(gateway, PostgresFileStore()),
                    ask_database=lambda: pool.fetchval("select 1"),
                    subscriptions=SubscriptionsEndpoint(gateway, bell, graphql.execute),
                    end_subscriptions=bell.stop,
                )
        finally:
            await engine.dispose()
    finally:
        await pool.close()
