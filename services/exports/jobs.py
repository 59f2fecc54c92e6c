"""How is a waiting export made by one process at a time, however many look for one and however they end?

Whoever claims one has it for a minute and says so again while at work. Who died, or was too slow, finds at the next
word that it is another's: only the claim that holds ends it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, update

from services.exports.queries import CLAIM
from services.exports.rules import KEPT_FOR, LEASE, file_name
from services.exports.tables import Export
from services.files.commands import Content, add_file, finish_made_file
from services.files.rules import EXPORT
from tenants.audit.recording import AuditEntry
from tenants.permissions import Connection
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork


class ClaimLost(Exception):  # noqa: N818 - nothing is wrong: another process goes on with it.
    """The export is another's by now."""


class ReachChanged(Exception):  # noqa: N818 - it is begun anew, with what holds now.
    """The account's posts or grants have changed since the file was begun."""


@dataclass(frozen=True, slots=True)
class Made:
    """What has become a file: how long it is, and what the account could reach while it was read."""

    file_id: uuid.UUID
    content: Content
    row_count: int
    total_count: int | None
    reach: str


@dataclass(frozen=True, slots=True)
class Job:
    """An export that this process has claimed: whose, in which tenant."""

    tenant_id: int
    export_id: uuid.UUID
    account_id: uuid.UUID
    claim: uuid.UUID


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made."""

    request: str
    title: str
    format: str
    language: str
    # Whether somebody agreed to personal data in it.
    is_personal: bool
    account_name: str | None
    position_name: str | None


async def claim_export(connection: Connection, claim: uuid.UUID, *, wanted_id: uuid.UUID | None = None) -> Job | None:
    """Claim an export that nobody is at work on: the one wanted, or of any tenant that which waits the longest.

    Not in a transaction of something else.
    """
    found = await connection.fetchrow(CLAIM, claim, LEASE, wanted_id)
    return None if found is None else Job(found["tenant_id"], found["id"], found["account_id"], claim)


async def read_order(work: TenantWork, *, job: Job, sealer: TenantSealer) -> Order:
    """Read what is to be made."""
    export = await work.session.get_one(Export, (job.tenant_id, job.export_id))
    return Order(
        sealer.open(export.asked_sealed, purpose=Purpose.EXPORT),
        export.title,
        export.format,
        export.language,
        export.is_personal,
        export.account_name,
        export.position_name,
    )


async def begin_file(work: TenantWork, *, order: Order, sealer: TenantSealer) -> uuid.UUID:
    """Make room for the file; never for one begun before, whose chunks are sealed already."""
    return await add_file(work, purpose=EXPORT, name=file_name(order.title, order.format), sealer=sealer)


async def tell_progress(work: TenantWork, *, job: Job, row_count: int, total_count: int | None) -> None:
    """Tell how far it is, and keep it for another minute. Raises ClaimLost."""
    await _change(work, job, row_count=row_count, total_count=total_count, claimed_until=func.now() + LEASE)


async def end_export(work: TenantWork, *, job: Job, made: Made) -> None:
    """Give the file out, while its account reaches what it did. Raises ClaimLost, ReachChanged."""
    if work.grants.reach != made.reach:
        raise ReachChanged
    until = work.now() + KEPT_FOR
    await _change(
        work,
        job,
        status="DONE",
        row_count=made.row_count,
        total_count=made.total_count,
        file_id=made.file_id,
        finished_at=work.now(),
        expires_at=until,
        reach=made.reach,
        claimed_until=None,
    )
    await finish_made_file(work, file_id=made.file_id, content=made.content, expires_at=until)
    await work.record(AuditEntry("export:make", "Export", job.export_id))


async def fail_export(work: TenantWork, *, job: Job, fault: str) -> None:
    """End it with the code of why it came to nothing. Raises ClaimLost."""
    await _change(work, job, status="FAILED", fault=fault, finished_at=work.now(), claimed_until=None)
    await work.record(AuditEntry("export:make", "Export", job.export_id, outcome="REFUSED"))


async def _change(work: TenantWork, job: Job, **values: object) -> None:
    held = (Export.tenant_id == job.tenant_id, Export.id == job.export_id, Export.claim == job.claim)
    changed = await work.session.execute(
        update(Export).where(*held, Export.status == "RUNNING").values(**values).returning(Export.id)
    )
    if changed.first() is None:
        raise ClaimLost
