"""What do the tests of the walls start from?"""

from __future__ import annotations

from tests.fixtures.rows import rows

__all__ = ["rows"]
