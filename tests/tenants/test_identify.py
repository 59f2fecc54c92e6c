"""Two headers come in: who is asking, in which tenant, with which grants?"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
from sqlalchemy import select, text, update

from services.bodies.tables import PropertyContract
from services.positions.commands import AccountName, end_position
from services.positions.policies import override_grant
from tenants.access import AccessNote
from tenants.errors import StaleGrants, TenantGone, TenantUnknown, Unauthenticated
from tenants.grants import Grant, Grants
from tenants.identify import Identifier
from tenants.issuers import KeySet, TrustedIssuer
from tenants.permissions import enter
from tenants.policies.roles import ANY, DENY, Override
from tenants.tables import Account, Tenant
from tenants.tokens import TokenVerifier
from tests.fixtures.database import Database
from tests.services.positions.town import Town
from tests.tokens import AUDIENCE, TestIssuer

SIGN_ON = TestIssuer(name="https://sign-on.test")
LONG_AGO = date(2020, 1, 1)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """The unprivileged role's connections."""
    async with asyncpg.create_pool(database.gateway_url, min_size=1, max_size=2) as pool:
        yield pool


@pytest.fixture
def identifier(pool: Pool) -> Identifier:
    return identifier_of(pool, SIGN_ON.trusted())


def identifier_of(pool: Pool, *issuers: TrustedIssuer) -> Identifier:
    return Identifier(TokenVerifier(issuers), pool)


def bearer(subject: str, *, issuer: TestIssuer = SIGN_ON, lifetime: float = 600, shown: str | None = None) -> bytes:
    return b"Bearer " + issuer.token(subject, lifetime=lifetime, preferred_username=shown)


async def hold(town: Town, subject: str, kind: str, place: str, **given: object) -> uuid.UUID:
    """Have an account hold a post since long ago."""
    admin = await town.grants("admin", place.partition("/")[0])
    account = AccountName(SIGN_ON.name, subject)
    return await town.appoint(admin, kind, place, **{"since": LONG_AGO, "account": account, **given})


async def test_finds_the_grants_in_the_tenant_named(town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "grid-worker", "qingcheng/第一网格")

    grants = await identifier.identify(bearer("li"), b"qingcheng")

    assert grants.tenant is not None
    assert (grants.tenant.id, grants.tenant.slug, grants.tenant.kind) == (3, "qingcheng", "community")
    assert (grants.tenant.street_id, grants.tenant.district_id, grants.tenant.status) == (2, 1, "open")
    assert [(held.kind_code, held.place_id) for held in grants.positions] == [
        ("grid-worker", town.places["qingcheng/第一网格"])
    ]
    assert grants.of("resident:read") == (Grant("resident:read", "acting", "place"),)
    assert grants.scopes["resident:read"].grid_ids == (town.places["qingcheng/第一网格"],)
    assert datetime.now(UTC) < grants.valid_until <= datetime.now(UTC) + timedelta(days=1)


async def test_takes_the_only_tenant_where_none_is_named(town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "worker", "qingcheng")
    one = await identifier.identify(bearer("li"), None)
    await hold(town, "li", "worker", "zhongshan")

    assert one.tenant is not None
    assert one.tenant.slug == "qingcheng"
    several = await identifier.identify(bearer("li"), None)
    assert several.tenant is None
    assert (several.grants, several.positions) == (frozenset(), ())
    named = await identifier.identify(bearer("li"), b"zhongshan")
    assert named.tenant is not None
    assert named.tenant.slug == "zhongshan"


async def assert_is_stale(identifier: Identifier, grants: Grants) -> None:
    async with identifier._pool.acquire() as connection:  # noqa: SLF001 - what a request's transaction does.
        with pytest.raises((StaleGrants, TenantGone)):
            async with connection.transaction():
                await enter(connection, account_id=grants.account_id, tenant=grants.tenant)


async def test_who_holds_no_post_is_known_and_has_nothing(town: Town, identifier: Identifier) -> None:
    nobody = await identifier.identify(bearer("nobody"), None)
    again = await identifier.identify(bearer("nobody", shown="新名字"), None)

    assert (nobody.tenant, nobody.grants) == (None, frozenset())
    assert again.account_id == nobody.account_id
    async with town.owner.connect() as connection:
        account = (await connection.execute(select(Account).where(Account.subject == "nobody"))).one()
    assert (account.id, account.issuer, account.display_name) == (nobody.account_id, SIGN_ON.name, "新名字")


