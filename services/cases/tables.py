"""What is stored of a case? The index that offices read, the details of its own tenant, its history, its shares."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, OfficeTable, TenantTable
from tenants.tables import one_of

CASE_KINDS = ("INQUIRY", "HELP", "COMPLAINT", "TIP_OFF", "SUGGESTION")
CASE_SOURCES = ("SNAPSHOT", "VISIT", "PATROL", "HOTLINE", "WINDOW", "MEETING", "PROPERTY")
CASE_STATUSES = (
    "REPORTED",
    "ACCEPTED",
    "DISPATCHED",
    "HANDLING",
    "RESOLVED",
    "CLOSED",
    "EXCLUDED",
    "MERGED",
)
ENDED_STATUSES = ("CLOSED", "EXCLUDED", "MERGED")
SATISFACTIONS = ("SATISFIED", "NEUTRAL", "DISSATISFIED")
CASE_COLORS = ("GREEN", "YELLOW", "RED")
COORDINATE_SYSTEMS = ("GCJ02", "WGS84", "CGCS2000")
# A share that a whistle opened shows the case, and entrusts its receiver with nothing but to answer the whistle.
WHISTLE_SHARES = ("WHISTLE_ASKED", "WHISTLED", "WHISTLE_DECLINED")
# A share that puts the case into its receiver's hands: these alone tell of the reporter.
HANDING_SHARES = ("HANDED_UP", "DISPATCHED")
# What entrusts its receiver with something of the case, the most trusting first.
ENTRUSTING_SHARES = (*HANDING_SHARES, "TASKED")
SHARE_REASONS = ("DISPATCHED", "HANDED_UP", "TASKED", *WHISTLE_SHARES)
TASK_STATUSES = ("OPEN", "DONE", "DECLINED", "CANCELLED")
REQUEST_KINDS = ("EXTENSION", "OBJECTION", "RATES_EXCLUSION")
REQUEST_STATUSES = ("REQUESTED", "GRANTED", "REFUSED", "LAPSED")
EXCLUSION_REASONS = (
    "NOT_OUR_DUTY",
    "IN_COURT",
    "EMERGENCY",
    "NOT_CLEAR",
    "WITHDRAWN",
    "IN_PETITION",
    "DONE_BEFORE",
    "SECRET",
    "UNLAWFUL",
)
OBJECTION_BASES = ("CONTRACT", "DUTY_LIST", "LAW", "OTHER")

_ENDED = ", ".join(repr(status) for status in ENDED_STATUSES)
_ENDED_TEXTS = ", ".join(f"'{status}'::text" for status in ENDED_STATUSES)
# What a case is due by as lists order it: what has ended or stands still is due last. Written as PostgreSQL writes it,
# or the two could not be compared.
_DUE_ORDER = (
    f"case when status = any (array[{_ENDED_TEXTS}]) or due_at is null then 'infinity'::timestamp with time zone "
    "else due_at end"
)


def _of_case(column: str = "case_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", column], ["cases.tenant_id", "cases.id"])


class Case(OfficeTable):
    """The index of a case, which the offices above read: nothing personal, no text, no place below the grid."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(one_of("kind", CASE_KINDS), name="kind"),
        CheckConstraint(one_of("source", CASE_SOURCES), name="source"),
        CheckConstraint(one_of("status", CASE_STATUSES), name="status"),
        CheckConstraint(one_of("satisfaction", SATISFACTIONS), name="satisfaction"),
        CheckConstraint(one_of("color", CASE_COLORS), name="color"),
        # A case cannot be lost: it has ended, or there is an instant at which somebody has to answer for it.
        CheckConstraint(f"status in ({_ENDED}) or due_at is not null or stop_reason is not null", name="due"),
        CheckConstraint("status <> 'MERGED' or duplicate_of_id is not null", name="duplicate"),
        CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name="closed_at"),
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id", "category_id"], ["case_categories.tenant_id", "case_categories.id"]),
        ForeignKeyConstraint(["tenant_id", "grid_id"], ["places.tenant_id", "places.id"]),
        ForeignKeyConstraint(["tenant_id", "accountable_position_id"], ["positions.tenant_id", "positions.id"]),
        _of_case("duplicate_of_id"),
        Index("ix_cases_reported_at", "tenant_id", "reported_at", "id"),
        Index("ix_cases_due", "tenant_id", "due_order", "id"),
        Index("ix_cases_status", "tenant_id", "status", "reported_at", "id"),
        Index("ix_cases_grid", "tenant_id", "grid_id", "reported_at", "id"),
        Index("ix_cases_accountable", "tenant_id", "accountable_body_id", "reported_at", "id"),
        Index(
            "ix_cases_duplicates",
            "tenant_id",
            "duplicate_of_id",
            postgresql_where=text("duplicate_of_id is not null"),
        ),
        Index("ix_cases_street_reported_at", "street_id", "reported_at", "id"),
        Index("ix_cases_street_due", "street_id", "due_order", "id"),
        Index("ix_cases_district_reported_at", "district_id", "reported_at", "id"),
        Index("ix_cases_district_due", "district_id", "due_order", "id"),
    )

    # As people read it out: the local day and a number that starts anew each day, without gaps.
    number: Mapped[str] = mapped_column(SORTED_TEXT)
    kind: Mapped[str]
    source: Mapped[str]
    category_id: Mapped[uuid.UUID]
    status: Mapped[str]
    grid_id: Mapped[uuid.UUID | None]
    # Who sees to it that it goes on: the community, or the office it was handed up to.
    coordinator_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    # Who answers for it now, always exactly one, and perhaps a post in that body. When the post ends, the body goes on.
    accountable_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    accountable_position_id: Mapped[uuid.UUID | None]
    reported_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    # Who answers for it as it falls due: whoever has it then, whoever has it later.
    due_body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bodies.id"))
    due_order: Mapped[datetime] = mapped_column(Computed(_DUE_ORDER, persisted=True))
    # That the clock stands still (why is told with the details), from when, and until when at the latest: `due_at` is
    # later by as much. Null otherwise.
    stop_reason: Mapped[str | None]
    stopped_at: Mapped[datetime | None]
    stopped_until: Mapped[datetime | None]
    # What it was due by before the clock stopped.
    due_before_stop: Mapped[datetime | None]
    rework_count: Mapped[int] = mapped_column(server_default=text("0"))
    # Somebody waits to hear back, so it is not closed before they were called.
    needs_call_back: Mapped[bool]
    # Drawn for verification (核查) by somebody who did not handle it; and when somebody did, and found it settled.
    needs_verification: Mapped[bool] = mapped_column(server_default=text("false"))
    verified_at: Mapped[datetime | None]
    # The last call-back (回访). Null before one, and again after a reopening.
    called_back_at: Mapped[datetime | None]
    is_contacted: Mapped[bool | None]
    is_solved: Mapped[bool | None]
    satisfaction: Mapped[str | None]
    # Somebody approved that this call-back does not count in rates.
    is_left_out_of_rates: Mapped[bool] = mapped_column(server_default=text("false"))
    duplicate_of_id: Mapped[uuid.UUID | None]
    # The last one that it reached of its due time; green again with another due time.
    color: Mapped[str] = mapped_column(server_default=text("'GREEN'"))


