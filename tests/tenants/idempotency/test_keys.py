"""Do the statements about keys ask for tenant, account, mutation and key by themselves? Past row-level security."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tenants.database import new_id
from tenants.grants import Grants
from tenants.idempotency.errors import IdempotencyKeyReused
from tenants.idempotency.keys import Answer, Call, find_answer, keep_answer, take_key
from tenants.work import Workshop
from tests.neighbours import make_neighbours

pytestmark = pytest.mark.usefixtures("database")

_CALL = Call("addBody", "key", b"input")


@pytest.fixture
async def callers(owner_engine: AsyncEngine) -> dict[str, Grants]:
    """Two accounts in one tenant and one of them in another, as whom the owner works, whom no policy binds."""
    ours, theirs = await make_neighbours(owner_engine, owner_engine)
    other_account = replace(ours.grants, account_id=theirs.grants.account_id)
    return {
        "mine": ours.grants,
        "other account": other_account,
        "other tenant": replace(theirs.grants, account_id=ours.grants.account_id),
    }


async def answered(workshop: Workshop, grants: Grants, call: Call = _CALL) -> Answer | None:
    async with workshop.work(grants) as work:
        return await find_answer(work, call=call)


async def keep(workshop: Workshop, grants: Grants) -> Answer:
    answer = Answer(new_id(), 7)
    async with workshop.work(grants) as work:
        assert await take_key(work, call=_CALL) is None
        await keep_answer(work, call=_CALL, answer=answer)
    return answer


async def test_finds_and_changes_only_the_own_accounts_answers(
    owner_engine: AsyncEngine, callers: dict[str, Grants]
) -> None:
    workshop = Workshop(owner_engine)
    kept = {}
    for name, grants in callers.items():
        assert await answered(workshop, grants) is None
        kept[name] = await keep(workshop, grants)

    assert {name: await answered(workshop, grants) for name, grants in callers.items()} == kept
    assert await answered(workshop, callers["mine"], replace(_CALL, mutation="moveUnit")) is None
    assert await answered(workshop, callers["mine"], replace(_CALL, key="other")) is None


async def test_takes_a_key_once_and_for_one_input(owner_engine: AsyncEngine, callers: dict[str, Grants]) -> None:
    workshop, grants = Workshop(owner_engine), callers["mine"]
    kept = await keep(workshop, grants)

    async with workshop.work(grants) as work:
        again = await take_key(work, call=_CALL)
    with pytest.raises(IdempotencyKeyReused):
        async with workshop.work(grants) as work:
            await take_key(work, call=replace(_CALL, input_hash=b"other"))

    assert again == kept