async def test_a_post_given_holds_at_the_next_request(town: Town, identifier: Identifier) -> None:
    before = await identifier.identify(bearer("li"), None)
    await hold(town, "li", "worker", "qingcheng")

    after = await identifier.identify(bearer("li"), None)

    assert before.tenant is None
    assert after.tenant is not None
    assert after.may("resident:read")


@pytest.mark.parametrize(
    "slug", [b"nowhere", b"zhongshan", b"gudong", b"gulou", b"", b"QINGCHENG", b"a\0b", "庆城".encode(), b"a" * 5000]
)
async def test_refuses_every_other_tenant_alike(slug: bytes, town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "worker", "qingcheng")
    await hold(town, "wang", "worker", "zhongshan")

    with pytest.raises(TenantUnknown) as refusal:
        await identifier.identify(bearer("li"), slug)

    assert (refusal.value.code, refusal.value.values, refusal.value.field) == ("TENANT_UNKNOWN", {}, None)


async def test_a_closed_tenant_is_unknown_and_a_suspended_one_is_read(town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "worker", "qingcheng")
    before = await identifier.identify(bearer("li"), b"qingcheng")

    await change_tenant(town, "suspended")
    await assert_is_stale(identifier, before)
    suspended = await identifier.identify(bearer("li"), b"qingcheng", anew=True)
    await change_tenant(town, "closed")
    await assert_is_stale(identifier, suspended)

    assert suspended.tenant is not None
    assert suspended.tenant.status == "suspended"
    with pytest.raises(TenantUnknown):
        await identifier.identify(bearer("li"), b"qingcheng", anew=True)
    assert (await identifier.identify(bearer("li"), None, anew=True)).tenant is None


async def change_tenant(town: Town, status: str) -> None:
    async with town.owner.begin() as connection:
        await connection.execute(
            update(Tenant)
            .where(Tenant.slug == "qingcheng")
            .values(status=status, grants_version=Tenant.grants_version + 1)
        )


@pytest.mark.parametrize("authorization", [None, b"", b"Basic bGk6", b"Bearer", b"Bearer ", b"bearer x.y.z", b"\xff"])
async def test_refuses_whoever_brings_no_good_token(
    authorization: bytes | None, town: Town, identifier: Identifier
) -> None:
    assert town.tenants
    for slug in (None, b"qingcheng", b"nowhere"):
        with pytest.raises(Unauthenticated):
            await identifier.identify(authorization, slug)
        assert identifier.recall(authorization, slug) is None


async def test_an_ended_post_grants_nothing_from_the_day_after(town: Town, identifier: Identifier) -> None:
    position_id = await hold(town, "li", "worker", "qingcheng")
    await hold(town, "li", "grid-worker", "qingcheng/第一网格")
    before = await identifier.identify(bearer("li"), b"qingcheng")

    async with town.workshop.work(await town.grants("admin", "qingcheng")) as work:
        await end_position(work, position_id=position_id, last_day=LONG_AGO)
    await assert_is_stale(identifier, before)
    after = await identifier.identify(bearer("li"), b"qingcheng", anew=True)

    assert before.may("roster:import")
    assert not after.may("roster:import")
    assert [held.kind_code for held in after.positions] == ["grid-worker"]


async def test_posts_to_come_and_posts_that_ended_do_not_count(town: Town, identifier: Identifier) -> None:
    today = datetime.now(UTC).date()
    await hold(town, "li", "worker", "qingcheng", until=today - timedelta(days=2))
    await hold(town, "li", "grid-worker", "qingcheng/第一网格", since=today + timedelta(days=2))

    with pytest.raises(TenantUnknown):
        await identifier.identify(bearer("li"), b"qingcheng")


