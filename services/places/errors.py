"""Why may a building or unit not go to another grid?"""

from __future__ import annotations

from tenants.errors import Refused


class AlreadyInGrid(Refused):
    """It lies in that grid."""

    code = "ALREADY_IN_GRID"
    zh = "{name}已经在{grid}中"
    en = "{name} lies in {grid} already"
