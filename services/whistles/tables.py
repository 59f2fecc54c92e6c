"""What is stored of a whistle (吹哨) and of those it calls, and how much time a tenant gives them?"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

WHISTLE_REASONS = ("PRESSING_PROBLEM", "JOINT_ENFORCEMENT", "EMERGENCY")
WHISTLE_STATUSES = ("REQUESTED", "CALLED", "REFUSED", "CONCLUDED", "LAPSED")
CALLEE_STATUSES = ("CALLED", "COMING", "DECLINED", "EXCUSED", "ARRIVED")


class Whistle(TenantTable):
    """Departments called to a case's place, or the request that they be called.

    Read by the case's tenant, and by those of the offices above that have a part in it: its texts are written for them.
    """

    __tablename__ = "whistles"
    __table_args__ = (
        CheckConstraint(one_of("reason", WHISTLE_REASONS), name="reason"),
        CheckConstraint(one_of("status", WHISTLE_STATUSES), name="status"),
        CheckConstraint("status not in ('CALLED', 'CONCLUDED') or called_at is not null", name="called_at"),
        CheckConstraint("(status in ('REQUESTED', 'CALLED')) = (ended_at is null)", name="ended_at"),
        CheckConstraint("(status = 'CONCLUDED') = (outcome is not null)", name="outcome"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index("ix_whistles_case", "tenant_id", "case_id", "requested_at", "id"),
        Index("ix_whistles_open", "tenant_id", "case_id", postgresql_where=text("ended_at is null")),
    )

    case_id: Mapped[uuid.UUID]
    # The offices above that have a part in it; null for one that has none, which reads nothing of it.
    told_street_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"))
    told_district_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"))
    status: Mapped[str]
    reason: Mapped[str]
    # What is the matter, in words that whoever asks confirms for the offices and departments to read.
    summary: Mapped[str]
    # Whoever asked, and the office that calls.
    requester_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    office_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    # Where to come, and what the office tells all that it calls.
    place_text: Mapped[str]
    note: Mapped[str | None]
    requested_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    refused_reason: Mapped[str | None]
    # What came of it, as all who came agreed.
    outcome: Mapped[str | None]


class WhistleCallee(TenantTable):
    """A department that a whistle calls: whether it comes, when it came, and what both sides say of each other."""

    __tablename__ = "whistle_callees"
    __table_args__ = (
        CheckConstraint(one_of("status", CALLEE_STATUSES), name="status"),
        CheckConstraint("arrive_by >= respond_by", name="times"),
        CheckConstraint("(status = 'CALLED') = (answered_at is null)", name="answered_at"),
        CheckConstraint("(status = 'ARRIVED') = (arrived_at is not null)", name="arrived_at"),
        CheckConstraint("status not in ('DECLINED', 'EXCUSED') or declined_reason is not null", name="declined_reason"),
        CheckConstraint("status <> 'DECLINED' or decider_body_id is not null", name="decider"),
        CheckConstraint("department_score between 1 and 5", name="department_score"),
        CheckConstraint("office_score between 1 and 5", name="office_score"),
        ForeignKeyConstraint(["tenant_id", "whistle_id"], ["whistles.tenant_id", "whistles.id"]),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        # None is called twice by one whistle.
        UniqueConstraint("tenant_id", "whistle_id", "body_id"),
        Index("ix_whistle_callees_case", "tenant_id", "case_id"),
    )

    whistle_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # As the whistle's.
    told_street_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"))
    told_district_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"))
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    status: Mapped[str]
    respond_by: Mapped[datetime]
    arrive_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    # Where they came to, in words; a position of a phone is not taken.
    arrived_place: Mapped[str | None]
    declined_reason: Mapped[str | None]
    # The office that a decline goes to, and when it said that they have to come all the same.
    decider_body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bodies.id"))
    insisted_at: Mapped[datetime | None]
    # What whoever called says of the department, and the department of the office that whistled: 1 to 5, each once.
    department_score: Mapped[int | None]
    department_comment: Mapped[str | None]
    department_rated_at: Mapped[datetime | None]
    office_score: Mapped[int | None]
    office_comment: Mapped[str | None]
    office_rated_at: Mapped[datetime | None]


class WhistleTime(TenantTable):
    """How long departments have to answer and to arrive, by what they are called for, where a call says nothing else.

    The tenant's own, with what it goes by and the days on which it holds, both included.
    """

    __tablename__ = "whistle_times"
    __table_args__ = (
        CheckConstraint(one_of("reason", WHISTLE_REASONS), name="reason"),
        CheckConstraint("respond_minutes > 0", name="respond_minutes"),
        CheckConstraint("arrive_minutes >= respond_minutes", name="arrive_minutes"),
        CheckConstraint("until >= since", name="dates"),
        UniqueConstraint("tenant_id", "reason", "since"),
        Index("ix_whistle_times_since", "tenant_id", "since", "id"),
    )

    reason: Mapped[str]
    respond_minutes: Mapped[int]
    arrive_minutes: Mapped[int]
    basis: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
