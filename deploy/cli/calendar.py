"""How does an operator bring in a year's holidays and make-up working days?"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.tenant import owner_transaction

# A case may be due that long after it is reported; the next year is announced in November.
_AHEAD = timedelta(days=45)


def calendar(
    file: Annotated[Path, typer.Argument(help="CSV with the columns day, is_working (true or false), name.")],
    *,
    source: Annotated[str, typer.Option(help="Where it was announced, for example 国办发明电〔2026〕X号.")],
    force: Annotated[bool, typer.Option("--force", help="Even if a year then has fewer days than are known.")] = False,
) -> None:
    """Take in the nation's holidays and make-up working days, for all tenants alike.

    The file speaks for the whole of each year of which it holds a day: what it does not list goes by the week. Bad rows
    stop it. Due times that were given before stay as they are. The same file again changes nothing.
    """
    asyncio.run(_import_calendar(file, source.strip(), force=force))


async def _import_calendar(path: Path, source: str, *, force: bool) -> None:
    from services.calendars.reading import read_days
    from services.calendars.renewing import import_calendar

    if not source:
        raise typer.BadParameter("say where it was announced", param_hint="--source")
    days = read_days(path.read_bytes())
    async with owner_transaction() as connection:
        change = await import_calendar(connection, days=days, source=source, may_shrink=force)
    years = ", ".join(map(str, change.years))
    typer.echo(f"{years}: {change.added} added, {change.changed} changed, {change.removed} removed")
    typer.echo(f"the working calendar is known through {change.known_through}")
    warn_of_unknown_days(change.known_through)


def warn_of_unknown_days(known_through: date | None) -> None:
    """Warn before cases are due on days of which it is not known whether they are worked."""
    if known_through is not None and known_through >= datetime.now(UTC).date() + _AHEAD:
        return
    told = "not known at all" if known_through is None else f"known through {known_through} only"
    typer.echo(
        f"warning: the working calendar is {told}; later days go by the week. When the year's holidays are announced:"
        " jinlin import calendar FILE --source NOTICE",
        err=True,
    )
