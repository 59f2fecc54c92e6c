"""What do commands on cases look up?"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, insert
from sqlalchemy.sql.dml import ReturningInsert

from services.bodies.tables import PropertyContract
from services.cases.rules import OPEN
from services.cases.tables import (
    WHISTLE_SHARES,
    Case,
    CaseAttachment,
    CaseDay,
    CaseDetails,
    CaseRequest,
    CaseShare,
    CaseStep,
    CaseStepText,
    CaseTask,
)
from services.categories.tables import CaseCategory
from services.places.tables import Place
from services.positions.tables import Position, PositionKind
from services.supervision.queries import limits_of
from tenants.tables import Body, Tenant

Given = TypeVar("Given")
# Given now, or with each run of a statement that is made once.
Value: TypeAlias = "Given | BindParameter[Given]"
# The turn that steps of cases share, before they lock anything, and that is taken to draw work anew. A step that comes
# after it finds its grants stale, and one before it has been written: so no case is missed between them.
DRAWING = "work"
_OF_PLACE = ("id", "kind", "name", "address", "grid_id", "building_id", "estate_id")
_OF_CATEGORY = (
    "id",
    "is_leaf",
    "is_active",
    "is_photo_required",
    "is_evidence_required",
    "referral_name",
    "referral_phone",
    "limit_amount",
    "limit_unit",
)
CASE_AS_JSON = func.row_to_json(literal_column("cases"), type_=JSON)


def locked_case(tenant_id: int, case_id: uuid.UUID) -> Select[Any]:
    """Select a case with its details and its row as JSON, and lock it."""
    return (
        select(Case, CaseDetails, CASE_AS_JSON)
        .join(CaseDetails, and_(CaseDetails.tenant_id == Case.tenant_id, CaseDetails.id == Case.id))
        .where(Case.tenant_id == tenant_id, Case.id == case_id)
        .with_for_update(of=Case)
    )


def case_as_json(tenant_id: Value[int], case_id: Value[uuid.UUID]) -> Select[Any]:
    """Select a case's row as JSON."""
    return select(CASE_AS_JSON).where(Case.tenant_id == tenant_id, Case.id == case_id)


def shares_in_force(tenant_id: int, case_id: uuid.UUID) -> Select[CaseShare]:
    """Select the shares of a case that are in force, the newest last."""
    return (
        select(CaseShare)
        .where(CaseShare.tenant_id == tenant_id, CaseShare.case_id == case_id, CaseShare.ended_at.is_(None))
        .order_by(CaseShare.shared_at, CaseShare.id)
    )


def requests_waiting(tenant_id: int, case_id: uuid.UUID | None = None) -> Select[CaseRequest]:
    """Select what was asked and is not decided, about a case or about all of a tenant's."""
    waiting = select(CaseRequest).where(CaseRequest.tenant_id == tenant_id, CaseRequest.status == "REQUESTED")
    return waiting if case_id is None else waiting.where(CaseRequest.case_id == case_id)


def tasks_open(tenant_id: int, case_id: uuid.UUID | None = None) -> Select[CaseTask]:
    """Select parts that are not done, of a case or of all of a tenant's."""
    is_open = select(CaseTask).where(CaseTask.tenant_id == tenant_id, CaseTask.status == "OPEN")
    return is_open if case_id is None else is_open.where(CaseTask.case_id == case_id)


def words_of_steps(tenant_id: int, step_ids: Collection[uuid.UUID]) -> Select[str | None]:
    """Select what was written with some steps, the oldest first."""
    return (
        select(CaseStepText.note)
        .where(CaseStepText.tenant_id == tenant_id, CaseStepText.id.in_(step_ids))
        .order_by(CaseStepText.id)
    )


def limit_unit_of(tenant_id: int, category_id: uuid.UUID) -> Select[str | None]:
    """Select in which unit a category's time limit is."""
    return select(CaseCategory.limit_unit).where(CaseCategory.tenant_id == tenant_id, CaseCategory.id == category_id)


def handlers_of(tenant_id: int, case_id: uuid.UUID) -> Select[uuid.UUID]:
    """Select the accounts that handled a case."""
    return select(CaseStepText.account_id).where(
        CaseStepText.tenant_id == tenant_id, CaseStepText.case_id == case_id, CaseStepText.is_handling
    )


