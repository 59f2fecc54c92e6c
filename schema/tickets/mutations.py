"""How do clients take a hotline's tickets in, or try what would come of it?"""

from __future__ import annotations

import asyncio
import uuid

import strawberry

from schema.context import GatewayContext, GatewayInfo
from schema.mutation import Attempt, WrittenPayload, answer_once, row_id, run_command, sealer_for, written
from schema.tickets.types import TicketImportType
from services.files.commands import LoadedFile, delete_file, load_file
from services.files.rules import TICKETS
from services.tickets.commands import TicketOptions, import_tickets
from services.tickets.errors import TicketsHaveBadRows, TooManyTicketFiles
from services.tickets.reading import read_tickets
from services.tickets.rules import IMPORT
from tenants.idempotency.keys import Answer
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

# One file at a time in a process: each is read in a process of its own.
_ONE_AT_A_TIME = asyncio.Semaphore(1)
MOST_FILES = 3


@strawberry.input(name="ImportTicketsInput", description="工单导入: an uploaded file, and how to import it.")
class ImportTicketsInput:
    """What to import."""

    file_id: strawberry.ID = strawberry.field(description="From `POST /files?purpose=TICKETS`: .xlsx, .xls or .csv.")
    system: str = strawberry.field(description="The system that numbered them, for example 12345.")
    fallback_category_code: str | None = strawberry.field(
        default=None, description="A leaf of caseCategories for tickets of no category that is known here."
    )
    dry_run: bool = strawberry.field(default=False, description="Tell what would come in, and change nothing.")
    skip_bad_rows: bool = strawberry.field(
        default=False, description="Leave bad rows out; without this they stop the import."
    )


@strawberry.type(name="ImportTicketsPayload")
class ImportTicketsPayload(WrittenPayload):
    """The import with its problems; when bad rows stopped it, an error as well; null when the file was refused."""

    ticket_import: TicketImportType | None = written("TicketImport")


# `import` is no name in Python.
_PAYLOAD_FIELDS = ImportTicketsPayload.__strawberry_definition__.fields  # type: ignore[attr-defined]
next(field for field in _PAYLOAD_FIELDS if field.python_name == "ticket_import").graphql_name = "import"


@strawberry.type
class TicketMutations:
    """Tickets."""

    @strawberry.mutation(
        description="导入工单: makes a case of every ticket that did not come in before, all or nothing; the caller is"
        " called back. The file is deleted once it is imported."
    )
    async def import_tickets(self, info: GatewayInfo, input: ImportTicketsInput) -> ImportTicketsPayload:
        """Import tickets."""
        context = info.context
        context.counted["tickets"] += 1
        if context.counted["tickets"] > MOST_FILES:
            # Not kept under a key: by itself it would be taken in.
            return ImportTicketsPayload.of(Answer(refusal=TooManyTicketFiles(limit=MOST_FILES)), context.language)

        async def take_in(attempt: Attempt) -> Answer:
            async with _ONE_AT_A_TIME:
                return await _import(attempt, input)

        return ImportTicketsPayload.of(await answer_once(context, take_in), context.language)


async def _import(attempt: Attempt, asked: ImportTicketsInput) -> Answer:
    # The file of an import that is done is deleted: a retry must not look for it.
    earlier = await attempt.earlier()
    if earlier is not None:
        return earlier
    sealer = await sealer_for(attempt.context)
    file_id, loaded = await _load(attempt.context, asked.file_id, sealer)
    # No transaction is open while the file is read.
    file = await read_tickets(loaded.content, name=loaded.name)
    options = TicketOptions(asked.system, asked.fallback_category_code, asked.dry_run, asked.skip_bad_rows)

    async def take_in(work: TenantWork) -> Answer:
        report = await import_tickets(work, file=file, sealer=sealer, options=options)
        if report.status == "DONE":
            await delete_file(work, file_id=file_id)
        stopped = TicketsHaveBadRows(row_count=report.bad_row_count, field="fileId")
        return Answer(report.id, refusal=stopped if report.status == "REFUSED" else None)

    return await attempt.run(take_in)


async def _load(context: GatewayContext, global_id: str, sealer: TenantSealer) -> tuple[uuid.UUID, LoadedFile]:
    async def load(work: TenantWork) -> tuple[uuid.UUID, LoadedFile]:
        work.require(IMPORT)
        file_id = row_id(global_id, "fil", work)
        store = context.gateway.files
        return file_id, await load_file(work, file_id=file_id, sealer=sealer, store=store, purpose=TICKETS)

    return await run_command(context, load)
