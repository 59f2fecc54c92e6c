"""What is every test given?"""

pytest_plugins = [
    "tests.fixtures.server",
    "tests.fixtures.database",
    "tests.fixtures.world",
    "tests.fixtures.gateway",
    "tests.fixtures.demo",
]
