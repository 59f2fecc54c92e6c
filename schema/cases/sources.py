"""Where are cases read from, and who sees which?

The index is read by its tenant and by the offices above; the details by its tenant alone; what was handed to somebody
outside, from the copy in their share of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import FromClause, Select, and_, any_, exists, false, func, literal_column, or_, select
from sqlalchemy import case as when

from schema.compiler.context import ACCOUNT, ACTING_TENANT, NOW, SERVED_BODIES, ScopeBinds
from schema.compiler.declare import Row, Source, plain_table, table_of
from schema.compiler.json_sql import quoted
from services.cases.rules import BY_WHISTLE, INDEX, OF_REPORTER, READ, STARTED
from services.cases.tables import (
    ENTRUSTING_SHARES,
    WHISTLE_SHARES,
    Case,
    CaseAttachment,
    CaseDetails,
    CaseRequest,
    CaseShare,
    CaseStep,
    CaseStepText,
    CaseTask,
)
from services.supervision.tables import CaseSupervision
from tenants.tables import Body

if TYPE_CHECKING:
    from collections.abc import Callable

_CASES = plain_table(Case)
_DETAILS = plain_table(CaseDetails)
_REQUESTS = plain_table(CaseRequest)
_SHARES = plain_table(CaseShare)
_TASKS = plain_table(CaseTask)
_TEXTS = plain_table(CaseStepText)
_BODIES = plain_table(Body)
_QUOTED_WHISTLE_SHARES = [quoted(reason) for reason in WHISTLE_SHARES]


def _details_of(case: Row, details: Any) -> list[Any]:
    # The case's own tenant alone: said here, and by row-level security once more.
    return [
        details.c.tenant_id == case.c.tenant_id,
        details.c.id == case.c.id,
        details.c.tenant_id == ACTING_TENANT,
    ]


def _has_details(case: Row, condition: Callable[[Any], Any]) -> Any:
    details = _DETAILS.alias("details")
    return exists().where(*_details_of(case, details), condition(details)).correlate_except(details)


def in_details(case: Row, column: str) -> Any:
    """Read a value of the case's details."""
    details = _DETAILS.alias("details")
    found = select(details.c[column]).where(*_details_of(case, details))
    return found.correlate_except(details).scalar_subquery()


def _in_force(case: Row, share: Any, *, case_id: Any = None) -> list[Any]:
    # Of the present, whatever is stored has begun: the clock of the process that wrote it may be ahead of this one's.
    begun = [] if case.as_of is NOW else [share.c.shared_at <= case.as_of]
    return [
        share.c.tenant_id == case.c.tenant_id,
        share.c.case_id == (case.c.id if case_id is None else case_id),
        share.c.receiver_tenant_id == ACTING_TENANT,
        *begun,
        or_(share.c.ended_at.is_(None), share.c.ended_at > case.as_of),
    ]


def in_share(case: Row, column: str) -> Any:
    """Read a value of the share that lets a body see the case which the caller serves: of several, the most trusting.

    What other bodies of the same tenant were given is theirs.
    """
    share = _SHARES.alias("share")
    mine = share.c.receiver_body_id == any_(SERVED_BODIES)
    found: Select[Any] = select(share.c[column]).where(*_in_force(case, share), mine)
    ranks: dict[Any, Any] = {quoted(reason): literal_column(str(rank)) for rank, reason in enumerate(ENTRUSTING_SHARES)}
    order = when(ranks, value=share.c.reason, else_=literal_column(str(len(ranks))))
    return found.order_by(order, share.c.shared_at.desc()).limit(1).correlate_except(share).scalar_subquery()


def told(details_column: str, share_column: str) -> Callable[[Row], Any]:
    """Read a value of the details, or for whoever was called from outside of the share."""
    return lambda case: func.coalesce(in_details(case, details_column), in_share(case, share_column))


def _within(row: Row, scope: ScopeBinds) -> Any:
    """See cases in my grids, buildings and estates, what was handed to me, and what I reported."""
    ways = [
        scope.holds(row.c.grid_id, "grid_ids"),
        scope.holds(row.c.accountable_position_id, "position_ids"),
        scope.holds(row.c.accountable_body_id, "body_ids"),
    ]
    if scope.holds(_DETAILS.c.building_id, "building_ids") is not None:
        ways.append(_has_details(row, lambda details: scope.holds(details.c.building_id, "building_ids")))
    if scope.holds(_DETAILS.c.estate_id, "estate_ids") is not None:
        ways.append(_has_details(row, lambda details: scope.holds(details.c.estate_id, "estate_ids")))
    if scope.permission == READ:
        ways.append(_tasked(row, scope))
    if scope.permission in OF_REPORTER:
        ways.append(_has_details(row, lambda details: details.c.reporter_account_id == ACCOUNT))
    return or_(false(), *(way for way in ways if way is not None))


