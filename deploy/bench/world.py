"""In which databases is it measured? Simulated ones on a server of their own, kept from one run to the next."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import jwt
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.bench.bare_cases import add_bare_cases
from deploy.demo.tokens import DemoIssuer, ensure_demo_issuer
from deploy.embedded.server import EmbeddedServer, running_server
from deploy.migrate import migrate, newest_revision
from deploy.roles import GATEWAY, OWNER, ensure_database, ensure_roles
from deploy.settings import sqlalchemy_url
from deploy.simulate.cases import let_cases_wait
from deploy.simulate.city.cases import load_city_cases
from deploy.simulate.city.making import make_city, settle_city
from deploy.simulate.city.plan import CityPlan, plan_city
from deploy.simulate.plan import SimulationPlan
from deploy.simulate.rows import bulk_transaction
from deploy.simulate.simulating import settle_statistics, simulate
from tenants.grants import Grants
from tenants.identify import Identifier
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import ensure_master_key_file, read_master_keys
from tenants.tokens import TokenVerifier

# The caller of every figure: on the committee of the first simulated community.
_SUBJECT = "worker@sim-c0001"
_WHOLE = "bench: whole"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a real account with a real token, and what it may do."""

    slug: str
    token: str
    grants: Grants

    @property
    def tenant_id(self) -> int:
        if self.grants.tenant is None:
            raise LookupError("the caller acts in no tenant")
        return self.grants.tenant.id

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [("Authorization", f"Bearer {self.token}"), ("X-Tenant", self.slug)]


