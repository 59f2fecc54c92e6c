"""What is stored of what accounts are told?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

NOTIFICATION_KINDS = (
    "HANDED",
    "ACCEPTED",
    "EXCLUDED",
    "RESOLVED",
    "CLOSED",
    "REOPENED",
    "URGE",
    "YELLOW",
    "RED",
    "SUPERVISED",
)


class Notification(TenantTable):
    """Something that an account is told about a case, in the words in which it may know it. Read by the account alone.

    `tenant_id` is the case's. The title is put together when it is read, in the language of whoever reads.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        CheckConstraint(one_of("kind", NOTIFICATION_KINDS), name="kind"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index("ix_notifications_account", "account_id", "at", "id"),
        Index("ix_notifications_unread", "account_id", postgresql_where=text("read_at is null")),
        Index("ix_notifications_feed", "account_id", "sequence"),
        Index("ix_notifications_waiting", "at", "id", postgresql_where=text("sequence is null")),
        Index("ix_notifications_at", "at"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # Where the account acts from, and sees the case.
    post_tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    case_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    number: Mapped[str]
    # The case's title, or to a receiver from outside what it was shared by.
    subject: Mapped[str]
    # What was written to whoever is told: the reply to a reporter.
    note: Mapped[str | None]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # Null until the worker has put it in order; then larger than that of everything seen before.
    sequence: Mapped[int | None] = mapped_column(BigInteger)