def _tasked(row: Row, scope: ScopeBinds) -> Any:
    """See cases of which a part was given to me and is not done."""
    task = _TASKS.alias("tasked")
    mine = is_given_to(task, scope)
    if mine is None:
        return None
    found = exists().where(
        task.c.tenant_id == row.c.tenant_id,
        task.c.case_id == row.c.id,
        or_(task.c.ended_at.is_(None), task.c.ended_at > row.as_of),
        mine,
    )
    return found.correlate_except(task)


def is_given_to(task: Any, scope: ScopeBinds) -> Any:
    """Ask that a part of a case was given to one of a scope's posts, or to one of its bodies as a whole."""
    as_body = scope.holds(task.c.receiver_body_id, "body_ids")
    ways = (
        scope.holds(task.c.receiver_position_id, "position_ids"),
        None if as_body is None else and_(task.c.receiver_position_id.is_(None), as_body),
    )
    mine = [way for way in ways if way is not None]
    return or_(*mine) if mine else None


def _served(row: Row, scope: ScopeBinds) -> Any:
    """See cases that are shared with a body whose work I do."""
    # A share that a whistle opened entrusts its receiver with nothing else of the case.
    return _shared(row, scope) if scope.permission in BY_WHISTLE else _entrusted(row, scope)


def _entrusted(row: Row, scope: ScopeBinds) -> Any:
    """See cases of which a body whose work I do was given more than a whistle's share."""
    return _shared(row, scope, lambda share: share.c.reason.not_in(_QUOTED_WHISTLE_SHARES))


def _shared(row: Row, scope: ScopeBinds, *which: Callable[[Any], Any]) -> Any:
    share = _SHARES.alias("served")
    mine = scope.holds(share.c.receiver_body_id, "body_ids")
    if mine is None:
        return false()
    asked = (condition(share) for condition in which)
    return exists().where(*_in_force(row, share), *asked, mine).correlate_except(share)


def asked_of_case(part: Row, condition: Callable[[Row], Any]) -> Any:
    """Ask something of the case that a part of it belongs to."""
    case = _CASES.alias("its_case")
    row = Row(case, "cases", as_of=part.as_of)
    found = exists().where(case.c.tenant_id == part.c.tenant_id, case.c.id == part.c.case_id, condition(row))
    return found.correlate_except(case)


def seen_with_its_case(
    table: Callable[[str], FromClause], *, name: str, prefix: str, only: Callable[[Row], Any] | None = None
) -> Source:
    """Declare what belongs to a case by `case_id`, and is seen by whoever sees the case."""
    return Source(
        table=table,
        name=name,
        prefix=prefix,
        permission=READ,
        only=only,
        within=lambda row, scope: asked_of_case(row, lambda case: _within(case, scope)),
        served=lambda row, scope: asked_of_case(row, lambda case: _served(case, scope)),
    )


CASE = Source(table=table_of(Case), name="cases", prefix="cas", permission=READ, within=_within, served=_served)
# Reached through a case alone, which says who sees them.
PART_OF_CASE = Source(table=table_of(Case), name="cases")
TASK = seen_with_its_case(table_of(CaseTask), name="case_tasks", prefix="tsk")
STEP = Source(table=table_of(CaseStep), name="case_steps")
# As `services/cases/attaching.py` gives them out: a whistle's share shows a case without its files.
ATTACHMENT = Source(
    table=table_of(CaseAttachment),
    name="case_attachments",
    permission=READ,
    never_under=frozenset({INDEX}),
    within=lambda row, scope: asked_of_case(row, lambda case: _within(case, scope)),
    served=lambda row, scope: asked_of_case(row, lambda case: _entrusted(case, scope)),
)
SUPERVISION = Source(table=table_of(CaseSupervision), name="case_supervisions")


def of_case(case: Row, part: Row) -> Any:
    """Link a case with what belongs to it."""
    return (part.c.tenant_id == case.c.tenant_id) & (part.c.case_id == case.c.id)


# --- what rules ask, in SQL ------------------------------------------------------------------------------------------


def is_ours(body_id: Any) -> Any:
    """Ask that a body is that of the tenant acted in."""
    body = _BODIES.alias("ours")
    return exists().where(body.c.id == body_id, body.c.represents_tenant_id == ACTING_TENANT).correlate_except(body)


def is_coordinated_here(case: Row) -> Any:
    """Ask that the tenant acted in coordinates the case."""
    return is_ours(case.c.coordinator_body_id)


def is_in_reach(case: Row) -> Any:
    """Ask that the case is not in the hands of somebody outside the tenant acted in."""
    return _is_held_here(case, case.c.id, case.c.accountable_body_id)


