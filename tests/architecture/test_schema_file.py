"""Is the schema that clients read in the repository the one that is served?"""

from __future__ import annotations

from schema.root import build_schema
from tests.architecture.sources import ROOT


def test_prints_the_schema_as_it_is() -> None:
    printed = (ROOT / "schema" / "schema.graphql").read_text()

    assert printed == build_schema().as_str() + "\n", "run `make schema` and look at what changes for clients"
