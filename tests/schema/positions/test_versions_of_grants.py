"""Does a change of posts in one tenant leave the requests in another alone, and no request without an answer?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from tests.fixtures.gateway import ISSUER
from tests.schema.positions.conftest import Hall
from tests.schema.positions.test_position_mutations import END, appoint

ME = "{ me { tenant { slug } } }"


async def versions(hall: Hall) -> dict[str, int]:
    async with hall.town.owner.connect() as connection:
        rows = await connection.execute(text("select slug, grants_version from tenants"))
        return {row.slug: row.grants_version for row in rows}


async def test_a_post_of_somebody_who_works_elsewhere_too_changes_nothing_there(hall: Hall) -> None:
    before = await versions(hall)

    for_manager = {"issuer": ISSUER.name, "subject": "manager"}
    given = await appoint(hall, "qingcheng/第二网格", account=for_manager)
    ended = await hall.client.ask(
        END, {"id": given["position"]["id"], "until": "2025-12-31"}, account="admin@qingcheng"
    )

    assert ended.json()["data"]["endPosition"]["errors"] == []
    after = await versions(hall)
    assert {slug: after[slug] - before[slug] for slug in before if after[slug] != before[slug]} == {"qingcheng": 2}


async def test_a_last_day_told_again_changes_nothing(hall: Hall) -> None:
    given = await appoint(hall, "qingcheng/第二网格", account={"issuer": ISSUER.name, "subject": "leaving"})
    asked = {"id": given["position"]["id"], "until": "2099-01-01"}
    await hall.client.ask(END, asked, account="admin@qingcheng")
    before = await versions(hall)

    again = await hall.client.ask(END, asked, account="admin@qingcheng")

    assert again.json()["data"]["endPosition"] == {"position": asked, "errors": []}
    assert await versions(hall) == before


@asynccontextmanager
async def changing_grants_without_a_break(hall: Hall, slug: str) -> AsyncIterator[None]:
    async def change() -> None:
        bump = text("update tenants set grants_version = grants_version + 1 where slug = :slug")
        while True:
            async with hall.town.owner.begin() as connection:
                await connection.execute(bump, {"slug": slug})

    task = asyncio.create_task(change())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_tenant_whose_grants_change_without_a_break_is_told_to_try_again(hall: Hall) -> None:
    person = {
        "placeId": hall.place_id("zhongshan/第一网格"),
        "kind": "grid-worker",
        "since": "2026-01-01",
        "name": "李",
    }
    write = "mutation ($input: AppointPositionInput!) { appointPosition(input: $input) { errors { code } } }"
    async with changing_grants_without_a_break(hall, "zhongshan"):
        reads = [await hall.client.ask(ME, account="worker@zhongshan", tenant="zhongshan") for _ in range(20)]
        writes = [
            await hall.client.ask(write, {"input": person}, account="admin@zhongshan", tenant="zhongshan")
            for _ in range(5)
        ]
        beside = [await hall.client.ask(ME, account="worker@qingcheng") for _ in range(5)]

    for answer in reads:
        refused = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
        assert (answer.status_code, refused) in [(200, []), (503, ["TRY_AGAIN"])]
    for answer in writes:
        told = answer.json()
        refused = told["data"]["appointPosition"]["errors"] if "data" in told else [told["errors"][0]["extensions"]]
        assert (answer.status_code, refused) in [
            (200, []),
            (200, [{"code": "TRY_AGAIN"}]),
            (503, [{"code": "TRY_AGAIN"}]),
        ]
    assert [answer.json() for answer in beside] == [{"data": {"me": {"tenant": {"slug": "qingcheng"}}}}] * 5
