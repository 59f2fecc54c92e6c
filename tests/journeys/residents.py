"""Who knocks at a community's door? Accounts of a mini-program, which vouches for phones, beside those of the demo."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import httpx

from deploy.app import create_app
from deploy.opening import make_trust, open_surface
from tests.fixtures.client import AppClient
from tests.fixtures.demo import Demo
from tests.fixtures.gateway import MASTER_KEY
from tests.tokens import TestIssuer

# A back end of a mini-program, and one that says nothing of phones and looks after one street alone.
MINI = TestIssuer(name="https://mini.test")
LOCAL = TestIssuer(name="https://local.test")
_KINDS = ("resident", "visitor")
_DOCUMENT = """
mutation Join($slug: String!, $key: String) {
  joinCommunity(slug: $slug, idempotencyKey: $key) { tenant { slug name } errors { code message field } }
}
mutation Leave($slug: String!) { leaveCommunity(slug: $slug) { tenant { slug } errors { code message field } } }
mutation Request($input: RequestResidencyInput!, $key: String) {
  requestResidency(input: $input, idempotencyKey: $key) { residency { ...Own } errors { code message field } }
}
mutation Decide($id: ID!, $yes: Boolean!, $reason: String) {
  decideResidency(residencyId: $id, isConfirmed: $yes, reason: $reason) {
    residency { ...Own } errors { code message field }
  }
}
mutation End($id: ID!) { endResidency(residencyId: $id) { residency { ...Own } errors { code message field } } }
mutation Report($input: ReportCaseInput!) { reportCase(input: $input) { case { id status } errors { code field } } }
query Mine { me { tenant { slug } positions { kind { code } place { __typename name } }
  residencies { ...Own } } cases { totalCount nodes { id title reporter { displayName } } } }
query Waiting($status: ResidencyStatus) { residencies(filter: {status: $status}) { totalCount nodes {
  ...Own applicantName applicantMaskedPhone matchedBy matchedPersonId matchedName matchedMaskedPhone } } }
query Choices($building: ID!) { dwellingChoices(buildingId: $building, first: 3) { totalCount nodes {
  id address roomNumber } } }
query Home { dwellings { totalCount nodes { id address households { head { displayName } } } } }
fragment Own on Residency { id status relation address reason requestedAt decidedAt endedAt }
"""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Door:
    """A gateway that trusts the mini-program, too, in front of the demo's database."""

    demo: Demo
    http: AppClient

    def somebody(self, phone: str | None = None, *, issuer: TestIssuer = MINI, **claims: Any) -> Knocking:  # noqa: ANN401 - whatever a token claims.
        """Make up an account that nobody has seen before."""
        told = {} if phone is None else {"phone_number": phone, "phone_number_verified": True}
        return Knocking(self, issuer, f"user-{next(_numbers)}", {**told, **claims})

    async def ask(self, account: str, operation: str, **variables: object) -> dict[str, Any]:
        """Ask as one of the demo's accounts, and give the data."""
        answer = await self.demo.ask(account, _DOCUMENT, variables, operation=operation)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def do(self, account: str, operation: str, **variables: object) -> dict[str, Any]:
        """Let one of the demo's accounts do what must succeed."""
        return _done(await self.ask(account, operation, **variables))

    async def refused(self, account: str, operation: str, **variables: object) -> str:
        """Let one of the demo's accounts try what must be refused, and give the code."""
        return _refused(await self.ask(account, operation, **variables))


@dataclass(frozen=True, slots=True)
class Knocking:
    """Somebody of an issuer that the demo does not know, with a phone perhaps."""

    door: Door
    issuer: TestIssuer
    subject: str
    claims: dict[str, Any] = field(default_factory=dict)

    async def send(self, operation: str, *, tenant: str | None = None, **variables: object) -> httpx.Response:
        """Send one of the operations above."""
        token = self.issuer.kept_token(self.subject, **self.claims)
        headers = {"Authorization": f"Bearer {token}"} | ({} if tenant is None else {"X-Tenant": tenant})
        body = {"query": _DOCUMENT, "variables": variables, "operationName": operation}
        return await self.door.http.post_document(body, headers)

    async def ask(self, operation: str, *, tenant: str | None = None, **variables: object) -> dict[str, Any]:
        """Send it and give the data."""
        answer = await self.send(operation, tenant=tenant, **variables)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def do(self, operation: str, *, tenant: str | None = None, **variables: object) -> dict[str, Any]:
        """Do what must succeed, and give what was written."""
        return _done(await self.ask(operation, tenant=tenant, **variables))

    async def refused(self, operation: str, *, tenant: str | None = None, **variables: object) -> str:
        """Try what must be refused, and give the code."""
        return _refused(await self.ask(operation, tenant=tenant, **variables))

    async def posts(self, tenant: str) -> list[str] | None:
        """Tell the kinds of post that it has in a tenant; None where it is not let in."""
        answer = await self.send("Mine", tenant=tenant)
        if answer.status_code == 403:
            assert answer.json()["errors"][0]["extensions"]["code"] == "TENANT_UNKNOWN"
            return None
        return [post["kind"]["code"] for post in answer.json()["data"]["me"]["positions"]]


