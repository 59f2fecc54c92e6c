"""How does a tenant change when its cases are urged, or turn yellow or red?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from services.categories.tables import CaseCategory, CategoryBook
from services.supervision.errors import LimitsInvalid
from services.supervision.rules import Limit, check_limits
from services.supervision.tables import CategoryMark
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.work import TenantWork

PERMISSION = "settings:edit"
LONGEST_BASIS = 300


async def set_category_marks(
    work: TenantWork, *, code: str | None, limits: Sequence[Limit], basis: str
) -> uuid.UUID | None:
    """Let a category have these limits and no others; without a code, all that have none of their own.

    Tell the category's id. Raises Forbidden, LimitsInvalid, NotFound.
    """
    work.require(PERMISSION)
    check_limits(limits)
    if not 1 <= len(basis.strip()) <= LONGEST_BASIS:
        raise LimitsInvalid(
            reason_zh=f"依据为 1 到 {LONGEST_BASIS} 个字",
            reason_en=f"the basis takes 1 to {LONGEST_BASIS} characters",
            field="basis",
        )
    category_id = None if code is None else await _category(work, code)
    book = update(CategoryBook).where(CategoryBook.tenant_id == work.tenant.id)
    # One change of the tenant's categories at a time; apps ask anew by the version.
    await work.session.execute(book.values(version=CategoryBook.version + 1))
    mine = CategoryMark.category_id.is_not_distinct_from(category_id)
    await work.session.execute(delete(CategoryMark).where(CategoryMark.tenant_id == work.tenant.id, mine))
    rows = [
        {
            "tenant_id": work.tenant.id,
            "id": work.new_id(),
            "category_id": category_id,
            "mark": limit.mark,
            "side": limit.side,
            "amount": limit.amount,
            "unit": limit.unit,
            "basis": basis.strip(),
        }
        for limit in limits
    ]
    if rows:
        await work.session.execute(insert(CategoryMark), rows)
    await work.record(AuditEntry(PERMISSION, "CaseCategory", category_id, purpose="MARKS"))
    return category_id


async def _category(work: TenantWork, code: str) -> uuid.UUID:
    asked = select(CaseCategory.id).where(CaseCategory.tenant_id == work.tenant.id, CaseCategory.code == code)
    found: uuid.UUID | None = await work.session.scalar(asked)
    if found is None:
        raise NotFound(field="categoryCode")
    return found
