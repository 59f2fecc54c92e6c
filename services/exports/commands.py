"""How is an export asked for and decided, and who may fetch what it became?"""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncConnection

from services.exports.errors import ExportEnded, TooManyExports
from services.exports.queries import made_export, name_of_account, name_of_post, unfinished_of, waiting_export
from services.exports.rules import (
    APPROVE,
    LONGEST_REASON,
    MOST_UNFINISHED,
    UNFINISHED,
    Asked,
    check_can_decide,
    check_reason,
    check_title,
    file_name,
    first_status,
)
from services.exports.tables import Export
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.grants import Grants
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork, utc_now


async def request_export(work: TenantWork, *, asked: Asked, sealer: TenantSealer) -> uuid.UUID:
    """Take on an export of what the caller may read; tell its id.

    Raises ExportTitleInvalid, ExportReasonMissing, TooManyExports.
    """
    title = check_title(asked.title)
    reason = check_reason(asked.reason, is_personal=asked.is_personal)
    tenant_id, account_id = work.tenant.id, work.grants.account_id
    await work.take_turn(f"exports of {account_id}")
    unfinished = await work.session.scalar(unfinished_of(tenant_id=tenant_id, account_id=account_id))
    if (unfinished or 0) >= MOST_UNFINISHED:
        raise TooManyExports(limit=MOST_UNFINISHED)
    post_id = work.grants.positions[0].id if work.grants.positions else None
    export = Export(
        tenant_id=tenant_id,
        id=work.new_id(),
        account_id=account_id,
        account_name=await work.session.scalar(name_of_account(account_id)),
        position_id=post_id,
        position_name=post_id and await work.session.scalar(name_of_post(tenant_id=tenant_id, position_id=post_id)),
        what=asked.what,
        title=title,
        format=asked.format,
        language=asked.language,
        columns="\n".join(asked.columns),
        is_personal=asked.is_personal,
        reason=reason,
        asked_sealed=sealer.seal(asked.request, purpose=Purpose.EXPORT),
        status=first_status(is_personal=asked.is_personal),
        requested_at=work.now(),
    )
    work.session.add(export)
    await work.session.flush()
    await work.record(AuditEntry("export:request", "Export", export.id, purpose=asked.what))
    return export.id


async def decide_export(work: TenantWork, *, export_id: uuid.UUID, is_granted: bool, note: str | None) -> uuid.UUID:
    """Let personal data leave as somebody else asked, or not.

    Raises Forbidden, NotFound, ExportOwn, ExportDecided, ExportReasonMissing.
    """
    work.require(APPROVE)
    export = await work.session.scalar(waiting_export(tenant_id=work.tenant.id, export_id=export_id))
    if export is None:
        raise NotFound(field="exportId")
    check_can_decide(status=export.status, account_id=export.account_id, decider_id=work.grants.account_id)
    export.status = "APPROVED" if is_granted else "REFUSED"
    export.decided_by_id, export.decided_at = work.grants.account_id, work.now()
    export.decision = (note or "").strip()[:LONGEST_REASON] or None
    await work.session.flush()
    outcome = "DONE" if is_granted else "REFUSED"
    await work.record(AuditEntry(APPROVE, "Export", export.id, purpose=export.what, outcome=outcome))
    return export.id


async def cancel_export(work: TenantWork, *, export_id: uuid.UUID) -> uuid.UUID:
    """Take back an export of one's own that is not made yet; whoever is at work on it finds out at the next word.

    Raises NotFound, ExportEnded.
    """
    export = await work.session.scalar(waiting_export(tenant_id=work.tenant.id, export_id=export_id))
    if export is None or export.account_id != work.grants.account_id:
        raise NotFound(field="exportId")
    if export.status not in UNFINISHED:
        raise ExportEnded(field="exportId")
    # Personal data to which nobody has agreed is asked for or refused, and never anything else: a check holds it.
    export.status = "REFUSED" if export.status == "REQUESTED" else "FAILED"
    export.fault, export.finished_at, export.claimed_until = "CANCELLED", work.now(), None
    await work.session.flush()
    await work.record(AuditEntry("export:request", "Export", export.id, purpose=export.what, outcome="REFUSED"))
    return export.id


async def name_for_requester(connection: AsyncConnection, grants: Grants, file_id: uuid.UUID) -> str | None:
    """Tell what a file is called for the account that had it made, while it reaches what it did; else None."""
    if grants.tenant is None or grants.served_from is not None:
        return None
    statement = made_export(tenant_id=grants.tenant.id, file_id=file_id, account_id=grants.account_id, now=utc_now())
    found = (await connection.execute(statement.with_only_columns(Export.reach, Export.title, Export.format))).first()
    return None if found is None or found.reach != grants.reach else file_name(found.title, found.format)
