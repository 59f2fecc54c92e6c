"""What do clients see of a case?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import and_, func, or_, select
from sqlalchemy import case as when

from schema.bodies.types import BodyInterface
from schema.cases.actions import CASE_OFFERS
from schema.cases.enums import (
    CaseColor,
    CaseKind,
    CaseSource,
    CaseStatus,
    ClockState,
    ExclusionReasonKind,
    Satisfaction,
)
from schema.cases.filters import is_overdue
from schema.cases.parts import CaseActionType, CaseAttachmentType, CaseStepType, CaseSupervisionType, PublicStepType
from schema.cases.requests import CaseExtensionType, DispatchObjectionType, RatesExclusionType, asked_of
from schema.cases.sources import CASE, PART_OF_CASE, in_details, in_share, is_stopped, of_case, told
from schema.cases.tasks import CaseTaskType, of_its_case
from schema.categories.types import CaseCategoryType, is_same
from schema.compiler.context import ACCOUNT, ACTING_TENANT
from schema.compiler.declare import FieldClass, Many, Offers, One, Row, SameRow, column, plain_table, read, reads
from schema.compiler.json_sql import global_id, quoted
from schema.node import NodeInterface
from schema.places.areas import CommunityType, PlaceInterface
from schema.places.types import BuildingType, GridType
from schema.positions.sources import OFF_THE_BOARD, is_current
from schema.positions.types import PositionKindType
from schema.whistles.types import WhistleType, calls_for
from services.cases.tables import ENDED_STATUSES, CaseDetails
from services.people.tables import Person
from services.positions.tables import Position

_POSITIONS = plain_table(Position)
_DETAILS = plain_table(CaseDetails)
_PEOPLE = plain_table(Person)


def _body(column_name: str) -> One:
    return One(on=lambda row, body: body.c.id == row.c[column_name])


def _of_post(case: Row, post: Any) -> Any:
    # To readers outside the case's tenant, an actor is the body alone.
    here = (post.c.tenant_id == case.c.tenant_id) & (post.c.tenant_id == ACTING_TENANT)
    return here & (post.c.id == case.c.accountable_position_id)


def _post_name(case: Row) -> Any:
    post = _POSITIONS.alias("answering")
    is_held = is_current(Row(post, "answering"))
    found = select(post.c.public_name).where(_of_post(case, post), post.c.board_rank < OFF_THE_BOARD, is_held)
    return found.correlate_except(post).scalar_subquery()


def _post_kind(case: Row, kind: Row) -> Any:
    post = _POSITIONS.alias("answering")
    code = select(post.c.kind_code).where(_of_post(case, post)).correlate_except(post).scalar_subquery()
    return (kind.c.tenant_id == case.c.tenant_id) & (kind.c.code == code)


@reads(PART_OF_CASE)
@strawberry.type(name="CaseAccountable", description="责任主体: who answers for the case now, always exactly one.")
class CaseAccountableType:
    """Who answers for a case."""

    body: BodyInterface | None = read(_body("accountable_body_id"))
    public_name: str | None = column(
        _post_name, "Of the post in that body; null while nobody holds one, off the duty board, and outside the tenant."
    )
    position_kind: PositionKindType | None = read(One(on=_post_kind))


@reads(PART_OF_CASE)
@strawberry.type(name="CaseClock", description="计时: whether the time limit runs.")
class CaseClockType:
    """The clock."""

    state: ClockState = column(
        lambda case: when(
            (case.c.status.in_([quoted(status) for status in ENDED_STATUSES]), quoted("STOPPED")),
            (is_stopped(case), quoted("STOPPED")),
            else_=quoted("RUNNING"),
        )
    )
    stopped_reason: str | None = column(
        lambda case: when((is_stopped(case), in_details(case, "stop_reason"))),
        "Within the case's tenant, its reporter included. Null while it runs, and after the end.",
    )
    stopped_until: datetime | None = column(
        lambda case: when((is_stopped(case), case.c.stopped_until)), "When it runs again by itself."
    )


def _reporter(person_column: str, share_column: str) -> Callable[[Row], Any]:
    """Read something of the reporter's, masked: from the register, or for whoever was called from outside the copy."""

    def read_masked(case: Row) -> Any:
        details, person = _DETAILS.alias("reported"), _PEOPLE.alias("reporter")
        is_told = or_(~details.c.is_confidential, details.c.reporter_account_id == ACCOUNT)
        known = (
            select(person.c[person_column])
            .join(details, and_(details.c.tenant_id == person.c.tenant_id, details.c.reporter_id == person.c.id))
            .where(
                details.c.tenant_id == case.c.tenant_id,
                details.c.id == case.c.id,
                person.c.tenant_id == ACTING_TENANT,
                is_told,
            )
        )
        return func.coalesce(known.correlate_except(details, person).scalar_subquery(), in_share(case, share_column))

    return read_masked


