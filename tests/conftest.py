"""What is every test given?"""

import gc
import sys

import pytest

from deploy.garbage import look_seldom
from tests.fixtures.known_types import ask_types_once

# Before the tests and all that they try are imported.
look_seldom()
ask_types_once()

pytest_plugins = [
    "tests.fixtures.server",
    "tests.fixtures.database",
    "tests.fixtures.keeping",
    "tests.fixtures.world",
    "tests.fixtures.gateway",
    "tests.fixtures.demo",
    "tests.fixtures.forking",
    "tests.fixtures.town",
]

# httpx asks with each request whether it runs on trio, through a package that trio brings: looking for it in all
# directories takes longer than many a request. None says that there is no such module, which the types do not know.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

# Files that take half a minute or more each: begun first, the longest before all, so that none of them is left to one
# of the processes at the end.
_LONG = (
    "test_case_state_machine.py",
    "test_wall_grants.py",
    "test_differential.py",
    "test_isolation_mutations.py",
    "test_random_requests.py",
    "test_serve_by_many.py",
    "test_isolation.py",
    "test_bench_summaries.py",
    "test_isolation_subscriptions.py",
    "test_isolation_exports.py",
    "test_moving_tenants.py",
    "test_due_engine.py",
    "test_hostile_files.py",
    "test_isolation_caches.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run long files first; all others stay in their order."""
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))


def pytest_collection_finish() -> None:
    """Let the collector be: schemas, mappings and tests stay to the end, and it would go through them all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish() -> None:
    """Look for what was left open twice, since what the first look finds may let go of more; pytest does ten times."""
    gc.collect()
    gc.collect()
    gc.freeze()
