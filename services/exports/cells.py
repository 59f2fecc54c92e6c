"""What can stand in a cell, and which text would a spreadsheet take for a formula?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

# Instants are local and without an offset: a sheet knows none.
Cell = str | int | float | Decimal | date | datetime | None
# What spreadsheets begin a formula with, or drop before one; full width as Chinese input methods write it.
_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula, also behind blanks that it drops."""
    return text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA
