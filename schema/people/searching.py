"""How is a search by a sealed value opened: with the tenant's index keys, and a line in the audit log?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schema.searches import searched
from tenants.audit.recording import AuditEntry
from tenants.sealing.values import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenants.grants import Grants
    from tenants.sealing.keyring import Keyring
    from tenants.work import Workshop


@dataclass(frozen=True, slots=True)
class PeopleSearches:
    """Lets exact names and phones be searched for, never without a trace."""

    keyring: Keyring
    workshop: Workshop

    async def opened(self, grants: Grants, fields: tuple[str, ...]) -> Callable[[str, str], bytes]:
        """Write the search to the audit log and give what makes blind indexes: of a purpose and a plain text.

        Raises TenantSuspended: a search that leaves no trace is not made.
        """
        sealer = await self.keyring.sealer(self.workshop, grants=grants)
        async with self.workshop.work(grants) as work:
            await work.record(AuditEntry("resident:search", "Person", purpose=" ".join(fields)))
        return lambda purpose, text: sealer.index(searched(text), purpose=Purpose(purpose))
