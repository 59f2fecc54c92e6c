"""What is stored of the categories that cases are filed under?"""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.calendars.rules import UNITS
from tenants.database import SORTED_TEXT, OfficeTable, TenantTable
from tenants.tables import one_of


class CategoryBook(TenantTable):
    """A tenant's categories as a whole; the version rises with every change, so that apps know when to ask anew."""

    __tablename__ = "category_books"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    version: Mapped[int] = mapped_column(server_default=text("1"))


class CaseCategory(OfficeTable):
    """A category in its tree. Cases are filed under leaves, as long as these are in use."""

    __tablename__ = "case_categories"
    __table_args__ = (
        CheckConstraint(one_of("limit_unit", UNITS), name="limit_unit"),
        CheckConstraint("limit_amount > 0", name="limit_amount"),
        CheckConstraint("not is_leaf or limit_amount is not null", name="leaf_limit"),
        CheckConstraint("external_code is null or code_system is not null", name="external_code"),
        CheckConstraint("default_handler_kind ~ '^[a-z][a-z0-9_-]*$'", name="default_handler_kind"),
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id", "parent_id"], ["case_categories.tenant_id", "case_categories.id"]),
        Index("ix_case_categories_sort_key", "tenant_id", "sort_key", "id"),
    )

    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[uuid.UUID | None]
    is_leaf: Mapped[bool]
    # No longer in use: it stays for the cases that were filed under it.
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    # Photos with the report; photos or files with what was done about it.
    is_photo_required: Mapped[bool] = mapped_column(server_default=text("false"))
    is_evidence_required: Mapped[bool] = mapped_column(server_default=text("false"))
    # How long handling may take, in units of services/calendars, and where that figure comes from.
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str | None]
    basis: Mapped[str | None]
    # What belongs here, and when it is settled.
    filing_condition: Mapped[str | None]
    closing_condition: Mapped[str | None]
    # A kind of body, or the code of a kind of post.
    default_handler_kind: Mapped[str | None]
    # The same category in another list of them, for example a national one.
    code_system: Mapped[str | None]
    external_code: Mapped[str | None]
    # Who is to be called instead of reporting here.
    referral_name: Mapped[str | None]
    referral_phone: Mapped[str | None]
    # Its own key behind its parent's, so that a group comes before all that is in it and nothing comes between.
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT)
