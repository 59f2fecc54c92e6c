"""How is something done with grants that may go stale before it begins?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenants.errors import StaleGrants, TryAgain
from tenants.grants import Grants

ATTEMPTS = 5
# In seconds, and doubled each time: whoever changes grants without a break leaves room for others.
_FIRST_PAUSE = 0.01

Done = TypeVar("Done")


async def renewing(
    act: Callable[[Grants], Awaitable[Done]], grants: Grants, renew: Callable[[], Awaitable[Grants]]
) -> Done:
    """Do something with the grants, and again with newer ones while they are stale, five times at most.

    Raises TryAgain.
    """
    for attempt in range(ATTEMPTS):
        try:
            return await act(grants)
        except StaleGrants as stale:
            if attempt == ATTEMPTS - 1:
                raise TryAgain from stale
        # The first change is most often the only one.
        await asyncio.sleep(_FIRST_PAUSE * 2**attempt if attempt else 0)
        grants = await renew()
    raise AssertionError
