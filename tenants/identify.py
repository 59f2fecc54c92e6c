"""Who is asking, in which tenant, with which grants? Two headers become a frozen `Grants`."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from tenants.access import AccessNote
from tenants.database import new_id
from tenants.errors import StaleGrants, TenantGone, TenantUnknown, TryAgain, Unauthenticated
from tenants.grants import ActingTenant, Grants
from tenants.issuers import Vouching
from tenants.lending import LONGEST_WAIT
from tenants.permissions import Connection, enter, load_grants
from tenants.tokens import TokenVerifier, VerifiedToken

_BEARER = b"bearer "
_SLUG = re.compile(rb"[a-z0-9-]{1,63}")
_SECONDS_BETWEEN_KEY_CHECKS = 10
# Grants that change between reading the tenant and entering it are read again; that happens by the millisecond.
_ATTEMPTS = 10

_FIND_ACCOUNT = "select app.find_account($1, $2, $3, $4)"
_ISSUER = "select issuer from accounts where id = $1"
_VERSION = "select grants_version from tenants where id = $1"
_ROWS = """
    select t.id, t.uid, t.slug, t.kind, t.name, t.street_id, t.district_id, t.status, t.time_zone,
        t.grants_version, own.id as body_id, street.slug as street_slug, district.slug as district_slug
    from tenants t
    left join bodies own on own.represents_tenant_id = t.id
    left join tenants street on street.id = t.street_id
    left join tenants district on district.id = t.district_id
    where t.status <> 'closed'
"""
_TENANT = f"{_ROWS} and t.id = $1"
_NAMED = f"{_ROWS} and t.slug = $1"
_TENANTS = f"""{_ROWS} and ($1::text is null or t.slug = $1) and exists (
        select from memberships m
        where m.tenant_id = t.id and m.account_id = app.account()
            and m.since <= ($2 at time zone t.time_zone)::date
            and (m.until is null or m.until >= ($2 at time zone t.time_zone)::date)
    )
    order by t.id
