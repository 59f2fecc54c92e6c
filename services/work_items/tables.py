"""What is stored of the work that waits for an account?"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, TenantTable
from tenants.tables import one_of

WORK_REASONS = (
    "TO_ACCEPT",
    "TO_HANDLE",
    "TO_CALL_BACK",
    "TO_DECIDE",
    "TO_WHISTLE",
    "TO_ANSWER_WHISTLE",
    "TO_ARRIVE",
)


class WorkItem(TenantTable):
    """Something that an account has to do about a case, with what a list shows of it. Read by the account alone.

    `tenant_id` is the case's; the post that has to do it may be in another tenant.
    """

    __tablename__ = "work_items"
    __table_args__ = (
        CheckConstraint(one_of("reason", WORK_REASONS), name="reason"),
        UniqueConstraint("tenant_id", "case_id", "position_id", "reason"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index("ix_work_items_account", "account_id", "due_order", "id"),
        Index("ix_work_items_position", "position_id", "tenant_id"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # Where the account holds the post, and acts from.
    post_tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    position_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    number: Mapped[str] = mapped_column(SORTED_TEXT)
    title: Mapped[str]
    status: Mapped[str]
    due_at: Mapped[datetime | None]
    due_order: Mapped[datetime]
    made_at: Mapped[datetime]
    # The last day on which the post reaches the case: that of a company's contract.
    until: Mapped[date | None]