def forget_verdicts(case: Case) -> None:
    """Let neither a verification nor a call-back count any more: it is handled again."""
    case.verified_at = case.called_back_at = case.is_contacted = case.is_solved = case.satisfaction = None
    case.is_left_out_of_rates = False


class CaseDetails(TenantTable):
    """What only the case's own tenant reads of it. `id` is the case's."""

    __tablename__ = "case_details"
    __table_args__ = (
        CheckConstraint(one_of("coordinate_system", COORDINATE_SYSTEMS), name="coordinate_system"),
        CheckConstraint(one_of("exclusion_reason", EXCLUSION_REASONS), name="exclusion_reason"),
        _of_case("id"),
        ForeignKeyConstraint(["tenant_id", "place_id"], ["places.tenant_id", "places.id"]),
        ForeignKeyConstraint(["tenant_id", "reporter_id"], ["people.tenant_id", "people.id"]),
        # The same ticket of another system never comes in twice.
        UniqueConstraint("tenant_id", "external_system", "external_number"),
        Index("ix_case_details_place", "tenant_id", "place_id", "reported_at", "id"),
        Index("ix_case_details_building", "tenant_id", "building_id", "reported_at", "id"),
        Index("ix_case_details_reporter", "tenant_id", "reporter_account_id", "reported_at", "id"),
    )

    title: Mapped[str]
    description: Mapped[str]
    # The case's own, so that the lists of a place and of a reporter are each one index.
    reported_at: Mapped[datetime]
    place_id: Mapped[uuid.UUID | None]
    building_id: Mapped[uuid.UUID | None]
    estate_id: Mapped[uuid.UUID | None]
    # The place in words, as it is told to whoever is called from outside.
    place_text: Mapped[str]
    longitude: Mapped[float | None] = mapped_column(Double)
    latitude: Mapped[float | None] = mapped_column(Double)
    coordinate_system: Mapped[str | None]
    # Reported at a point that lay in none of the tenant's grids, as far as their boundaries were known then.
    is_outside_grids: Mapped[bool] = mapped_column(server_default=text("false"))
    reporter_id: Mapped[uuid.UUID | None]
    reporter_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    is_confidential: Mapped[bool] = mapped_column(server_default=text("false"))
    external_system: Mapped[str | None]
    external_number: Mapped[str | None]
    # Why it was not taken on, what the reporter is told, and for an emergency whom to call instead.
    exclusion_reason: Mapped[str | None]
    exclusion_reply: Mapped[str | None]
    exclusion_phone: Mapped[str | None]
    # Why the clock stands still.
    stop_reason: Mapped[str | None]
    # Why the reporter was not reached at the last call-back, or is not content.
    call_back_reason: Mapped[str | None]


