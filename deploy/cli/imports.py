"""How does an operator bring in divisions, the calendar, rosters, posts, boundaries and tickets from files?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.boundaries import boundaries
from deploy.cli.calendar import calendar
from deploy.cli.positions import positions
from deploy.cli.roster import roster
from deploy.cli.tenant import owner_transaction
from deploy.cli.tickets import tickets

if TYPE_CHECKING:
    from services.divisions.reading import DivisionFile, Problem
    from services.divisions.rules import Comparison

app = typer.Typer(help="Bring in what is in files.", no_args_is_help=True)

app.command()(calendar)
app.command()(roster)
app.command()(positions)
app.command()(boundaries)
app.command()(tickets)

_SHOWN = 50


@app.callback()
def _import() -> None:
    """Keep each import a command of its own."""


@app.command()
def divisions(
    file: Annotated[Path, typer.Argument(help="CSV with the columns code, level, name, parent_code.")],
    *,
    system: Annotated[str, typer.Option(help="Whose codes they are: statistics or civil-affairs.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day the list is of.")],
    force: Annotated[bool, typer.Option("--force", help="Even if more than a tenth of what is known ends.")] = False,
) -> None:
    """Take in a list of divisions: tell what is new, renamed, moved and ended since the list before.

    The list speaks for its topmost divisions and all below them: what it does not hold there ended the day
    before; more than a tenth of all that are known only with --force. Bad rows stop it; odd codes are only told. The
    same file again changes nothing.
    """
    asyncio.run(_import_divisions(file, system, as_of, force=force))


async def _import_divisions(path: Path, system: str, as_of: datetime, *, force: bool) -> None:
    from services.divisions.commands import Edition, import_divisions
    from services.divisions.errors import DivisionsHaveBadRows
    from services.divisions.reading import read_divisions

    file = read_divisions(path.read_bytes())
    edition = Edition(system, as_of.date())
    try:
        async with owner_transaction() as connection:
            today = datetime.now(UTC).date()
            change = await import_divisions(connection, file=file, edition=edition, today=today, may_end_many=force)
    except DivisionsHaveBadRows:
        _tell_problems("error", file.errors)
        raise
    _tell_problems("warning", file.warnings)
    _tell_changes(change)
    typer.echo(_totals(file, change))


def _tell_problems(kind: str, problems: tuple[Problem, ...]) -> None:
    for one in problems[:_SHOWN]:
        where = f"row {one.row}, column {one.column}"
        typer.echo(f"{kind}: {where}: {one.code} {one.value!r}: {one.zh} / {one.en}", err=True)
    if len(problems) > _SHOWN:
        typer.echo(f"{kind}: … and {len(problems) - _SHOWN} more", err=True)


def _tell_changes(change: Comparison) -> None:
    # A first import is all new: what matters in later ones is listed line by line.
    lines = [f"renamed\t{one.row.code}\t{one.stored.name} → {one.row.name}" for one in change.renamed]
    lines += [
        f"moved\t{one.row.code}\t{one.row.name}: {one.stored.level} of {one.stored.parent_code}"
        f" → {one.row.level} of {one.row.parent_code}"
        for one in change.moved
    ]
    lines += [f"ended\t{one.code}\t{one.name}" for one in change.ended]
    if change.unchanged or change.revised:
        lines += [f"new\t{one.code}\t{one.name}" for one in change.new]
    for line in lines:
        typer.echo(line)


def _totals(file: DivisionFile, change: Comparison) -> str:
    counts = (
        (len(file.rows), "rows read"),
        (len(change.new), "new"),
        (len(change.renamed), "renamed"),
        (len(change.moved), "moved"),
        (len(change.ended), "ended"),
        (len(change.unchanged), "unchanged"),
        (len(file.warnings), "warnings"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts)
