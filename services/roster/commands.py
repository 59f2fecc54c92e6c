"""What may be done with a roster? Take it into the tenant, or tell what that would change."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.roster.changes import Counts, PlaceChanges, ResidentChanges, RosterChanges
from services.roster.comparing import compare_places
from services.roster.contents import Roster
from services.roster.errors import RosterNeedsCommunity
from services.roster.files import Progress, RosterFile
from services.roster.known import Known
from services.roster.parsing import collection_paused
from services.roster.problems import Problem, Severity
from services.roster.queries import load_known
from services.roster.residents import Indexes, compare_residents
from services.roster.rules import IMPORT
from services.roster.sealing import SealedPeople, seal_people
from services.roster.storing import ChangeStore
from services.roster.tables import OUTCOMES, RosterCount, RosterImport, RosterProblem
from services.roster.writing import columns_of, insert_all, row_ids, take
from tenants.audit.recording import AuditEntry
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

# More are counted and not kept: nobody corrects so many one by one.
KEPT_PROBLEMS = 5_000
_PROBLEM_COLUMNS = (
    "id",
    "import_id",
    "ordinal",
    "sheet",
    "row_number",
    "column_letter",
    "header",
    "code",
    "severity",
    "value",
    "message_zh",
    "message_en",
)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import: only try, or leave out bad rows."""

    is_dry_run: bool = False
    skip_bad_rows: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do: status as in services.roster.tables."""

    id: uuid.UUID
    status: str
    rows_read: int
    bad_row_count: int
    created: Counts
    changed: Counts
    unchanged: Counts
    problems: tuple[Problem, ...]


async def import_roster(
    work: TenantWork,
    *,
    file: RosterFile,
    sealer: TenantSealer,
    options: ImportOptions,
    progress: Progress | None = None,
) -> ImportReport:
    """Take a roster in, all or nothing, or only tell what it would change; the import itself is kept on record.

    With bad rows and without leave to skip them, the report is REFUSED and nothing is changed.
    Raises Forbidden, RosterNeedsCommunity.
    """
    work.require(IMPORT)
    if work.tenant.kind != "community":
        raise RosterNeedsCommunity(name=work.tenant.name)
    roster, today = file.roster, work.today()
    known = await load_known(work.session, tenant_id=work.tenant.id, today=today)
    comparison = _Comparison(roster, known, sealer, today, progress)
    places = await asyncio.to_thread(comparison.compare_places, community=work.tenant.name)
    # Nothing that is found of people and posts keeps a row out.
    told = (*roster.problems, *places.problems)
    bad_rows = {(each.sheet, each.row) for each in told if each.severity is Severity.ERROR}
    status = "CHECKED" if options.is_dry_run else "DONE"
    if bad_rows and not options.skip_bad_rows and not options.is_dry_run:
        status = "REFUSED"
    changes = await _take_in(work, comparison, places, is_kept=status == "DONE")
    report = ImportReport(
        id=work.new_id(),
        status=status,
        rows_read=roster.rows_read,
        bad_row_count=len(bad_rows),
        created=changes.created(),
        changed=changes.changed(),
        unchanged=changes.unchanged(),
        problems=(*told, *changes.residents.problems),
    )
    await _keep(work, report)
    return report


async def _take_in(work: TenantWork, comparison: _Comparison, places: PlaceChanges, *, is_kept: bool) -> RosterChanges:
    """Compare the residents, too; if all is to be kept, the database takes the places in meanwhile."""
    store = ChangeStore(work, comparison.progress, total=places.created_count + comparison.roster.resident_count())
    residing = asyncio.create_task(asyncio.to_thread(comparison.compare_residents, places, are_sealed=is_kept))
    try:
        if is_kept:
            await store.store_places(places)
    finally:
        # The thread cannot be stopped, and what it works with is not to go from under it.
        residents, people = await residing
    changes = RosterChanges(places, residents)
    if people:
        store.total = store.stored + residents.created_count
        await store.store_residents(residents, people)
        await store.recount(changes)
    return changes


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares a roster with what is known, each step in a thread of its own: places first."""

    roster: Roster
    known: Known
    sealer: TenantSealer
    today: date
    progress: Progress | None
    new_ids: Iterator[uuid.UUID] = field(default_factory=row_ids)

    def compare_places(self, *, community: str) -> PlaceChanges:
        self._tell(0)
        with collection_paused():
            return compare_places(self.roster, known=self.known.places, community=community, new_ids=self.new_ids)

    def compare_residents(
        self, places: PlaceChanges, *, are_sealed: bool
    ) -> tuple[ResidentChanges, SealedPeople | None]:
        with collection_paused():
            residents = compare_residents(
                self.roster,
                indexes=_indexes(self.roster, self.sealer),
                places=places,
                known=self.known,
                new_ids=self.new_ids,
                today=self.today,
            )
            people = seal_people(self.roster, residents, self.sealer) if are_sealed else None
        self._tell(len(self.roster.dwellings))
        return residents, people

    def _tell(self, done: int) -> None:
        if self.progress:
            self.progress("comparing", done, len(self.roster.dwellings))


def _indexes(roster: Roster, sealer: TenantSealer) -> Indexes:
    def index(texts: Sequence[str | None], purpose: Purpose) -> list[bytes | None]:
        told = iter(sealer.index_all([text for text in texts if text], purpose=purpose))
        return [next(told) if text else None for text in texts]

    return Indexes(
        names=sealer.index_all([person.name for person in roster.people], purpose=Purpose.NAME),
        phones=index([person.phone for person in roster.people], Purpose.PHONE),
        identities=index([person.identity for person in roster.people], Purpose.IDENTITY),
    )


async def _keep(work: TenantWork, report: ImportReport) -> None:
    record = RosterImport(
        tenant_id=work.tenant.id,
        id=report.id,
        at=work.now(),
        account_id=work.grants.account_id,
        status=report.status,
        rows_read=report.rows_read,
        bad_row_count=report.bad_row_count,
        problem_count=len(report.problems),
    )
    work.session.add(record)
    await work.session.flush()
    counts = [
        (work.new_id(), report.id, outcome, *told)
        for outcome, told in zip(OUTCOMES, (report.created, report.changed, report.unchanged), strict=True)
    ]
    await insert_all(work, RosterCount, columns=columns_of(counts, ("id", "import_id", "outcome", *Counts._fields)))
    await _keep_problems(work, report)
    await work.record(AuditEntry(IMPORT, "RosterImport", report.id))


async def _keep_problems(work: TenantWork, report: ImportReport) -> None:
    kept = report.problems[:KEPT_PROBLEMS]
    ids = take(row_ids(), len(kept))
    rows = [
        (
            row_id,
            report.id,
            ordinal,
            each.sheet,
            each.row,
            each.column,
            each.header,
            each.code,
            each.severity.value,
            each.value,
            each.zh,
            each.en,
        )
        for ordinal, (row_id, each) in enumerate(zip(ids, kept, strict=True))
    ]
    await insert_all(work, RosterProblem, columns=columns_of(rows, _PROBLEM_COLUMNS))
