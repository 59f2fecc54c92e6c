"""Do the rosters of two real communities come out with the figures that the communities report?"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from services.roster.contents import Roster
from services.roster.headers import Role
from services.roster.parsing import parse_roster
from services.roster.reading import read_sheets

ROSTERS = Path(__file__).parents[3] / "deploy" / "demo" / "rosters"


def read(name: str) -> Roster:
    return parse_roster(read_sheets((ROSTERS / name).read_bytes(), name=name))


@pytest.fixture(scope="module")
def jiezilu() -> Roster:
    return read("jiezilu.xlsx")


@pytest.fixture(scope="module")
def qingcheng() -> Roster:
    return read("qingcheng.xlsx")


def test_finds_the_places_of_jiezilu(jiezilu: Roster) -> None:
    figures = [len(each) for each in (jiezilu.grids, jiezilu.estates, jiezilu.buildings, jiezilu.units)]

    assert figures == [8, 5, 47, 114]
    assert len(jiezilu.dwellings) == 2390
    assert jiezilu.bad_rows() == 0


def test_finds_the_posts_of_jiezilu(jiezilu: Roster) -> None:
    assert Counter(post.role for post in jiezilu.posts) == {
        Role.GRID_LEADER: 1,
        Role.GRID_WORKER: 17,
        Role.BUILDING_LEADER: 47,
    }


def test_gives_the_one_phone_of_a_grid_with_a_leader_to_the_worker_beside_it(jiezilu: Roster) -> None:
    first_grid = [
        (post.role, jiezilu.people[post.person].name, jiezilu.people[post.person].phone)
        for post in jiezilu.posts
        if post.role is not Role.BUILDING_LEADER and post.place == 0
    ]

    assert first_grid == [(Role.GRID_LEADER, "郭强国", None), (Role.GRID_WORKER, "彭丽", "13802659816")]


def test_reports_the_three_repeated_rows_and_the_identity_numbers_to_be_checked(jiezilu: Roster) -> None:
    found = Counter(each.code for each in jiezilu.problems)

    assert found == {"REPEATED_ROW": 3, "IDENTITY_INVALID": 18, "COLUMN_LEFT_OUT": 1}
    repeated = [(each.sheet, each.row, each.column) for each in jiezilu.problems if each.code == "REPEATED_ROW"]
    assert repeated == [("房屋", 737, "E"), ("房屋", 1473, "E"), ("房屋", 2209, "E")]


def test_reads_owners_and_never_households_from_a_register_of_owners(jiezilu: Roster) -> None:
    shared = [each for each in jiezilu.dwellings if len(each.owners) > 1]

    assert all(each.household is None for each in jiezilu.dwellings)
    assert len(shared) == 16
    owners = [jiezilu.people[each.person] for each in shared[0].owners]
    assert [(owner.name, owner.phone) for owner in owners] == [("郭秀", "18618956778"), ("曹博", None)]


def test_finds_the_places_of_qingcheng(qingcheng: Roster) -> None:
    figures = [len(each) for each in (qingcheng.grids, qingcheng.estates, qingcheng.buildings)]

    assert figures == [10, 0, 77]
    assert (len(qingcheng.units), len(qingcheng.dwellings)) == (232, 3773)
    assert qingcheng.problems == ()


def test_reads_heads_of_households_and_never_owners_from_a_register_of_residents(qingcheng: Roster) -> None:
    first = qingcheng.dwellings[0]

    assert not any(each.owners for each in qingcheng.dwellings)
    assert all(each.household for each in qingcheng.dwellings)
    assert (first.room_number, first.floor_area, first.tenure) == ("101", Decimal("125.60"), "SELF_BUILT")
    assert first.household is not None
    assert first.household.residence == "VACANT"


def test_takes_grid_and_worker_from_the_sheet_and_its_title(qingcheng: Roster) -> None:
    posts = [
        (qingcheng.grids[post.place].name, qingcheng.people[post.person].name, post.role) for post in qingcheng.posts
    ]

    assert posts[0] == ("第1网格", "郭华", Role.GRID_WORKER)
    assert len(posts) == 10
    assert qingcheng.people[qingcheng.posts[0].person].phone == "17763626388"


def test_takes_no_phone_where_the_roster_says_there_is_none(qingcheng: Roster) -> None:
    phones = [person.phone for person in qingcheng.people]

    assert phones.count(None) == 101
