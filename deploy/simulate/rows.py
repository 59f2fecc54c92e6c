"""What does a bulk load write? One named tuple a table, its fields named as the columns, streamed by COPY."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deploy.simulate.case_rows import CaseDayRow, CaseDetailsRow, CaseRow, CaseShareRow, CaseStepRow, CaseStepTextRow


class PlaceRow(NamedTuple):
    """A row of `places`."""

    tenant_id: int
    id: uuid.UUID
    street_id: int | None
    district_id: int | None
    kind: str
    name: str
    address: str
    sort_key: str
    code: str | None = None
    grid_id: uuid.UUID | None = None
    estate_id: uuid.UUID | None = None
    building_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    grid_kind: str | None = None
    site_kind: str | None = None
    floor_count: int | None = None
    room_number: str | None = None
    floor_area: Decimal | None = None
    inside_area: Decimal | None = None
    tenure: str | None = None


class PersonRow(NamedTuple):
    """A row of `people`: name and phone sealed, masked and indexed."""

    tenant_id: int
    id: uuid.UUID
    name_sealed: bytes
    name_masked: str
    name_index: bytes
    phone_sealed: bytes | None
    phone_masked: str | None
    phone_index: bytes | None


class HolderRow(NamedTuple):
    """A row of `dwelling_holders`."""

    tenant_id: int
    id: uuid.UUID
    dwelling_id: uuid.UUID
    person_id: uuid.UUID
    role: str
    share: str | None
    ordinal: int


class HouseholdRow(NamedTuple):
    """A row of `households`."""

    tenant_id: int
    id: uuid.UUID
    dwelling_id: uuid.UUID
    head_id: uuid.UUID | None
    head_count: int | None
    residence: str | None
    since: date | None
    until: date | None
    sort_key: str


class BodyRow(NamedTuple):
    """A row of `bodies`."""

    id: uuid.UUID
    kind: str
    name: str
    level: str | None
    home_tenant_id: int
    parent_id: uuid.UUID | None
    place_id: uuid.UUID | None
    sort_key: str


class ContractRow(NamedTuple):
    """A row of `property_contracts`."""

    tenant_id: int
    id: uuid.UUID
    street_id: int | None
    district_id: int | None
    estate_id: uuid.UUID
    body_id: uuid.UUID
    service: str | None
    since: date
    until: date | None


class AccountRow(NamedTuple):
    """A row of `accounts`."""

    id: uuid.UUID
    issuer: str
    subject: str
    display_name: str


class PositionRow(NamedTuple):
    """A row of `positions`."""

    tenant_id: int
    id: uuid.UUID
    street_id: int | None
    district_id: int | None
    kind_code: str
    person_id: uuid.UUID
    account_id: uuid.UUID | None
    body_id: uuid.UUID | None
    place_id: uuid.UUID
    since: date
    until: date | None
    public_name: str
    duty_phone: str | None
    board_rank: int


class MembershipRow(NamedTuple):
    """A row of `memberships`."""

    account_id: uuid.UUID
    tenant_id: int
    position_id: uuid.UUID
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class BulkConnection:
    """One transaction, seen by SQLAlchemy and by the driver, which knows COPY."""

    connection: AsyncConnection
    driver: asyncpg.Connection[asyncpg.Record]


@dataclass(slots=True)
class Load:
    """Rows of every table, to be written together; each table after those it refers to."""

    places: list[PlaceRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    dwelling_holders: list[HolderRow] = field(default_factory=list)
    households: list[HouseholdRow] = field(default_factory=list)
    bodies: list[BodyRow] = field(default_factory=list)
    property_contracts: list[ContractRow] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    positions: list[PositionRow] = field(default_factory=list)
    memberships: list[MembershipRow] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    case_details: list[CaseDetailsRow] = field(default_factory=list)
    case_steps: list[CaseStepRow] = field(default_factory=list)
    case_step_texts: list[CaseStepTextRow] = field(default_factory=list)
    case_shares: list[CaseShareRow] = field(default_factory=list)
    case_days: list[CaseDayRow] = field(default_factory=list)

    def size(self) -> int:
        """Count the rows."""
        return sum(len(rows) for rows in self._tables().values())

    def add(self, other: Load) -> None:
        """Take over the rows of another load."""
        theirs = other._tables()
        for table, rows in self._tables().items():
            rows.extend(theirs[table])

    async def write(self, bulk: BulkConnection) -> None:
        """Write all rows, and forget them."""
        for table, rows in self._tables().items():
            if rows:
                await _write(bulk, table, rows)
                rows.clear()

    def _tables(self) -> dict[str, list[Any]]:
        # In the order in which they refer to each other.
        return {field.name: getattr(self, field.name) for field in fields(self)}


async def _write(bulk: BulkConnection, table: str, rows: Sequence[NamedTuple]) -> None:
    # COPY is refused where row-level security is forced, whatever the policy: so into a table of the session's own.
    columns = ", ".join(rows[0]._fields)
    staged = f"staged_{table}"
    # Of these columns alone, since others may be computed.
    await bulk.driver.execute(
        f"create temp table if not exists {staged} on commit drop as select {columns} from {table} with no data"  # noqa: S608 - our own names.
    )
    await bulk.driver.copy_records_to_table(staged, records=rows, columns=rows[0]._fields)
    await bulk.driver.execute(f"insert into {table} ({columns}) select {columns} from {staged}")  # noqa: S608 - our own names.
    await bulk.driver.execute(f"truncate {staged}")


@asynccontextmanager
async def bulk_transaction(engine: AsyncEngine) -> AsyncIterator[BulkConnection]:
    """Open a transaction of the owner's for loading rows."""
    async with engine.begin() as connection:
        # Also has the driver begin its transaction, which a COPY past SQLAlchemy would not.
        await connection.execute(text("set local synchronous_commit = off"))
        driver = (await connection.get_raw_connection()).driver_connection
        if not isinstance(driver, asyncpg.Connection):
            raise TypeError(driver)
        yield BulkConnection(connection, driver)
