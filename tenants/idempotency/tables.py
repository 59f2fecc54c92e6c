"""What is kept of a call that came with a key? Whose it was, a digest of its input, and what was answered."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable


class IdempotencyKey(TenantTable):
    """A key of one account for one mutation. Neither a row nor a refusal is kept of what is done anew each time."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("tenant_id", "account_id", "mutation", "key"),
        Index("ix_idempotency_keys_made_at", "made_at"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # As published, for example addBody.
    mutation: Mapped[str]
    key: Mapped[str]
    # Keyed: names and phone numbers are easily guessed from a plain digest.
    input_hash: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    row_id: Mapped[uuid.UUID | None]
    row_tenant_id: Mapped[int | None]
    refusal_code: Mapped[str | None]
    refusal_field: Mapped[str | None]
    refusal_zh: Mapped[str | None]
    refusal_en: Mapped[str | None]
