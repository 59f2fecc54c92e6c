"""Who imports tickets over HTTP, what comes of files that are wrong, and of two at once?"""

from __future__ import annotations

import asyncio
import io

import openpyxl

from tests.fixtures.demo import Demo
from tests.journeys.ways import TICKET_HEADER, cases_of, run_command, take_in_tickets
from tests.journeys.working import REPORT, Desk

WORKER = "worker@guanyuan"
GOOD = "{number},楼道积水,三楼积水,0104,求助,张三,13800001234,村口,,,\n"


async def _people(demo: Demo) -> int:
    found: int = await demo.owner.fetchval("select count(*) from people")
    return found


async def test_shows_the_problems_of_what_it_refuses(demo: Demo) -> None:
    people = await _people(demo)
    lines = GOOD.format(number="W-1") + "W-2,,积水,别的,,李四,13800005678,,,,\nW-3,,积水,0104,,,打电话,,,,\n"

    found = await take_in_tickets(demo, WORKER, lines, system="wrong")

    assert [(one["code"], one["field"]) for one in found["errors"]] == [("TICKETS_HAVE_BAD_ROWS", "fileId")]
    told = found["import"]
    assert (told["status"], told["rowsRead"], told["createdCount"], told["badRowCount"]) == ("REFUSED", 3, 0, 2)
    assert [(one["row"], one["column"], one["code"], one["value"]) for one in told["problems"]["nodes"]] == [
        (3, "D", "CATEGORY_UNKNOWN", "别的"),
        (4, "G", "PHONE_INVALID", "***"),
    ]
    assert (await cases_of(demo, "wrong"), await _people(demo)) == ([], people)

    skipped = await take_in_tickets(demo, WORKER, lines, system="wrong", skip=True, fallback="0302")
    assert skipped["errors"] == []
    assert [(one["number"], one["category"]) for one in await cases_of(demo, "wrong")] == [
        ("W-1", "0104"),
        ("W-2", "0302"),
    ]


async def test_shows_times_that_nobody_means(demo: Demo) -> None:
    lines = GOOD.format(number="Y-1") + "".join(
        f"Y-{number},,积水,0104,,,,,{received},{limit},\n"
        for number, received, limit in ((2, "", "0001-01-01 00:00"), (3, "9999-12-31 10:00", "999天"))
    )

    found = await take_in_tickets(demo, WORKER, lines, system="times", skip=True)

    assert (found["errors"], found["import"]["createdCount"]) == ([], 1)
    assert [(one["row"], one["column"], one["code"]) for one in found["import"]["problems"]["nodes"]] == [
        (3, "J", "TIME_NOT_UNDERSTOOD"),
        (4, "I", "TIME_NOT_UNDERSTOOD"),
    ]
    assert [one["number"] for one in await cases_of(demo, "times")] == ["Y-1"]


async def test_refuses_a_fallback_that_is_no_category(demo: Demo) -> None:
    for code in ("9999", "01"):
        found = await take_in_tickets(demo, WORKER, GOOD.format(number="F-1"), system="fallback", fallback=code)
        assert [one["code"] for one in found["errors"]] == ["CATEGORY_UNKNOWN"]
    assert await cases_of(demo, "fallback") == []


async def test_is_for_those_who_may(demo: Demo) -> None:
    file = await demo.upload(
        WORKER, (TICKET_HEADER + GOOD.format(number="M-1")).encode(), name="a.csv", purpose="TICKETS"
    )
    roster = await demo.upload(WORKER, b"a,b", name="a.csv", purpose="ROSTER")
    file_id = file.json()["id"]

    for account in ("grid-worker@guanyuan", "resident@guanyuan", "admin@guanyuan", "property-manager@guanyuan"):
        refused = await demo.upload(account, b"a", name="a.csv", purpose="TICKETS")
        assert refused.status_code == 403
        found = await take_in_tickets(demo, account, "", fileId=file_id, system="may")
        assert [one["code"] for one in found["errors"]] == ["FORBIDDEN"]
    elsewhere = await take_in_tickets(demo, "worker@xiyuan", "", fileId=file_id, system="may")
    not_tickets = await take_in_tickets(demo, WORKER, "", fileId=roster.json()["id"], system="may")
    assert [one["errors"][0]["code"] for one in (elsewhere, not_tickets)] == ["NOT_FOUND", "NOT_FOUND"]
    assert await cases_of(demo, "may") == []

    # Whoever else imports for the tenant may use the file; a street's dispatcher imports the street's own.
    done = await take_in_tickets(demo, "committee-chair@guanyuan", "", fileId=file_id, system="may")
    street = await take_in_tickets(demo, "dispatcher@xiangkou", GOOD.format(number="M-1"), system="may")
    assert (done["errors"], street["errors"]) == ([], [])
    assert [one["slug"] for one in await cases_of(demo, "may")] == ["guanyuan", "xiangkou"]


async def test_two_at_once_bring_each_ticket_in_once(demo: Demo) -> None:
    numbers = [f"T-{number}" for number in range(12)]
    forth, back = ("".join(GOOD.format(number=each) for each in order) for order in (numbers, numbers[::-1]))
    worker = Desk(demo, WORKER)
    single = {**REPORT, "source": "HOTLINE", "at": await Desk(demo, "resident@guanyuan").home()}

    async with demo.other_process() as other:
        told = await asyncio.gather(
            take_in_tickets(demo, WORKER, forth, system="twice"),
            take_in_tickets(other, "committee-chair@guanyuan", back, system="twice"),
            *(
                worker.send("Report", input={**single, "external": {"system": "twice", "number": number}})
                for number in numbers[::3]
            ),
        )

    imports = [one["import"] for one in told[:2]]
    assert [one["errors"] for one in told[:2]] == [[], []]
    alone = sum(one["reportCase"]["errors"] == [] for one in told[2:])
    assert sum(one["createdCount"] for one in imports) + alone == len(numbers)
    assert sorted(one["number"] for one in await cases_of(demo, "twice")) == sorted(numbers)


