"""What is every test given?"""

import gc

pytest_plugins = [
    "tests.fixtures.server",
    "tests.fixtures.database",
    "tests.fixtures.world",
    "tests.fixtures.gateway",
    "tests.fixtures.demo",
]


def pytest_collection_finish() -> None:
    """Let the collector be: schemas, mappings and tests stay to the end, and it would go through them all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