async def test_an_override_holds_from_the_next_request(town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "worker", "qingcheng")
    await hold(town, "li", "worker", "zhongshan")
    before = await identifier.identify(bearer("li"), b"qingcheng")

    async with town.workshop.work(await town.grants("admin", "qingcheng")) as work:
        await override_grant(work, override=Override("worker", "contact:reveal", ANY, ANY, DENY))
    await assert_is_stale(identifier, before)
    after = await identifier.identify(bearer("li"), b"qingcheng", anew=True)
    elsewhere = await identifier.identify(bearer("li"), b"zhongshan")

    assert [grants.may("contact:reveal") for grants in (before, after, elsewhere)] == [True, False, True]


async def test_a_company_needs_a_contract_for_the_very_estate(town: Town, identifier: Identifier) -> None:
    await hold(town, "wu", "property-manager", "qingcheng/新村小区", body="物业")
    without = await identifier.identify(bearer("wu"), b"qingcheng")
    await hold(town, "wu", "property-manager", "qingcheng/花园小区", body="物业")
    in_force = await identifier.identify(bearer("wu"), b"qingcheng", anew=True)
    async with town.owner.begin() as connection:
        await connection.execute(update(PropertyContract).values(until=PropertyContract.since))

    ended = await identifier.identify(bearer("wu"), b"qingcheng", anew=True)

    assert without.grants == ended.grants == frozenset()
    assert in_force.scopes["place:read"].estate_ids == (town.places["qingcheng/花园小区"],)


@pytest.mark.parametrize(
    ("vouching", "tenants"),
    [
        ({}, {"qingcheng", "gudong"}),
        ({"tenants": ["qingcheng"]}, {"qingcheng"}),
        ({"tenants": [], "subtrees": ["gudong"]}, {"qingcheng", "gudong"}),
        ({"tenants": [], "subtrees": ["zhongshan"]}, set()),
        ({"position_kinds": ["worker"]}, {"qingcheng"}),
        ({"position_kinds": ["resident"]}, set()),
    ],
)
async def test_an_issuer_vouches_for_its_tenants_and_kinds_of_post_alone(
    vouching: dict[str, list[str]], tenants: set[str], town: Town, pool: Pool
) -> None:
    await hold(town, "li", "worker", "qingcheng")
    await hold(town, "li", "dispatcher", "gudong")
    identifier = identifier_of(pool, SIGN_ON.trusted(**vouching))
    found = set()

    for slug in town.tenants:
        try:
            found.add((await identifier.identify(bearer("li"), slug.encode())).tenant)
        except TenantUnknown:
            continue

    assert {tenant.slug for tenant in found if tenant} == tenants


async def test_the_same_subject_of_another_issuer_is_somebody_else(town: Town, pool: Pool) -> None:
    other = TestIssuer(name="https://mini-program.test")
    await hold(town, "li", "worker", "qingcheng")
    identifier = identifier_of(pool, SIGN_ON.trusted(), other.trusted())

    mine = await identifier.identify(bearer("li"), None)
    others = await identifier.identify(bearer("li", issuer=other), None)

    assert mine.tenant is not None
    assert others.tenant is None
    assert others.account_id != mine.account_id


async def test_an_account_named_by_a_note_is_bound_as_its_issuer_is(town: Town, pool: Pool) -> None:
    await hold(town, "li", "worker", "qingcheng")
    await hold(town, "li", "grid-worker", "qingcheng/第一网格")
    free = identifier_of(pool, SIGN_ON.trusted())
    whole = await free.identify(bearer("li"), b"qingcheng")
    assert whole.tenant is not None
    note = AccessNote(whole.account_id, whole.tenant.id)
    bound = identifier_of(pool, SIGN_ON.trusted(position_kinds=["grid-worker"]))
    elsewhere = identifier_of(pool, SIGN_ON.trusted(tenants=["zhongshan"]))
    gone = identifier_of(pool, TestIssuer(name="https://another.test").trusted())

    assert await free.of_account(note) == whole
    assert [held.kind_code for held in (await bound.of_account(note)).positions] == ["grid-worker"]
    with pytest.raises(TenantUnknown):
        await elsewhere.of_account(note)
    with pytest.raises(Unauthenticated):
        await gone.of_account(note)
    for strange in (AccessNote(uuid.uuid4(), whole.tenant.id), AccessNote(whole.account_id, 999)):
        with pytest.raises((TenantUnknown, Unauthenticated)):
            await free.of_account(strange)


