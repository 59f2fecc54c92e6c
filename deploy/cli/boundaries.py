"""How does an operator bring in where the grids of a tenant lie on the map?"""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.inside import inside_tenant

if TYPE_CHECKING:
    from services.boundaries.commands import BoundaryReport
    from services.boundaries.reading import BoundaryProblem


class Coordinates(StrEnum):
    """The coordinate systems that files are in."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"


def boundaries(
    file: Annotated[Path, typer.Argument(help="A GeoJSON FeatureCollection, one Polygon or MultiPolygon a grid.")],
    *,
    tenant: Annotated[str, typer.Option(metavar="SLUG", help="The tenant whose grids they are.")],
    coordinates: Annotated[
        Coordinates, typer.Option(help="What the file's degrees are degrees of.", case_sensitive=False)
    ] = Coordinates.CGCS2000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")] = False,
) -> None:
    """Take in the boundaries of grids, all or nothing, so that the grid of a point is found.

    A property names the grid by its code or name: 网格编码, 网格名称, 网格, code or name. Grids that the file does not
    name keep their boundaries; the same file again changes nothing. Every problem is told with the feature, counted
    from 1, and the property: rings that are not closed or cross themselves, points outside the country, grids that are
    not known or come twice, grids that overlap by more than five metres.
    """
    report = asyncio.run(_import(file, tenant, coordinates, is_dry_run=dry_run))
    done = "Dry run: nothing was changed. " if dry_run else ""
    typer.echo(f"{done}{report.created} created, {report.changed} changed, {report.unchanged} unchanged")


async def _import(path: Path, slug: str, coordinates: Coordinates, *, is_dry_run: bool) -> BoundaryReport:
    from services.boundaries.commands import BadBoundaries, import_boundaries
    from services.boundaries.reading import read_boundaries, read_boundary_file

    file = read_boundaries(read_boundary_file(path), system=coordinates.name)
    try:
        async with inside_tenant(slug) as inside, inside.work() as (work, _):
            return await import_boundaries(work, file=file, is_dry_run=is_dry_run)
    except BadBoundaries as bad:
        for problem in bad.problems:
            typer.echo(_line(problem), err=True)
        raise


def _line(problem: BoundaryProblem) -> str:
    value = f" “{problem.value}”" if problem.value else ""
    where = f"feature {problem.feature}, {problem.property}"
    return f"error\t{where}\t{problem.code}{value}\t{problem.zh} / {problem.en}"