@reads(PART_OF_CASE)
@strawberry.type(name="CaseReporter", description="反映人: who reported it, masked.")
class CaseReporterType:
    """Who reported a case."""

    id: strawberry.ID | None = column(
        lambda case: global_id("per", case.c.tenant_id, _reporter("id", "reporter_id")(case)),
        "As `revealContact` takes it; null when nobody is known, or nobody is to be named.",
    )
    display_name: str | None = column(_reporter("name_masked", "reporter_name_masked"))
    masked_phone: str | None = column(_reporter("phone_masked", "reporter_phone_masked"))


@reads(PART_OF_CASE)
@strawberry.type(name="CaseCallBack", description="回访: the last call-back.")
class CaseCallBackType:
    """The last call-back."""

    at: datetime = column(lambda case: case.c.called_back_at)
    is_contacted: bool | None = column(lambda case: case.c.is_contacted)
    is_solved: bool | None = column(lambda case: case.c.is_solved, "As the reporter says; null if not reached.")
    satisfaction: Satisfaction | None = column(lambda case: case.c.satisfaction)
    reason: str | None = column(
        lambda case: in_details(case, "call_back_reason"), "Why not reached, not solved or not satisfied."
    )
    is_left_out_of_rates: bool = column(
        lambda case: case.c.is_left_out_of_rates, "Somebody approved that it does not count."
    )


@reads(PART_OF_CASE)
@strawberry.type(name="CaseExclusion", description="不予受理: why it was not taken on.")
class CaseExclusionType:
    """Why it was not taken on."""

    reason: ExclusionReasonKind | None = column(lambda case: in_details(case, "exclusion_reason"))
    reply: str | None = column(lambda case: in_details(case, "exclusion_reply"), "What the reporter is told.")
    call_phone: str | None = column(
        lambda case: in_details(case, "exclusion_phone"), "Whom to call instead, in an emergency."
    )


def _is_at(case: Row, place: Row) -> Any:
    return (place.c.tenant_id == case.c.tenant_id) & (place.c.id == in_details(case, "place_id"))


def _building(case: Row, building: Row) -> Any:
    return (building.c.tenant_id == case.c.tenant_id) & (building.c.id == in_details(case, "building_id"))


def _grid(case: Row, grid: Row) -> Any:
    return (grid.c.tenant_id == case.c.tenant_id) & (grid.c.id == case.c.grid_id)


def _requests(description: str) -> Any:
    declared = Many(
        on=asked_of,
        order=lambda request: (request.c.requested_at, request.c.id),
        covered=True,
        expected=2,
        field_class=FieldClass.SENSITIVE,
    )
    return read(declared, description)


