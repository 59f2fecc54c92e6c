"""What has a tenant changed of the starting grants, for its own people and within its own walls?"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.database import TenantTable
from tenants.policies.roles import ALLOW, ANY, DENY, ROWS
from tenants.tables import one_of


class PolicyOverride(TenantTable):
    """A permission that a tenant gives to or takes from one of its kinds of position, for itself alone."""

    __tablename__ = "policy_overrides"
    __table_args__ = (
        CheckConstraint(one_of("effect", (ALLOW, DENY)), name="effect"),
        CheckConstraint(one_of("rows", (*ROWS, ANY)), name="rows"),
        # Whoever gives says what; only a denial may take all at once.
        CheckConstraint(f"effect = '{DENY}' or (rows <> '{ANY}' and condition <> '{ANY}')", name="definite"),
        ForeignKeyConstraint(["tenant_id", "kind_code"], ["position_kinds.tenant_id", "position_kinds.code"]),
        UniqueConstraint("tenant_id", "kind_code", "permission", "rows", "condition"),
    )

    kind_code: Mapped[str]
    permission: Mapped[str]
    rows: Mapped[str]
    condition: Mapped[str]
    effect: Mapped[str]
