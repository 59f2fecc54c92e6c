"""Which cases are in the least world a test needs? One in each status, the same in every community, some shared.

Like all rows of tests/make.py, those of different communities bear the same ids.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from services.case_counts.tables import CASES
from services.cases.tables import Case, CaseDetails, CaseRequest, CaseShare, CaseStep, CaseStepText, CaseTask
from services.categories.tables import CaseCategory, CategoryBook
from services.notifications.tables import Notification
from services.rollups.checking import rebuild
from services.whistles.tables import Whistle, WhistleCallee
from services.work_items.tables import WorkItem
from tenants.grants import ActingTenant

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tenants.database import Table
    from tests.make import World

_NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)
_SOON = datetime(2099, 1, 1, tzinfo=UTC)


def case_id(number: int) -> uuid.UUID:
    """Make the id of the world's case of a number, the same in each community."""
    return uuid.UUID(f"0190a000-0000-7000-8000-0000000ca5{number:02x}")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A case as it is to be; who answers for it and to whom it is shared are named as in the world."""

    status: str
    title: str
    place: str
    grid: str
    reporter: str
    account: str
    answers: str = ""
    post: str = ""
    shared_with: str = ""
    is_share_ended: bool = False
    building: str = ""
    estate: str = ""
    is_late: bool = False
    is_confidential: bool = False
    columns: dict[str, Any] = field(default_factory=dict)


_PLANS = (
    _Plan("REPORTED", "楼道积水", "1号楼1单元101室", "第一网格", "赵", "resident", building="1号楼", estate="花园小区"),
    _Plan("ACCEPTED", "井盖缺损", "2号楼", "第二网格", "孙", "grid-worker", post="worker", building="2号楼"),
    _Plan(
        "DISPATCHED",
        "占道经营",
        "社区公园",
        "第一网格",
        "钱",
        "worker",
        answers="department",
        shared_with="department",
        is_late=True,
        columns={
            "stop_reason": "SUSPENDED",
            "stopped_at": _NOON,
            "stopped_until": _SOON,
            "due_before_stop": _NOON,
        },
    ),
    _Plan(
        "HANDLING",
        "电梯故障",
        "10号楼1单元101室",
        "第二网格",
        "赵",
        "resident",
        answers="property_company",
        post="property-manager",
        building="10号楼",
        estate="花园小区",
        is_confidential=True,
    ),
    _Plan(
        "RESOLVED",
        "路灯不亮",
        "河道点位",
        "第二网格",
        "钱",
        "worker",
        post="grid-worker",
        columns={
            "called_back_at": _NOON,
            "is_contacted": True,
            "is_solved": True,
            "satisfaction": "SATISFIED",
            "verified_at": _NOON,
        },
    ),
    _Plan(
        "CLOSED",
        "垃圾堆放",
        "1号楼",
        "第一网格",
        "赵",
        "resident",
        answers="department",
        shared_with="department",
        is_share_ended=True,
        building="1号楼",
        columns={"closed_at": _NOON, "rework_count": 1},
    ),
    _Plan("MERGED", "又积水", "1号楼1单元101室", "第一网格", "赵", "resident", columns={"duplicate_of_id": case_id(0)}),
    _Plan("EXCLUDED", "邻市噪声", "便利店", "第二网格", "孙", "grid-worker"),
    _Plan("ACCEPTED", "黑臭水体", "河道点位", "第二网格", "钱", "worker", answers="office", shared_with="office"),
)


# What was asked about which case, and by whom, with its second step.
_ASKED = ((2, "EXTENSION", "worker"), (2, "OBJECTION", "worker"), (4, "RATES_EXCLUSION", "grid-worker"))


@dataclass(slots=True)
class CasesOf:
    """Makes the cases of one community, a step for each table that the next one leans on."""

    world: World
    slug: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def tenant(self) -> ActingTenant:
        return self.world.tenants[self.slug]

    def steps(self) -> Iterator[list[Table]]:
        """Give the rows in the order in which they refer to each other."""
        yield [CategoryBook(tenant_id=self.tenant.id, id=self._id(), version=3)]
        yield self.categories()
        yield [self._case(number, plan) for number, plan in enumerate(_PLANS)]
        yield [row for number, plan in enumerate(_PLANS) for row in self._parts(number, plan)]
        yield [row for number, plan in enumerate(_PLANS) for row in self._texts(number, plan)]
        yield [self._request(*asked, is_decided=is_decided) for asked in _ASKED for is_decided in (False, True)]
        yield [self._task(), self._task(is_done=True)]
        whistles = list(self._whistles())
        yield [*whistles]
        yield [self._callee(whistle, number) for number, whistle in enumerate(whistles)]

    def categories(self) -> list[Table]:
        """Make a category that groups others, and two to file cases under."""
        tenant = self.tenant
        offices = {"tenant_id": tenant.id, "street_id": tenant.street_id, "district_id": tenant.district_id}
        root = _category_id(0)
        return [
            CaseCategory(**offices, id=root, code="01", name=f"市容（{self.slug}）", is_leaf=False, sort_key="01"),
            CaseCategory(
                **offices,
                id=_category_id(1),
                parent_id=root,
                code="0104",
                name="积水",
                is_leaf=True,
                limit_amount=12,
                limit_unit="HOUR",
                sort_key="0104",
            ),
            CaseCategory(
                **offices,
                id=_category_id(2),
                parent_id=root,
                code="0404",
                name="火情",
                is_leaf=True,
                limit_amount=1,
                limit_unit="HOUR",
                referral_name="消防救援",
                referral_phone="119",
                sort_key="0404",
            ),
        ]

    def _reported(self, number: int) -> datetime:
        # Two at each instant, which the id tells apart; in each community at another, since ids are alike.
        return _NOON + timedelta(hours=number // 2, minutes=self.tenant.id)

    def _id(self) -> uuid.UUID:
        return uuid.UUID(f"0190a000-0000-7000-8000-0000000cb{next(self.numbers):03x}")

    def _body(self, name: str) -> uuid.UUID:
        bodies, tenant = self.world.bodies, self.tenant
        if name in ("department", "office"):
            office = next(slug for slug, one in self.world.tenants.items() if one.id == tenant.street_id)
            return bodies[f"{office}/{name}"]
        return bodies[f"{self.slug}/{name or 'residents_committee'}"]

    def _plan_shared(self, plan: _Plan) -> str:
        # A community under no office has nobody to share with.
        return plan.shared_with if self.tenant.street_id else ""

    def _case(self, number: int, plan: _Plan) -> Case:
        tenant = self.tenant
        reported = self._reported(number)
        answers = plan.answers if self.tenant.street_id or plan.answers == "property_company" else ""
        own = self._body("")
        post = f"{self.slug}/{plan.post}" if plan.post else ""
        return Case(
            tenant_id=tenant.id,
            id=case_id(number),
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            number=f"20260520-{number + 1:04}",
            kind="HELP" if number % 2 else "COMPLAINT",
            source="SNAPSHOT" if plan.account == "resident" else "PATROL",
            category_id=_category_id(1),
            status=plan.status,
            grid_id=self.world.places[f"{self.slug}/{plan.grid}"],
            coordinator_body_id=self._body("office") if answers == "office" else own,
            accountable_body_id=self._body(answers) if answers else own,
            accountable_position_id=self.world.positions[post] if post else None,
            reported_at=reported,
            accepted_at=None if plan.status == "REPORTED" else reported + timedelta(minutes=5),
            due_at=reported + timedelta(hours=12) if plan.is_late else _SOON + timedelta(minutes=tenant.id),
            needs_call_back=plan.account == "resident",
            **plan.columns,
        )

    def _parts(self, number: int, plan: _Plan) -> Iterator[Table]:
        tenant, places = self.tenant, self.world.places
        reported = self._reported(number)
        yield CaseDetails(
            tenant_id=tenant.id,
            id=case_id(number),
            title=f"{plan.title}（{self.slug}）",
            description=f"{plan.title}，请处理",
            reported_at=reported,
            place_id=places[f"{self.slug}/{plan.place}"],
            building_id=places[f"{self.slug}/{plan.building}"] if plan.building else None,
            estate_id=places[f"{self.slug}/{plan.estate}"] if plan.estate else None,
            place_text=plan.place,
            reporter_id=self.world.people[f"{self.slug}/{plan.reporter}"],
            reporter_account_id=self.world.accounts[plan.account],
            is_confidential=plan.is_confidential,
            exclusion_reason="EMERGENCY" if plan.status == "EXCLUDED" else None,
            exclusion_reply=f"请报警（{self.slug}）" if plan.status == "EXCLUDED" else None,
            exclusion_phone="110" if plan.status == "EXCLUDED" else None,
            stop_reason=f"等待答复（{self.slug}）" if "stop_reason" in plan.columns else None,
        )
        yield from self._history(number, plan)
        if self._plan_shared(plan):
            yield self._share(number, plan)
        if plan.status in ("REPORTED", "ACCEPTED", "RESOLVED"):
            yield self._item(number, plan)
            yield self._told(number, plan)

    def _told(self, number: int, plan: _Plan) -> Notification:
        return Notification(
            tenant_id=self.tenant.id,
            id=self._id(),
            account_id=self.world.accounts["worker"],
            post_tenant_id=self.tenant.id,
            case_id=case_id(number),
            kind="HANDED" if number else "YELLOW",
            number=f"20260520-{number + 1:04}",
            subject=f"{plan.title}（{self.slug}）",
            note=f"请尽快办理（{self.slug}）",
            # Different in each community, or nothing but the id tells them apart where all are listed at once.
            at=_NOON + timedelta(minutes=number, days=self.tenant.id),
            read_at=_NOON if number else None,
            sequence=number + 1,
        )

    def _share(self, number: int, plan: _Plan) -> CaseShare:
        return CaseShare(
            tenant_id=self.tenant.id,
            id=self._id(),
            case_id=case_id(number),
            receiver_tenant_id=self.tenant.street_id,
            receiver_body_id=self._body(plan.shared_with),
            reason="HANDED_UP" if plan.shared_with == "office" else "DISPATCHED",
            shared_at=_NOON,
            ended_at=_NOON + timedelta(hours=1) if plan.is_share_ended else None,
            title=f"{plan.title}（{self.slug}，摘要）",
            description="请处置",
            place_text=plan.place,
            reported_at=self._reported(number),
            reporter_id=self.world.people[f"{self.slug}/{plan.reporter}"],
            reporter_name_masked=f"{plan.reporter}*",
            reporter_phone_masked="138****0000",
        )

    def _item(self, number: int, plan: _Plan) -> WorkItem:
        reasons = {"REPORTED": "TO_ACCEPT", "ACCEPTED": "TO_HANDLE", "RESOLVED": "TO_CALL_BACK"}
        return WorkItem(
            tenant_id=self.tenant.id,
            id=self._id(),
            account_id=self.world.accounts["worker"],
            post_tenant_id=self.tenant.id,
            position_id=self.world.positions[f"{self.slug}/worker"],
            case_id=case_id(number),
            reason=reasons[plan.status],
            number=f"20260520-{number + 1:04}",
            title=f"{plan.title}（{self.slug}）",
            status=plan.status,
            due_at=_SOON,
            # Different in each community, or nothing but the id tells them apart where all are listed at once.
            due_order=_SOON + timedelta(minutes=number, days=self.tenant.id),
            made_at=_NOON,
        )

    def _history(self, number: int, plan: _Plan) -> Iterator[CaseStep]:
        tenant, own = self.tenant, self._body("")
        for ordinal, action in enumerate(("REPORT", "ACCEPT") if number else ("REPORT",), start=1):
            yield CaseStep(
                tenant_id=tenant.id,
                id=_step_id(number, ordinal),
                street_id=tenant.street_id,
                district_id=tenant.district_id,
                case_id=case_id(number),
                ordinal=ordinal,
                at=_NOON + timedelta(minutes=ordinal),
                action=action,
                from_status=None if ordinal == 1 else "REPORTED",
                to_status="REPORTED" if ordinal == 1 else plan.status,
                actor_body_id=None if ordinal == 1 and plan.account == "resident" else own,
                coordinator_body_id=own,
                accountable_body_id=own,
                due_at=_SOON,
                rework_count=0,
            )

    def _task(self, *, is_done: bool = False) -> CaseTask:
        tenant = self.tenant
        return CaseTask(
            tenant_id=tenant.id,
            id=self._id(),
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            case_id=case_id(1),
            receiver_body_id=self._body(""),
            receiver_position_id=self.world.positions[f"{self.slug}/grid-worker"],
            status="DONE" if is_done else "OPEN",
            due_at=_SOON,
            step_id=_step_id(1, 2),
            assigned_at=_NOON + timedelta(minutes=4),
            end_step_id=_step_id(1, 2) if is_done else None,
            ended_at=_NOON + timedelta(minutes=5) if is_done else None,
        )

    def _request(self, number: int, kind: str, account: str, *, is_decided: bool) -> CaseRequest:
        tenant = self.tenant
        return CaseRequest(
            tenant_id=tenant.id,
            id=self._id(),
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            case_id=case_id(number),
            kind=kind,
            status="GRANTED" if is_decided else "REQUESTED",
            step_id=_step_id(number, 2),
            requester_account_id=self.world.accounts[account],
            requested_at=_NOON + timedelta(minutes=3),
            decision_step_id=_step_id(number, 2) if is_decided else None,
            decided_at=_NOON + timedelta(minutes=6) if is_decided else None,
            until=_SOON + timedelta(days=1) if kind == "EXTENSION" else None,
            basis="DUTY_LIST" if kind == "OBJECTION" else None,
        )

    def _whistles(self) -> Iterator[Whistle]:
        """Make one that nobody outside has a part in, and one with a result, which the offices above were told of."""
        tenant = self.tenant
        for number, status in enumerate(("REFUSED", "CONCLUDED")):
            is_concluded = status == "CONCLUDED"
            yield Whistle(
                tenant_id=tenant.id,
                id=self._id(),
                case_id=case_id(1),
                told_street_id=tenant.street_id if is_concluded else None,
                told_district_id=tenant.district_id if is_concluded else None,
                status=status,
                reason="EMERGENCY",
                summary="占道经营，请城管到场",
                requester_body_id=self._body(""),
                office_body_id=self._body("office" if is_concluded and tenant.street_id else ""),
                place_text="社区公园",
                note="请带执法记录仪",
                requested_at=_NOON + timedelta(minutes=number),
                called_at=_NOON + timedelta(minutes=10) if is_concluded else None,
                ended_at=_NOON + timedelta(hours=1),
                refused_reason=None if is_concluded else "社区可自行协调",
                outcome="已劝离" if is_concluded else None,
            )

    def _callee(self, whistle: Whistle, number: int) -> WhistleCallee:
        """Make one that declined, had to come, and came."""
        return WhistleCallee(
            tenant_id=self.tenant.id,
            id=self._id(),
            whistle_id=whistle.id,
            case_id=whistle.case_id,
            told_street_id=whistle.told_street_id,
            told_district_id=whistle.told_district_id,
            body_id=self._body("department" if number and self.tenant.street_id else ""),
            status="ARRIVED",
            respond_by=_NOON + timedelta(minutes=20 + number),
            arrive_by=_NOON + timedelta(minutes=40),
            answered_at=_NOON + timedelta(minutes=15),
            arrived_at=_NOON + timedelta(minutes=30),
            arrived_place="公园东门",
            declined_reason="不属本局职责",
            decider_body_id=self._body(""),
            insisted_at=_NOON + timedelta(minutes=12),
            department_score=4,
            department_comment="到场及时",
            department_rated_at=_NOON + timedelta(hours=2),
            office_score=5,
            office_comment="情况清楚",
            office_rated_at=_NOON + timedelta(hours=2),
        )

    def _texts(self, number: int, plan: _Plan) -> Iterator[CaseStepText]:
        for ordinal in (1, 2) if number else (1,):
            # The third case was accepted by the office above.
            is_above = number == 2 and ordinal == 2 and self.tenant.street_id is not None
            yield CaseStepText(
                tenant_id=self.tenant.id,
                id=_step_id(number, ordinal),
                case_id=case_id(number),
                author_tenant_id=self.tenant.street_id if is_above else self.tenant.id,
                account_id=self.world.accounts[plan.account if ordinal == 1 else "worker"],
                public_name=None if is_above else f"{plan.reporter}老师",
                is_handling=plan.status == "RESOLVED" and ordinal == 2,
                note=f"备注（{self.slug}）" if ordinal > 1 else None,
                citation=f"清单第三条（{self.slug}）" if number == 2 and ordinal > 1 else None,
            )


def _category_id(number: int) -> uuid.UUID:
    return uuid.UUID(f"0190a000-0000-7000-8000-0000000cc0{number:02x}")


def _step_id(number: int, ordinal: int) -> uuid.UUID:
    return uuid.UUID(f"0190a000-0000-7000-8000-000000ce{number:02x}{ordinal:02x}")


async def count_cases(connection: AsyncConnection) -> None:
    """Count the cases from their steps, and leave half of it to be folded, as it is just after a step."""
    async with connection.begin():
        whose, days = "id, gen_random_uuid(), street_id, district_id", "'2026-05-01', '2026-05-31', '年度计划'"
        for aimed in ("'ON_TIME_RATE', 'AT_LEAST', 0.9", "'OVERDUE', 'AT_MOST', 1"):
            await connection.execute(text(f"insert into case_targets select {whose}, {aimed}, {days} from tenants"))
        await rebuild(connection, CASES)
        await connection.execute(text("update case_counts set is_folded = false where happened_on = recorded_on"))
        # What is no longer folded is taken out of the sums.
        await rebuild(connection, CASES)
