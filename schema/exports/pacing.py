"""How do exports leave time for whoever else is served? By turns, and with a rest after each part while others wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from time import monotonic
from typing import TypeVar

# Written at once: nobody else is served meanwhile.
ROWS_AT_ONCE = 10
# Whoever comes round later than this has let others go first. A read is served in many short moments: waiting for a
# longer one, exports would rarely rest beside them. That of another export counts as well, when there are several.
_SECONDS_ALONE = 0.0002
_LONGEST_REST = 0.25
Item = TypeVar("Item")


class Pace:
    """The pace of all exports of a process: one part at a time among them all."""

    def __init__(self) -> None:
        """Begin with nobody's turn."""
        self._turn = asyncio.Lock()

    async def hold(self, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Give the parts of a file as they are made; while others are served, rest twice as long as each took."""
        while True:
            async with self._turn:
                begun = monotonic()
                part = await anext(content, None)
                took = monotonic() - begun
                await asyncio.sleep(0)
                if monotonic() - begun - took > _SECONDS_ALONE:
                    await asyncio.sleep(min(2 * took, _LONGEST_REST))
            if part is None:
                return
            yield part


def a_few(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Give what is to be written at once, in order."""
    rest = iter(items)
    while some := list(islice(rest, ROWS_AT_ONCE)):
        yield some
