"""What does a resolver know of the request it serves?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import strawberry

from schema.compiler.context import RequestContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schema.compiler.documents import Operation
    from schema.compiler.plan import PlannedRefusal
    from schema.compiler.reading import Reader
    from tenants.grants import Grants
    from tenants.work import Workshop


class Callers(Protocol):
    """Tells who is asking and what they may do."""

    async def grants(self, authorization: str | None, slug: str | None) -> Grants:
        """Find the caller's grants in the tenant named.

        Raises Unauthenticated, TenantUnknown.
        """
        ...

    async def renewed(self, grants: Grants) -> Grants:
        """Load the caller's grants anew.

        Raises TenantUnknown.
        """
        ...


class Searches(Protocol):
    """Opens searches by a sealed value."""

    async def opened(self, grants: Grants, fields: tuple[str, ...]) -> Callable[[str, str], bytes]:
        """Write the search to the audit log and give the function that makes blind indexes."""
        ...


@dataclass(slots=True)
class Gateway:
    """What serves every request of a process."""

    reader: Reader
    workshop: Workshop
    callers: Callers
    searches: Searches
    cursor_secret: str

    def request(self, grants: Grants, language: str) -> RequestContext:
        """Make a request's context for reading."""
        zone = ZoneInfo(grants.tenant.time_zone) if grants.tenant else ZoneInfo("Asia/Shanghai")
        return RequestContext(grants, datetime.now(zone).date(), self.cursor_secret, language)


@dataclass(slots=True)
class GatewayContext:
    """One mutation's request."""

    gateway: Gateway
    grants: Grants
    language: str
    operation: Operation
    variables: Mapping[str, Any]
    # What payloads show of fields that the caller may not see.
    refusals: list[PlannedRefusal] = field(default_factory=list)


GatewayInfo = strawberry.Info[GatewayContext, None]
