"""What do clients see of whistles?"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from schema.bodies.types import BodyInterface, DepartmentType
from schema.cases.parts import CaseActionType
from schema.compiler.declare import FieldClass, Many, Offer, Offers, One, Row, column, read, reads
from schema.node import NodeInterface
from schema.whistles.actions import CALLEE_OFFERS, WHISTLE_OFFERS
from schema.whistles.enums import WhistleCalleeStatus, WhistleReasonKind, WhistleStatus
from schema.whistles.sources import CALLEE, TIMES, WHISTLE

if TYPE_CHECKING:
    from schema.cases.types import CaseType

_Case = Annotated["CaseType", strawberry.lazy("schema.cases.types")]


def _body(name: str) -> One:
    return One(on=lambda row, body: body.c.id == row.c[name])


def _case(row: Row, case: Row) -> Any:
    return (case.c.tenant_id == row.c.tenant_id) & (case.c.id == row.c.case_id)


def _text(name: str, description: str | None = None, *, field_class: FieldClass = FieldClass.INTERNAL) -> Any:
    return column(lambda row: row.c[name], description, field_class=field_class)


def _can(offers: tuple[Offer, ...]) -> Any:
    return read(Offers(offers, field_class=FieldClass.INTERNAL), "What the caller may do with it now, and why not.")


@reads(CALLEE)
@strawberry.type(name="WhistleCallee", description="被吹哨单位: a department that was called.")
class WhistleCalleeType(NodeInterface):
    """A department that was called."""

    department: DepartmentType | None = read(_body("body_id"))
    status: WhistleCalleeStatus = column(lambda callee: callee.c.status)
    respond_by: datetime = column(lambda callee: callee.c.respond_by)
    arrive_by: datetime = column(lambda callee: callee.c.arrive_by)
    answered_at: datetime | None = column(lambda callee: callee.c.answered_at, "Null before, and when called anew.")
    arrived_at: datetime | None = column(lambda callee: callee.c.arrived_at)
    arrived_place: str | None = _text("arrived_place", "Where to, in words.")
    declined_reason: str | None = _text("declined_reason", field_class=FieldClass.SENSITIVE)
    insisted_at: datetime | None = column(
        lambda callee: callee.c.insisted_at, "When the district decided that they have to come all the same."
    )
    decided_by: BodyInterface | None = read(_body("decider_body_id"), "The office that a decline went to.")
    department_score: int | None = column(
        lambda callee: callee.c.department_score, "Of the department, 1 to 5.", field_class=FieldClass.SENSITIVE
    )
    department_comment: str | None = _text("department_comment", field_class=FieldClass.SENSITIVE)
    office_score: int | None = column(
        lambda callee: callee.c.office_score, "Of the office that whistled.", field_class=FieldClass.SENSITIVE
    )
    office_comment: str | None = _text("office_comment", field_class=FieldClass.SENSITIVE)
    can: list[CaseActionType] | None = _can(CALLEE_OFFERS)
    whistle: Annotated[WhistleType, strawberry.lazy("schema.whistles.types")] | None = read(
        One(
            on=lambda callee, whistle: (
                (whistle.c.tenant_id == callee.c.tenant_id) & (whistle.c.id == callee.c.whistle_id)
            )
        )
    )


def _of_whistle(whistle: Row, callee: Row) -> Any:
    return (callee.c.tenant_id == whistle.c.tenant_id) & (callee.c.whistle_id == whistle.c.id)


def calls_for(case: Row, whistle: Row) -> Any:
    """Link a case with the whistles blown for it."""
    return (whistle.c.tenant_id == case.c.tenant_id) & (whistle.c.case_id == case.c.id)


@reads(WHISTLE)
@strawberry.type(name="Whistle", description="吹哨: departments called to a case's place, or the request for it.")
class WhistleType(NodeInterface):
    """A whistle."""

    status: WhistleStatus = column(lambda whistle: whistle.c.status)
    reason: WhistleReasonKind = column(lambda whistle: whistle.c.reason)
    summary: str | None = _text("summary", "What is the matter, as whoever asked confirmed it for all to read.")
    place_text: str | None = _text("place_text", "Where to come.")
    note: str | None = _text("note", "What the office tells those it calls.")
    requested_at: datetime = column(lambda whistle: whistle.c.requested_at)
    called_at: datetime | None = column(lambda whistle: whistle.c.called_at, "Null while it is only asked for.")
    ended_at: datetime | None = column(lambda whistle: whistle.c.ended_at)
    refused_reason: str | None = _text("refused_reason")
    outcome: str | None = _text("outcome", "The joint result.")
    requested_by: BodyInterface | None = read(_body("requester_body_id"))
    office: BodyInterface | None = read(_body("office_body_id"), "Whoever whistles.")
    callees: list[WhistleCalleeType] | None = read(
        Many(on=_of_whistle, order=lambda callee: (callee.c.id,), covered=True)
    )
    can: list[CaseActionType] | None = _can(WHISTLE_OFFERS)
    case: _Case | None = read(One(on=_case))


@reads(TIMES)
@strawberry.type(name="WhistleTimes", description="吹哨时限: how long departments have, where a call does not say.")
class WhistleTimesType(NodeInterface):
    """How long departments have."""

    reason: WhistleReasonKind = column(lambda times: times.c.reason)
    respond_minutes: int = column(lambda times: times.c.respond_minutes)
    arrive_minutes: int = column(lambda times: times.c.arrive_minutes)
    basis: str = column(lambda times: times.c.basis, "What it goes by.")
    since: date = column(lambda times: times.c.since)
    until: date | None = column(lambda times: times.c.until, "The last day on which it holds; null goes on.")
