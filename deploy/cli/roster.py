"""How does an operator bring in a community's roster from a file?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from services.roster.changes import Counts
    from services.roster.commands import ImportReport
    from services.roster.problems import Problem

_KINDS = ("estates", "grids", "buildings", "units", "dwellings", "households", "people", "positions")


def roster(
    file: Annotated[Path, typer.Argument(help="The roster: .xlsx, .xls, or .csv in UTF-8 or GB18030.")],
    *,
    tenant: Annotated[str, typer.Option(metavar="SLUG", help="The community that the roster is of.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Leave bad rows out; without this they stop the import.")
    ] = False,
) -> None:
    """Take in a roster: grids, buildings, dwellings, owners, households and grid posts, all or nothing.

    The report lists every problem with sheet, row and column; its last line is the totals. The exit status is 1 when
    bad rows stopped the import, or would. The same file again changes nothing; what a file does not name is left.
    """
    from services.roster.parsing import collection_paused

    # Until all that was made of the roster is gone again, or the collector goes through it once more at the end.
    with collection_paused():
        report = asyncio.run(_import(file, tenant, is_dry_run=dry_run, skip_bad_rows=skip_bad_rows))
    for line in report_lines(report):
        typer.echo(line)
    if report.bad_row_count and not skip_bad_rows:
        sys.exit(1)


async def _import(path: Path, slug: str, *, is_dry_run: bool, skip_bad_rows: bool) -> ImportReport:
    from services.roster.files import read_roster
    from services.roster.reading import read_file

    progress = _Progress()
    reading = asyncio.create_task(read_roster(read_file(path), name=path.name, progress=progress.tell))
    # Now the file is read in a process of its own; meanwhile, all the rest is loaded, and the database connected.
    await asyncio.sleep(0)
    try:
        from deploy.cli.inside import inside_tenant
        from services.roster.commands import ImportOptions, import_roster

        options = ImportOptions(is_dry_run, skip_bad_rows)
        async with inside_tenant(slug) as inside:
            with progress.shown():
                file = await reading
                async with inside.work() as (work, sealer):
                    return await import_roster(work, file=file, sealer=sealer, options=options, progress=progress.tell)
    finally:
        await asyncio.gather(reading, return_exceptions=True)


@dataclass(slots=True)
class _Progress:
    """How far each step is; on the screen as soon as it is shown."""

    _shown: Progress | None = None
    _tasks: dict[str, TaskID] = field(default_factory=dict)

    @contextmanager
    def shown(self) -> Iterator[None]:
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as self._shown:
            yield

    def tell(self, step: str, done: int, total: int) -> None:
        if self._shown is None:
            return
        if step not in self._tasks:
            self._tasks[step] = self._shown.add_task(step, total=total)
        self._shown.update(self._tasks[step], completed=done, total=total)


def report_lines(report: ImportReport) -> Iterator[str]:
    """Write an import's report, one line after the other: problems, what came of it, totals."""
    for problem in report.problems:
        yield _problem_line(problem)
    yield {
        "DONE": "Imported.",
        "CHECKED": "Dry run: nothing was changed.",
        "REFUSED": f"Nothing was imported: {report.bad_row_count} bad rows. Correct them, or use --skip-bad-rows.",
    }[report.status]
    errors = sum(problem.severity == "ERROR" for problem in report.problems)
    verbs = ("created", "changed", "unchanged")
    counts = (report.created, report.changed, report.unchanged)
    told = "; ".join(f"{verb} {_told(count)}" for verb, count in zip(verbs, counts, strict=True))
    warnings = len(report.problems) - errors
    yield f"{report.rows_read} rows read; {told}; {errors} errors, {warnings} warnings"


def _problem_line(problem: Problem) -> str:
    place = f"{problem.sheet}!{problem.column}{problem.row}" if problem.row else "-"
    about = f" {problem.header}" if problem.header else ""
    value = f" “{problem.value}”" if problem.value else ""
    return f"{problem.severity.value.lower()}\t{place}{about}\t{problem.code}{value}\t{problem.zh} / {problem.en}"


def _told(counts: Counts) -> str:
    told = [f"{count} {kind}" for kind, count in zip(_KINDS, counts, strict=True) if count]
    return ", ".join(told) or "nothing"