@dataclass(frozen=True, slots=True)
class World:
    """A simulated database, and what a gateway needs to serve from it."""

    owner_url: str
    gateway_url: str
    caller: Caller
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class EmptyWorld:
    """A migrated database with nothing in it, and what a command needs to work on it."""

    name: str
    superuser_url: str
    owner_url: str
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """The server that all databases of the measurements are on."""

    server: EmbeddedServer
    home: Path
    issuer: DemoIssuer
    # How the names of its databases begin: who measures on the same server at the same time drops its own alone.
    prefix: str = "bench"

    async def world(self, *, tenants: int, dwellings: int, cases_per_year: int = 0, bare_cases: int = 0) -> World:
        """Find or make the database with so many tenants, dwellings and cases: a year in each community, or bare ones.

        Bare cases are an index and details without a history, made by the database.
        """
        name = f"{self.prefix}_{newest_revision()}_{tenants}_{dwellings}"
        name += f"_{cases_per_year}_{bare_cases}" if cases_per_year or bare_cases else ""
        owner_url = self.server.url(name, user=OWNER)
        if not await self._is_whole(name):
            await self._make_empty(name)
            issuer = self.issuer.trusted().issuer
            await self._simulate(
                owner_url, SimulationPlan(tenants, dwellings, issuer=issuer, cases_per_year=cases_per_year)
            )
            if bare_cases:
                await add_bare_cases(owner_url, count=bare_cases)
            await self._superuser(f"comment on database {name} is '{_WHOLE}'")
        return await self.look_at(name, account=_SUBJECT)

    async def city(self, plan: CityPlan) -> str:
        """Find or make the database with a city, whose tenants all cities of that size share; tell its name."""
        tenants = f"{self.prefix}_{newest_revision()}_city_{len(plan.divisions)}_{plan.dwelling_count}"
        name = f"{tenants}_{plan.case_count}"
        if not await self._is_whole(name):
            if not await self._is_whole(tenants):
                await self._make_empty(tenants)
                await self._make(self.server.url(tenants, user=OWNER), _open_city(plan, self._keyring()))
                await self._superuser(f"comment on database {tenants} is '{_WHOLE}'")
            await self.drop(name)
            await ensure_database(self.server.url("postgres"), name, template=tenants)
            await self._make(self.server.url(name, user=OWNER), _fill_city(plan))
            await self._superuser(f"comment on database {name} is '{_WHOLE}'")
        return name

    @asynccontextmanager
    async def copy_of(self, name: str, *, purpose: str) -> AsyncIterator[str]:
        """Copy a database, to be written to while the block runs, and drop the copy."""
        copied = f"{name}_{purpose}"
        await self.drop(copied)
        await ensure_database(self.server.url("postgres"), copied, template=name)
        try:
            yield copied
        finally:
            await self.drop(copied)

    async def look_at(self, name: str, *, account: str) -> World:
        """Look at a database as an account such as officer@sim-d0001."""
        gateway_url = self.server.url(name, user=GATEWAY)
        caller = await self.caller(gateway_url, account=account)
        return World(self.server.url(name, user=OWNER), gateway_url, caller, self._environment(gateway_url))

    async def empty_world(self, purpose: str) -> EmptyWorld:
        """Make a database with nothing in it, in place of the last one for that purpose."""
        name = f"{self.prefix}_{newest_revision()}_{purpose}"
        await self._make_empty(name)
        environment = self._environment(self.server.url(name, user=GATEWAY))
        return EmptyWorld(name, self.server.url(name), self.server.url(name, user=OWNER), environment)

    async def _make_empty(self, name: str) -> None:
        await self.drop(name)
        await ensure_database(self.server.url("postgres"), name)
        await migrate(self.server.url(name, user=OWNER))

    async def drop(self, name: str) -> None:
        """Drop a database."""
        await self._superuser(f"drop database if exists {name} with (force)")

    async def drop_outdated(self) -> None:
        """Drop what was made for other versions of the tables."""
        await self._drop_all_but(f"{self.prefix}_{newest_revision()}_")

    async def drop_all(self) -> None:
        """Drop all databases of the measurements."""
        await self._drop_all_but(f"{self.prefix}.")

    async def _drop_all_but(self, prefix: str) -> None:
        connection = await asyncpg.connect(self.server.url("postgres"))
        try:
            ours = "select datname from pg_database where starts_with(datname, $1)"
            names = await connection.fetch(ours, f"{self.prefix}_")
        finally:
            await connection.close()
        for row in names:
            if not row["datname"].startswith(prefix):
                await self.drop(row["datname"])

    async def _superuser(self, statement: str) -> None:
        connection = await asyncpg.connect(self.server.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _is_whole(self, name: str) -> bool:
        connection = await asyncpg.connect(self.server.url("postgres"))
        try:
            mark = await connection.fetchval(
                "select shobj_description(oid, 'pg_database') from pg_database where datname = $1", name
            )
        finally:
            await connection.close()
        return bool(mark == _WHOLE)

    async def _simulate(self, owner_url: str, plan: SimulationPlan) -> None:
        def tell(done: int, end: str = "\r") -> None:
            told = f"Simulated {plan.tenant_count} tenants: {done:,} of {plan.dwelling_count:,} dwellings"
            sys.stderr.write(told + end)
            sys.stderr.flush()

        progress = tell if sys.stderr.isatty() else _keep_still

        async def make(engine: AsyncEngine) -> None:
            async with bulk_transaction(engine) as bulk:
                made = await simulate(bulk, keyring=self._keyring(), plan=plan, progress=progress)
                tell(plan.dwelling_count, end="\n")
            await let_cases_wait(engine, made.caseloads)
            await settle_statistics(engine)

        await self._make(owner_url, make)

    async def _make(self, owner_url: str, make: Callable[[AsyncEngine], Awaitable[None]]) -> None:
        engine = create_async_engine(sqlalchemy_url(owner_url), poolclass=pool.NullPool)
        try:
            await make(engine)
        finally:
            await engine.dispose()

    def _keyring(self) -> Keyring:
        return Keyring(read_master_keys(self._master_key()))

    async def caller(self, gateway_url: str, *, account: str) -> Caller:
        """Let an account such as worker@sim-c0001 act in the tenant of its name."""
        token, slug = self.issuer.token(account), account.rpartition("@")[2]
        async with asyncpg.create_pool(gateway_url, min_size=1, max_size=1) as connections:
            identifier = Identifier(TokenVerifier([self.issuer.trusted()]), connections)
            grants = await identifier.identify(f"Bearer {token}".encode(), slug.encode())
        return Caller(slug, token, grants)

    def _master_key(self) -> str:
        path = self.home / "master.key"
        ensure_master_key_file(path)
        return path.read_text(encoding="ascii")

    def _environment(self, gateway_url: str) -> dict[str, str]:
        return {
            "JINLIN_DATABASE_URL": gateway_url,
            "JINLIN_MASTER_KEY": self._master_key().strip(),
            "JINLIN_ISSUERS": str(_write_issuers(self.home, self.issuer)),
        }


@asynccontextmanager
async def open_ground(home: Path) -> AsyncIterator[Ground]:
    """Run the server of the measurements while the block runs."""
    home.mkdir(parents=True, exist_ok=True)
    with running_server(home, dies_with_us=True) as server:
        await ensure_roles(server.url("postgres"))
        ground = Ground(server, home, ensure_demo_issuer(home))
        await ground.drop_outdated()
        yield ground


def _open_city(plan: CityPlan, keyring: Keyring) -> Callable[[AsyncEngine], Awaitable[None]]:
    async def make(engine: AsyncEngine) -> None:
        async with bulk_transaction(engine) as bulk:
            await make_city(bulk, keyring=keyring, plan=replace(plan, case_count=0), progress=_tell)
        sys.stderr.write("\n")

    return make


def _fill_city(plan: CityPlan) -> Callable[[AsyncEngine], Awaitable[None]]:
    async def make(engine: AsyncEngine) -> None:
        begin = time.monotonic()
        async with bulk_transaction(engine) as bulk:
            await load_city_cases(bulk, plan, cases=plan_city(plan).cases, progress=_tell)
        await settle_city(engine)
        sys.stderr.write(f"\nAdded {plan.case_count:,} cases in {time.monotonic() - begin:.0f} s\n")

    return make


def _tell(what: str, done: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} {what}    ")
        sys.stderr.flush()


def _keep_still(_: int) -> None:
    """Tell nothing: a file has no use for progress."""


def _write_issuers(home: Path, issuer: DemoIssuer) -> Path:
    trusted = issuer.trusted()
    public = jwt.algorithms.OKPAlgorithm.to_jwk(issuer.key.key.public_key(), as_dict=True)
    told = {
        "issuer": trusted.issuer,
        "audience": trusted.audience,
        "algorithms": sorted(trusted.algorithms),
        "tenants": ["*"],
        "position_kinds": ["*"],
        "keys": {"keys": [public]},
    }
    path = home / "issuers.json"
    path.write_text(json.dumps({"issuers": [told]}))
    return path
