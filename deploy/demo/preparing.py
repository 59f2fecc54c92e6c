"""How does the demo come to be, the first time and every time after?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from deploy.databases import Databases
from deploy.demo.mark import clear, is_whole, mark_whole
from deploy.migrate import find_revision, migrate


class Creating(Protocol):
    """Fills a migrated, empty database."""

    def __call__(self, databases: Databases, /, *, tell: Callable[[str], None]) -> Awaitable[None]: ...


async def prepare_demo(databases: Databases, *, tell: Callable[[str], None], create: Creating) -> None:
    """Create the demo, or bring the one that is there to this version and leave what was changed in it."""
    owner_url = databases.need_owner_url()
    if await is_whole(owner_url):
        await migrate(owner_url)
        return
    if await find_revision(owner_url) is not None:
        tell("The demo was left half made: starting over …")
        await clear(owner_url)
    tell("Making the tables …")
    await migrate(owner_url)
    await create(databases, tell=tell)
    await mark_whole(owner_url)
