"""What is stored about accounts that are bound to dwellings, and about whom a community lets in?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

RELATIONS = ("OWNER", "FAMILY", "RENTER")
STATUSES = ("REQUESTED", "CONFIRMED", "REFUSED", "ENDED")
OPEN_STATUSES = ("REQUESTED", "CONFIRMED")
MATCHED_BY = ("PHONE", "NAME")


def _person(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", column], ["people.tenant_id", "people.id"])


class Residency(TenantTable):
    """An account that says it belongs to a dwelling, from the request to the end. What has ended stays as history."""

    __tablename__ = "residencies"
    __table_args__ = (
        CheckConstraint(one_of("relation", RELATIONS), name="relation"),
        CheckConstraint(one_of("status", STATUSES), name="status"),
        CheckConstraint(one_of("matched_by", MATCHED_BY), name="matched_by"),
        CheckConstraint("(matched_by is null) = (matched_person_id is null)", name="match"),
        CheckConstraint("status <> 'CONFIRMED' or position_id is not null", name="post"),
        ForeignKeyConstraint(["tenant_id", "dwelling_id"], ["places.tenant_id", "places.id"]),
        _person("applicant_id"),
        _person("matched_person_id"),
        ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
        Index(
            "uq_residencies_open",
            "tenant_id",
            "account_id",
            "dwelling_id",
            unique=True,
            postgresql_where=text("status in ('REQUESTED', 'CONFIRMED')"),
        ),
        Index("ix_residencies_account", "tenant_id", "account_id", "requested_at", "id"),
        Index("ix_residencies_dwelling", "tenant_id", "dwelling_id", "status"),
        Index("ix_residencies_requested", "tenant_id", "requested_at", "id"),
        Index("ix_residencies_status", "tenant_id", "status", "requested_at", "id"),
        Index("ix_residencies_applicant", "tenant_id", "applicant_id"),
        Index("ix_residencies_matched", "tenant_id", "matched_person_id"),
        Index("ix_residencies_position", "tenant_id", "position_id"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # As the sign-on service called it at the request: nobody else may read the account itself.
    account_name: Mapped[str]
    # The person of the post by which it was asked for: a visitor's, or a resident's of another dwelling.
    applicant_id: Mapped[uuid.UUID]
    dwelling_id: Mapped[uuid.UUID]
    relation: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'REQUESTED'"))
    requested_at: Mapped[datetime]
    # Of those whom the register knows in that dwelling: whose phone it is, or at least whose name.
    matched_person_id: Mapped[uuid.UUID | None]
    matched_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    # Null while nobody has decided, and where the phone did.
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str | None]
    # The resident's post, given with the confirmation.
    position_id: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))


class ResidencySettings(TenantTable):
    """Whom a community lets in, and how often somebody may ask. Without a row, it lets in nobody."""

    __tablename__ = "residency_settings"
    __table_args__ = (
        CheckConstraint("open_request_limit > 0 and daily_request_limit > 0 and tenant_limit > 0", name="limits"),
        UniqueConstraint("tenant_id"),
    )

    takes_visitors: Mapped[bool] = mapped_column(server_default=text("true"))
    # Requests of one account that wait for a decision.
    open_request_limit: Mapped[int] = mapped_column(server_default=text("3"))
    # Of one account within 24 hours: requests, whatever came of them; and how often it comes in on one day.
    daily_request_limit: Mapped[int] = mapped_column(server_default=text("5"))
    # An account with posts in so many tenants is let in no further.
    tenant_limit: Mapped[int] = mapped_column(server_default=text("10"))
