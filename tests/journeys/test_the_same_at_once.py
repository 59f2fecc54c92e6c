"""Is what is asked for several times at once done once, and the others told why not?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx

from services.files.rules import MOST_FILES
from tests.fixtures.demo import Demo

TIMES = 6
_APPOINT = """
mutation ($input: AppointPositionInput!) { appointPosition(input: $input) { errors { code } } }
"""
_BODY = "mutation ($input: AddBodyInput!) { addBody(input: $input) { errors { code } } }"
_KIND = "mutation ($input: AddPositionKindInput!) { addPositionKind(input: $input) { errors { code } } }"


async def _at_once(demo: Demo, account: str, document: str, given: Mapping[str, object]) -> Counter[str]:
    """Ask on two processes by turns, and count the codes of what came of it."""
    async with demo.other_process() as other:
        for process in (demo, other):
            await process.ask(account, "{ me { tenant { slug } } }")
        answers = await asyncio.gather(
            *((demo, other)[turn % 2].ask(account, document, {"input": given}) for turn in range(TIMES))
        )
    return Counter(_code(answer) for answer in answers)


def _code(answer: httpx.Response) -> str:
    told: dict[str, Any] = answer.json()
    if told.get("errors"):
        return str(told["errors"][0]["extensions"]["code"])
    (payload,) = told["data"].values()
    return str(payload["errors"][0]["code"]) if payload["errors"] else "DONE"


async def _grid(demo: Demo) -> str:
    row = await demo.owner.fetchrow(
        "select p.tenant_id, p.id from places p join tenants t on t.id = p.tenant_id "
        "where t.slug = 'qingcheng' and p.kind = 'grid' order by p.sort_key limit 1"
    )
    assert row is not None
    return f"grd_{row['tenant_id']}_{row['id']}"


async def test_somebody_new_becomes_known_once_and_holds_the_post_once(demo: Demo) -> None:
    given = {
        "kind": "grid-worker",
        "placeId": await _grid(demo),
        "since": "2026-01-01",
        "name": "欧阳小树",
        "phone": "13911112222",
    }

    codes = await _at_once(demo, "admin@qingcheng", _APPOINT, given)

    assert codes == {"DONE": 1, "ALREADY_IN_POSITION": TIMES - 1}


async def test_an_organisation_stands_in_the_directory_once(demo: Demo) -> None:
    codes = await _at_once(demo, "worker@qingcheng", _BODY, {"kind": "PARTNER", "name": "共建单位"})

    assert codes == {"DONE": 1, "BODY_EXISTS": TIMES - 1}


async def test_a_kind_of_post_is_added_once(demo: Demo) -> None:
    given = {"code": "mediator", "name": "调解员", "nameEn": "Mediator", "copies": "grid-worker"}

    codes = await _at_once(demo, "admin@qingcheng", _KIND, given)

    assert codes == {"DONE": 1, "POSITION_KIND_INVALID": TIMES - 1}


async def test_nobody_uploads_more_files_than_wait_at_most(demo: Demo) -> None:
    answers = await asyncio.gather(
        *(demo.upload("worker@qingcheng", b"a,b\n1,2\n", name=f"{number}.csv") for number in range(MOST_FILES + 5))
    )

    assert Counter(answer.status_code for answer in answers) == {201: MOST_FILES, 429: 5}
