"""Which features count anything? All that the worker folds, and that `jinlin rollup` goes through."""

from __future__ import annotations

from services.case_counts.tables import CASES
from services.rollups.declaring import Rollup

ROLLUPS: tuple[Rollup, ...] = (CASES,)
