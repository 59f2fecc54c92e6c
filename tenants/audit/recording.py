"""How does an act get into the audit log? By one cheap insert in the transaction of the act itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Insert, bindparam, column, insert, select, table

from tenants.audit.tables import AuditQueued, AuditRecord
from tenants.database import new_id
from tenants.tables import Account

if TYPE_CHECKING:
    from tenants.grants import ActingTenant, Grants
    from tenants.work import TenantWork

_GIVEN = (
    "tenant_id",
    "id",
    "at",
    "account_id",
    "position_id",
    "action",
    "subject_type",
    "subject_id",
    "purpose",
    "note_sealed",
    "outcome",
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An act to be recorded. The actor, the tenant and the time come from the unit of work."""

    # The permission that the act needs, for example `contact:reveal`.
    action: str
    # The published name of the subject's type, and its row id where there is one subject.
    subject_type: str
    subject_id: uuid.UUID | None = None
    purpose: str | None = None
    note_sealed: bytes | None = None
    outcome: str = "DONE"
    # The post by which the caller acted; without it, the one that grants the action, or the first one held.
    position_id: uuid.UUID | None = None

    def with_note(self, note_sealed: bytes | None) -> AuditEntry:
        """Give the same entry with what the caller wrote, sealed."""
        return replace(self, note_sealed=note_sealed)


async def add_entries(work: TenantWork, entries: Sequence[AuditEntry]) -> None:
    """Write entries to the audit log within the unit of work."""
    if entries:
        await work.session.execute(_statement(), [entry_values(work, entry) for entry in entries])


def entry_values(work: TenantWork, entry: AuditEntry) -> dict[str, object]:
    """Give what `entry_insert` binds."""
    return _values(work.tenant, work.grants, entry, work.now())


def _values(tenant: ActingTenant, grants: Grants, entry: AuditEntry, at: datetime) -> dict[str, object]:
    acting = grants.granting_posts.get(entry.action) or (grants.positions[0].id if grants.positions else None)
    values: tuple[object, ...] = (
        tenant.id,
        new_id(),
        at,
        grants.account_id,
        entry.position_id or acting,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.purpose,
        entry.note_sealed,
        entry.outcome,
    )
    return dict(zip((f"entry_{name}" for name in _GIVEN), values, strict=True))


@cache
def _statement() -> Insert:
    return entry_insert()


def entry_insert() -> Insert:
    """Insert one entry, perhaps as a part of a larger statement; its parameters are named entry_…."""
    columns = AuditRecord.__table__.c
    given = {name: bindparam(f"entry_{name}", type_=columns[name].type) for name in _GIVEN}
    # Both rows in one round trip; the names of account and post are looked up where they lie.
    queued = insert(AuditQueued).values(tenant_id=given["tenant_id"], id=given["id"]).cte("queued")
    positions = table("positions", column("tenant_id"), column("id"), column("public_name"))
    account_name = select(Account.display_name).where(Account.id == given["account_id"])
    position_name = select(positions.c.public_name).where(
        positions.c.tenant_id == given["tenant_id"], positions.c.id == given["position_id"]
    )
    return (
        insert(AuditRecord)
        .values(
            **given,
            account_name=account_name.scalar_subquery(),
            position_name=position_name.scalar_subquery(),
        )
        .add_cte(queued)
    )