async def test_a_number_that_comes_again_in_the_file(demo: Demo) -> None:
    same, other = GOOD.format(number="S-1"), GOOD.format(number="S-1").replace("三楼", "四楼")

    differing = await take_in_tickets(demo, WORKER, same + other, system="again")
    repeated = await take_in_tickets(demo, WORKER, same + same, system="again")

    assert [one["code"] for one in differing["import"]["problems"]["nodes"]] == ["TICKET_TWICE"]
    told = repeated["import"]
    assert (told["status"], told["createdCount"], told["knownCount"]) == ("DONE", 1, 1)


async def test_knows_callers_again(demo: Demo) -> None:
    lines = [
        "C-1,,积水,0104,,王五,13911110000,,,,\n",
        # Only one of the tenant's people has the number; and somebody else who shares it.
        "C-2,,积水,0104,,王先生,13911110000,,,,\nC-3,,积水,0104,,赵六,13911110000,,,,\n",
        # Now two have it, so nobody is taken for the other.
        "C-4,,积水,0104,,匿名,13911110000,,,,\n",
    ]
    people = await _people(demo)

    for each in lines:
        assert (await take_in_tickets(demo, WORKER, each, system="callers"))["errors"] == []

    assert [one["name"] for one in await cases_of(demo, "callers")] == ["王*", "王*", "赵*", "匿*"]
    assert await _people(demo) == people + 3
    log = "{ auditEntries(first: 100) { nodes { action subject { __typename } } } }"
    entries = (await demo.ask("auditor@guanyuan", log)).json()["data"]["auditEntries"]["nodes"]
    told = [one["subject"]["__typename"] for one in entries if one["action"] == "ticket:import" and one["subject"]]
    assert told.count("Person") >= 3
    assert "TicketImport" in told


async def test_answers_a_retry_though_the_file_is_gone(demo: Demo) -> None:
    given = {"system": "retry", "key": "tickets"}
    uploaded = await demo.upload(
        WORKER, (TICKET_HEADER + GOOD.format(number="K-1")).encode(), name="a.csv", purpose="TICKETS"
    )

    first, again = [await take_in_tickets(demo, WORKER, "", fileId=uploaded.json()["id"], **given) for _ in range(2)]

    assert first == again
    assert first["import"]["createdCount"] == 1
    gone = await take_in_tickets(demo, WORKER, "", fileId=uploaded.json()["id"], system="retry")
    assert [one["code"] for one in gone["errors"]] == ["NOT_FOUND"]


async def test_reads_a_workbook_and_evaluates_nothing(demo: Demo) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["12345 热线工单"])
    sheet.append(["工单编号", "诉求内容", "事项分类"])
    sheet.append([20260601001, "积水", "0104"])
    sheet.append(["X-2", '=HYPERLINK("http://example.invalid", "积水")', "0104"])
    content = io.BytesIO()
    book.save(content)

    found = await take_in_tickets(demo, WORKER, content.getvalue(), system="book", skip=True)

    # A formula that no programme has reckoned has no value, so its cell is empty.
    assert [(one["row"], one["code"]) for one in found["import"]["problems"]["nodes"]] in ([], [(4, "MISSING")])
    assert "20260601001" in [one["number"] for one in await cases_of(demo, "book")]
    assert (await take_in_tickets(demo, WORKER, b"PK\x03\x04", system="book"))["errors"][0]["code"] == "ROSTER_BROKEN"


async def test_the_operators_command(demo: Demo, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    path = tmp_path / "tickets.csv"
    path.write_text(TICKET_HEADER + GOOD.format(number="O-1") + GOOD.format(number="O-2").replace("0104", "别的"))
    arguments = ("import", "tickets", str(path), "--tenant", "guanyuan", "--system", "operator")

    stopped = await run_command(demo, monkeypatch, *arguments)
    tried = await run_command(demo, monkeypatch, *arguments, "--dry-run", "--fallback", "0302")
    assert await cases_of(demo, "operator") == []
    done = await run_command(demo, monkeypatch, *arguments, "--fallback", "0302")
    again = await run_command(demo, monkeypatch, *arguments, "--fallback", "0302")

    assert [one.exit_code for one in (stopped, tried, done, again)] == [1, 0, 0, 0]
    assert "error\ttickets!D3 事项分类\tCATEGORY_UNKNOWN “别的”" in stopped.stdout
    assert stopped.stdout.splitlines()[-1] == "2 rows read; 0 created, 0 left, 1 bad"
    assert tried.stdout.splitlines()[-2:] == ["Dry run: nothing was changed.", "2 rows read; 2 created, 0 left, 0 bad"]
    assert done.stdout.splitlines()[-1] == "2 rows read; 2 created, 0 left, 0 bad"
    assert again.stdout.splitlines()[-1] == "2 rows read; 0 created, 2 left, 0 bad"
    assert "left\ttickets!2\tO-1 = " in again.stdout
    assert "13800001234" not in stopped.stdout + tried.stdout + done.stdout + again.stdout
