"""Does a grant under a condition that is not looked into show nobody's number?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.people.contacts import RevealPurpose, RevealReason, reveal_contact
from services.positions.tables import Position
from tenants.errors import NotFound
from tenants.grants import Grant
from tests.services.positions.town import Town

VISIT = RevealReason(RevealPurpose.VISIT)


@pytest.mark.parametrize("condition", ["for_call_back", "while_handed_over"])
async def test_reveals_nobody(town: Town, owner_engine: AsyncEngine, condition: str) -> None:
    post = await town.appoint(await town.grants("admin", "qingcheng"), "grid-worker", "qingcheng/第一网格")
    async with owner_engine.connect() as connection:
        person_id = await connection.scalar(select(Position.person_id).where(Position.id == post))
    worker = await town.grants("worker", "qingcheng")
    bound = replace(worker, grants=frozenset({Grant("contact:reveal", "acting", "all", condition)}))
    sealer = await town.keyring.sealer(town.workshop, grants=worker)

    with pytest.raises(NotFound):
        async with town.workshop.work(bound) as work:
            await reveal_contact(work, person_id=person_id, reason=VISIT, sealer=sealer)

    async with town.workshop.work(worker) as work:
        known = await reveal_contact(work, person_id=person_id, reason=VISIT, sealer=sealer)
    assert known.name == "张三"
