"""What is every test of categories over HTTP given? The town of the tests of posts, with somebody at every desk."""

from __future__ import annotations

from tests.schema.positions.conftest import hall

__all__ = ["hall"]