def open_cases(tenant_id: int, *which: ColumnElement[bool]) -> Select[Case, CaseDetails]:
    """Select the tenant's open cases that meet conditions with their details."""
    return (
        select(Case, CaseDetails)
        .join(CaseDetails, and_(CaseDetails.tenant_id == Case.tenant_id, CaseDetails.id == Case.id))
        .where(Case.tenant_id == tenant_id, Case.status.in_(sorted(OPEN)), *which)
    )


def reports_merged_into(tenant_id: int, case_id: uuid.UUID) -> Select[uuid.UUID, str, str, uuid.UUID]:
    """Select the cases that were merged into one, or into one of these, as their reporters know them."""
    is_merged = (Case.tenant_id == tenant_id, Case.status == "MERGED")
    merged = select(Case.id).where(*is_merged, Case.duplicate_of_id == case_id).cte("merged", recursive=True)
    merged = merged.union(select(Case.id).where(*is_merged, Case.duplicate_of_id == merged.c.id))
    return (
        select(Case.id, Case.number, CaseDetails.title, CaseDetails.reporter_account_id)
        .join(CaseDetails, and_(CaseDetails.tenant_id == Case.tenant_id, CaseDetails.id == Case.id))
        .join(merged, merged.c.id == Case.id)
        .where(Case.tenant_id == tenant_id)
    )


def shares_open_in(tenant_id: int) -> Select[CaseShare]:
    """Select all shares of a tenant's cases that are in force."""
    return select(CaseShare).where(CaseShare.tenant_id == tenant_id, CaseShare.ended_at.is_(None))


def handlers_in(tenant_id: int) -> Select[uuid.UUID, uuid.UUID]:
    """Select the tenant's open cases, each with the accounts that handled it."""
    return (
        select(CaseStepText.case_id, CaseStepText.account_id)
        .join(Case, and_(Case.tenant_id == CaseStepText.tenant_id, Case.id == CaseStepText.case_id))
        .where(CaseStepText.tenant_id == tenant_id, CaseStepText.is_handling, Case.status.in_(sorted(OPEN)))
    )


def last_ordinal(tenant_id: Value[int], case_id: Value[uuid.UUID]) -> Select[int]:
    """Select how many steps a case has taken."""
    return select(func.coalesce(func.max(CaseStep.ordinal), 0)).where(
        CaseStep.tenant_id == tenant_id, CaseStep.case_id == case_id
    )


def count_of_day(tenant_id: Value[int], row_id: Value[uuid.UUID], day: Value[date]) -> ReturningInsert[int]:
    """Count the tenant's cases of a day one further; whoever counts next waits for the commit, so none is left out."""
    statement = insert(CaseDay).values(tenant_id=tenant_id, id=row_id, day=day, last_number=1)
    counted = statement.on_conflict_do_update(
        index_elements=[CaseDay.tenant_id, CaseDay.day], set_={"last_number": CaseDay.last_number + 1}
    )
    return counted.returning(CaseDay.last_number)


def number_of_day(day: Value[date], ordinal: ColumnElement[int]) -> ColumnElement[str]:
    """Write a case's number as `rules.case_number` does."""
    digits = cast(ordinal, Text)
    padded = func.lpad(digits, func.greatest(func.length(digits), 4), "0")
    return func.to_char(day, "YYYYMMDD").concat("-").concat(padded)


@cache
def ground_of_report() -> Select[Any]:
    """Select the place and the category that a report names, each null if there is none such in the tenant.

    Binds tenant_id, place_id and code. The columns of the category are prefixed with category_; its limits are JSON.
    Shares the turn of drawing work.
    """
    one = select(literal_column("1")).subquery("one")
    tenant_id = bindparam("tenant_id", type_=Integer())
    is_place = and_(Place.tenant_id == tenant_id, Place.id == bindparam("place_id", type_=Uuid()))
    is_category = and_(CaseCategory.tenant_id == tenant_id, CaseCategory.code == bindparam("code", type_=Text()))
    # Joined here, as the first thing that a report does, for the sake of a round trip.
    turn = func.pg_advisory_xact_lock_shared(func.hashtextextended(DRAWING, tenant_id)).label("turn")
    return select(
        turn,
        *(Place.__table__.c[name] for name in _OF_PLACE),
        *(CaseCategory.__table__.c[name].label(f"category_{name}") for name in _OF_CATEGORY),
        limits_of(tenant_id, CaseCategory.__table__.c["id"]).label("limits"),
    ).select_from(one.outerjoin(Place, is_place).outerjoin(CaseCategory, is_category))


