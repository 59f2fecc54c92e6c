"""What is stored of the categories that cases are filed under?"""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, OfficeTable, TenantTable
from tenants.tables import one_of

LIMIT_UNITS = ("HOUR", "DAY")


class CategoryBook(TenantTable):
    """A tenant's categories as a whole; the version rises with every change, so that apps know when to ask anew."""

    __tablename__ = "category_books"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    version: Mapped[int] = mapped_column(server_default=text("1"))


class CaseCategory(OfficeTable):
    """A category in its tree. Cases are filed under leaves."""

    __tablename__ = "case_categories"
    __table_args__ = (
        CheckConstraint(one_of("limit_unit", LIMIT_UNITS), name="limit_unit"),
        CheckConstraint("limit_amount > 0", name="limit_amount"),
        CheckConstraint("not is_leaf or limit_amount is not null", name="leaf_limit"),
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id", "parent_id"], ["case_categories.tenant_id", "case_categories.id"]),
        Index("ix_case_categories_sort_key", "tenant_id", "sort_key", "id"),
    )

    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[uuid.UUID | None]
    is_leaf: Mapped[bool]
    is_photo_required: Mapped[bool] = mapped_column(server_default=text("false"))
    # How long handling may take, in calendar hours or days.
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str | None]
    # Who is to be called instead of reporting here.
    referral_name: Mapped[str | None]
    referral_phone: Mapped[str | None]
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT)
