"""What does a list of posts change, and which cells stop it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from services.people.tables import Person
from services.position_lists.commands import BadPositionRows, ListOptions, ListReport, import_positions
from services.position_lists.reading import read_posts
from services.positions.tables import Position
from services.roster.reading import read_sheets
from tenants.errors import Forbidden
from tenants.grants import Grants
from tenants.tables import Account, Body, Membership
from tests.services.positions.town import TODAY, Town

HEADER = "姓名,电话,岗位,地点,单位,公示电话,账号\n"
ISSUER = "https://sign-on.test"
FIRST_DAY = (
    HEADER
    + "张三,13800000001,网格员,第一网格,,,\n"
    + "李四,13800000002,楼栋长,1号楼,,0591-1111,\n"
    + "王五,13800000003,社区工作者,,,,wang\n"
    + "赵六,,系统管理员,本社区,,,zhao\n"
    + "钱七,13800000005,物业项目经理,花园小区,,,qian\n"
)


async def take_in(
    town: Town, grants: Grants, text: str, *, issuer: str | None = ISSUER, replaces: bool = False
) -> ListReport:
    posts = read_posts(read_sheets(text.encode(), name="list.csv"))
    sealer = await town.keyring.sealer(town.workshop, grants=grants)
    async with town.workshop.work(grants) as work:
        return await import_positions(work, posts=posts, sealer=sealer, options=ListOptions(issuer, replaces))


async def problems(
    town: Town, *lines: str, slug: str = "qingcheng", caller: str = "admin", issuer: str | None = ISSUER
) -> list[tuple[int, str, str, str]]:
    """Import lines that must be refused; tell row, column, code and value, having seen that nothing changed."""
    before = await town.positions()
    grants = await town.grants(caller, slug)
    with pytest.raises(BadPositionRows) as refusal:
        await take_in(town, grants, HEADER + "\n".join(lines), issuer=issuer)
    assert await town.positions() == before
    return [(found.row, found.column, found.code, found.value) for found in refusal.value.problems]


async def test_gives_everybody_their_first_post(town: Town) -> None:
    report = await take_in(town, await town.grants("admin", "qingcheng"), FIRST_DAY)

    assert report == ListReport(appointed=5, unchanged=0)
    async with town.owner.connect() as connection:
        rows = (await connection.execute(select(Position).order_by(Position.id))).all()
        accounts = (await connection.scalars(select(Account.subject).join(Membership).order_by(Account.subject))).all()
        bodies = {row.id: row.name for row in await connection.execute(select(Body))}
    assert [(row.kind_code, row.public_name, row.duty_phone, row.since) for row in rows] == [
        ("grid-worker", "张三", "13800000001", TODAY),
        ("building-leader", "李四", "0591-1111", TODAY),
        ("worker", "王五", "13800000003", TODAY),
        ("admin", "赵*", None, TODAY),
        ("property-manager", "钱七", "13800000005", TODAY),
    ]
    assert [row.place_id for row in rows] == [
        town.places[f"qingcheng{name}"] for name in ("/第一网格", "/1号楼", "", "", "/花园小区")
    ]
    assert [row.body_id and bodies[row.body_id] for row in rows] == [None, None, "庆城社区居民委员会", None, "物业"]
    assert accounts == ["qian", "wang", "zhao"]


async def test_the_same_list_again_changes_nothing(town: Town) -> None:
    await take_in(town, await town.grants("admin", "qingcheng"), FIRST_DAY)
    before = await town.positions()

    report = await take_in(town, await town.grants("admin", "qingcheng"), FIRST_DAY)

    assert report == ListReport(appointed=0, unchanged=5)
    assert await town.positions() == before
    async with town.owner.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(Person)) == 5


async def test_gives_an_account_to_a_post_that_is_held_without(town: Town) -> None:
    without, with_account = (HEADER + f"张三,13800000001,网格员,第一网格,,,{account}\n" for account in ("", "zhang"))
    await take_in(town, await town.grants("admin", "qingcheng"), without)

    given = await take_in(town, await town.grants("admin", "qingcheng"), with_account)
    again = await take_in(town, await town.grants("admin", "qingcheng"), with_account)

    assert [given, again] == [ListReport(1, 0), ListReport(0, 1)]
    assert len(await town.positions()) == 1
    assert (await town.tenant("qingcheng")).grants_version == 2


async def test_an_account_of_another_issuer_is_told_and_not_taken_for_the_same(town: Town) -> None:
    grants = await town.grants("admin", "qingcheng")
    line = "王五,13800000003,社区工作者,,,,wang"
    await take_in(town, grants, HEADER + line, issuer="https://sign-in.test")
    before = await town.positions()

    with pytest.raises(BadPositionRows) as refusal:
        await take_in(town, await town.grants("admin", "qingcheng"), HEADER + line)

    (found,) = refusal.value.problems
    assert (found.row, found.column, found.code, found.value) == (2, "account", "ACCOUNT_DIFFERS", "wang")
    assert "wang（https://sign-in.test）" in found.zh
    assert f"the file says wang of {ISSUER}" in found.en
    assert await town.positions() == before


async def test_gives_a_post_to_another_account_when_that_is_asked_for(town: Town) -> None:
    lines = HEADER + "王五,13800000003,社区工作者,,,,wang"
    await take_in(town, await town.grants("admin", "qingcheng"), lines, issuer="https://sign-in.test")

    replaced = await take_in(town, await town.grants("admin", "qingcheng"), lines, replaces=True)
    again = await take_in(town, await town.grants("admin", "qingcheng"), lines)

    assert [replaced, again] == [ListReport(1, 0), ListReport(0, 1)]
    async with town.owner.connect() as connection:
        rows = await connection.execute(
            select(Account.issuer, Position.since, Position.until).join(Position).order_by(Position.id)
        )
    never_held = ("https://sign-in.test", TODAY, TODAY - timedelta(days=1))
    assert [tuple(row) for row in rows] == [never_held, (ISSUER, TODAY, None)]


async def test_tells_every_wrong_cell_and_changes_nothing(town: Town) -> None:
    found = await problems(
        town,
        "张三,13800000001,网格员,第一网格,,,",
        "李四,13800000002,市长,,,,",
        "李四,13800000002,网格员,第九网格,,,",
        "李四,13800000002,网格员,,,,",
        ",13800000002,网格员,第一网格,,,",
        "李四,打我电话吧,网格员,第一网格,,,",
        "李四,13800000002,物业项目经理,花园小区,别家物业,,",
        "李四,13800000002,物业项目经理,新村小区,,,",
        "李四,13800000002,网格员,1号楼,,,",
        f"{'李' * 60},13800000002,网格员,第二网格,,,",
    )

    assert [(row, column, code) for row, column, code, _ in found] == [
        (3, "post", "POSITION_KIND_UNKNOWN"),
        (4, "place", "PLACE_UNKNOWN"),
        (5, "place", "MISSING"),
        (6, "name", "MISSING"),
        (7, "phone", "PHONE_INVALID"),
        (8, "body", "BODY_UNKNOWN"),
        (9, "body", "POSITION_BODY_MISSING"),
        (10, "place", "PLACE_UNKNOWN"),
        (11, "name", "NAME_INVALID"),
    ]


async def test_takes_no_duty_phone_for_a_post_off_the_board(town: Town) -> None:
    found = await problems(town, "赵六,13800000004,系统管理员,本社区,,0591-1111,")

    assert [(row, column, code) for row, column, code, _ in found] == [(2, "duty_phone", "DUTY_PHONE_UNPUBLISHED")]


async def test_masks_what_is_personal_in_what_it_tells(town: Town) -> None:
    long_name, phone = "欧阳" * 30, "1380000000x"

    found = await problems(town, f"{long_name},13800000002,网格员,第一网格,,,", f"李四,{phone},网格员,第一网格,,,")

    assert [value for *_, value in found] != [long_name, phone]
    assert all(long_name[2:] not in value and "0000000" not in value for *_, value in found)


async def test_finds_no_place_kind_or_body_of_another_tenant(town: Town) -> None:
    async with town.owner.begin() as connection:
        await connection.execute(update(Body).where(Body.id == town.bodies["zhongshan/物业"]).values(name="中山物业"))

    found = await problems(
        town,
        "李四,,网格员,中山社区第一网格,,,",
        "李四,,物业项目经理,花园小区,中山物业,,",
        "李四,,街道派单员,,,,",
    )

    assert [code for _, _, code, _ in found] == ["PLACE_UNKNOWN", "BODY_UNKNOWN", "POSITION_KIND_UNKNOWN"]


async def test_asks_which_of_two_places_is_meant(town: Town) -> None:
    async with town.owner.begin() as connection:
        await town.add_place(connection, "qingcheng", "grid", "第一 网格")

    assert await problems(town, "李四,,网格员,第一网格,,,") == [(2, "place", "PLACE_AMBIGUOUS", "第一网格")]


async def test_an_account_needs_an_issuer(town: Town) -> None:
    found = await problems(town, "李四,,系统管理员,,,,li", issuer=None)

    assert found == [(2, "account", "ISSUER_MISSING", "li")]


async def test_a_worker_lists_grid_posts_without_accounts_alone(town: Town) -> None:
    found = await problems(
        town,
        "张三,13800000001,网格员,第一网格,,,",
        "李四,,网格员,第二网格,,,li",
        "王五,,系统管理员,,,,",
        caller="worker",
    )

    assert [(row, code) for row, _, code, _ in found] == [(3, "FORBIDDEN"), (4, "FORBIDDEN")]
    report = await take_in(
        town, await town.grants("worker", "qingcheng"), HEADER + "张三,13800000001,网格员,第一网格,,,\n"
    )
    assert report == ListReport(1, 0)


@pytest.mark.parametrize("caller", ["grid-worker", "auditor", "resident"])
async def test_nobody_else_imports(caller: str, town: Town) -> None:
    place = {"grid-worker": "qingcheng/第一网格", "resident": "qingcheng/101室"}.get(caller, "qingcheng")

    with pytest.raises(Forbidden):
        await take_in(town, await town.grants(caller, place), FIRST_DAY)

    assert await town.positions() == []
