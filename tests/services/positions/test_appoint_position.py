"""Who may give which post to whom, and what is then stored?"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, update

from services.people.errors import NameInvalid, PhoneInvalid
from services.people.tables import Person
from services.positions.commands import AccountName
from services.positions.errors import (
    AlreadyInPosition,
    DutyPhoneUnpublished,
    PersonMissing,
    PositionBodyMissing,
    PositionBodyUnfit,
    PositionDatesInvalid,
    PositionKindUnknown,
    PositionPlaceUnfit,
    PublicNameMissing,
    SelfAppointment,
)
from services.positions.tables import Position
from tenants.audit.tables import AuditRecord
from tenants.errors import Forbidden, NotFound, Refused, TenantSuspended
from tenants.grants import Grant, Grants
from tenants.policies.roles import DENY, Override
from tenants.tables import Account, Membership, Tenant
from tests.services.positions.town import TODAY, TOMORROW, YESTERDAY, Town

SIGN_ON = "https://sign-on.test"


async def refused(
    town: Town, grants: Grants, refusal: type[Refused], kind: str, place: str, **given: object
) -> Refused:
    """Be refused, and see that nothing changed."""
    before = await town.positions()
    with pytest.raises(refusal) as caught:
        await town.appoint(grants, kind, place, **given)
    assert await town.positions() == before
    return caught.value


async def test_stores_a_post_with_its_holder_sealed(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")

    position_id = await town.appoint(
        admin, "grid-worker", "qingcheng/第一网格", phone="138 0000 1234", duty_phone="0591-1234"
    )

    async with town.owner.connect() as connection:
        post = (await connection.execute(select(Position))).one()
        person = (await connection.execute(select(Person))).one()
    assert (post.id, post.tenant_id, post.street_id, post.district_id) == (position_id, 3, 2, 1)
    assert (post.kind_code, post.place_id) == ("grid-worker", town.places["qingcheng/第一网格"])
    assert (post.public_name, post.duty_phone, post.board_rank) == ("张三", "0591-1234", 40)
    assert (post.since, post.until, post.account_id, post.body_id) == (TODAY, None, None, None)
    assert post.person_id == person.id
    assert (person.name_masked, person.phone_masked) == ("张*", "138****1234")
    assert "张三".encode() not in bytes(person.name_sealed)


async def test_knows_who_is_known(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")

    for grid, phone in (("第一网格", "13800001234"), ("第二网格", "138-0000-1234")):
        await town.appoint(admin, "grid-worker", f"qingcheng/{grid}", phone=phone)
    await town.appoint(admin, "building-leader", "qingcheng/1号楼", phone="13900001234")
    other = await town.grants("admin", "zhongshan")
    await town.appoint(other, "grid-worker", "zhongshan/第一网格", phone="13800001234")

    async with town.owner.connect() as connection:
        held = (await connection.scalars(select(Position.person_id).order_by(Position.id))).all()
    assert held[0] == held[1]
    assert len({held[0], held[2], held[3]}) == 3


async def test_an_account_gets_a_membership_and_grants_are_loaded_anew(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    account = AccountName(SIGN_ON, "7")

    position_id = await town.appoint(admin, "worker", "qingcheng", account=account, until=TOMORROW)

    async with town.owner.connect() as connection:
        stored = (await connection.execute(select(Account).where(Account.subject == "7"))).one()
        membership = (await connection.execute(select(Membership))).one()
        rows = await connection.execute(select(Tenant.slug, Tenant.grants_version))
        versions = {row.slug: row.grants_version for row in rows}
    assert stored.issuer == SIGN_ON
    assert (membership.account_id, membership.tenant_id) == (stored.id, 3)
    assert (membership.position_id, membership.since, membership.until) == (position_id, TODAY, TOMORROW)
    assert versions == {"gulou": 1, "gudong": 1, "qingcheng": 2, "zhongshan": 1}


async def test_a_second_tenant_leaves_the_first_ones_grants_alone(town: Town) -> None:
    account = AccountName(SIGN_ON, "linhe")
    first = await town.grants("admin", "zhongshan")
    await town.appoint(first, "property-manager", "zhongshan/花园小区", body="物业", account=account)

    second = await town.grants("admin", "qingcheng")
    await town.appoint(second, "property-manager", "qingcheng/花园小区", body="物业", account=account)

    assert [(await town.tenant(slug)).grants_version for slug in ("zhongshan", "qingcheng", "gudong")] == [2, 2, 1]


async def test_a_post_without_an_account_disturbs_nobodys_grants(town: Town) -> None:
    await town.appoint(await town.grants("admin", "qingcheng"), "grid-worker", "qingcheng/第一网格")

    assert (await town.tenant("qingcheng")).grants_version == 1


async def test_writes_the_audit_log(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")

    position_id = await town.appoint(admin, "grid-worker", "qingcheng/第一网格")

    async with town.owner.connect() as connection:
        entry = (await connection.execute(select(AuditRecord))).one()
    assert (entry.tenant_id, entry.action, entry.subject_type) == (3, "position:appoint", "Position")
    assert (entry.subject_id, entry.account_id) == (position_id, admin.account_id)


@pytest.mark.parametrize(
    ("caller", "at", "body", "may"),
    [
        (
            "admin",
            "qingcheng",
            None,
            {"grid-worker", "worker", "admin", "grid-party-secretary", "property-worker", "owners-member"},
        ),
        ("committee-chair", "qingcheng", None, {"grid-worker"}),
        ("party-secretary", "qingcheng", None, {"grid-party-secretary"}),
        ("worker", "qingcheng", None, set()),
        ("property-manager", "qingcheng/花园小区", "物业", {"property-worker"}),
        ("owners-chair", "qingcheng/花园小区", "业委会", {"owners-member"}),
        ("grid-leader", "qingcheng/第一网格", None, set()),
        ("resident", "qingcheng/101室", None, set()),
        ("auditor", "qingcheng", None, set()),
    ],
)
async def test_each_position_gives_the_posts_that_it_may(
    caller: str, at: str, body: str | None, may: set[str], town: Town
) -> None:
    asked = {
        "grid-worker": ("qingcheng/第一网格", None),
        "grid-party-secretary": ("qingcheng/第一网格", "党支部"),
        "worker": ("qingcheng", "居委会"),
        "admin": ("qingcheng", None),
        "property-worker": ("qingcheng/花园小区", "物业"),
        "owners-member": ("qingcheng/花园小区", "业委会"),
    }
    grants = await town.grants(caller, at, body=body)
    given = set()

    for kind, (place, of_body) in asked.items():
        try:
            await town.appoint(grants, kind, place, body=of_body)
        except Forbidden:
            continue
        given.add(kind)

    assert given == may
    assert {kind for kind, *_ in await town.positions()} == may


@pytest.mark.parametrize(
    ("kind", "place", "body"),
    [
        ("property-worker", "qingcheng/新村小区", "物业"),
        ("property-manager", "qingcheng/花园小区", "物业"),
        ("owners-member", "qingcheng/花园小区", "业委会"),
    ],
)
async def test_a_manager_appoints_no_equals_and_nobody_elsewhere(kind: str, place: str, body: str, town: Town) -> None:
    manager = await town.grants("property-manager", "qingcheng/花园小区", body="物业")

    await refused(town, manager, Forbidden, kind, place, body=body)


async def test_a_worker_appoints_by_roster_alone_and_without_accounts(town: Town) -> None:
    worker = await town.grants("worker", "qingcheng")
    roster, account = {"is_from_roster": True}, AccountName(SIGN_ON, "7")

    await refused(town, worker, Forbidden, "grid-worker", "qingcheng/第一网格", account=account, **roster)
    await refused(town, worker, Forbidden, "worker", "qingcheng", **roster)
    await town.appoint(worker, "grid-worker", "qingcheng/第一网格", **roster)

    assert await town.positions() == [("grid-worker", "张三", TODAY, None)]


async def test_an_override_takes_the_right_to_appoint(town: Town) -> None:
    denied = Override("admin", "position:appoint", "*", "*", DENY)
    admin = await town.grants("admin", "qingcheng", overrides=[denied])

    await refused(town, admin, Forbidden, "grid-worker", "qingcheng/第一网格")


async def test_nobody_appoints_himself(town: Town) -> None:
    account = AccountName(SIGN_ON, "admin")
    operator = await town.grants("admin", "qingcheng")
    await town.appoint(operator, "admin", "qingcheng", account=account)
    async with town.owner.connect() as connection:
        account_id = await connection.scalar(select(Account.id).where(Account.subject == "admin"))
    admin = await town.grants("admin", "qingcheng", account_id=account_id)

    await refused(town, admin, SelfAppointment, "worker", "qingcheng", account=account)


async def test_refuses_a_place_of_another_tenant_like_one_that_is_not_there(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    town.places["qingcheng/elsewhere"] = town.places["zhongshan/第一网格"]
    town.places["qingcheng/nowhere"] = uuid.uuid4()

    elsewhere = await refused(town, admin, NotFound, "grid-worker", "qingcheng/elsewhere")
    nowhere = await refused(town, admin, NotFound, "grid-worker", "qingcheng/nowhere")

    assert (elsewhere.text("zh"), elsewhere.field) == (nowhere.text("zh"), nowhere.field)


async def test_an_office_gives_no_posts_in_its_communities(town: Town) -> None:
    street_admin = await town.grants("admin", "gudong")
    town.places["gudong/第一网格"] = town.places["qingcheng/第一网格"]

    await refused(town, street_admin, PositionKindUnknown, "grid-worker", "gudong/第一网格")
    await refused(town, street_admin, NotFound, "admin", "gudong/第一网格")


async def test_refuses_a_person_of_another_tenant(town: Town) -> None:
    await town.appoint(await town.grants("admin", "zhongshan"), "grid-worker", "zhongshan/第一网格")
    async with town.owner.connect() as connection:
        person_id = await connection.scalar(select(Person.id))
    admin = await town.grants("admin", "qingcheng")

    await refused(
        town, admin, NotFound, "grid-worker", "qingcheng/第一网格", name=None, person_id=person_id, public_name="张三"
    )


@pytest.mark.parametrize(
    ("refusal", "kind", "place", "given"),
    [
        (PositionKindUnknown, "mayor", "qingcheng", {}),
        (PositionKindUnknown, "officer", "qingcheng", {}),
        (PositionPlaceUnfit, "grid-worker", "qingcheng", {}),
        (PositionPlaceUnfit, "resident", "qingcheng/1号楼", {}),
        (PositionBodyUnfit, "grid-worker", "qingcheng/第一网格", {"body": "物业"}),
        (PositionBodyUnfit, "admin", "qingcheng", {"body": "居委会"}),
        (PositionBodyMissing, "property-worker", "qingcheng/花园小区", {}),
        (NotFound, "property-worker", "qingcheng/花园小区", {"body_id": uuid.UUID(int=7)}),
        (PositionDatesInvalid, "admin", "qingcheng", {"until": YESTERDAY}),
        (PersonMissing, "admin", "qingcheng", {"name": None}),
        (PersonMissing, "admin", "qingcheng", {"person_id": uuid.UUID(int=7)}),
        (NotFound, "admin", "qingcheng", {"name": None, "person_id": uuid.UUID(int=7)}),
        (NameInvalid, "admin", "qingcheng", {"name": " "}),
        (NameInvalid, "admin", "qingcheng", {"name": "张" * 51}),
        (NameInvalid, "admin", "qingcheng", {"public_name": "a\x1b"}),
        (PhoneInvalid, "admin", "qingcheng", {"phone": "call me"}),
        (PhoneInvalid, "grid-worker", "qingcheng/第一网格", {"duty_phone": "1" * 21}),
        (DutyPhoneUnpublished, "admin", "qingcheng", {"duty_phone": "0591-1234"}),
        (DutyPhoneUnpublished, "resident", "qingcheng/101室", {"duty_phone": "13800001234"}),
    ],
)
async def test_refuses_what_cannot_be(
    refusal: type[Refused], kind: str, place: str, given: dict[str, object], town: Town
) -> None:
    await refused(town, await town.grants("admin", "qingcheng"), refusal, kind, place, **given)


async def test_refuses_the_same_post_on_a_day_that_it_is_held(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    known: dict[str, object] = {"phone": "13800001234"}
    await town.appoint(admin, "grid-worker", "qingcheng/第一网格", until=TOMORROW, **known)

    for days in ({"since": TODAY}, {"since": YESTERDAY, "until": TODAY}, {"since": TOMORROW}):
        await refused(town, admin, AlreadyInPosition, "grid-worker", "qingcheng/第一网格", **known, **days)
    await town.appoint(admin, "grid-worker", "qingcheng/第一网格", since=date(2026, 6, 3), **known)
    await town.appoint(admin, "grid-worker", "qingcheng/第一网格", since=YESTERDAY, until=YESTERDAY, **known)

    assert len(await town.positions()) == 3


async def test_publishes_nobody_by_name_off_the_board(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")

    await town.appoint(admin, "resident", "qingcheng/101室")

    async with town.owner.connect() as connection:
        post = (await connection.execute(select(Position))).one()
    assert (post.public_name, post.board_rank) == ("张*", 9999)


async def test_asks_for_the_public_name_of_somebody_known(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    await town.appoint(admin, "resident", "qingcheng/101室")
    async with town.owner.connect() as connection:
        person_id = await connection.scalar(select(Person.id))
    known: dict[str, object] = {"name": None, "person_id": person_id}
    chair = await town.grants("committee-chair", "qingcheng")

    await refused(town, chair, PublicNameMissing, "building-leader", "qingcheng/1号楼", **known)
    await town.appoint(chair, "building-leader", "qingcheng/1号楼", public_name="张老师", **known)

    async with town.owner.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(Person)) == 1
    assert (await town.positions())[1][:2] == ("building-leader", "张老师")


async def test_appoints_nobody_whom_the_caller_may_not_see(town: Town) -> None:
    admin, chair = await town.grants("admin", "qingcheng"), await town.grants("committee-chair", "qingcheng")
    await town.appoint(admin, "resident", "qingcheng/101室")
    async with town.owner.connect() as connection:
        person_id = await connection.scalar(select(Person.id))
    known: dict[str, object] = {"name": None, "person_id": person_id, "public_name": "张老师"}
    at_place = frozenset({Grant("position:appoint", "acting", "all"), Grant("resident:read", "acting", "place")})
    grid = await town.grants("grid-worker", "qingcheng/第二网格")

    for stranger in (admin, replace(grid, grants=at_place)):
        await refused(town, stranger, NotFound, "building-leader", "qingcheng/1号楼", **known)
    await town.appoint(chair, "building-leader", "qingcheng/1号楼", **known)

    assert [kind for kind, *_ in await town.positions()] == ["resident", "building-leader"]


async def test_a_suspended_tenant_gives_no_posts(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    await town.appoint(admin, "grid-worker", "qingcheng/第一网格")
    async with town.owner.begin() as connection:
        await connection.execute(update(Tenant).where(Tenant.slug == "qingcheng").values(status="suspended"))
    suspended = await town.grants("admin", "qingcheng")

    await refused(town, suspended, TenantSuspended, "grid-worker", "qingcheng/第二网格")
