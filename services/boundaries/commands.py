"""How do the boundaries of grids get in, all or nothing?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.boundaries.errors import BoundariesBad
from services.boundaries.geometry import outline_of
from services.boundaries.queries import boundaries_of, grids_of, rings_of
from services.boundaries.reading import BoundaryFile, BoundaryProblem, NamedOutline
from services.boundaries.rules import IMPORT, IMPORTED, GridBook, KnownGrid, find_overlaps, match_grids
from services.boundaries.tables import GridBoundary
from tenants.audit.recording import AuditEntry
from tenants.permissions import bump_grants_version
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """How many boundaries an import made, changed and left as they were, or would."""

    created: int
    changed: int
    unchanged: int


class BadBoundaries(BoundariesBad):
    """Boundaries cannot be imported; this is what is wrong."""

    def __init__(self, problems: tuple[BoundaryProblem, ...]) -> None:
        """Take the problems, in the order of the file."""
        self.problems = problems
        super().__init__(count=len(problems))


async def import_boundaries(work: TenantWork, *, file: BoundaryFile, is_dry_run: bool = False) -> BoundaryReport:
    """Take in the boundaries of a file, all or nothing; grids that it does not name keep theirs.

    From the next request on, points are looked for in them. Raises Forbidden, BadBoundaries.
    """
    work.require(IMPORT)
    await work.take_turn("boundaries")
    book = GridBook(work.tenant.name, [KnownGrid(*row) for row in await work.session.execute(grids_of(work.tenant.id))])
    matched = match_grids(file.outlines, book)
    stored = {row.id: row for row in await work.session.scalars(boundaries_of(work.tenant.id))}
    kept = {grid_id: rings_of(row.outline) for grid_id, row in stored.items() if grid_id not in matched.outlines}
    problems = [*file.problems, *matched.problems, *find_overlaps(matched, kept, book)]
    if problems:
        raise BadBoundaries(tuple(sorted(problems, key=lambda problem: problem.feature)))
    outlines = matched.outlines
    changed = [each for each in outlines if each in stored and stored[each].outline != outlines[each].geometry()]
    created = [each for each in outlines if each not in stored]
    if not is_dry_run:
        for grid_id in (*created, *changed):
            _keep(work, stored.get(grid_id), outlines[grid_id], grid_id)
        await _remember(work, [*created, *changed])
    return BoundaryReport(len(created), len(changed), len(outlines) - len(created) - len(changed))


def _keep(work: TenantWork, row: GridBoundary | None, outline: NamedOutline, grid_id: uuid.UUID) -> None:
    if row is None:
        tenant = work.tenant
        row = GridBoundary(tenant_id=tenant.id, id=grid_id, street_id=tenant.street_id, district_id=tenant.district_id)
        work.session.add(row)
    box = outline_of(outline.rings)
    row.outline = outline.geometry()
    row.west, row.south, row.east, row.north = box.west, box.south, box.east, box.north


async def _remember(work: TenantWork, grid_ids: list[uuid.UUID]) -> None:
    if not grid_ids:
        return
    await work.session.flush()
    # What is remembered by the version of the grants is reckoned anew.
    await bump_grants_version(work)
    for grid_id in grid_ids:
        await work.record(AuditEntry(IMPORTED, "Grid", grid_id))
