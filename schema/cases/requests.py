"""What do clients see of what was asked about a case?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import or_, select

from schema.bodies.types import BodyInterface
from schema.cases.enums import CaseRequestStatus, ObjectionBasis
from schema.cases.sources import seen_with_its_case
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import FieldClass, One, Row, column, plain_table, read, reads, table_of
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from services.cases.tables import CaseRequest, CaseStep, CaseStepText

if TYPE_CHECKING:
    from schema.cases.types import CaseType

_TEXTS = plain_table(CaseStepText)
_STEPS = plain_table(CaseStep)
_WORDS = "Within the case's tenant, and to the office whose people wrote it."


def _is(kind: str) -> Callable[[Row], Any]:
    return lambda row: row.c.kind == quoted(kind)


def _source(kind: str, prefix: str) -> Any:
    return seen_with_its_case(table_of(CaseRequest), name="case_requests", prefix=prefix, only=_is(kind))


EXTENSION = _source("EXTENSION", "ext")
OBJECTION = _source("OBJECTION", "obj")
RATES_EXCLUSION = _source("RATES_EXCLUSION", "rex")


def written_with(step: str, name: str) -> Callable[[Row], Any]:
    """Read what was written with one of the steps that a row names: in the case's tenant, and where it was written."""

    def read_text(row: Row) -> Any:
        words = _TEXTS.alias("words")
        found = select(words.c[name]).where(
            words.c.tenant_id == row.c.tenant_id,
            words.c.id == row.c[step],
            or_(
                words.c.tenant_id == ACTING_TENANT,
                words.c.author_tenant_id == ACTING_TENANT,
                words.c.told_tenant_id == ACTING_TENANT,
            ),
        )
        return found.correlate_except(words).scalar_subquery()

    return read_text


def _asking_body(row: Row, body: Row) -> Any:
    step = _STEPS.alias("by")
    asked = select(step.c.actor_body_id).where(step.c.tenant_id == row.c.tenant_id, step.c.id == row.c.step_id)
    return body.c.id == asked.correlate_except(step).scalar_subquery()


def _case(row: Row, case: Row) -> Any:
    return (case.c.tenant_id == row.c.tenant_id) & (case.c.id == row.c.case_id)


def _reason() -> Any:
    return column(written_with("step_id", "note"), _WORDS, field_class=FieldClass.SENSITIVE)


def _decision() -> Any:
    return column(written_with("decision_step_id", "note"), _WORDS, field_class=FieldClass.SENSITIVE)


_Case = Annotated["CaseType", strawberry.lazy("schema.cases.types")]


@strawberry.type
class _Request(NodeInterface):
    """What all requests have."""

    status: CaseRequestStatus = column(lambda row: row.c.status)
    requested_at: datetime = column(lambda row: row.c.requested_at)
    decided_at: datetime | None = column(lambda row: row.c.decided_at, "Null while it waits.")
    reason: str | None = _reason()
    decision: str | None = _decision()
    requested_by: BodyInterface | None = read(One(on=_asking_body))
    case: _Case | None = read(One(on=_case))


@reads(EXTENSION)
@strawberry.type(name="CaseExtension", description="延期申请: more time that was asked for.")
class CaseExtensionType(_Request):
    """More time."""

    until: datetime = column(lambda row: row.c.until, "What the case is due by, once granted.")


@reads(OBJECTION)
@strawberry.type(name="DispatchObjection", description="派单异议: a receiver says that a case is not theirs.")
class DispatchObjectionType(_Request):
    """An objection."""

    basis: ObjectionBasis = column(lambda row: row.c.basis)
    citation: str | None = column(written_with("step_id", "citation"), _WORDS, field_class=FieldClass.SENSITIVE)


@reads(RATES_EXCLUSION)
@strawberry.type(name="RatesExclusion", description="剔除申请: a call-back that is not to count in rates.")
class RatesExclusionType(_Request):
    """Left out of rates."""


def asked_of(case: Row, request: Row) -> Any:
    """Link a case with what was asked about it."""
    return (request.c.tenant_id == case.c.tenant_id) & (request.c.case_id == case.c.id)
