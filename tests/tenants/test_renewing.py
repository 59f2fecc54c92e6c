"""Is something done again while grants are stale, and given up in a way that can be told?"""

from __future__ import annotations

import uuid

import pytest

from tenants.errors import StaleGrants, TryAgain
from tenants.grants import Grants
from tenants.renewing import ATTEMPTS, renewing

NOBODY = Grants(None, uuid.uuid4())


@pytest.mark.parametrize("stale_times", range(ATTEMPTS))
async def test_goes_on_once_the_grants_hold(stale_times: int) -> None:
    tried: list[Grants] = []

    async def act(grants: Grants) -> str:
        tried.append(grants)
        if len(tried) <= stale_times:
            raise StaleGrants
        return "done"

    async def renew() -> Grants:
        return Grants(None, uuid.uuid4())

    assert await renewing(act, NOBODY, renew) == "done"
    assert len(tried) == stale_times + 1
    assert tried[0] is NOBODY
    assert len({grants.account_id for grants in tried}) == len(tried)


async def test_gives_up_after_five_times() -> None:
    tried = 0

    async def act(_: Grants) -> None:
        nonlocal tried
        tried += 1
        raise StaleGrants

    async def renew() -> Grants:
        return NOBODY

    with pytest.raises(TryAgain):
        await renewing(act, NOBODY, renew)
    assert tried == ATTEMPTS
