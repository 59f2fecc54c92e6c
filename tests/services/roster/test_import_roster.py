"""What does importing a roster change in a tenant, and what does it leave?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.people.tables import DwellingHolder, Household, Person
from services.places.tables import GridBuilding, GridMove, Place
from services.positions.tables import Position, PositionKind
from services.roster.changes import Counts
from services.roster.commands import ImportOptions, import_roster
from services.roster.errors import RosterNeedsCommunity
from services.roster.files import RosterFile
from services.roster.parsing import parse_roster
from services.roster.problems import POST_KIND_UNKNOWN, POST_NOT_IN_ROSTER, Severity
from services.roster.reading import read_sheets
from services.roster.tables import RosterCount, RosterImport, RosterProblem
from tenants.audit.tables import AuditRecord
from tenants.errors import Forbidden
from tenants.grants import Grants
from tenants.sealing.values import Purpose
from tenants.work import Workshop
from tests.fixtures.keeping import KeptRows
from tests.services.roster.imports import Communities, open_communities
from tests.services.roster.test_real_rosters import ROSTERS
from tests.services.roster.workbooks import GOOD, changed, roster

pytestmark = pytest.mark.usefixtures("database")

NOTHING = Counts(0, 0, 0, 0, 0, 0, 0, 0)
RESIDENTS = ("网格", "楼栋", "单元", "房号", "户主", "电话", "身份证号", "居住情况", "人数")
GRIDS = ("网格", "网格员", "电话")
REGISTER = ("网格", "小区", "楼栋", "层数", "单元数", "楼栋长", "电话")


@pytest.fixture
async def communities(kept_rows: KeptRows, owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> Communities:
    made = await kept_rows.start_from("communities", lambda: open_communities(owner_engine, gateway_engine))
    return made.again()


@pytest.mark.parametrize(
    ("name", "created"),
    [
        ("jiezilu.xlsx", Counts(5, 8, 47, 114, 2390, 0, 2471, 65)),
        ("qingcheng.xlsx", Counts(0, 10, 77, 232, 3773, 3773, 3783, 10)),
    ],
)
async def test_takes_in_a_real_roster_once(communities: Communities, name: str, created: Counts) -> None:
    read = parse_roster(read_sheets((ROSTERS / name).read_bytes(), name=name))

    tried = await communities.take_in(read, dry=True)
    stored_by_trying = await communities.rows(Place, "kind")
    first = await communities.take_in(read)
    again = await communities.take_in(read)

    assert (tried.status, tried.created, tried.unchanged) == ("CHECKED", created, NOTHING)
    assert stored_by_trying == [("community",)]
    assert (first.status, first.created, first.changed) == ("DONE", created, NOTHING)
    assert (again.created, again.changed, again.unchanged) == (NOTHING, NOTHING, created)
    assert len(await communities.rows(Place, "id")) == sum(created[:5]) + 1
    counted = await communities.rows(GridBuilding, "unit_count", "dwelling_count")
    assert sum(int(str(row[0])) for row in counted) == created.units
    assert sum(int(str(row[1])) for row in counted) == created.dwellings
    assert await communities.rows(Place, "kind", slug="jiezilu") == [("community",)]


async def test_stores_addresses_parents_and_offices(communities: Communities) -> None:
    await communities.take_in(roster(changed(tenure=None)))

    rows = await communities.rows(Place, "kind", "name", "address", "sort_key", "street_id")
    street = communities.tenants["gudong"].id
    assert [row for row in rows if row[0] != "community"] == [
        ("building", "1号楼", "汇景家园1号楼", "汇景家园000001号楼", street),
        ("dwelling", "101", "汇景家园1号楼1单元101室", "汇景家园000001号楼000001单元000101室", street),
        ("estate", "汇景家园", "汇景家园", "汇景家园", street),
        ("grid", "第一网格", "第一网格", "000001网格", street),
        ("unit", "1单元", "汇景家园1号楼1单元", "汇景家园000001号楼000001单元", street),
    ]


async def test_seals_people_for_their_tenant(communities: Communities) -> None:
    await communities.take_in(roster(GOOD))

    sealer = await communities.sealer("qingcheng")
    ((sealed, masked, index, phone, phone_masked),) = await communities.rows(
        Person, "name_sealed", "name_masked", "name_index", "phone_sealed", "phone_masked"
    )
    assert isinstance(sealed, bytes)
    assert isinstance(phone, bytes)
    assert (masked, phone_masked) == ("何*", "139****3143")
    assert sealer.open(sealed, purpose=Purpose.NAME) == "何雅平"
    assert sealer.open(phone, purpose=Purpose.PHONE) == "13921933143"
    assert index == sealer.index("何雅平", purpose=Purpose.NAME)


async def test_stops_at_bad_rows_and_changes_nothing(communities: Communities) -> None:
    report = await communities.take_in(roster(GOOD, changed(room="102", area="很大")))

    assert (report.status, report.bad_row_count) == ("REFUSED", 1)
    assert await communities.rows(Place, "kind") == [("community",)]
    assert await communities.rows(Person, "id") == []
    assert await communities.rows(RosterImport, "status", "rows_read", "bad_row_count") == [("REFUSED", 2, 1)]
    assert await communities.rows(RosterProblem, "row_number", "column_letter", "code", "value") == [
        (3, "H", "AREA_NOT_A_NUMBER", "很大")
    ]


async def test_skips_bad_rows_when_told_to(communities: Communities) -> None:
    report = await communities.take_in(roster(GOOD, changed(room="102", area="很大")), skip=True)

    assert (report.status, report.created.dwellings) == ("DONE", 1)


async def test_keeps_the_import_on_record_and_in_the_audit_log(communities: Communities) -> None:
    report = await communities.take_in(roster(GOOD))

    assert await communities.rows(RosterCount, "outcome", "dwellings", "people") == [
        ("changed", 0, 0),
        ("created", 1, 1),
        ("unchanged", 0, 0),
    ]
    assert await communities.rows(AuditRecord, "action", "subject_type", "subject_id") == [
        ("roster:import", "RosterImport", report.id)
    ]


async def test_changes_what_a_new_roster_tells_and_leaves_the_rest(communities: Communities) -> None:
    await communities.take_in(roster(GOOD, changed(room="102", owner="王五", phone="13900000002")))

    report = await communities.take_in(roster(changed(area="91"), changed(room="103", area="")))

    assert (report.created.dwellings, report.changed.dwellings, report.unchanged.people) == (1, 1, 1)
    areas = await communities.rows(Place, "room_number", "floor_area")
    assert areas[:3] == [("101", Decimal("91.00")), ("102", Decimal("89.50")), ("103", None)]


async def test_replaces_the_owners_of_a_dwelling_that_was_sold(communities: Communities) -> None:
    await communities.take_in(roster(changed(owner="张三、李四", phone="13900000001、13900000002")))

    report = await communities.take_in(roster(changed(owner="李四、王五", phone="13900000002、13900000003")))

    assert (report.changed.dwellings, report.created.people, report.unchanged.people) == (1, 1, 1)
    assert (report.unchanged.dwellings, report.created.dwellings) == (0, 0)
    owners = await communities.rows(DwellingHolder, "ordinal", "role")
    assert owners == [(0, "owner"), (1, "owner")]


async def test_knows_somebody_again_in_the_same_dwelling_by_name(communities: Communities) -> None:
    await communities.take_in(roster(changed(phone=""), changed(room="102", phone="13900000009")))

    report = await communities.take_in(roster(changed(phone="13900000001"), changed(room="102", phone="13900000009")))

    assert (report.created.people, report.changed.people, report.unchanged.people) == (0, 1, 1)
    assert await communities.rows(Person, "phone_masked") == [("139****0001",), ("139****0009",)]


async def test_ends_a_household_when_another_head_is_told(communities: Communities) -> None:
    first = ("1", "1#", "1", "101", "张三", "13900000001", "", "自住", "3")
    second = ("1", "1#", "1", "101", "李四", "13900000002", "", "出租", "2")
    await communities.take_in(roster(first, header=RESIDENTS))
    communities.clock.now = datetime(2026, 5, 2, 1, tzinfo=UTC)

    report = await communities.take_in(roster(second, header=RESIDENTS))

    assert report.created.households == 1
    found = await communities.rows(Household, "residence", "head_count", "since", "until", "sort_key")
    assert [(*row[:2], str(row[2]), str(row[3]), row[4]) for row in found] == [
        ("OWNER_OCCUPIED", 3, "None", "2026-05-01", "179739498"),
        ("RENTED", 2, "2026-05-02", "None", "020260502"),
    ]
    assert await communities.rows(GridBuilding, "household_count") == [(1,)]


async def test_changes_the_household_of_the_same_head(communities: Communities) -> None:
    row = ("1", "1#", "1", "101", "张三", "13900000001", "", "自住", "3")
    await communities.take_in(roster(row, header=RESIDENTS))

    report = await communities.take_in(roster((*row[:7], "空置", ""), header=RESIDENTS))

    assert (report.created.households, report.changed.households) == (0, 1)
    assert await communities.rows(Household, "residence", "head_count") == [("VACANT", 3)]


async def test_publishes_posts_and_leaves_those_that_the_roster_does_not_name(communities: Communities) -> None:
    await communities.take_in(roster(("第一网格", "张三", "13900000001"), header=GRIDS))

    report = await communities.take_in(roster(("第1网格", "李四", "13900000002"), header=GRIDS))

    assert (report.created.positions, report.unchanged.grids) == (1, 1)
    assert [each.code for each in report.problems] == ["POST_NOT_IN_ROSTER"]
    posts = await communities.rows(Position, "kind_code", "public_name", "duty_phone", "until")
    assert posts == [
        ("grid-worker", "张三", "13900000001", None),
        ("grid-worker", "李四", "13900000002", None),
    ]


async def test_changes_the_phone_of_a_post(communities: Communities) -> None:
    await communities.take_in(roster(("第一网格", "张三", "13900000001"), header=GRIDS))

    report = await communities.take_in(roster(("第一网格", "张三", "13900000002"), header=GRIDS))

    assert (report.changed.positions, report.changed.people, report.created.people) == (1, 1, 0)
    assert await communities.rows(Position, "duty_phone") == [("13900000002",)]


async def test_stores_no_phone_in_plain_text_off_the_duty_board(communities: Communities) -> None:
    first, second = ("第一网格", "张三", "13900000001"), ("第二网格", "李四", "13900000002")
    await communities.take_in(roster(first, header=GRIDS))
    async with communities.owner.begin() as connection:
        await connection.execute(update(PositionKind).values(board_rank=None))

    await communities.take_in(roster(first, second, header=GRIDS))

    posts = await communities.rows(Position, "public_name", "duty_phone", "board_rank")
    assert posts == [("张*", None, 9999), ("李*", None, 9999)]


async def test_moves_a_unit_to_another_grid_with_its_dwellings(communities: Communities) -> None:
    await communities.take_in(roster(GOOD, changed(room="102"), changed(unit="2单元")))

    report = await communities.take_in(roster(changed(grid="第二网格")))

    assert (report.created.grids, report.changed.units, report.changed.buildings) == (1, 1, 1)
    assert report.changed.dwellings == 2
    counted = await communities.rows(GridBuilding, "unit_count", "dwelling_count")
    assert counted == [(1, 1), (1, 2)]
    assert len(await communities.rows(GridMove, "id")) == 2


async def test_gives_a_building_its_estate_later_and_keeps_it(communities: Communities) -> None:
    without = roster(changed(estate=None), changed(estate=None, room="102"))
    await communities.take_in(without)

    report = await communities.take_in(roster(GOOD))
    again = await communities.take_in(without)

    assert (report.created.estates, report.changed.buildings, report.changed.dwellings) == (1, 1, 2)
    assert (again.created, again.changed) == (NOTHING, NOTHING)
    addresses = {row[0] for row in await communities.rows(Place, "address", "kind") if row[1] == "dwelling"}
    assert addresses == {"汇景家园1号楼1单元101室", "汇景家园1号楼1单元102室"}


async def test_refuses_a_building_whose_grid_nobody_knows(communities: Communities) -> None:
    unknown = roster(changed(grid=None))

    refused = await communities.take_in(unknown)
    await communities.take_in(roster(GOOD))
    known = await communities.take_in(unknown)

    assert (refused.status, [each.code for each in refused.problems]) == ("REFUSED", ["MISSING_GRID"])
    assert (known.status, known.unchanged.dwellings) == ("DONE", 1)


def test_nothing_that_is_found_of_posts_keeps_a_row_out() -> None:
    # Places are taken in while posts are still compared.
    assert {POST_KIND_UNKNOWN.severity, POST_NOT_IN_ROSTER.severity} == {Severity.WARNING}


async def test_keeps_two_tenants_apart(communities: Communities) -> None:
    await communities.take_in(roster(GOOD), slug="jiezilu")

    report = await communities.take_in(roster(GOOD), slug="qingcheng")

    assert report.created == Counts(1, 1, 1, 1, 1, 0, 1, 0)
    assert len(await communities.rows(Place, "id", slug="jiezilu")) == 6
    assert await communities.rows(Person, "name_index", slug="jiezilu") != await communities.rows(Person, "name_index")


async def test_refuses_offices_and_those_without_the_grant(communities: Communities) -> None:
    with pytest.raises(RosterNeedsCommunity):
        await communities.take_in(roster(GOOD), slug="gudong")
    grants = await communities.grants("qingcheng")
    nobody = Grants(tenant=grants.tenant, account_id=grants.account_id)
    sealer = await communities.sealer("qingcheng")
    async with Workshop(communities.gateway).work(nobody) as work:
        with pytest.raises(Forbidden):
            await import_roster(work, file=RosterFile("a", roster(GOOD)), sealer=sealer, options=ImportOptions())

    assert await communities.rows(Place, "kind") == [("community",)]


async def test_two_imports_at_once_make_nothing_twice(communities: Communities) -> None:
    rows = roster(*(changed(room=str(101 + at)) for at in range(300)))

    reports = await asyncio.gather(communities.take_in(rows), communities.take_in(rows))

    assert sorted(report.created.dwellings for report in reports) == [0, 300]
    assert sorted(report.unchanged.people for report in reports) == [0, 1]
    assert len(await communities.rows(Place, "id")) == 305


async def test_changes_nothing_when_the_last_step_fails(communities: Communities) -> None:
    grants, sealer = await communities.grants("qingcheng"), await communities.sealer("qingcheng")

    async def import_and_fail() -> None:
        async with Workshop(communities.gateway).work(grants) as work:
            file = RosterFile("a", roster(GOOD))
            await import_roster(work, file=file, sealer=sealer, options=ImportOptions())
            raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError, match="the power went out"):
        await import_and_fail()

    assert await communities.rows(Place, "kind") == [("community",)]
    assert await communities.rows(RosterImport, "id") == []
