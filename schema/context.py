"""What does a resolver know of the request it serves?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import strawberry

from schema.compiler.context import RequestContext
from schema.exports.running import ExportLanes
from services.files.store import FileStore, PostgresFileStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schema.compiler.documents import Operation
    from schema.compiler.plan import PlannedRefusal
    from schema.compiler.reading import Reader
    from schema.idempotency import KeyedInput
    from tenants.access import AccessKey
    from tenants.grants import Grants
    from tenants.identify import Identifier
    from tenants.sealing.keyring import Keyring
    from tenants.work import Workshop


class Credentials(NamedTuple):
    """What a request says of its caller, as it came: the Authorization and X-Tenant headers."""

    authorization: bytes | None
    slug: bytes | None


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
    identifier: Identifier
    searches: Searches
    keyring: Keyring
    cursor_secret: str
    access: AccessKey
    files: FileStore = field(default_factory=PostgresFileStore)
    # Whether webhooks may lead to private addresses, and by plain http.
    may_call_inside: bool = False
    exports: ExportLanes = field(init=False)

    def __post_init__(self) -> None:
        """Make exports in this process, too."""
        self.exports = ExportLanes(self)

    async def grants(self, caller: Credentials) -> Grants:
        """Tell who is asking, in which tenant, with which grants.

        Raises Unauthenticated, TenantUnknown.
        """
        recalled = self.identifier.recall(caller.authorization, caller.slug)
        return recalled or await self.identifier.identify(caller.authorization, caller.slug)

    async def renewed(self, caller: Credentials) -> Grants:
        """Load the caller's grants anew, since a transaction found them stale.

        Raises Unauthenticated, TenantUnknown.
        """
        return await self.identifier.identify(caller.authorization, caller.slug, anew=True)

    def request(self, grants: Grants, language: str, now: datetime | None = None) -> RequestContext:
        """Make a request's context for reading, as of now or of an instant before."""
        zone = ZoneInfo(grants.tenant.time_zone) if grants.tenant else ZoneInfo("Asia/Shanghai")
        now = now or datetime.now(UTC)
        today = now.astimezone(zone).date()
        return RequestContext(grants, today, self.cursor_secret, language, now=now, access=self.access)


@dataclass(slots=True)
class GatewayContext:
    """One mutation's request."""

    gateway: Gateway
    caller: Credentials
    grants: Grants
    language: str
    operation: Operation
    variables: Mapping[str, Any]
    # What payloads show of fields that the caller may not see.
    refusals: list[PlannedRefusal] = field(default_factory=list)
    # What the field that is being run came with.
    keyed: KeyedInput | None = None

    # How often fields that take their time were asked for.
    counted: Counter[str] = field(default_factory=Counter)

    async def renew(self) -> Grants:
        """Load the caller's grants anew, for the rest of the request."""
        self.grants = await self.gateway.renewed(self.caller)
        return self.grants


GatewayInfo = strawberry.Info[GatewayContext, None]
