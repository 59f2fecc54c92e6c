"""Who fetches a file, by headers or by the access note in its address, and in which tenant does it lie?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tenants.errors import NotFound, TenantGone, TenantRequired, TenantSuspended, TenantUnknown
from tenants.work import utc_now

if TYPE_CHECKING:
    from schema.context import Credentials, Gateway
    from tenants.access import AccessNote
    from tenants.grants import Grants


class Caller(Protocol):
    """Somebody whose grants can be told, and told anew."""

    async def grants(self) -> Grants:
        """Tell the grants that hold as far as this process knows."""

    async def renewed(self) -> Grants:
        """Load them anew."""


@dataclass(frozen=True, slots=True)
class ByHeaders:
    """A caller with a bearer token."""

    gateway: Gateway
    credentials: Credentials

    async def grants(self) -> Grants:
        """Tell the grants. Raises Unauthenticated, TenantUnknown."""
        return await self.gateway.grants(self.credentials)

    async def renewed(self) -> Grants:
        """Load them anew. Raises Unauthenticated, TenantUnknown."""
        return await self.gateway.renewed(self.credentials)


@dataclass(frozen=True, slots=True)
class ByAccess:
    """A caller with an address that was given to an account while it acted in a tenant."""

    gateway: Gateway
    note: AccessNote

    @classmethod
    def read(cls, gateway: Gateway, text: str) -> ByAccess:
        """Read the note of an address. Raises Unauthenticated."""
        return cls(gateway, gateway.access.read(text, now=utc_now()))

    async def grants(self) -> Grants:
        """Tell the account's present grants. Raises Unauthenticated, NotFound."""
        return await self._load(anew=False)

    async def renewed(self) -> Grants:
        """Load them anew. Raises Unauthenticated, NotFound."""
        return await self._load(anew=True)

    async def _load(self, *, anew: bool) -> Grants:
        try:
            return await self.gateway.identifier.of_account(self.note, anew=anew)
        except TenantUnknown as error:
            # No post there any more: for this address, as if the file were not there.
            raise NotFound from error


@dataclass(frozen=True, slots=True)
class Inside:
    """A caller who goes into the tenant of a file that is shared with what he serves."""

    gateway: Gateway
    caller: Caller
    tenant_id: int

    async def grants(self) -> Grants:
        """Tell the grants there. Raises NotFound and what the caller's own raise."""
        return await self._enter(await self.caller.grants())

    async def renewed(self) -> Grants:
        """Load them anew. Raises NotFound and what the caller's own raise."""
        return await self._enter(await self.caller.renewed())

    async def _enter(self, grants: Grants) -> Grants:
        if grants.tenant is None:
            raise TenantRequired
        if grants.tenant.id == self.tenant_id:
            return grants
        if not any(grant.tenants == "served" for grant in grants.grants):
            raise NotFound
        try:
            inside = await self.gateway.identifier.inside(grants, self.tenant_id)
        except (TenantGone, TenantSuspended) as error:
            raise NotFound from error
        if inside.tenant is None or inside.tenant.status == "suspended":
            raise NotFound
        return inside
