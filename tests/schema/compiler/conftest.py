"""What do the compiler's tests share?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fixtures.world import WorldDatabase
from tests.schema.compiler.asking import Asker, asker


@pytest.fixture(scope="module")
async def ask(made: WorldDatabase) -> AsyncIterator[Asker]:
    """A reader in the world, as the gateway role."""
    async with asker(made.database.gateway_url, made.world) as asking:
        yield asking