async def test_an_account_named_by_a_note_is_loaded_anew_when_told(town: Town, identifier: Identifier) -> None:
    position_id = await hold(town, "li", "worker", "qingcheng")
    grants = await identifier.identify(bearer("li"), b"qingcheng")
    assert grants.tenant is not None
    note = AccessNote(grants.account_id, grants.tenant.id)
    remembered = await identifier.of_account(note)

    async with town.workshop.work(await town.grants("admin", "qingcheng")) as work:
        await end_position(work, position_id=position_id, last_day=LONG_AGO)

    assert await identifier.of_account(note) is remembered
    await assert_is_stale(identifier, remembered)
    with pytest.raises(TenantUnknown):
        await identifier.of_account(note, anew=True)


async def test_remembers_and_forgets(town: Town, pool: Pool) -> None:
    now = [time.time()]
    identifier = Identifier(TokenVerifier([SIGN_ON.trusted()]), pool, clock=lambda: now[0], capacity=2)
    for subject in ("li", "wang", "zhao"):
        await hold(town, subject, "worker", "qingcheng")
    headers = [bearer(subject, lifetime=3600) for subject in ("li", "wang", "zhao")]

    grants = [await identifier.identify(each, b"qingcheng") for each in headers]
    remembered = [identifier.recall(each, b"qingcheng") for each in headers]
    now[0] += 3700

    assert remembered == [None, grants[1], grants[2]]
    assert identifier.recall(headers[2], b"qingcheng") is None


@pytest.mark.parametrize(
    "slug", [b" qingcheng", b"qingcheng ", b"\tqingcheng", b"qingcheng\n", b"Qingcheng", b"a" * 64]
)
async def test_takes_a_slug_in_one_way_alone(slug: bytes, town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "worker", "qingcheng")
    header = bearer("li")
    assert (await identifier.identify(header, b"qingcheng")).tenant is not None

    with pytest.raises(TenantUnknown):
        await identifier.identify(header, slug)
    with pytest.raises(Unauthenticated):
        await identifier.identify(header.replace(b" ", b"  "), b"qingcheng")

    assert len(identifier._known) == 1  # noqa: SLF001 - what nobody asks for again is not to be there.


async def test_recalls_within_microseconds(town: Town, identifier: Identifier) -> None:
    await hold(town, "li", "worker", "qingcheng")
    header = bearer("li")
    await identifier.identify(header, b"qingcheng")

    began = time.perf_counter()
    for _ in range(1000):
        assert identifier.recall(header, b"qingcheng") is not None

    assert (time.perf_counter() - began) / 1000 < 50e-6


async def test_a_replaced_key_set_ends_what_is_remembered(town: Town, pool: Pool, tmp_path: Path) -> None:
    await hold(town, "li", "worker", "qingcheng")
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(SIGN_ON.jwks()))
    trusted = SIGN_ON.trusted()
    keys = KeySet(path, algorithms=trusted.algorithms)
    now = [time.time()]
    issuer = TrustedIssuer(trusted.issuer, AUDIENCE, trusted.algorithms, keys, trusted.vouching)
    identifier = Identifier(TokenVerifier([issuer]), pool, clock=lambda: now[0])
    header = bearer("li")
    await identifier.identify(header, b"qingcheng")

    path.unlink()
    path.write_text(json.dumps(TestIssuer(key_id="second").jwks()) + " ")
    now[0] += 11

    assert identifier.recall(header, b"qingcheng") is None
    with pytest.raises(Unauthenticated):
        await identifier.identify(header, b"qingcheng")


async def test_the_gateway_bumps_its_own_tenant_alone(town: Town, pool: Pool) -> None:
    zhongshan = await town.tenant("zhongshan")
    async with pool.acquire() as connection, connection.transaction():
        await enter(connection, account_id=uuid.uuid4(), tenant=zhongshan)
        await connection.execute("select app.bump_grants_version()")
    with pytest.raises(asyncpg.PostgresError):
        await pool.execute("select app.bump_grants_version()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("update tenants set grants_version = 0")

    async with town.owner.connect() as connection_of_owner:
        rows = await connection_of_owner.execute(text("select slug, grants_version from tenants order by id"))
        assert [tuple(row) for row in rows] == [("gulou", 1), ("gudong", 1), ("qingcheng", 1), ("zhongshan", 2)]
