"""How does a roster come out of a file? Without a database, so that it can be read before or beside one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from services.roster.contents import Roster
from services.roster.parsing import parse_roster
from services.roster.reading import read_sheets

# Called with what is done ("reading", "comparing", "writing"), how much of it, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster that has been read, and the name of its file."""

    name: str
    roster: Roster


async def read_roster(content: bytes, *, name: str, progress: Progress | None = None) -> RosterFile:
    """Read a file's bytes, off the event loop and in bounded memory.

    Raises RosterTooLarge, RosterBroken, RosterEncrypted, RosterNotATable, RosterWithoutHeader.
    """

    def read() -> Roster:
        def tell(done: int, total: int) -> None:
            if progress:
                progress("reading", done, total)

        return parse_roster(read_sheets(content, name=name), progress=tell)

    return RosterFile(name, await asyncio.to_thread(read))