def post_in_force(tenant_id: int, position_id: uuid.UUID, *, today: date) -> Select[Position, str, str]:
    """Select a post in force with its kind and the kind of its body."""
    return (
        select(Position, PositionKind.grants_as, Body.kind)
        .join(
            PositionKind,
            and_(PositionKind.tenant_id == Position.tenant_id, PositionKind.code == Position.kind_code),
        )
        .outerjoin(Body, Body.id == Position.body_id)
        .where(
            Position.tenant_id == tenant_id,
            Position.id == position_id,
            Position.since <= today,
            or_(Position.until.is_(None), Position.until >= today),
        )
    )


def account_of_person(tenant_id: int, person_id: uuid.UUID, *, today: date) -> Select[uuid.UUID | None]:
    """Select the account with which a person holds a post in the tenant today."""
    return (
        select(Position.account_id)
        .where(
            Position.tenant_id == tenant_id,
            Position.person_id == person_id,
            Position.account_id.is_not(None),
            Position.since <= today,
            or_(Position.until.is_(None), Position.until >= today),
        )
        .order_by(Position.id)
        .limit(1)
    )


def contract_in_force(tenant_id: int, *, estate_id: uuid.UUID | None, body_id: uuid.UUID, today: date) -> Select[Any]:
    """Select whether a company serves an estate today."""
    return select(PropertyContract.id).where(
        PropertyContract.tenant_id == tenant_id,
        PropertyContract.estate_id == estate_id,
        PropertyContract.body_id == body_id,
        PropertyContract.since <= today,
        or_(PropertyContract.until.is_(None), PropertyContract.until >= today),
    )


def body_of(body_id: uuid.UUID) -> Select[Body]:
    """Select a body of the directory."""
    return select(Body).where(Body.id == body_id)


def office_of(tenant_id: int) -> Select[int, uuid.UUID]:
    """Select an open tenant's number and the body that represents it."""
    return (
        select(Tenant.id, Body.id.label("body_id"))
        .join(Body, Body.represents_tenant_id == Tenant.id)
        .where(Tenant.id == tenant_id, Tenant.status == "open")
    )


def case_of_file(tenant_id: int, file_id: uuid.UUID) -> Select[Any]:
    """Select what a file of a case is called and how the case stands, with the bodies that are entrusted with it now.

    Whom a whistle calls comes to the place, and reads no files.
    """
    receivers = (
        select(func.array_agg(CaseShare.receiver_body_id))
        .where(
            CaseShare.tenant_id == Case.tenant_id,
            CaseShare.case_id == Case.id,
            CaseShare.ended_at.is_(None),
            CaseShare.reason.not_in(WHISTLE_SHARES),
        )
        .scalar_subquery()
    )
    found: Select[Any] = (
        select(
            CaseAttachment.file_name,
            *Case.__table__.c,
            CaseDetails.building_id,
            CaseDetails.estate_id,
            CaseDetails.reporter_account_id,
            receivers.label("shared_with"),
            _tasked("receiver_position_id").label("tasked_positions"),
            _tasked("receiver_body_id", CaseTask.receiver_position_id.is_(None)).label("tasked_bodies"),
        )
        .join(Case, and_(Case.tenant_id == CaseAttachment.tenant_id, Case.id == CaseAttachment.case_id))
        .join(CaseDetails, and_(CaseDetails.tenant_id == Case.tenant_id, CaseDetails.id == Case.id))
        .where(CaseAttachment.tenant_id == tenant_id, CaseAttachment.id == file_id)
    )
    return found


def _tasked(name: str, *further: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Select to whom the parts of a case were given that are not done."""
    is_open = (CaseTask.tenant_id == Case.tenant_id, CaseTask.case_id == Case.id, CaseTask.status == "OPEN")
    column = CaseTask.__table__.c[name]
    return select(func.array_agg(column)).where(*is_open, column.is_not(None), *further).scalar_subquery()


def version_of(tenant_id: Value[int]) -> Select[int]:
    """Select the version of a tenant's grants."""
    return select(Tenant.grants_version).where(Tenant.id == tenant_id)
