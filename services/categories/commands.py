"""What may a tenant change of its categories? Any of them, and add and retire some; none is ever deleted."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects.postgresql import insert

from services.categories.errors import CategoryInUse, CategoryInvalid
from services.categories.queries import categories_of, has_cases, knows_position_kind
from services.categories.rules import (
    Known,
    Terms,
    check_group,
    check_retirement,
    check_terms,
    find_parent,
    moved_keys,
    sort_key_of,
)
from services.categories.tables import CaseCategory, CategoryBook
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.tables import BODY_KINDS
from tenants.work import TenantWork

PERMISSION = "settings:edit"
# The turn that reports share as long as they last (services/cases/queries.py, which leans on this feature).
REPORTING = "work"


async def set_case_category(work: TenantWork, *, terms: Terms) -> uuid.UUID:
    """Add a category or change the one of that code as a whole; one that was retired is in use again. Tell its id.

    Due times of cases that are filed under it stay as they are.
    Raises Forbidden, CategoryInvalid, CategoryInUse.
    """
    work.require(PERMISSION)
    check_terms(terms)
    await _change_book(work)
    rows = {row.code: row for row in await work.session.scalars(categories_of(work.tenant.id))}
    known = {code: _known(row) for code, row in rows.items()}
    parent = find_parent(terms, known)
    check_group(terms, known)
    await _check_handler(work, terms.default_handler_kind)
    row = rows.get(terms.code)
    if row is None:
        row = _new(work, terms.code)
        work.session.add(row)
    elif row.is_leaf and not terms.is_leaf:
        await _check_has_no_cases(work, row)
    row.parent_id = parent.id if parent else None
    before, row.sort_key = row.sort_key, sort_key_of(terms.sort or terms.code, parent)
    if before is not None:
        _move_along(rows, moved_keys(known, before=before, after=row.sort_key))
    _take_over(row, terms)
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "CaseCategory", row.id))
    return row.id


async def retire_case_category(work: TenantWork, *, code: str) -> uuid.UUID:
    """Take a category out of use: nothing more is filed under it, and what was stays there. Tell its id.

    Raises Forbidden, NotFound, CategoryInUse.
    """
    work.require(PERMISSION)
    await _change_book(work)
    rows = {row.code: row for row in await work.session.scalars(categories_of(work.tenant.id))}
    row = rows.get(code)
    if row is None:
        raise NotFound(field="code")
    check_retirement(_known(row), {each.code: _known(each) for each in rows.values()})
    row.is_active = False
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "CaseCategory", row.id))
    return row.id


async def _change_book(work: TenantWork) -> None:
    """Begin a change of the tenant's categories, one at a time."""
    fresh = insert(CategoryBook).values(tenant_id=work.tenant.id, id=work.new_id())
    raised = {"version": CategoryBook.version + 1}
    await work.session.execute(fresh.on_conflict_do_update(index_elements=[CategoryBook.tenant_id], set_=raised))


def _known(row: CaseCategory) -> Known:
    return Known(row.id, row.parent_id, row.is_leaf, row.is_active, row.sort_key)


def _new(work: TenantWork, code: str) -> CaseCategory:
    tenant = work.tenant
    return CaseCategory(
        tenant_id=tenant.id, id=work.new_id(), street_id=tenant.street_id, district_id=tenant.district_id, code=code
    )


def _take_over(row: CaseCategory, terms: Terms) -> None:
    row.is_active = True
    row.is_leaf = terms.is_leaf
    for name in (
        "name",
        "limit_amount",
        "limit_unit",
        "basis",
        "is_photo_required",
        "is_evidence_required",
        "filing_condition",
        "closing_condition",
        "default_handler_kind",
        "code_system",
        "external_code",
        "referral_name",
        "referral_phone",
    ):
        given = getattr(terms, name)
        setattr(row, name, given.strip() if isinstance(given, str) else given)


def _move_along(rows: dict[str, CaseCategory], keys: dict[uuid.UUID, str]) -> None:
    for row in rows.values():
        row.sort_key = keys.get(row.id, row.sort_key)


async def _check_handler(work: TenantWork, kind: str | None) -> None:
    if kind is None or kind in BODY_KINDS or await work.session.scalar(knows_position_kind(work.tenant.id, kind)):
        return
    raise CategoryInvalid(
        reason_zh="没有这类机构或岗位", reason_en="there is no such kind of body or post", field="defaultHandlerKind"
    )


async def _check_has_no_cases(work: TenantWork, row: CaseCategory) -> None:
    """Go on only if no case is filed under it, nor is just being. Raises CategoryInUse."""
    # Reports under way end first, and those that come meanwhile begin anew and find it to be a group.
    await work.take_turn(REPORTING)
    await bump_grants_version(work)
    if await work.session.scalar(has_cases(work.tenant.id, row.id)):
        raise CategoryInUse(
            reason_zh="已有诉求归在该类别，不能改为分组", reason_en="cases are filed under it", field="limit"
        )
