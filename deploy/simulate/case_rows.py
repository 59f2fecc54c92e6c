"""What does a bulk load write of cases? One named tuple a table, its fields named as the columns."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import NamedTuple


class CaseRow(NamedTuple):
    """A row of `cases`."""

    tenant_id: int
    id: uuid.UUID
    street_id: int | None
    district_id: int | None
    number: str
    kind: str
    source: str
    category_id: uuid.UUID
    status: str
    grid_id: uuid.UUID | None
    coordinator_body_id: uuid.UUID
    accountable_body_id: uuid.UUID
    accountable_position_id: uuid.UUID | None
    reported_at: datetime
    accepted_at: datetime | None
    dispatched_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    due_at: datetime
    due_body_id: uuid.UUID
    rework_count: int
    needs_call_back: bool
    called_back_at: datetime | None
    is_contacted: bool | None
    is_solved: bool | None
    satisfaction: str | None
    duplicate_of_id: uuid.UUID | None


class CaseDetailsRow(NamedTuple):
    """A row of `case_details`."""

    tenant_id: int
    id: uuid.UUID
    title: str
    description: str
    reported_at: datetime
    place_id: uuid.UUID
    building_id: uuid.UUID | None
    estate_id: uuid.UUID | None
    place_text: str
    reporter_id: uuid.UUID | None
    reporter_account_id: uuid.UUID
    is_confidential: bool


class CaseStepRow(NamedTuple):
    """A row of `case_steps`."""

    tenant_id: int
    id: uuid.UUID
    street_id: int | None
    district_id: int | None
    case_id: uuid.UUID
    ordinal: int
    at: datetime
    action: str
    from_status: str | None
    to_status: str
    actor_body_id: uuid.UUID | None
    coordinator_body_id: uuid.UUID
    accountable_body_id: uuid.UUID
    accountable_position_id: uuid.UUID | None
    due_at: datetime
    rework_count: int
    is_contacted: bool | None
    is_solved: bool | None
    satisfaction: str | None


class CaseStepTextRow(NamedTuple):
    """A row of `case_step_texts`."""

    tenant_id: int
    id: uuid.UUID
    case_id: uuid.UUID
    author_tenant_id: int
    account_id: uuid.UUID
    position_id: uuid.UUID | None
    public_name: str | None
    is_handling: bool
    note: str | None


class CaseShareRow(NamedTuple):
    """A row of `case_shares`."""

    tenant_id: int
    id: uuid.UUID
    case_id: uuid.UUID
    receiver_tenant_id: int
    receiver_body_id: uuid.UUID
    reason: str
    shared_at: datetime
    ended_at: datetime | None
    title: str
    description: str
    place_text: str
    reported_at: datetime
    reporter_id: uuid.UUID | None
    reporter_name_masked: str | None
    reporter_phone_masked: str | None


class CaseDayRow(NamedTuple):
    """A row of `case_days`."""

    tenant_id: int
    id: uuid.UUID
    day: date
    last_number: int
