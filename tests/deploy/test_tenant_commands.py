"""Do `jinlin tenant`, `import divisions`, `import calendar` and `simulate` work on the database of the environment?"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.cli.faults import explain
from services.calendars.errors import CalendarHasBadRows
from services.divisions.errors import DivisionsHaveBadRows
from services.onboarding.errors import ParentNotFound, SlugTaken, TenantNotInStatus
from tests.fixtures.database import Database

DIVISIONS = Path(__file__).parents[2] / "deploy" / "demo" / "divisions_demo.csv"
HEADER = "code,level,name,parent_code"


@pytest.fixture(autouse=True)
def _production(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINLIN_OWNER_URL", database.owner_url)
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(b"k" * 32).decode())


async def run(*arguments: str) -> Result:
    # The command brings an event loop of its own.
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def test_opens_suspends_resumes_closes_and_lists() -> None:
    district = await run("tenant", "open", "gulou", "--name", "鼓楼区", "--kind", "district", "--code", "350102")
    street = await run("tenant", "open", "gudong", "--name", "鼓东街道", "--kind", "street", "--parent", "gulou")
    changes = [await run("tenant", change, "gudong") for change in ("suspend", "resume", "close")]
    listed = await run("tenant", "list")

    assert [result.exit_code for result in (district, street, *changes, listed)] == [0] * 6
    assert (district.stdout, street.stdout) == ("gulou\n", "gudong\n")
    assert listed.stdout.splitlines() == [
        "gulou\tdistrict\topen\t-\tstatistics:350102\t鼓楼区",
        "gudong\tstreet\tclosed\tgulou\t-\t鼓东街道",
    ]


async def test_moves_a_street_with_its_communities() -> None:
    for slug in ("gulou", "xiangcheng"):
        await run("tenant", "open", slug, "--name", slug, "--kind", "district")
    await run("tenant", "open", "gudong", "--name", "鼓东街道", "--kind", "street", "--parent", "gulou")
    await run("tenant", "open", "qingcheng", "--name", "庆城社区", "--kind", "community", "--parent", "gudong")

    moved = await run("tenant", "move", "gudong", "--under", "xiangcheng", "--because", "区划调整")
    listed = await run("tenant", "list")
    nowhere = await run("tenant", "move", "gudong", "--under", "taijiang", "--because", "区划调整")

    assert (moved.exit_code, moved.stdout) == (0, "gudong lies under xiangcheng, with 1 below it\n")
    lines = [line.split("\t")[:4] for line in listed.stdout.splitlines()]
    assert lines == [
        ["gulou", "district", "open", "-"],
        ["xiangcheng", "district", "open", "-"],
        ["gudong", "street", "open", "xiangcheng"],
        ["qingcheng", "community", "open", "gudong"],
    ]
    assert isinstance(nowhere.exception, ParentNotFound)


async def test_warns_of_what_is_odd_next_to_the_parent_and_the_divisions() -> None:
    await run("import", "divisions", str(DIVISIONS), "--system", "statistics", "--as-of", "2023-06-30")
    await run("tenant", "open", "lieshan", "--name", "烈山区", "--kind", "district", "--code", "340604")
    street = ("tenant", "open", "renlou", "--name", "任楼街道", "--kind", "street", "--code", "340604004")
    community = ("--kind", "community", "--parent", "renlou", "--code")

    fitting = await run(*street, "--parent", "lieshan")
    in_order = await run("tenant", "open", "xiyuan", "--name", "西园社区", *community, "340604004004")
    odd = await run("tenant", "open", "xiyuan2", "--name", "西苑社区", *community, "350102001002")
    unlisted = await run("tenant", "open", "xinqu", "--name", "新区社区", *community, "340604004099")
    alone = await run("tenant", "open", "alone", "--name", "独立街道", "--kind", "street")

    results = (fitting, in_order, odd, unlisted, alone)
    assert [result.exit_code for result in results] == [0] * 5
    assert [result.stderr.splitlines() for result in results] == [
        [],
        [],
        [
            "warning: 350102001002 is 庆城社区 in the imported list, not 西苑社区",
            "warning: 350102001002 lies in 350102001 in the imported list, and renlou is 340604004",
        ],
        ["warning: 340604004099 is not in the imported list of statistics"],
        ["warning: alone has no parent, so no office above reads its structure until it is moved"],
    ]


async def test_takes_in_a_years_holidays(tmp_path: Path) -> None:
    file = tmp_path / "far.csv"
    file.write_text("day,is_working,name\n2199-01-01,false,元旦\n2199-01-05,true,元旦调休上班\n", encoding="utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text("day,is_working,name\n2199-01-01,no,元旦\n", encoding="utf-8")

    taken = await run("import", "calendar", str(file), "--source", "通知")
    again = await run("import", "calendar", str(file), "--source", "通知")
    nameless = await run("import", "calendar", str(file), "--source", " ")
    refused = await run("import", "calendar", str(bad), "--source", "通知")

    known = "the working calendar is known through 2199-12-31\n"
    assert (taken.exit_code, taken.stdout) == (0, f"2199: 2 added, 0 changed, 0 removed\n{known}")
    assert (again.exit_code, again.stdout) == (0, f"2199: 0 added, 0 changed, 0 removed\n{known}")
    assert [result.exit_code == 0 for result in (nameless, refused)] == [False, False]
    assert isinstance(refused.exception, CalendarHasBadRows)


async def test_warns_of_an_unusual_code_and_opens_all_the_same() -> None:
    opened = await run("tenant", "open", "gulou", "--name", "鼓楼区", "--kind", "district", "--code", "35010")

    assert opened.exit_code == 0
    assert "35010" in opened.stderr


async def test_refuses_in_both_languages_and_changes_nothing() -> None:
    await run("tenant", "open", "gulou", "--name", "鼓楼区", "--kind", "district")

    taken = await run("tenant", "open", "gulou", "--name", "另一个", "--kind", "district")
    resumed = await run("tenant", "resume", "gulou")

    assert isinstance(taken.exception, SlugTaken)
    assert isinstance(resumed.exception, TenantNotInStatus)
    told = explain(taken.exception) or ""
    assert "已被" in told
    assert "is taken by" in told
    assert (await run("tenant", "list")).stdout == "gulou\tdistrict\topen\t-\t-\t鼓楼区\n"


async def test_imports_divisions_and_tells_what_changed(tmp_path: Path) -> None:
    newer = tmp_path / "newer.csv"
    lines = DIVISIONS.read_text(encoding="utf-8").splitlines()
    newer.write_text("\n".join([*lines[:-1], "35010209,street,新街道,350102"]), encoding="utf-8")
    of = ("--system", "statistics", "--as-of")

    first = await run("import", "divisions", str(DIVISIONS), *of, "2023-06-30")
    again = await run("import", "divisions", str(DIVISIONS), *of, "2023-06-30")
    later = await run("import", "divisions", str(newer), *of, "2024-06-30")

    assert first.stdout == "711 rows read, 711 new, 0 renamed, 0 moved, 0 ended, 0 unchanged, 0 warnings\n"
    assert again.stdout == "711 rows read, 0 new, 0 renamed, 0 moved, 0 ended, 711 unchanged, 0 warnings\n"
    *changes, totals = later.stdout.splitlines()
    assert [line.split("\t")[0] for line in changes] == ["ended", "new"]
    assert totals == "711 rows read, 1 new, 0 renamed, 0 moved, 1 ended, 710 unchanged, 1 warnings"
    assert "row 712, column code: CODE_UNUSUAL" in later.stderr


async def test_tells_row_and_column_of_bad_divisions(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{HEADER}\n350102,district,,3501\n", encoding="utf-8")

    stopped = await run("import", "divisions", str(file), "--system", "statistics", "--as-of", "2023-06-30")

    assert stopped.exit_code == 1
    assert isinstance(stopped.exception, DivisionsHaveBadRows)
    assert "error: row 2, column name: MISSING" in stopped.stderr


async def test_takes_an_address_that_asks_for_tls(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Unix socket needs none; the address is understood by every command all the same.
    monkeypatch.setenv("JINLIN_OWNER_URL", f"{database.owner_url}&sslmode=require")

    migrated, listed = await run("migrate", "--check"), await run("tenant", "list")

    assert [migrated.exit_code, listed.exit_code] == [0, 0]


async def test_simulates_on_demand() -> None:
    made = await run("simulate", "--tenants", "4", "--dwellings", "20", "--divisions", str(DIVISIONS))
    listed = await run("tenant", "list")

    assert made.exit_code == 0
    assert made.stdout.startswith("4 tenants, 20 dwellings, ")
    slugs = [line.split("\t")[0] for line in listed.stdout.splitlines()]
    assert slugs[:2] == ["sim-d0001", "sim-s0001"]
    assert sorted(slugs[2:]) == ["sim-c0001", "sim-c0002"]
