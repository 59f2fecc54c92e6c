"""Which keys has a tenant had? Each is stored wrapped by a master key that the database never sees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

ALGORITHMS = ("AES-256-GCM", "SM4-GCM")


class StoredDataKey(TenantTable):
    """A tenant's data key, wrapped. The one not retired seals; retired ones open what they sealed."""

    __tablename__ = "data_keys"
    __table_args__ = (
        CheckConstraint(one_of("algorithm", ALGORITHMS), name="algorithm"),
        Index("uq_data_keys_current", "tenant_id", unique=True, postgresql_where=text("retired_at is null")),
    )

    algorithm: Mapped[str]
    # Which master key wraps it, as the key service names it.
    master_key_id: Mapped[str]
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