def _done(data: dict[str, Any]) -> dict[str, Any]:
    ((name, payload),) = data.items()
    assert payload["errors"] == [], f"{name}: {payload}"
    (written,) = (value for key, value in payload.items() if key != "errors")
    shown: dict[str, Any] = written
    return shown


def _refused(data: dict[str, Any]) -> str:
    ((name, payload),) = data.items()
    assert [value for key, value in payload.items() if key != "errors"] == [None], f"{name}: {payload}"
    (error,) = payload["errors"]
    return str(error["code"])


@asynccontextmanager
async def open_door(demo: Demo) -> AsyncIterator[Door]:
    """Open a gateway that knows both issuers of residents, with caches of its own."""
    trusted = [
        replace(MINI.trusted(position_kinds=_KINDS), phone_claim="phone_number"),
        LOCAL.trusted(tenants=("guanyuan",), subtrees=("gudong",), position_kinds=_KINDS),
    ]
    opened = open_surface(demo.database.gateway_url, make_trust(trusted, MASTER_KEY))
    async with opened as surface, AppClient(create_app(surface)) as http:
        yield Door(demo, http)


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A dwelling in which the register names somebody with a phone: an owner, or the head of its household."""

    id: str
    building_id: str
    # Beyond the building's address, as a resident would say it: 2单元101室.
    room: str
    person_id: str
    phone: str


_DWELLINGS = """
select * from (
  select distinct on (d.building_id) d.tenant_id, d.id, d.building_id, replace(d.address, b.address, '') as room,
    h.person_id
  from places d join tenants t on t.id = d.tenant_id
  join places b on b.tenant_id = d.tenant_id and b.id = d.building_id
  join (select tenant_id, dwelling_id, person_id from dwelling_holders where role = 'owner'
        union all select tenant_id, dwelling_id, head_id from households h where until is null and not exists (
          select from dwelling_holders o where o.tenant_id = h.tenant_id and o.dwelling_id = h.dwelling_id)) h
    on h.tenant_id = d.tenant_id and h.dwelling_id = d.id
  join people p on p.tenant_id = h.tenant_id and p.id = h.person_id and p.phone_index is not null
  where t.slug = $1 and d.kind = 'dwelling'
    and ($3::text is null or $4 = (d.grid_id = (
      select o.place_id from positions o join accounts a on a.id = o.account_id
      where a.subject = $3 and o.tenant_id = d.tenant_id)))
    and not exists (select from positions r where r.tenant_id = d.tenant_id and r.place_id = d.id)
    and not exists (select from places o where o.tenant_id = d.tenant_id and o.sort_key = d.sort_key and o.id <> d.id)
  order by d.building_id, d.sort_key, h.person_id
) found order by id limit $2
"""


async def dwellings_of(
    demo: Demo, slug: str, *, count: int, grid_of: str | None = None, is_inside: bool = True
) -> list[Dwelling]:
    """Find dwellings of a tenant, one to a building, perhaps in the grid of an account's post or outside it."""
    rows = await demo.owner.fetch(_DWELLINGS, slug, count, grid_of, is_inside)
    assert len(rows) == count
    return [await _dwelling(demo, slug, row) for row in rows]


async def _dwelling(demo: Demo, slug: str, row: asyncpg.Record) -> Dwelling:
    person = f"per_{row['tenant_id']}_{row['person_id']}"
    document = "mutation ($id: ID!) { revealContact(personId: $id, purpose: VISIT) { contact { phone } } }"
    told = (await demo.ask(f"worker@{slug}", document, {"id": person})).json()["data"]["revealContact"]["contact"]
    return Dwelling(
        f"dwl_{row['tenant_id']}_{row['id']}",
        f"bld_{row['tenant_id']}_{row['building_id']}",
        row["room"],
        person,
        told["phone"],
    )
