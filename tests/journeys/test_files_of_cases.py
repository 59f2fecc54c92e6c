"""Do files go with their case: seen by whoever may read it, for as long as that is so, and by nobody else?"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.opening import make_trust
from deploy.settings import sqlalchemy_url
from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant
from tenants.access import LIFETIME, AccessNote
from tests.fixtures.demo import Demo
from tests.fixtures.gateway import MASTER_KEY
from tests.journeys.working import REPORT, Desk, body_of, id_of, post_of
from tests.services.files.photos import SECRET, jpeg, opened

_SLUG = "guanyuan"
_SUMMARY = "河沿路积水，需排水部门处置"
_KEY = make_trust([], MASTER_KEY).access
_PDF = b"%PDF-1.7\n<script>alert(1)</script>"


def _desk(demo: Demo, position: str, slug: str = _SLUG) -> Desk:
    return Desk(demo, f"{position}@{slug}")


async def _grids(demo: Demo) -> tuple[dict[str, str], dict[str, str]]:
    """Find the grid of the grid worker, and another one of the community."""
    statement = """select p.tenant_id, p.place_id from positions p join accounts a on a.id = p.account_id
                   where a.subject = $1"""
    own = await id_of(demo, "grd", statement, f"grid-worker@{_SLUG}")
    statement = """select l.tenant_id, l.id from places l join tenants t on t.id = l.tenant_id
                   where t.slug = $1 and l.kind = 'grid' and l.id <> $2::uuid"""
    other = await id_of(demo, "grd", statement, _SLUG, own.rpartition("_")[2])
    return {"placeId": own}, {"placeId": other}


async def _reported(demo: Demo, **given: object) -> tuple[str, str]:
    """Have the resident report something with a photo; give the case and the file."""
    resident = _desk(demo, "resident")
    file_id = await resident.upload(jpeg())
    case = await resident.report(await resident.home(), attachmentIds=[file_id], **given)
    return case, file_id


async def _handed_out(demo: Demo) -> tuple[str, str, Desk]:
    """Have a case with a photo handed to a department of the district."""
    case, file_id = await _reported(demo)
    worker, street = _desk(demo, "worker"), _desk(demo, "dispatcher", "xiangkou")
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary=_SUMMARY)
    department = await body_of(demo, "dep", "芗城区城市管理局")
    await street.do("Dispatch", case, input={"to": {"bodyId": department}})
    return case, file_id, _desk(demo, "department-handler", "xiangcheng")


async def test_shows_the_photo_that_came_with_a_report(demo: Demo) -> None:
    case, file_id = await _reported(demo)
    page = await _desk(demo, "worker").page(case)
    assert page is not None
    (shown,) = page["attachments"]

    photo = await demo.http.get(shown["url"])
    small = await demo.http.get(shown["thumbnailUrl"])

    assert shown["id"] == file_id
    assert (shown["fileName"], shown["contentType"]) == (f"{page['number']}-1.jpg", "image/jpeg")
    assert (photo.status_code, len(photo.content)) == (200, shown["byteSize"])
    for answer in (photo, small):
        assert opened(answer.content).size == (64, 48)
        assert not opened(answer.content).getexif()
        assert SECRET.encode() not in answer.content
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"] == f"inline; filename*=UTF-8''{page['number']}-1.jpg"
        assert answer.headers["content-length"] == str(len(answer.content))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    row = await demo.owner.fetchrow("select * from files where id = $1::uuid", file_id.rpartition("_")[2])
    assert row is not None
    assert (row["expires_at"], row["content_type"], row["thumbnail_byte_count"]) == (
        *(None, "image/jpeg", len(small.content)),
    )


async def test_is_read_by_those_who_read_the_case_alone(demo: Demo) -> None:
    own, other = await _grids(demo)
    worker = _desk(demo, "worker")
    files = {}
    for name, at in (("own", own), ("other", other)):
        files[name] = await worker.upload(jpeg())
        await worker.report(at, attachmentIds=[files[name]])
    readers = {
        (position, slug, name): await _desk(demo, position, slug).status_of(files[name])
        for position, slug in (
            *(("worker", _SLUG), ("committee-chair", _SLUG), ("grid-worker", _SLUG), ("resident", _SLUG)),
            *(("dispatcher", "xiangkou"), ("officer", "xiangcheng"), ("department-handler", "xiangcheng")),
            *(("worker", "qingcheng"), ("officer", "gulou")),
        )
        for name in files
    }

    assert {key for key, status in readers.items() if status == 200} == {
        *((position, _SLUG, name) for position in ("worker", "committee-chair") for name in files),
        ("grid-worker", _SLUG, "own"),
    }
    assert set(readers.values()) == {200, 404}


async def test_is_the_reporters_to_read_and_before_that_the_uploaders(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    file_id = await resident.upload(jpeg())
    before = [await desk.status_of(file_id) for desk in (resident, worker)]

    await resident.report(await resident.home(), attachmentIds=[file_id])

    assert before == [200, 404]
    assert [await desk.status_of(file_id) for desk in (resident, worker)] == [200, 200]


async def test_is_seen_by_a_department_for_as_long_as_it_is_called(demo: Demo) -> None:
    case, file_id, handler = await _handed_out(demo)
    (theirs,) = await handler.files(case)
    during = [(await demo.http.get(theirs[name])).status_code for name in ("url", "thumbnailUrl")]
    assert (during, await handler.status_of(file_id)) == ([200, 200], 200)

    await handler.do("Return", case, reason="应由水务部门办理")

    after = [(await demo.http.get(theirs[name])).status_code for name in ("url", "thumbnailUrl")]
    assert (after, await handler.status_of(file_id), await handler.files(case)) == ([404, 404], 404, [])
    assert await _desk(demo, "worker").status_of(file_id) == 200


async def test_lets_a_department_show_what_it_did(demo: Demo) -> None:
    case, _, handler = await _handed_out(demo)
    uploaded = [await handler.upload(jpeg(size=(1200, 900), quality=98)), await handler.upload(_PDF, name="a.pdf")]

    await handler.do("Resolve", case, input={"note": "已抽排", "attachmentIds": uploaded})

    page = await _desk(demo, "worker").page(case)
    assert page is not None
    number, shown = page["number"], page["attachments"]
    assert [each["fileName"] for each in shown] == [f"{number}-1.jpg", f"{number}-2.jpg", f"{number}-3.pdf"]
    assert {each["id"].split("_")[1] for each in shown} == {case.split("_")[1]}
    photo, document = [await demo.http.get(each["url"]) for each in shown[1:]]
    assert opened(photo.content).size == (1200, 900)
    assert opened((await demo.http.get(shown[1]["thumbnailUrl"])).content).size == (480, 360)
    assert (document.content, document.headers["content-type"], shown[2]["thumbnailUrl"]) == (
        *(_PDF, "application/pdf", None),
    )
    assert document.headers["content-disposition"].startswith("attachment;")
    # It is with the case now, and no longer where it was uploaded.
    assert {await handler.status_of(file_id) for file_id in uploaded} == {404}
    held = await demo.owner.fetch("select id from files where id = any($1::uuid[])", _rows(uploaded))
    assert held == []
    assert [await handler.status_of(each["id"]) for each in shown] == [200, 200, 200]


def _rows(ids: list[str]) -> list[str]:
    return [each.rpartition("_")[2] for each in ids]


async def test_takes_the_department_what_it_brought_when_the_case_is_closed(demo: Demo) -> None:
    case, _, handler = await _handed_out(demo)
    uploaded = await handler.upload(jpeg())
    await handler.do("Resolve", case, input={"note": "已抽排", "attachmentIds": [uploaded]})
    shown = await handler.files(case)
    street, worker = _desk(demo, "dispatcher", "xiangkou"), _desk(demo, "worker")
    told = {"isContacted": True, "isSolved": True, "satisfaction": "SATISFIED"}
    await street.do("CallBack", case, input=told)

    await worker.do("Close", case)

    assert [(await demo.http.get(each["url"])).status_code for each in shown] == [404, 404]
    assert {await handler.status_of(each["id"]) for each in shown} == {404}
    assert {await street.status_of(each["id"]) for each in shown} == {404}
    assert {await worker.status_of(each["id"]) for each in shown} == {200}


async def test_brings_nothing_for_who_may_not_resolve(demo: Demo) -> None:
    case, _, handler = await _handed_out(demo)
    file_id = await handler.upload(jpeg())
    other, street = _desk(demo, "department-handler", "gulou"), _desk(demo, "dispatcher", "xiangkou")
    others = await other.upload(jpeg())
    before = await demo.owner.fetchval("select count(*) from files")

    assert await other.refused("Resolve", case, input={"note": "已办", "attachmentIds": [others]}) == "NOT_FOUND"
    assert await street.refused("Resolve", case, input={"note": "已办", "attachmentIds": [file_id]}) == "FORBIDDEN"
    assert await handler.refused("Resolve", case, input={"note": "已办", "attachmentIds": [others]}) == "NOT_FOUND"
    assert await handler.refused("Resolve", case, input={"note": " ", "attachmentIds": [file_id]}) == (
        "CASE_TEXT_INVALID"
    )
    await handler.do("Return", case, reason="应由水务部门办理")
    assert await handler.refused("Resolve", case, input={"note": "已办", "attachmentIds": [file_id]}) == "NOT_FOUND"

    assert await demo.owner.fetchval("select count(*) from files") == before


async def test_brings_a_file_once_under_one_key(demo: Demo) -> None:
    case, _, handler = await _handed_out(demo)
    file_id = await handler.upload(jpeg())
    document = """mutation ($id: ID!, $input: ResolveCaseInput!) { resolveCase(
        caseId: $id, input: $input, idempotencyKey: "once-and-for-all") { case { status } errors { code field } } }"""
    given = {"id": case, "input": {"note": "已抽排", "attachmentIds": [file_id]}}

    answers = [(await demo.ask(handler.account, document, given)).json()["data"]["resolveCase"] for _ in range(2)]

    assert answers == [{"case": {"status": "RESOLVED"}, "errors": []}] * 2
    assert len(await handler.files(case)) == 2


async def test_shows_what_was_found_and_fixed_on_the_spot(demo: Demo) -> None:
    worker = _desk(demo, "grid-worker")
    own, _ = await _grids(demo)
    before, after = await worker.upload(jpeg()), await worker.upload(jpeg())

    case = await worker.report(own, attachmentIds=[before], handled={"note": "已清理", "attachmentIds": [after]})

    assert [each["id"] for each in await worker.files(case)] == [before, after]
    rows = await demo.owner.fetch(
        """select s.action from case_attachments a join case_steps s on s.tenant_id = a.tenant_id and s.id = a.step_id
           where a.id = any($1::uuid[]) order by a.ordinal""",
        _rows([before, after]),
    )
    assert [row["action"] for row in rows] == ["REPORT", "HANDLE_ON_SPOT"]


# --- what cannot be attached -----------------------------------------------------------------------------------------


async def _refusal(desk: Desk, **given: object) -> dict[str, Any]:
    at = await desk.home()
    told = await desk.send("Report", input={**REPORT, "at": at, "source": "SNAPSHOT", **given})
    (error,) = told["reportCase"]["errors"]
    found: dict[str, Any] = error
    return found


async def test_attaches_nothing_but_the_callers_own_new_files(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    own = await resident.upload(jpeg())
    _, attached = await _reported(demo)
    roster = (await demo.upload(worker.account, b"a,b\n", name="a.csv")).json()["id"]
    elsewhere = await _desk(demo, "worker", "qingcheng").upload(jpeg())
    before = await demo.owner.fetchval("select count(*) from cases")

    for wrong in (
        [await worker.upload(jpeg())],
        [elsewhere],
        [elsewhere.replace(elsewhere.split("_")[1], own.split("_")[1], 1)],
        [attached],
        [roster],
        [own, own],
        [own.replace("fil_", "cas_")],
        [own.replace(own.split("_")[1], elsewhere.split("_")[1], 1)],
        ["x"],
    ):
        assert await _refusal(resident, attachmentIds=wrong) == {"code": "NOT_FOUND", "field": "attachmentIds"}
    handled = {"note": "已清理", "attachmentIds": [own]}
    assert await _refusal(resident, attachmentIds=[own], handled=handled) == (
        {"code": "NOT_FOUND", "field": "handled.attachmentIds"}
    )
    assert (await _refusal(worker, attachmentIds=[roster]))["code"] == "NOT_FOUND"
    many = [f"{own[:-2]}{number:02}" for number in range(10)]
    assert (await _refusal(resident, attachmentIds=many))["code"] == "TOO_MANY_ATTACHMENTS"

    assert await demo.owner.fetchval("select count(*) from cases") == before
    assert await resident.status_of(own) == 200


async def test_asks_for_a_photo_where_the_category_does(demo: Demo) -> None:
    await demo.owner.execute("update case_categories set is_photo_required = true where code = '0104'")
    resident = _desk(demo, "resident")
    photo, document = await resident.upload(jpeg()), await resident.upload(_PDF, name="a.pdf")
    # Nobody has to take photos unless the tenant has set that for a time.
    await resident.report(await resident.home())
    setting = """mutation { setTenantSetting(input: {name: COMPULSORY_PHOTOS, value: 1, basis: "通知", purpose: "核实",
                 until: "%s"}) { errors { code } } }"""
    until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    set_ = await demo.ask(f"admin@{_SLUG}", setting % until)
    assert set_.json()["data"]["setTenantSetting"]["errors"] == []

    without = [await _refusal(resident), await _refusal(resident, attachmentIds=[document])]
    case = await resident.report(await resident.home(), attachmentIds=[document, photo])

    await demo.owner.execute("update case_categories set is_photo_required = false where code = '0104'")
    assert without == [{"code": "PHOTO_REQUIRED", "field": "attachmentIds"}] * 2
    assert [each["contentType"] for each in await resident.files(case)] == ["application/pdf", "image/jpeg"]


@pytest.mark.parametrize(
    ("position", "content", "answer"),
    [
        ("resident", b"GIF89a" + bytes(50), (400, "FILE_KIND_REFUSED")),
        ("resident", b"PK\x03\x04" + bytes(50), (400, "FILE_KIND_REFUSED")),
        ("resident", b"\x00\x00\x00\x18ftypmp42" + bytes(50), (400, "FILE_KIND_REFUSED")),
        ("resident", jpeg()[:500], (400, "PHOTO_BROKEN")),
        ("resident", b"", (400, "FILE_EMPTY")),
        ("resident", jpeg() + bytes(20 * 1024 * 1024), (413, "FILE_TOO_LARGE")),
        ("auditor", jpeg(), (403, "FORBIDDEN")),
        ("admin", jpeg(), (403, "FORBIDDEN")),
    ],
)
async def test_takes_in_photos_and_documents_of_those_who_report_or_handle(
    demo: Demo, position: str, content: bytes, answer: tuple[int, str]
) -> None:
    before = await demo.owner.fetchval("select count(*) from files")

    refused = await demo.upload(f"{position}@{_SLUG}", content, name="photo.jpg", purpose="CASE")

    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == answer
    assert await demo.owner.fetchval("select count(*) from files") == before


# --- addresses -------------------------------------------------------------------------------------------------------


async def _note(demo: Demo, account: str, slug: str) -> AccessNote:
    row = await demo.owner.fetchrow(
        "select a.id as account_id, t.id as tenant_id from accounts a, tenants t where a.subject = $1 and t.slug = $2",
        account,
        slug,
    )
    assert row is not None
    return AccessNote(row["account_id"], row["tenant_id"])


async def _status(demo: Demo, file_id: str, access: str) -> tuple[int, str | None]:
    answer = await demo.http.get(f"/files/{file_id}", params={"access": access})
    if answer.status_code == 200:
        return 200, None
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def test_lets_an_address_in_for_fifteen_minutes_as_whom_it_names(demo: Demo) -> None:
    _, file_id = await _reported(demo)
    now = datetime.now(UTC)
    worker = await _note(demo, f"worker@{_SLUG}", _SLUG)
    good = _KEY.sign(worker, at=now)
    strangers = [
        await _note(demo, account, slug)
        for account, slug in (
            (f"auditor@{_SLUG}", _SLUG),
            (f"admin@{_SLUG}", _SLUG),
            ("worker@qingcheng", "qingcheng"),
            ("worker@qingcheng", _SLUG),
            (f"worker@{_SLUG}", "qingcheng"),
            ("officer@xiangcheng", "xiangcheng"),
        )
    ]
    forged = [good[:-1], f"{good}A", "", "x", "é", good.swapcase(), good[:40] + "A" + good[41:], good[40:] + good[:40]]

    assert timedelta(minutes=15) == LIFETIME
    assert await _status(demo, file_id, good) == (200, None)
    assert await _status(demo, file_id, _KEY.sign(worker, at=now - LIFETIME)) == (401, "UNAUTHENTICATED")
    assert await _status(demo, file_id, _KEY.sign(worker, at=now - LIFETIME + timedelta(seconds=9))) == (200, None)
    assert {await _status(demo, file_id, each) for each in forged} == {(401, "UNAUTHENTICATED")}
    others = make_trust([], "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").access
    assert await _status(demo, file_id, others.sign(worker, at=now)) == (401, "UNAUTHENTICATED")
    assert {await _status(demo, file_id, _KEY.sign(each, at=now)) for each in strangers} == {(404, "NOT_FOUND")}


async def test_an_address_opens_files_of_cases_and_nothing_else(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    roster = (await demo.upload(worker.account, b"a,b\n", name="a.csv")).json()["id"]
    waiting = await worker.upload(jpeg())
    access = _KEY.sign(await _note(demo, worker.account, _SLUG), at=datetime.now(UTC))

    assert {await _status(demo, file_id, access) for file_id in (roster, waiting)} == {(404, "NOT_FOUND")}
    assert {await worker.status_of(file_id) for file_id in (roster, waiting)} == {200}
    as_bearer = await demo.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {access}"}
    )
    assert as_bearer.status_code == 401


async def test_a_new_request_gives_another_address(demo: Demo) -> None:
    case, _ = await _reported(demo)
    worker = _desk(demo, "worker")
    page = await worker.page(case)
    assert page is not None
    await asyncio.sleep(1)
    again = await worker.files(case)

    (one,), (other,) = page["attachments"], again
    assert one["url"] != other["url"]
    assert one["thumbnailUrl"] == f"{one['url']}&size=thumbnail"


async def test_goes_no_further_into_a_tenant_that_shares_nothing(demo: Demo) -> None:
    engine = create_async_engine(sqlalchemy_url(demo.database.owner_url))
    async with engine.begin() as connection:
        await open_tenant(connection, new=NewTenant("strange", "他处社区", "community"))
    await engine.dispose()
    tenant_id = await demo.owner.fetchval("select id from tenants where slug = 'strange'")
    # Somebody who does see something of other tenants.
    handler = _desk(demo, "dispatcher", "xiangkou")

    answers = {await handler.status_of(f"fil_{each}_{UUID(int=1)}") for each in (tenant_id, 999)}

    assert answers == {404}
    # Not even a key was made for what does not concern it.
    assert await demo.owner.fetchval("select count(*) from data_keys where tenant_id = $1", tenant_id) == 0


# --- what stays behind, and what goes on -----------------------------------------------------------------------------


async def test_writes_down_who_read_what(demo: Demo) -> None:
    case, file_id, handler = await _handed_out(demo)
    (shown,) = await handler.files(case)
    await demo.http.get(shown["url"])
    await _desk(demo, "officer", "xiangcheng").status_of(file_id)
    await _desk(demo, "resident").status_of(file_id)

    rows = await demo.owner.fetch(
        """select r.action, a.subject, t.slug, r.purpose from audit_entries r join accounts a on a.id = r.account_id
           join tenants t on t.id = r.tenant_id where r.subject_id = $1::uuid order by r.at, r.id""",
        file_id.rpartition("_")[2],
    )

    assert [tuple(row) for row in rows] == [
        ("file:upload", f"resident@{_SLUG}", _SLUG, "CASE"),
        ("file:read", "department-handler@xiangcheng", _SLUG, "CASE"),
        ("file:read", f"resident@{_SLUG}", _SLUG, "CASE"),
    ]


async def test_answers_others_while_a_large_photo_is_taken_in(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    await worker.send("Work")
    large = jpeg(size=(4000, 3000))
    upload = asyncio.create_task(resident.upload(large))
    longest, answered = 0.0, 0
    while not upload.done():
        begin = time.perf_counter()
        await worker.send("Work")
        longest, answered = max(longest, time.perf_counter() - begin), answered + 1

    await upload
    assert answered > 3
    assert longest < 1


# --- last, since posts end ---------------------------------------------------------------------------------------


async def _end(demo: Demo, desk: Desk) -> None:
    post = (await post_of(demo, desk.account, desk.account.partition("@")[2])).split("_")
    for table, key in (("positions", "id"), ("memberships", "position_id")):
        await demo.owner.execute(
            f"update {table} set until = current_date - 2 where tenant_id = $1 and {key} = $2::uuid",
            int(post[1]),
            post[2],
        )
    await demo.owner.execute("update tenants set grants_version = grants_version + 1 where id = $1", int(post[1]))


async def test_an_address_ends_with_the_post(demo: Demo) -> None:
    own, _ = await _grids(demo)
    handler = _desk(demo, "grid-worker")
    case = await handler.report(own, attachmentIds=[await handler.upload(jpeg())])
    (shown,) = await handler.files(case)
    before = await demo.http.get(shown["url"])

    await _end(demo, handler)

    async with demo.other_process() as other:
        answers = [await each.http.get(shown["url"]) for each in (demo, other)]
    assert (before.status_code, [each.status_code for each in answers]) == (200, [404, 404])
    missing = await demo.http.get(shown["url"].replace(shown["id"][-4:], "0000"))
    assert {each.content for each in answers} == {missing.content}


async def test_an_address_ends_with_the_post_in_a_department(demo: Demo) -> None:
    case, file_id, handler = await _handed_out(demo)
    (shown,) = await handler.files(case)
    before = [(await demo.http.get(shown["url"])).status_code, await handler.status_of(file_id)]

    await _end(demo, handler)

    # The share is in force still; who looked at it no longer serves the department.
    assert before == [200, 200]
    assert (await demo.http.get(shown["url"])).status_code == 404
    assert await handler.status_of(file_id) == 403