def is_task_in_reach(task: Row) -> Any:
    """Ask that a part of a case was not given to somebody outside the tenant acted in."""
    return _is_held_here(task, task.c.case_id, task.c.receiver_body_id)


def _is_held_here(row: Row, case_id: Any, body_id: Any) -> Any:
    """Ask that a body is not outside the tenant acted in.

    What is shared with that tenant has to be in the hands of the body that it is shared with.
    """
    share, mine = _SHARES.alias("outside"), _SHARES.alias("mine")
    in_our_hands = exists().where(*_in_force(row, mine, case_id=case_id), mine.c.receiver_body_id == body_id)
    outside = exists().where(
        share.c.tenant_id == row.c.tenant_id,
        share.c.tenant_id == ACTING_TENANT,
        share.c.case_id == case_id,
        share.c.receiver_body_id == body_id,
        share.c.receiver_tenant_id != ACTING_TENANT,
        or_(share.c.ended_at.is_(None), share.c.ended_at > NOW),
    )
    return or_(
        and_(row.c.tenant_id == ACTING_TENANT, ~outside.correlate_except(share)),
        in_our_hands.correlate_except(mine),
    )


def is_own_or_coordinated_here(case: Row) -> Any:
    """Ask that the case is of the tenant acted in, or that this coordinates it."""
    return or_(case.c.tenant_id == ACTING_TENANT, is_coordinated_here(case))


def was_handled_by_others(case: Row) -> Any:
    """Ask that the caller did not handle the case."""
    written = _TEXTS.alias("handled")
    by_me = exists().where(
        written.c.tenant_id == case.c.tenant_id,
        written.c.case_id == case.c.id,
        written.c.account_id == ACCOUNT,
        or_(written.c.tenant_id == ACTING_TENANT, written.c.author_tenant_id == ACTING_TENANT),
        written.c.is_handling,
    )
    return ~by_me.correlate_except(written)


def is_reporters_own(case: Row) -> Any:
    """Ask that the caller reported the case."""
    return _has_details(case, lambda details: details.c.reporter_account_id == ACCOUNT)


def asks_for(kind: str, case: Row, *further: Callable[[Any], Any]) -> Any:
    """Ask whether a request of a kind waits for a decision about the case."""
    request = _REQUESTS.alias("asked")
    found = exists().where(
        request.c.tenant_id == case.c.tenant_id,
        request.c.case_id == case.c.id,
        request.c.kind == quoted(kind),
        request.c.status == quoted("REQUESTED"),
        *(condition(request) for condition in further),
    )
    return found.correlate_except(request)


def asked_by_me(request: Any) -> Any:
    """Ask that the caller made the request."""
    return request.c.requester_account_id == ACCOUNT


def is_stopped(case: Row) -> Any:
    """Ask that the clock of the case stands still, which that of an ended or settled one does not."""
    return (case.c.stopped_until > case.as_of) & case.c.status.in_([quoted(status) for status in sorted(STARTED)])


def has_no_tasks(case: Row) -> Any:
    """Ask that no part of the case is still to be done."""
    task = _TASKS.alias("open_task")
    found = exists().where(
        task.c.tenant_id == case.c.tenant_id, task.c.case_id == case.c.id, task.c.status == quoted("OPEN")
    )
    return ~found.correlate_except(task)


def was_called(case: Row) -> Any:
    """Ask that whoever waits to hear back was called."""
    return or_(~case.c.needs_call_back, case.c.called_back_at.is_not(None))


def may_be_rated(case: Row) -> Any:
    """Ask that no call-back of the case stands: of an ended one, or one that was approved not to count."""
    is_ended = (case.c.status == quoted("CLOSED")) & case.c.called_back_at.is_not(None)
    return ~case.c.is_left_out_of_rates & ~is_ended


def was_verified(case: Row) -> Any:
    """Ask that a case drawn for verification was verified."""
    return or_(~case.c.needs_verification, case.c.verified_at.is_not(None))


def step_text(column: str, *, for_author: bool) -> Callable[[Row], Any]:
    """Read what was written with a step: for the case's tenant, and perhaps for the tenant of whoever wrote it."""

    def read(step: Row) -> Any:
        written = _TEXTS.alias("written")
        reader = written.c.tenant_id == ACTING_TENANT
        if for_author:
            reader = or_(reader, written.c.author_tenant_id == ACTING_TENANT, written.c.told_tenant_id == ACTING_TENANT)
        found = select(written.c[column]).where(
            written.c.tenant_id == step.c.tenant_id, written.c.id == step.c.id, reader
        )
        return found.correlate_except(written).scalar_subquery()

    return read
