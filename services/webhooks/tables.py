"""What is stored of endpoints, and of what is delivered to them?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable

_WAITS = "delivered_at is null and given_up_at is null"


class Webhook(TenantTable):
    """An address to which the tenant has what happens to its cases sent. Removed, it stays for what it was sent."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_tenant", "tenant_id", postgresql_where=text("removed_at is null")),)

    url: Mapped[str]
    # Which steps of cases, and what the clock does to them, separated by commas.
    kinds: Mapped[str]
    # What messages are signed with; shown once, to whoever set the endpoint up.
    secret_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class WebhookDelivery(TenantTable):
    """A message on its way to an endpoint. `id` is the message's own, the same at every attempt."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "webhook_id"], ["webhooks.tenant_id", "webhooks.id"]),
        Index("ix_webhook_deliveries_webhook", "tenant_id", "webhook_id", "at", "id"),
        Index("ix_webhook_deliveries_waiting", "next_at", postgresql_where=text(_WAITS)),
        Index("ix_webhook_deliveries_at", "at"),
    )

    webhook_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    # No foreign key: whoever puts events in order would wait for whoever holds the case.
    case_id: Mapped[uuid.UUID]
    number: Mapped[str]
    # When it happened.
    at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    # When it is tried next; while it is being tried, when somebody else does if that comes to nothing.
    next_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    # Why the last attempt came to nothing.
    fault: Mapped[str | None]