class CaseStep(OfficeTable):
    """One step of a case, and how the case stood after it: all steps in order are its whole history."""

    __tablename__ = "case_steps"
    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id", "ordinal"),
        CheckConstraint(one_of("satisfaction", SATISFACTIONS), name="satisfaction"),
        _of_case(),
    )

    case_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]
    at: Mapped[datetime]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    # The body that the actor acted for; null for a resident.
    actor_body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bodies.id"))
    coordinator_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    accountable_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    accountable_position_id: Mapped[uuid.UUID | None]
    due_at: Mapped[datetime | None]
    stop_reason: Mapped[str | None]
    stopped_until: Mapped[datetime | None]
    rework_count: Mapped[int]
    # What the reporter said, if this step is a call-back; of earlier ones the case itself no longer tells.
    is_contacted: Mapped[bool | None]
    is_solved: Mapped[bool | None]
    satisfaction: Mapped[str | None]


class CaseStepText(TenantTable):
    """Who took a step and what they wrote. `id` is the step's. Read by the case's tenant and by the actor's own."""

    __tablename__ = "case_step_texts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "id"], ["case_steps.tenant_id", "case_steps.id"]),
        _of_case(),
        Index("ix_case_step_texts_case", "tenant_id", "case_id", "id"),
    )

    case_id: Mapped[uuid.UUID]
    author_tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # The post acted by, in the actor's own tenant; and its public name, which off the duty board is nobody's, and is
    # not told of steps that the reporter took.
    position_id: Mapped[uuid.UUID | None]
    public_name: Mapped[str | None]
    # Handled it, so that somebody else has to verify and to call back.
    is_handling: Mapped[bool]
    note: Mapped[str | None]
    # Whose people are told the words besides: the receiver's of a part, the coordinator's of what is asked.
    told_tenant_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"))
    # The item of a contract, duty list or law that an objection goes by.
    citation: Mapped[str | None]


class CaseShare(TenantTable):
    """A case as somebody called from outside its tenant may see it, for as long as the share is in force."""

    __tablename__ = "case_shares"
    __table_args__ = (
        CheckConstraint(one_of("reason", SHARE_REASONS), name="reason"),
        CheckConstraint("ended_at >= shared_at", name="times"),
        _of_case(),
        Index("ix_case_shares_case", "tenant_id", "case_id", "receiver_body_id"),
        Index("ix_case_shares_receiver", "receiver_tenant_id", "receiver_body_id", "reported_at", "id"),
    )

    case_id: Mapped[uuid.UUID]
    receiver_tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    receiver_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    reason: Mapped[str]
    shared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # A copy of what the receiver may see. The title, or the summary that the community confirmed.
    title: Mapped[str]
    description: Mapped[str]
    place_text: Mapped[str]
    reported_at: Mapped[datetime]
    reporter_id: Mapped[uuid.UUID | None]
    reporter_name_masked: Mapped[str | None]
    reporter_phone_masked: Mapped[str | None]


