"""How does an operator bring in a hotline's tickets from a file?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.tickets.commands import TicketOptions, TicketReport
    from services.tickets.reading import TicketRow


def tickets(
    file: Annotated[Path, typer.Argument(help="The tickets: .xlsx, .xls, or .csv in UTF-8 or GB18030.")],
    *,
    tenant: Annotated[str, typer.Option(metavar="SLUG", help="The tenant that answers for them.")],
    system: Annotated[str, typer.Option(help="The system that numbered them.")] = "12345",
    fallback: Annotated[
        str | None, typer.Option(metavar="CODE", help="The category for tickets of no category that is known here.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would come in, and change nothing.")] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Leave bad rows out; without this they stop the import.")
    ] = False,
) -> None:
    """Make a case of every ticket of a hotline that did not come in before, all or nothing.

    Columns: 工单编号, 诉求内容 and, as far as there are, 诉求标题, 事项分类, 诉求类型, 来电人, 联系电话, 诉求地址,
    受理时间, 办理时限, 是否保密, also under the other titles that platforms give them. The caller becomes known to the
    tenant, sealed, and is called back. A ticket that is known is left alone. The report tells row by row what was
    created, left and wrong; its last line is the totals. The exit status is 1 when bad rows stopped the import, or
    would.
    """
    from services.tickets.commands import TicketOptions

    options = TicketOptions(system, fallback, dry_run, skip_bad_rows)
    report = asyncio.run(_import(file, tenant, options))
    for line in report_lines(report):
        typer.echo(line)
    if report.problems and not skip_bad_rows:
        sys.exit(1)


async def _import(path: Path, slug: str, options: TicketOptions) -> TicketReport:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.cli.inside import inside_tenant
    from services.roster.reading import read_file
    from services.tickets.commands import import_tickets
    from services.tickets.reading import read_tickets

    file = await read_tickets(read_file(path), name=path.name)
    async with inside_tenant(slug) as inside, inside.work() as (work, sealer):
        with Progress(console=Console(stderr=True)) as shown:
            task = shown.add_task("tickets", total=len(file.rows))
            return await import_tickets(
                work,
                file=file,
                sealer=sealer,
                options=options,
                progress=lambda done, total: shown.update(task, completed=done, total=total),
            )


def report_lines(report: TicketReport) -> Iterator[str]:
    """Write an import's report, one line after the other: tickets, problems, what came of it, totals."""
    if report.status != "REFUSED":
        for ticket, case in report.created:
            yield f"created\t{_place(ticket.row)}\t{ticket.number} → {case or '…'}"
    for known in report.known:
        yield f"left\t{_place(known.row)}\t{known.number} = {known.case_number or 'a row above'}"
    for problem in report.problems:
        value = f" “{problem.value}”" if problem.value else ""
        where = f"{problem.sheet}!{problem.column}{problem.row} {problem.header}".strip()
        yield f"error\t{where}\t{problem.code}{value}\t{problem.zh} / {problem.en}"
    yield {
        "DONE": "Imported.",
        "CHECKED": "Dry run: nothing was changed.",
        "REFUSED": f"Nothing was imported: {report.bad_row_count} bad rows. Correct them, or use --skip-bad-rows.",
    }[report.status]
    created = 0 if report.status == "REFUSED" else len(report.created)
    yield f"{report.rows_read} rows read; {created} created, {len(report.known)} left, {report.bad_row_count} bad"


def _place(row: TicketRow) -> str:
    return f"{row.sheet}!{row.row}"
