"""How do the tickets of a file become cases, each once?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from services.cases.commands.report import Report, Ticket, file_report
from services.cases.errors import CategoryUnknown
from services.cases.rules import LONGEST_TITLE, check_text
from services.cases.spots import InWords
from services.cases.tables import Case
from services.tickets.callers import find_or_add_caller
from services.tickets.queries import TAKE_TURNS, known_tickets, leaves_of, places_of
from services.tickets.reading import TicketFile, TicketRow
from services.tickets.rules import (
    IMPORT,
    BadRow,
    Book,
    KnownCategory,
    KnownPlace,
    ReadyTicket,
)
from services.tickets.rules import TicketProblem as Problem
from services.tickets.tables import TicketImport, TicketProblem
from tenants.audit.recording import AuditEntry
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

# Called with how many tickets are in, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TicketOptions:
    """How to import: whose tickets they are, what to file unknown ones under, only try, or leave out bad rows."""

    system: str
    fallback_code: str | None = None
    is_dry_run: bool = False
    skip_bad_rows: bool = False


@dataclass(frozen=True, slots=True)
class KnownTicket:
    """A ticket that had come in before, and the number of its case; none when the same file has it twice."""

    row: TicketRow
    number: str
    case_number: str | None


@dataclass(frozen=True, slots=True)
class TicketReport:
    """What an import did, or would do: status as in services.tickets.tables."""

    id: uuid.UUID
    status: str
    rows_read: int
    created: tuple[tuple[ReadyTicket, str | None], ...]
    known: tuple[KnownTicket, ...]
    problems: tuple[Problem, ...]

    @property
    def bad_row_count(self) -> int:
        """Count the rows that cannot be imported."""
        return len({(problem.sheet, problem.row) for problem in self.problems})


async def import_tickets(
    work: TenantWork,
    *,
    file: TicketFile,
    sealer: TenantSealer,
    options: TicketOptions,
    progress: Progress | None = None,
) -> TicketReport:
    """Make a case of every ticket that did not come in before, all or nothing; the import itself is kept on record.

    With bad rows and without leave to skip them, the report is REFUSED and nothing is changed.
    Raises Forbidden, CaseTextInvalid, CategoryUnknown.
    """
    work.require(IMPORT)
    system = check_text(options.system, limit=LONGEST_TITLE, field="system")
    book = await _book(work, options.fallback_code)
    ready, problems = _understand(book, file.rows)
    await _take_turns(work, system, [ticket.number for ticket in ready])
    new, known, twice = _sort_out(ready, await _known(work, system, ready))
    problems = sorted([*problems, *twice], key=lambda problem: (problem.sheet, problem.row))
    status = "CHECKED" if options.is_dry_run else "REFUSED" if problems and not options.skip_bad_rows else "DONE"
    created: list[tuple[ReadyTicket, str | None]] = [(ticket, None) for ticket in new]
    if status == "DONE":
        created = await _take_in(work, new, system=system, sealer=sealer, progress=progress)
    report = TicketReport(work.new_id(), status, len(file.rows), tuple(created), tuple(known), tuple(problems))
    await _keep(work, report, system)
    return report


async def _book(work: TenantWork, fallback_code: str | None) -> Book:
    tenant_id = work.tenant.id
    categories = [KnownCategory(*row) for row in await work.session.execute(leaves_of(tenant_id))]
    if fallback_code is not None and fallback_code not in {category.code for category in categories}:
        raise CategoryUnknown(code=fallback_code, field="fallbackCategoryCode")
    places = [KnownPlace(*row) for row in await work.session.execute(places_of(tenant_id))]
    return Book(work.tenant.name, ZoneInfo(work.tenant.time_zone), categories, places, fallback_code)


def _understand(book: Book, rows: Iterable[TicketRow]) -> tuple[list[ReadyTicket], list[Problem]]:
    ready, problems = [], []
    for row in rows:
        try:
            ready.append(book.ready(row))
        except BadRow as bad:
            problems.append(bad.of(row))
    return ready, problems


async def _take_turns(work: TenantWork, system: str, numbers: Iterable[str]) -> None:
    """Wait for whoever adds one of these tickets, before anything is written that others wait for.

    Imports of a system come one after the other; a single report holds its ticket before it counts its case, so that
    neither waits for the other in a circle.
    """
    await work.take_turn(f"tickets {system}")
    whats = [f"ticket {system} {number}" for number in sorted(set(numbers))]
    await work.session.execute(TAKE_TURNS, {"tenant": work.tenant.id, "whats": whats})


async def _known(work: TenantWork, system: str, ready: Sequence[ReadyTicket]) -> dict[str, str]:
    numbers = {ticket.number for ticket in ready}
    asked = known_tickets(work.tenant.id, system=system, numbers=numbers)
    return {number: case for number, case in await work.session.execute(asked) if number is not None}


def _sort_out(
    ready: Iterable[ReadyTicket], known: dict[str, str]
) -> tuple[list[ReadyTicket], list[KnownTicket], list[Problem]]:
    """Tell new tickets from known ones; a number that comes again with something else is a problem."""
    new: dict[str, ReadyTicket] = {}
    left: list[KnownTicket] = []
    twice: list[Problem] = []
    for ticket in ready:
        first = new.get(ticket.number)
        if ticket.number in known or (first is not None and first.row.cells == ticket.row.cells):
            left.append(KnownTicket(ticket.row, ticket.number, known.get(ticket.number)))
        elif first is not None:
            zh = f"同一编号在工作表“{first.row.sheet}”第 {first.row.row} 行已有，内容不同"
            en = f"row {first.row.row} of sheet “{first.row.sheet}” says something else under the same number"
            twice.append(BadRow("number", "TICKET_TWICE", zh, en).of(ticket.row))
        else:
            new[ticket.number] = ticket
    return list(new.values()), left, twice


async def _take_in(
    work: TenantWork, tickets: Sequence[ReadyTicket], *, system: str, sealer: TenantSealer, progress: Progress | None
) -> list[tuple[ReadyTicket, str | None]]:
    # All callers first: while cases are counted, the tenant's other reports wait.
    callers = [
        await find_or_add_caller(work, caller=ticket.caller, sealer=sealer) if ticket.caller else None
        for ticket in tickets
    ]
    case_ids = []
    for done, (ticket, caller_id) in enumerate(zip(tickets, callers, strict=True), start=1):
        case_ids.append(await file_report(work, report=_report(ticket, system, caller_id)))
        if progress is not None:
            progress(done, len(tickets))
    asked = select(Case.id, Case.number).where(Case.tenant_id == work.tenant.id, Case.id.in_(case_ids))
    numbers = {row.id: row.number for row in await work.session.execute(asked)}
    return [(ticket, numbers[case_id]) for ticket, case_id in zip(tickets, case_ids, strict=True)]


def _report(ticket: ReadyTicket, system: str, caller_id: uuid.UUID | None) -> Report:
    return Report(
        title=ticket.title,
        description=ticket.text,
        category_code=ticket.category_code,
        kind=ticket.kind,
        source="HOTLINE",
        at=ticket.place_id or InWords(ticket.place_text),
        is_confidential=ticket.is_confidential,
        reporter_id=caller_id,
        is_of_others=True,
        due_at=ticket.due_at,
        ticket=Ticket(system, ticket.number),
    )


async def _keep(work: TenantWork, report: TicketReport, system: str) -> None:
    work.session.add(
        TicketImport(
            tenant_id=work.tenant.id,
            id=report.id,
            at=work.now(),
            account_id=work.grants.account_id,
            system=system,
            status=report.status,
            rows_read=report.rows_read,
            created_count=len(report.created) if report.status != "REFUSED" else 0,
            known_count=len(report.known),
            bad_row_count=report.bad_row_count,
        )
    )
    await work.session.flush()
    work.session.add_all(
        TicketProblem(
            tenant_id=work.tenant.id,
            id=work.new_id(),
            import_id=report.id,
            ordinal=ordinal,
            sheet=problem.sheet,
            row_number=problem.row,
            column_letter=problem.column,
            header=problem.header,
            code=problem.code,
            value=problem.value,
            message_zh=problem.zh,
            message_en=problem.en,
        )
        for ordinal, problem in enumerate(report.problems)
    )
    await work.session.flush()
    await work.record(AuditEntry(IMPORT, "TicketImport", report.id, purpose=report.status))