class CaseRequest(OfficeTable):
    """Something asked about a case that somebody else decides: more time, another handler, to be left out of rates.

    What was written with it stands with its steps.
    """

    __tablename__ = "case_requests"
    __table_args__ = (
        CheckConstraint(one_of("kind", REQUEST_KINDS), name="kind"),
        CheckConstraint(one_of("status", REQUEST_STATUSES), name="status"),
        CheckConstraint(one_of("basis", OBJECTION_BASES), name="basis"),
        CheckConstraint("(status = 'REQUESTED') = (decided_at is null)", name="decided_at"),
        CheckConstraint("(kind = 'EXTENSION') = (until is not null)", name="until"),
        CheckConstraint("(kind = 'OBJECTION') = (basis is not null)", name="basis_of_objection"),
        _of_case(),
        ForeignKeyConstraint(["tenant_id", "step_id"], ["case_steps.tenant_id", "case_steps.id"]),
        ForeignKeyConstraint(["tenant_id", "decision_step_id"], ["case_steps.tenant_id", "case_steps.id"]),
        Index("ix_case_requests_case", "tenant_id", "case_id", "requested_at", "id"),
        # Of a kind, one at a time waits.
        Index(
            "uq_case_requests_waiting",
            "tenant_id",
            "case_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'REQUESTED'"),
        ),
    )

    case_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    status: Mapped[str]
    # The step by which it was asked, and the one by which it was decided.
    step_id: Mapped[uuid.UUID]
    requester_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    requested_at: Mapped[datetime]
    decision_step_id: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    # Until when more time is asked for.
    until: Mapped[datetime | None]
    # What an objection goes by.
    basis: Mapped[str | None]


class CaseTask(OfficeTable):
    """A part of a case for somebody besides whoever answers for it. What was written stands with its steps."""

    __tablename__ = "case_tasks"
    __table_args__ = (
        CheckConstraint(one_of("status", TASK_STATUSES), name="status"),
        CheckConstraint("(status = 'OPEN') = (ended_at is null)", name="ended_at"),
        _of_case(),
        ForeignKeyConstraint(["tenant_id", "receiver_position_id"], ["positions.tenant_id", "positions.id"]),
        ForeignKeyConstraint(["tenant_id", "step_id"], ["case_steps.tenant_id", "case_steps.id"]),
        ForeignKeyConstraint(["tenant_id", "end_step_id"], ["case_steps.tenant_id", "case_steps.id"]),
        Index("ix_case_tasks_case", "tenant_id", "case_id", "assigned_at", "id"),
    )

    case_id: Mapped[uuid.UUID]
    receiver_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    # A post in that body; null for the body as a whole.
    receiver_position_id: Mapped[uuid.UUID | None]
    status: Mapped[str]
    due_at: Mapped[datetime | None]
    # The step by which it was assigned, and the one by which it ended, if that was one of its own.
    step_id: Mapped[uuid.UUID]
    assigned_at: Mapped[datetime]
    end_step_id: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None]


class CaseDay(TenantTable):
    """The last case number of a tenant's local day. `id` is made with the day's first case."""

    __tablename__ = "case_days"
    __table_args__ = (UniqueConstraint("tenant_id", "day"),)

    day: Mapped[date]
    last_number: Mapped[int]


class CaseAttachment(OfficeTable):
    """A file of a case, under a name that says nothing about anybody; its content is the tenant's. `id` is the file's.

    Whoever is called from outside sees by their share that there is one, and fetches it by the share, too.
    """

    __tablename__ = "case_attachments"
    __table_args__ = (
        _of_case(),
        ForeignKeyConstraint(["tenant_id", "id"], ["files.tenant_id", "files.id"]),
        Index("ix_case_attachments_case", "tenant_id", "case_id", "ordinal"),
    )

    case_id: Mapped[uuid.UUID]
    # The step it came with.
    step_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]
    file_name: Mapped[str]
    content_type: Mapped[str]
    byte_size: Mapped[int]
