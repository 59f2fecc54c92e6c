"""What do clients see of the categories?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from sqlalchemy import exists, not_, or_

from schema.categories.marks import CategoryMarkType
from schema.categories.units import LimitUnit
from schema.compiler.context import ACTING_TENANT, TODAY
from schema.compiler.declare import Many, One, Row, Source, column, plain_table, read, reads, table_of
from schema.compiler.json_sql import global_id, quoted
from schema.node import NodeInterface
from services.categories.rules import MOST_CATEGORIES
from services.categories.tables import CaseCategory, CategoryBook
from services.settings.tables import TenantSetting


def _at_or_below(row: Row) -> Any:
    return or_(row.c.tenant_id == ACTING_TENANT, row.c.street_id == ACTING_TENANT, row.c.district_id == ACTING_TENANT)


def _here(row: Row) -> Any:
    return row.c.tenant_id == ACTING_TENANT


# Known to everybody in the tenant, and to the offices above with the cases filed under them.
CATEGORY = Source(table=table_of(CaseCategory), name="case_categories", prefix="cat", only=_at_or_below)
PART_OF_CATEGORY = Source(table=table_of(CaseCategory), name="case_categories")
BOOK = Source(table=table_of(CategoryBook), name="category_books", only=_here)


def is_same(one: Row, other: Row) -> Any:
    """Ask that two rows of a table are the same."""
    return (one.c.tenant_id == other.c.tenant_id) & (one.c.id == other.c.id)


def _in_order(mark: Row) -> tuple[Any, ...]:
    return (mark.c.mark, mark.c.side, mark.c.amount, mark.c.unit)


def _asks_for_photos(category: Row) -> Any:
    setting = plain_table(TenantSetting).alias("asks")
    found = exists().where(
        setting.c.tenant_id == category.c.tenant_id,
        setting.c.name == quoted("COMPULSORY_PHOTOS"),
        setting.c.value > 0,
        setting.c.until >= TODAY,
    )
    return found.correlate_except(setting)


@reads(PART_OF_CATEGORY)
@strawberry.type(name="CaseLimit", description="办理时限: how long handling may take.")
class CaseLimitType:
    """A time limit."""

    amount: int | None = column(lambda category: category.c.limit_amount)
    unit: LimitUnit | None = column(lambda category: category.c.limit_unit)
    basis: str | None = column(lambda category: category.c.basis, "依据: where the figure comes from.")


@reads(PART_OF_CATEGORY)
@strawberry.type(name="CaseReferral", description="转办电话: whom to call instead of reporting here.")
class CaseReferralType:
    """Whom to call instead."""

    name: str | None = column(lambda category: category.c.referral_name)
    phone: str | None = column(lambda category: category.c.referral_phone)


@reads(PART_OF_CATEGORY)
@strawberry.type(name="ExternalCategory", description="外部编码: the same category in another list of them.")
class ExternalCategoryType:
    """A category elsewhere."""

    system: str | None = column(
        lambda category: category.c.code_system, "Whose list, for example GB/T 30428.2; jinlin is the list shipped."
    )
    code: str | None = column(lambda category: category.c.external_code, "Null where it is the same as ours.")


@reads(CATEGORY)
@strawberry.type(name="CaseCategory", description="诉求类别: cases are filed under leaves.")
class CaseCategoryType(NodeInterface):
    """A category."""

    code: str = column(lambda category: category.c.code, "What `reportCase` takes.")
    name: str = column(lambda category: category.c.name)
    parent_id: strawberry.ID | None = column(
        lambda category: global_id("cat", category.c.tenant_id, category.c.parent_id), "The category above it."
    )
    is_leaf: bool = column(lambda category: category.c.is_leaf, "Cases can be filed under it.")
    is_active: bool = column(
        lambda category: category.c.is_active, "False when it was retired: it stays for the cases filed under it."
    )
    is_photo_required: bool = column(
        lambda category: category.c.is_photo_required & _asks_for_photos(category),
        "A report takes a photo along, while the tenant has set that photos are asked for (COMPULSORY_PHOTOS).",
    )
    is_evidence_required: bool = column(
        lambda category: category.c.is_evidence_required, "办结须附佐证: `resolveCase` takes a photo or file along."
    )
    filing_condition: str | None = column(lambda category: category.c.filing_condition, "立案条件: what belongs here.")
    closing_condition: str | None = column(
        lambda category: category.c.closing_condition, "结案条件: when it is settled."
    )
    default_handler_kind: str | None = column(
        lambda category: category.c.default_handler_kind,
        "承办主体: who usually handles it, a kind of body (department, property_company) or a code of `positionKinds`.",
    )
    limit: CaseLimitType | None = read(
        One(
            on=lambda category, limit: is_same(category, limit) & limit.c.limit_amount.is_not(None),
            covered=True,
        ),
        "Null for a category that only groups others.",
    )
    marks: list[CategoryMarkType] | None = read(
        Many(
            on=lambda category, mark: (
                (mark.c.tenant_id == category.c.tenant_id) & (mark.c.category_id == category.c.id)
            ),
            order=_in_order,
            covered=True,
            expected=4,
        ),
        "When cases under it are urged, or turn yellow or red. Empty where `defaultMarks` hold.",
    )
    referral: CaseReferralType | None = read(
        One(
            on=lambda category, referral: is_same(category, referral) & referral.c.referral_phone.is_not(None),
            covered=True,
        ),
        "For emergencies: call there at once.",
    )
    external: ExternalCategoryType | None = read(
        One(
            on=lambda category, external: is_same(category, external) & external.c.code_system.is_not(None),
            covered=True,
        ),
        "Null for a category that is in no other list.",
    )


def _categories(which: Callable[[Row], Any], description: str, *, expected: int) -> Any:
    declared = Many(
        on=lambda book, category: (category.c.tenant_id == book.c.tenant_id) & which(category),
        order=lambda category: (category.c.sort_key, category.c.id),
        covered=True,
        expected=expected,
        limit=MOST_CATEGORIES,
    )
    return read(declared, description)


@reads(BOOK)
@strawberry.type(name="CaseCategories", description="诉求类别表: all categories of the tenant acted in.")
class CaseCategoriesType:
    """All categories."""

    version: int = column(lambda book: book.c.version, "Rises with every change.")
    default_marks: list[CategoryMarkType] | None = read(
        Many(
            on=lambda book, mark: (mark.c.tenant_id == book.c.tenant_id) & mark.c.category_id.is_(None),
            order=_in_order,
            covered=True,
            expected=4,
        ),
        "When cases are urged, or turn yellow or red, under categories that say nothing of it.",
    )
    nodes: list[CaseCategoryType] | None = _categories(
        lambda category: category.c.is_active, "Those in use, parents before their children.", expected=100
    )
    retired: list[CaseCategoryType] | None = _categories(
        lambda category: not_(category.c.is_active), "已停用: those out of use.", expected=20
    )


def is_own_book(_: object, book: Row) -> Any:
    """Link the request with the categories of the tenant acted in."""
    return _here(book)