@reads(CASE)
@strawberry.type(
    name="Case",
    description="诉求/事件. Offices above read the index: number, kind, category, status, dates, grid, accountable.",
)
class CaseType(NodeInterface):
    """A case."""

    number: str = column(lambda case: case.c.number, "The local day and a number of the day.")
    title: str | None = column(told("title", "title"), field_class=FieldClass.INTERNAL)
    description: str | None = column(
        told("description", "description"),
        "To whoever was called from outside: what they were told with it.",
        field_class=FieldClass.INTERNAL,
    )
    status: CaseStatus = column(lambda case: case.c.status)
    kind: CaseKind = column(lambda case: case.c.kind)
    source: CaseSource = column(lambda case: case.c.source)
    reported_at: datetime = column(lambda case: case.c.reported_at)
    accepted_at: datetime | None = column(lambda case: case.c.accepted_at)
    dispatched_at: datetime | None = column(lambda case: case.c.dispatched_at)
    resolved_at: datetime | None = column(lambda case: case.c.resolved_at)
    closed_at: datetime | None = column(lambda case: case.c.closed_at)
    due_at: datetime | None = column(lambda case: case.c.due_at)
    is_overdue: bool = column(is_overdue, "Open and past its due time.")
    color: CaseColor = column(
        lambda case: case.c.color, "灯色: by the limits of its category; green again with another due time."
    )
    rework_count: int = column(lambda case: case.c.rework_count, "How often it had to be taken up again.")
    category: CaseCategoryType | None = read(
        One(
            on=lambda case, category: (
                (category.c.tenant_id == case.c.tenant_id) & (category.c.id == case.c.category_id)
            ),
            covered=True,
        )
    )
    community: CommunityType | None = read(One(on=lambda case, community: community.c.id == case.c.tenant_id))
    grid: GridType | None = read(One(on=_grid), "Null outside all grids.")
    building: BuildingType | None = read(One(on=_building, field_class=FieldClass.INTERNAL))
    place: PlaceInterface | None = read(One(on=_is_at, field_class=FieldClass.INTERNAL), "Null for a point.")
    place_text: str | None = column(
        told("place_text", "place_text"), "The place in words.", field_class=FieldClass.INTERNAL
    )
    is_outside_grids: bool | None = column(
        lambda case: in_details(case, "is_outside_grids"),
        "It was reported at a point that lies in none of the community's grids: no grid worker is told of it. Never "
        "true while no grid has a boundary.",
        field_class=FieldClass.INTERNAL,
    )
    is_confidential: bool | None = column(
        lambda case: in_details(case, "is_confidential"),
        "The reporter is not to be named.",
        field_class=FieldClass.INTERNAL,
    )
    reporter: CaseReporterType | None = read(SameRow(field_class=FieldClass.PERSONAL))
    accountable: CaseAccountableType | None = read(SameRow())
    clock: CaseClockType | None = read(SameRow())
    can: list[CaseActionType] | None = read(
        Offers(CASE_OFFERS, field_class=FieldClass.INTERNAL), "What the caller may do with it now, and why not."
    )
    steps: list[CaseStepType] | None = read(
        Many(
            on=of_case,
            order=lambda step: (step.c.ordinal,),
            covered=True,
            expected=8,
            field_class=FieldClass.SENSITIVE,
        ),
        "Its whole history.",
    )
    public_steps: list[PublicStepType] | None = read(
        Many(
            on=of_case,
            order=lambda step: (step.c.ordinal,),
            covered=True,
            expected=8,
            field_class=FieldClass.INTERNAL,
        ),
        "What the reporter sees of it: names of offices, not of people.",
    )
    attachments: list[CaseAttachmentType] | None = read(
        Many(
            on=of_case,
            order=lambda attachment: (attachment.c.ordinal, attachment.c.id),
            field_class=FieldClass.INTERNAL,
        ),
        "Not to whoever is called by a whistle alone.",
    )
    whistles: list[WhistleType] | None = read(
        Many(
            on=calls_for,
            order=lambda whistle: (whistle.c.requested_at, whistle.c.id),
            covered=True,
            expected=2,
            field_class=FieldClass.INTERNAL,
        )
    )
    extensions: list[CaseExtensionType] | None = _requests("More time that was asked for.")
    objections: list[DispatchObjectionType] | None = _requests("By receivers who say that it is not theirs.")
    rates_exclusions: list[RatesExclusionType] | None = _requests("What was asked to be left out of rates.")
    tasks: list[CaseTaskType] | None = read(
        Many(
            on=of_its_case,
            order=lambda task: (task.c.assigned_at, task.c.id),
            covered=True,
            expected=3,
            field_class=FieldClass.SENSITIVE,
        ),
        "Parts of it that were given to several.",
    )
    exclusion: CaseExclusionType | None = read(
        One(
            on=lambda case, same: is_same(case, same) & (same.c.status == quoted("EXCLUDED")),
            covered=True,
            field_class=FieldClass.INTERNAL,
        ),
        "Null for what was taken on.",
    )
    needs_verification: bool = column(
        lambda case: case.c.needs_verification, "Drawn for verification by somebody who did not handle it."
    )
    verified_at: datetime | None = column(lambda case: case.c.verified_at)
    supervisions: list[CaseSupervisionType] | None = read(
        Many(
            on=of_case,
            order=lambda supervision: (supervision.c.at, supervision.c.id),
            covered=True,
            expected=2,
        ),
        "By offices above.",
    )
    call_back: CaseCallBackType | None = read(
        One(on=lambda case, same: is_same(case, same) & same.c.called_back_at.is_not(None), covered=True),
        "Null before one, and while it is handled again.",
    )
    duplicate_of: Annotated[CaseType, strawberry.lazy("schema.cases.types")] | None = read(
        One(on=lambda case, other: (other.c.tenant_id == case.c.tenant_id) & (other.c.id == case.c.duplicate_of_id)),
        "The case that it was merged into.",
    )