"""


@dataclass(frozen=True, slots=True)
class _Known:
    grants: Grants
    # Seconds since 1970.
    expires_at: float


class Identifier:
    """Turns the two headers of a request into grants, and remembers them until they may have changed.

    Of those who name no tenant nothing is remembered.

    Whoever is told StaleGrants or TenantGone by a transaction asks once more, with `anew` (tenants/renewing.py).
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        pool: asyncpg.Pool[asyncpg.Record],
        *,
        clock: Callable[[], float] = time.time,
        capacity: int = 20_000,
    ) -> None:
        """Check tokens with the verifier, read grants by the pool's connections, remember so many callers."""
        self._verifier = verifier
        self._pool = pool
        self._clock = clock
        self._capacity = capacity
        # By the digest of the token with its scheme, and the slug as it came.
        self._known: OrderedDict[tuple[bytes, bytes | None], _Known] = OrderedDict()
        self._next_key_check = 0.0

    def recall(self, authorization: bytes | None, slug: bytes | None) -> Grants | None:
        """Tell the grants of a caller identified before, while they hold as far as this process knows.

        Takes the headers Authorization and X-Tenant as they came.
        """
        now = self._clock()
        if now >= self._next_key_check:
            self._check_keys(now)
        if authorization is None:
            return None
        key = (hashlib.sha256(authorization).digest(), slug)
        known = self._known.get(key)
        if known is None or now >= known.expires_at:
            return None
        self._known.move_to_end(key)
        return known.grants

    async def identify(self, authorization: bytes | None, slug: bytes | None, *, anew: bool = False) -> Grants:
        """Tell who is asking, in which tenant and with which grants.

        Without a slug it is the account's only tenant, or none. Raises Unauthenticated, TenantUnknown, TryAgain.
        """
        recalled = None if anew else self.recall(authorization, slug)
        if recalled is not None:
            return recalled
        token = self._verifier.verify(_bearer(authorization))
        grants = await self._load(token, None if slug is None else _slug_text(slug))
        key = (hashlib.sha256(authorization or b"").digest(), slug)
        # Nobody is told when an account that named no tenant holds posts in more of them, or in none: no tenant
        # raises another's version. So it is asked at each request.
        if slug is not None and grants.tenant is not None:
            self._remember(key, _Known(grants, min(token.expires_at, grants.valid_until.timestamp())))
        return grants

    async def of_account(self, note: AccessNote, *, anew: bool = False) -> Grants:
        """Tell the grants of an account in a tenant, as a signed note names them, within its issuer's present bounds.

        An account is a subject of one issuer, so nothing of a token is needed to know them.
        Raises Unauthenticated, TenantUnknown, TryAgain.
        """
        key = (b"access %b %d" % (note.account_id.bytes, note.tenant_id), None)
        now = self._clock()
        known = None if anew else self._known.get(key)
        if known is not None and now < known.expires_at:
            self._known.move_to_end(key)
            return known.grants
        try:
            grants = await self._load_named(note)
        except (TimeoutError, asyncpg.QueryCanceledError) as error:
            raise TryAgain from error
        self._remember(key, _Known(grants, grants.valid_until.timestamp()))
        return grants

    async def without_grants(self, note: AccessNote) -> Grants:
        """Go into a tenant in an account's name with no grant at all, to put an end to what it can do no longer.

        Raises TenantGone, TryAgain.
        """
        async with self._outside(note.account_id) as connection:
            row = await connection.fetchrow(_TENANT, note.tenant_id)
        if row is None:
            raise TenantGone
        return Grants(_tenant(row), note.account_id)

    async def _load_named(self, note: AccessNote) -> Grants:
        async with self._pool.acquire(timeout=LONGEST_WAIT) as connection:
            async with connection.transaction(readonly=True):
                await enter(connection, account_id=note.account_id, tenant=None)
                issuer = await connection.fetchval(_ISSUER, note.account_id)
                row = await connection.fetchrow(_TENANT, note.tenant_id)
            vouching = self._verifier.vouching_of(issuer or "")
            if vouching is None:
                raise Unauthenticated
            if row is None:
                raise TenantUnknown
            return await self._load_again(connection, note.account_id, slug=row["slug"], vouching=vouching)

    def vouched_phone(self, authorization: bytes | None) -> str | None:
        """Tell the caller's phone number, if whoever vouches for him vouches for that, too. Raises Unauthenticated."""
        return self._verifier.phone_in(_bearer(authorization))

    async def at_the_door(self, grants: Grants, authorization: bytes | None, slug: str, *, kind: str) -> Grants:
        """Go to a community in which the caller holds no post yet, with no grant there, to ask to be let in.

        It is open, and the caller's issuer may vouch for posts of the starting kind in it. Raises Unauthenticated,
        TenantUnknown for whatever else there is or is not, TryAgain.
        """
        vouching = self._verifier.verify(_bearer(authorization)).issuer.vouching
        async with self._outside(grants.account_id) as connection:
            row = await connection.fetchrow(_NAMED, _slug_text(slug.encode("utf-8", "replace")))
        if row is None or (row["kind"], row["status"]) != ("community", "open"):
            raise TenantUnknown
        offices = (row["street_slug"], row["district_slug"])
        if not (vouching.covers_kind(kind) and vouching.covers_tenant(row["slug"], offices=offices)):
            raise TenantUnknown
        return Grants(_tenant(row), grants.account_id)

    async def inside(self, grants: Grants, tenant_id: int) -> Grants:
        """Go into another tenant, of which something is shared with the caller, with no grant of its own there.

        Raises TenantGone, TryAgain.
        """
        async with self._outside(grants.account_id) as connection:
            row = await connection.fetchrow(_TENANT, tenant_id)
        if row is None:
            raise TenantGone
        return grants.inside(_tenant(row))

    async def under_newest_version(self, grants: Grants) -> Grants:
        """Give the same grants under the tenant's newest version, to read what the caller has just changed by them.

        Raises TryAgain.
        """
        if grants.tenant is None:
            return grants
        async with self._outside(grants.account_id) as connection:
            version: int = await connection.fetchval(_VERSION, grants.tenant.id)
        return replace(grants, tenant=replace(grants.tenant, grants_version=version))

    @asynccontextmanager
    async def _outside(self, account_id: UUID) -> AsyncIterator[Connection]:
        try:
            connection = await self._pool.acquire(timeout=LONGEST_WAIT)
        except TimeoutError as error:
            raise TryAgain from error
        try:
            async with connection.transaction(readonly=True):
                await enter(connection, account_id=account_id, tenant=None)
                yield connection
        finally:
            await self._pool.release(connection)

    def _remember(self, key: tuple[bytes, bytes | None], known: _Known) -> None:
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def _check_keys(self, now: float) -> None:
        self._next_key_check = now + _SECONDS_BETWEEN_KEY_CHECKS
        if self._verifier.reload_keys():
            self._known.clear()

    async def _load(self, token: VerifiedToken, slug: str | None) -> Grants:
        try:
            return await self._load_from_database(token, slug)
        except (TimeoutError, asyncpg.QueryCanceledError) as error:
            raise TryAgain from error

    async def _load_from_database(self, token: VerifiedToken, slug: str | None) -> Grants:
        async with self._pool.acquire(timeout=LONGEST_WAIT) as connection:
            account_id: UUID = await connection.fetchval(
                _FIND_ACCOUNT, new_id(), token.issuer.issuer, token.subject, token.display_name
            )
            return await self._load_again(connection, account_id, slug=slug, vouching=token.issuer.vouching)

    async def _load_again(
        self, connection: Connection, account_id: UUID, *, slug: str | None, vouching: Vouching
    ) -> Grants:
        now = datetime.fromtimestamp(self._clock(), UTC)
        for _ in range(_ATTEMPTS):
            try:
                return await _grants(connection, account_id=account_id, slug=slug, vouching=vouching, now=now)
            except (StaleGrants, TenantGone):
                continue
        raise TryAgain


async def _grants(
    connection: Connection, *, account_id: UUID, slug: str | None, vouching: Vouching, now: datetime
) -> Grants:
    async with connection.transaction(readonly=True):
        await enter(connection, account_id=account_id, tenant=None)
        rows = await connection.fetch(_TENANTS, slug, now)
    loaded = [
        await load_grants(connection, account_id=account_id, tenant=_tenant(row), vouching=vouching, now=now)
        for row in rows
        if vouching.covers_tenant(row["slug"], offices=(row["street_slug"], row["district_slug"]))
    ]
    held = [grants for grants in loaded if grants.positions]
    if len(held) == 1:
        return held[0]
    if slug is not None:
        raise TenantUnknown
    return Grants(None, account_id)


def _tenant(row: asyncpg.Record) -> ActingTenant:
    offices = {"street_slug", "district_slug"}
    return ActingTenant(**{name: value for name, value in row.items() if name not in offices})


def _bearer(authorization: bytes | None) -> bytes:
    if authorization is None or authorization[: len(_BEARER)].lower() != _BEARER:
        raise Unauthenticated
    return authorization[len(_BEARER) :]


def _slug_text(slug: bytes) -> str:
    # In one way alone, so that nobody is remembered in a thousand.
    if _SLUG.fullmatch(slug) is None:
        raise TenantUnknown
    return slug.decode("ascii")
