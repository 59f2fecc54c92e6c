"""What do auditors see of the audit log? Who did what to which record and why; nothing of what is in the record."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry
from sqlalchemy import Text, cast

from schema.compiler.declare import Order, Reference, SameRow, Source, column, read, reads, table_of
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from tenants.audit.tables import AuditRecord

PERMISSION = "audit:read"
ENTRY = Source(table=table_of(AuditRecord), name="audit_entries", prefix="aud", permission=PERMISSION)
_PART = Source(table=table_of(AuditRecord), name="audit_entries", permission=PERMISSION)
NEWEST_FIRST = Order(lambda entry: entry.c.at, descending=True)


@strawberry.enum(name="AuditOutcome")
class AuditOutcome(Enum):
    """What came of it."""

    DONE = strawberry.enum_value("DONE", description="已办: it was done.")
    REFUSED = strawberry.enum_value("REFUSED", description="已拒绝: it was refused.")


@reads(_PART)
@strawberry.type(name="AuditAccount", description="账号: the account that acted, named as it was then.")
class AuditAccountType:
    """The account that acted."""

    id: strawberry.ID = column(lambda entry: quoted("acc_0_").concat(cast(entry.c.account_id, Text)))
    display_name: str | None = column(lambda entry: entry.c.account_name)


@reads(_PART)
@strawberry.type(name="AuditActor", description="操作人: the account that acted, and the post by which it did.")
class AuditActorType:
    """Who acted."""

    public_name: str | None = column(
        lambda entry: entry.c.position_name, "The post's public name as it was then; null without a post."
    )
    account: AuditAccountType | None = read(SameRow())


@reads(ENTRY)
@strawberry.type(name="AuditEntry", description="审计记录: one audited act. Entries are added, never changed.")
class AuditEntryType(NodeInterface):
    """One audited act."""

    at: datetime = column(lambda entry: entry.c.at)
    actor: AuditActorType | None = read(SameRow())
    action: str = column(lambda entry: entry.c.action, "For example contact:reveal.")
    subject: NodeInterface | None = read(
        Reference(kind=lambda entry: entry.c.subject_type, row_id=lambda entry: entry.c.subject_id),
        "What it was done to; null when that is no single thing. Its id says nothing of what is in it.",
    )
    purpose: str | None = column(lambda entry: entry.c.purpose, "What the caller said it was for.")
    outcome: AuditOutcome = column(lambda entry: entry.c.outcome)
