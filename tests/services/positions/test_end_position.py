"""Who may end which post, and from when on is it no longer held?"""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.positions.commands import AccountName, end_position
from services.positions.errors import AlreadyInPosition, PositionDatesInvalid, PositionEnded
from tenants.audit.tables import AuditRecord
from tenants.errors import Forbidden, NotFound, Refused
from tenants.grants import Grants
from tenants.tables import Membership
from tests.services.positions.town import TODAY, TOMORROW, YESTERDAY, Town

ACCOUNT = AccountName("https://sign-on.test", "7")


async def end(town: Town, grants: Grants, position_id: uuid.UUID, last_day: date) -> uuid.UUID:
    async with town.workshop.work(grants) as work:
        return await end_position(work, position_id=position_id, last_day=last_day)


async def refused(
    town: Town, grants: Grants, refusal: type[Refused], position_id: uuid.UUID, last_day: date
) -> Refused:
    """Be refused, and see that nothing changed."""
    before = await town.positions()
    with pytest.raises(refusal) as caught:
        await end(town, grants, position_id, last_day)
    assert await town.positions() == before
    return caught.value


async def test_ends_a_post_with_its_membership_and_its_grants(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(admin, "worker", "qingcheng", account=ACCOUNT, since=YESTERDAY)
    admin = await town.grants("admin", "qingcheng")

    ended = await end(town, admin, position_id, TODAY)

    assert ended == position_id
    assert await town.positions() == [("worker", "张三", YESTERDAY, TODAY)]
    async with town.owner.connect() as connection:
        membership = (await connection.execute(select(Membership))).one()
        entries = (await connection.execute(select(AuditRecord).order_by(AuditRecord.id))).all()
    assert (membership.since, membership.until) == (YESTERDAY, TODAY)
    assert [(entry.action, entry.subject_id) for entry in entries] == [
        ("position:appoint", position_id),
        ("position:end", position_id),
    ]
    assert (await town.tenant("qingcheng")).grants_version == 3


async def test_takes_back_a_post_that_was_never_held(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格", phone="13800001234")

    await end(town, admin, position_id, YESTERDAY)
    again = await town.appoint(admin, "grid-worker", "qingcheng/第一网格", phone="13800001234")

    assert again != position_id
    assert await town.positions() == [
        ("grid-worker", "张三", TODAY, YESTERDAY),
        ("grid-worker", "张三", TODAY, None),
    ]


async def test_ends_once_and_in_order(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    position_id = await town.appoint(
        admin, "grid-worker", "qingcheng/第一网格", since=TODAY - timedelta(days=9), until=TOMORROW
    )

    await refused(town, admin, PositionDatesInvalid, position_id, TODAY - timedelta(days=11))
    await refused(town, admin, PositionDatesInvalid, position_id, TOMORROW + timedelta(days=1))
    await end(town, admin, position_id, YESTERDAY)
    await refused(town, admin, PositionEnded, position_id, TODAY)


async def test_is_free_again_the_day_after(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    known: dict[str, object] = {"phone": "13800001234"}
    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格", **known)
    await end(town, admin, position_id, TODAY)

    with pytest.raises(AlreadyInPosition):
        await town.appoint(admin, "grid-worker", "qingcheng/第一网格", **known)
    await town.appoint(admin, "grid-worker", "qingcheng/第一网格", since=TOMORROW, **known)

    assert len(await town.positions()) == 2


@pytest.mark.parametrize(
    ("caller", "at", "body", "may"),
    [
        ("admin", "qingcheng", None, {"grid-worker", "worker", "property-worker", "property-manager"}),
        ("committee-chair", "qingcheng", None, {"grid-worker"}),
        ("property-manager", "qingcheng/花园小区", "物业", {"property-worker"}),
        ("worker", "qingcheng", None, set()),
        ("grid-leader", "qingcheng/第一网格", None, set()),
        ("auditor", "qingcheng", None, set()),
    ],
)
async def test_each_position_ends_the_posts_that_it_may(
    caller: str, at: str, body: str | None, may: set[str], town: Town
) -> None:
    admin = await town.grants("admin", "qingcheng")
    held = {
        "grid-worker": await town.appoint(admin, "grid-worker", "qingcheng/第一网格"),
        "worker": await town.appoint(admin, "worker", "qingcheng"),
        "property-worker": await town.appoint(admin, "property-worker", "qingcheng/花园小区", body="物业"),
        "property-manager": await town.appoint(admin, "property-manager", "qingcheng/花园小区", body="物业"),
    }
    grants = await town.grants(caller, at, body=body)
    ended = set()

    for kind, position_id in held.items():
        try:
            await end(town, grants, position_id, TODAY)
        except Forbidden:
            continue
        ended.add(kind)

    assert ended == may
    assert {kind for kind, _, __, until in await town.positions() if until} == may


async def test_refuses_a_post_of_another_tenant_like_one_that_is_not_there(town: Town) -> None:
    position_id = await town.appoint(await town.grants("admin", "zhongshan"), "grid-worker", "zhongshan/第一网格")
    admins = [await town.grants("admin", slug) for slug in ("qingcheng", "gudong", "gulou")]

    answers = [await refused(town, admin, NotFound, position_id, TODAY) for admin in admins]
    answers.append(await refused(town, admins[0], NotFound, uuid.uuid4(), TODAY))

    assert {(answer.code, answer.field, answer.text("zh")) for answer in answers} == {
        ("NOT_FOUND", "positionId", NotFound.zh)
    }
