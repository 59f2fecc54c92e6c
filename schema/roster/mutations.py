"""How do clients take an uploaded roster in, or try what it would change?"""

from __future__ import annotations

import asyncio
import uuid

import strawberry

from schema.context import GatewayContext, GatewayInfo
from schema.mutation import Attempt, WrittenPayload, answer_once, row_id, run_command, sealer_for, written
from schema.roster.types import RosterImportType
from services.files.commands import LoadedFile, delete_file, load_file
from services.roster.commands import ImportOptions, import_roster
from services.roster.errors import RosterHasBadRows, TooManyRosters
from services.roster.files import read_roster
from services.roster.rules import IMPORT
from tenants.idempotency.keys import Answer
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

# One roster at a time in a process, so that several large ones do not add up.
_ONE_AT_A_TIME = asyncio.Semaphore(1)
MOST_ROSTERS = 3


@strawberry.input(name="ImportRosterInput", description="花名册导入: an uploaded file, and how to import it.")
class ImportRosterInput:
    """What to import."""

    file_id: strawberry.ID = strawberry.field(description="From `POST /files`: .xlsx, .xls or .csv.")
    dry_run: bool = strawberry.field(default=False, description="Tell what would change, and change nothing.")
    skip_bad_rows: bool = strawberry.field(
        default=False, description="Leave bad rows out; without this they stop the import."
    )


@strawberry.type(name="ImportRosterPayload")
class ImportRosterPayload(WrittenPayload):
    """The import with its problems; when bad rows stopped it, an error as well; null when the file was refused."""

    roster_import: RosterImportType | None = written("RosterImport")


# `import` is no name in Python.
_PAYLOAD_FIELDS = ImportRosterPayload.__strawberry_definition__.fields  # type: ignore[attr-defined]
next(field for field in _PAYLOAD_FIELDS if field.python_name == "roster_import").graphql_name = "import"


@strawberry.type
class RosterMutations:
    """Rosters."""

    @strawberry.mutation(
        description="导入花名册: takes in grids, buildings, dwellings, owners, households and grid posts, all or"
        " nothing. The same file again changes nothing; the file is deleted once it is imported."
    )
    async def import_roster(self, info: GatewayInfo, input: ImportRosterInput) -> ImportRosterPayload:
        """Import a roster."""
        context = info.context
        context.counted["rosters"] += 1
        if context.counted["rosters"] > MOST_ROSTERS:
            # Not kept under a key: by itself it would be taken in.
            return ImportRosterPayload.of(Answer(refusal=TooManyRosters(limit=MOST_ROSTERS)), context.language)

        async def take_in(attempt: Attempt) -> Answer:
            async with _ONE_AT_A_TIME:
                return await _import(attempt, input)

        return ImportRosterPayload.of(await answer_once(context, take_in), context.language)


async def _import(attempt: Attempt, asked: ImportRosterInput) -> Answer:
    # The file of an import that is done is deleted: a retry must not look for it.
    earlier = await attempt.earlier()
    if earlier is not None:
        return earlier
    sealer = await sealer_for(attempt.context)
    file_id, loaded = await _load(attempt.context, asked.file_id, sealer)
    # No transaction is open while the file is read.
    roster = await read_roster(loaded.content, name=loaded.name)
    options = ImportOptions(asked.dry_run, asked.skip_bad_rows)

    async def take_in(work: TenantWork) -> Answer:
        report = await import_roster(work, file=roster, sealer=sealer, options=options)
        if report.status == "DONE":
            await delete_file(work, file_id=file_id)
        stopped = RosterHasBadRows(row_count=report.bad_row_count, field="fileId")
        return Answer(report.id, refusal=stopped if report.status == "REFUSED" else None)

    return await attempt.run(take_in)


async def _load(context: GatewayContext, global_id: str, sealer: TenantSealer) -> tuple[uuid.UUID, LoadedFile]:
    async def load(work: TenantWork) -> tuple[uuid.UUID, LoadedFile]:
        work.require(IMPORT)
        file_id = row_id(global_id, "fil", work)
        return file_id, await load_file(work, file_id=file_id, sealer=sealer, store=context.gateway.files)

    return await run_command(context, load)
