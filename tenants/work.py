"""How does anything get written? One caller, one tenant, one transaction, committed here and nowhere else."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tenants.audit.recording import AuditEntry, add_entries
from tenants.caching import Shelf
from tenants.database import new_id
from tenants.entrance import connection_of, enter
from tenants.errors import Forbidden, StaleGrants, TenantRequired, TenantSuspended

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tenants.grants import ActingTenant, Grants


# How much is remembered of all tenants together, in posts, each of some five kilobytes.
_ROOM = 5000
_TAKE_TURN = text("select pg_advisory_xact_lock(hashtextextended(:what, :tenant))")
_SHARE_TURN = text("select pg_advisory_xact_lock_shared(hashtextextended(:what, :tenant))")

Kept = TypeVar("Kept")


def utc_now() -> datetime:
    """Tell the present instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class TenantWork:
    """One unit of work: what the caller may do, the open transaction, the clock and the ids."""

    grants: Grants
    session: AsyncSession
    clock: Callable[[], datetime] = utc_now
    # All that one transaction does happens at one instant.
    _instant: datetime | None = None
    # Entries that stay in the audit log even when the work is refused and rolled back.
    lasting_entries: list[AuditEntry] = field(default_factory=list)
    remembered: Shelf[tuple[object, ...], Any] = field(default_factory=lambda: Shelf(_ROOM))

    @property
    def tenant(self) -> ActingTenant:
        """The tenant acted in."""
        if self.grants.tenant is None:
            raise TenantRequired
        return self.grants.tenant

    def now(self) -> datetime:
        """Tell the instant of this work, the same throughout, aware, in UTC."""
        if self._instant is None:
            self._instant = self.clock()
        return self._instant

    def today(self) -> date:
        """Tell the day of this work in the tenant's time zone."""
        return self.now().astimezone(ZoneInfo(self.tenant.time_zone)).date()

    def new_id(self) -> uuid.UUID:
        """Make an id for a new row."""
        return new_id()

    def require(self, permission: str) -> None:
        """Go on only if some position grants the permission for all rows of the tenant, without a condition.

        Raises Forbidden.
        """
        if not self.grants.covers_all(permission):
            raise Forbidden(permission=permission)

    def require_some(self, permission: str) -> None:
        """Go on only if some position grants the permission at all; rows and condition are yet to be checked.

        Raises Forbidden.
        """
        if not self.grants.may(permission):
            raise Forbidden(permission=permission)

    async def take_turn(self, what: str) -> None:
        """Wait for whoever else in the tenant is adding the same, until their transaction has ended.

        What was looked up before may be there after it.
        """
        await self.session.execute(_TAKE_TURN, {"what": what, "tenant": self.tenant.id})

    async def share_turn(self, what: str) -> None:
        """Wait for whoever takes a turn in the tenant, not for others that share it, and have it wait for this work."""
        await self.session.execute(_SHARE_TURN, {"what": what, "tenant": self.tenant.id})

    def check_version(self, grants_version: int) -> None:
        """Go on only while the tenant's grants are as they were when this work began.

        Raises StaleGrants.
        """
        if grants_version != self.tenant.grants_version:
            raise StaleGrants

    async def remember(self, what: str, reckon: Callable[[], Awaitable[list[Kept]]]) -> list[Kept]:
        """Give what hangs on the tenant's posts and grants alone, reckoned once a day and as often as those change.

        Not for a transaction that changes them itself.
        """
        # The transaction began under this version, so what is read in it is not older; and under a version that was
        # newer by then, nobody looks for it.
        key = (what, self.tenant.id, self.tenant.grants_version, self.today())
        found: list[Kept] | None = self.remembered.find(key)
        if found is None:
            found = await reckon()
            self.remembered.put(key, found, weight=len(found) + 1)
        return found

    async def record(self, entry: AuditEntry, *, even_if_refused: bool = False) -> None:
        """Write an entry to the audit log within this transaction, or also past its refusal."""
        if even_if_refused:
            self.lasting_entries.append(entry)
        else:
            await add_entries(self, [entry])


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens units of work on the gateway's connections."""

    engine: AsyncEngine
    clock: Callable[[], datetime] = utc_now
    remembered: Shelf[tuple[object, ...], Any] = field(default_factory=lambda: Shelf(_ROOM))

    @asynccontextmanager
    async def work(self, grants: Grants) -> AsyncIterator[TenantWork]:
        """Open a transaction inside the caller's tenant and commit it when the block ends without an error.

        Raises TenantRequired, TenantSuspended, StaleGrants, TenantGone.
        """
        lasting: list[AuditEntry] = []
        try:
            async with self._entered(grants) as work:
                # Once entered: a tenant may have been resumed since it was remembered as suspended.
                _check_open(grants.tenant)
                work.lasting_entries = lasting
                yield work
                if lasting:
                    await add_entries(work, lasting)
                await work.session.commit()
        except Exception:
            if lasting:
                async with self._entered(grants) as work:
                    await add_entries(work, lasting)
                    await work.session.commit()
            raise

    @asynccontextmanager
    async def _entered(self, grants: Grants) -> AsyncIterator[TenantWork]:
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            await enter(await connection_of(session), grants=grants)
            yield TenantWork(grants, session, self.clock, remembered=self.remembered)


def _check_open(tenant: ActingTenant | None) -> None:
    if tenant is not None and tenant.status == "suspended":
        raise TenantSuspended(name=tenant.name)
