"""What do clients see of a case's history and files?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import Text, case, cast, null, select

from schema.bodies.types import BodyInterface
from schema.cases.enums import CaseActionKind, CaseStatus, CaseStepKind, SupervisionLevel
from schema.cases.sources import ATTACHMENT, PART_OF_CASE, STEP, SUPERVISION, step_text
from schema.compiler.context import ACCESS, LANGUAGE
from schema.compiler.declare import One, Row, SameRow, column, plain_table, read, reads
from schema.compiler.json_sql import global_id, quoted
from tenants.tables import Body

_BODIES = plain_table(Body)
# What the public trail calls each step, in Chinese and English.
_LABELS = {
    "REPORT": ("已上报", "Reported"),
    "HANDLE_ON_SPOT": ("当场办结", "Settled on the spot"),
    "ACCEPT": ("已受理", "Accepted"),
    "EXCLUDE": ("不予受理", "Not taken on"),
    "MERGE": ("已并案", "Merged with another case"),
    "DISPATCH": ("已派单", "Handed over"),
    "ESCALATE": ("已报上级", "Handed up"),
    "HAND_BACK": ("已退回", "Handed back"),
    "REDISPATCH": ("已改派", "Handed to somebody else"),
    "ASSIGN_TASK": ("分派子任务", "A part given to somebody"),
    "FINISH_TASK": ("完成子任务", "A part done"),
    "DECLINE_TASK": ("拒绝子任务", "A part declined"),
    "CANCEL_TASK": ("取消子任务", "A part taken back"),
    "SUSPEND": ("暂停计时", "Clock stopped"),
    "RESUME": ("恢复计时", "Clock running again"),
    "HAND_ON": ("已转派", "Handed on"),
    "OBJECT": ("提出异议", "Objected to"),
    "UPHOLD_OBJECTION": ("异议成立", "Objection upheld"),
    "REFUSE_OBJECTION": ("异议不成立", "Objection refused"),
    "REQUEST_EXTENSION": ("申请延期", "More time asked for"),
    "EXTEND": ("已延期", "More time granted"),
    "REFUSE_EXTENSION": ("未予延期", "More time refused"),
    "VERIFY": ("已核查", "Verified"),
    "RATE": ("已评价", "Rated"),
    "REQUEST_RATES_EXCLUSION": ("申请剔除", "Asked to be left out of rates"),
    "LEAVE_OUT_OF_RATES": ("已剔除", "Left out of rates"),
    "COUNT_IN_RATES": ("未予剔除", "Counted in rates"),
    "HANDLE": ("处置中", "Being handled"),
    "RETURN": ("已退单", "Returned"),
    "RESOLVE": ("已办结", "Settled"),
    "CALL_BACK": ("已回访", "Called back"),
    "CLOSE": ("已结案", "Closed"),
    "REOPEN": ("重新办理", "Taken up again"),
    "REQUEST_WHISTLE": ("申请吹哨", "Departments asked for"),
    "WHISTLE": ("已吹哨", "Departments called"),
    "REFUSE_WHISTLE": ("未予吹哨", "No department called"),
    "COME_TO_WHISTLE": ("部门应哨", "A department comes"),
    "DECLINE_WHISTLE": ("部门不到场", "A department does not come"),
    "INSIST_ON_WHISTLE": ("要求部门到场", "A department has to come"),
    "ACCEPT_DECLINE": ("同意不到场", "A department need not come"),
    "ARRIVE_AT_WHISTLE": ("部门已报到", "A department arrived"),
    "CONCLUDE_WHISTLE": ("吹哨办结", "Settled with the departments"),
    "RATE_WHISTLE": ("吹哨互评", "Office and department rated each other"),
    "URGE": ("已催办", "Urged"),
    "SUPERVISE": ("已督办", "Supervised"),
}


def _label(step: Row) -> Any:
    def told(position: int) -> Any:
        return case(
            *((step.c.action == quoted(action), quoted(names[position])) for action, names in _LABELS.items()),
            else_=step.c.action,
        )

    return cast(case((quoted("en") == LANGUAGE, told(1)), else_=told(0)), Text)


def _office_name(step: Row) -> Any:
    body = _BODIES.alias("office")
    found = select(body.c.name).where(body.c.id == step.c.actor_body_id)
    return found.correlate_except(body).scalar_subquery()


def _address(attachment: Row) -> Any:
    file_id = global_id("fil", attachment.c.tenant_id, attachment.c.id)
    return quoted("/files/").concat(file_id).concat(quoted("?access=")).concat(ACCESS)


@reads(STEP)
@strawberry.type(name="CaseActor", description="经办主体: who took a step.")
class CaseActorType:
    """Who took a step."""

    body: BodyInterface | None = read(
        One(on=lambda step, body: body.c.id == step.c.actor_body_id), "Null for a resident."
    )
    public_name: str | None = column(
        step_text("public_name", for_author=False),
        "Of the post, within the case's tenant alone; null for the reporter's own steps.",
    )


@reads(STEP)
@strawberry.type(name="CaseStep", description="办理环节: one step of a case.")
class CaseStepType:
    """A step."""

    action: CaseStepKind = column(lambda step: step.c.action)
    from_status: CaseStatus | None = column(lambda step: step.c.from_status, "Null for the first.")
    to_status: CaseStatus = column(lambda step: step.c.to_status)
    at: datetime = column(lambda step: step.c.at)
    actor: CaseActorType | None = read(SameRow())
    note: str | None = column(
        step_text("note", for_author=True), "Within the case's tenant, and to the office whose people wrote it."
    )


@reads(STEP)
@strawberry.type(name="PublicCaseStep", description="公开进度: one step as the reporter sees it.")
class PublicStepType:
    """A step in public."""

    label: str = column(_label, "In the caller's language.")
    at: datetime = column(lambda step: step.c.at)
    office_name: str | None = column(_office_name, "Null for the reporter's own steps.")


@reads(PART_OF_CASE)
@strawberry.type(name="CaseAction", description="可办事项: something that can be done with a case or a part of it.")
class CaseActionType:
    """What may be done."""

    action: CaseActionKind = column(lambda _: null())
    is_allowed: bool = column(lambda _: null(), "By this caller, now.")
    reason: str | None = column(lambda _: null(), "Why not, in the caller's language.")


@reads(ATTACHMENT)
@strawberry.type(name="CaseAttachment", description="附件: a file of a case.")
class CaseAttachmentType:
    """A file of a case."""

    id: strawberry.ID = column(lambda attachment: global_id("fil", attachment.c.tenant_id, attachment.c.id))
    file_name: str = column(lambda attachment: attachment.c.file_name, "Made of the case's number.")
    content_type: str = column(lambda attachment: attachment.c.content_type)
    byte_size: int = column(lambda attachment: attachment.c.byte_size)
    url: str = column(
        _address,
        "Where it is fetched from, without headers, for 15 minutes and for as long as the caller may read the case.",
    )
    thumbnail_url: str | None = column(
        lambda attachment: case(
            (attachment.c.content_type.like(quoted("image/%")), _address(attachment).concat(quoted("&size=thumbnail")))
        ),
        "Likewise, of a photo, 480 pixels at most; null for what is no photo.",
    )


@reads(SUPERVISION)
@strawberry.type(name="CaseSupervision", description="督办: an office above looked after the case.")
class CaseSupervisionType:
    """A supervision."""

    at: datetime = column(lambda supervision: supervision.c.at)
    level: SupervisionLevel = column(lambda supervision: supervision.c.level)
    points: int = column(lambda supervision: supervision.c.points, "扣分: taken off, as the office had it then.")
    body: BodyInterface | None = read(One(on=lambda supervision, body: body.c.id == supervision.c.body_id))
