"""How do files come to a case, and who reads them there?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.errors import TooManyAttachments
from services.cases.opening import OpenedCase, open_case
from services.cases.queries import case_of_file, version_of
from services.cases.rules import LONGEST_TEXT, Standing, Where, check_text, may_read_all
from services.cases.tables import CaseAttachment
from services.files.commands import FileHead, add_file, head_of
from services.files.contents import EXTENSIONS, is_photo
from services.files.queries import uploads_of
from services.files.rules import CASE
from services.files.tables import StoredFile
from tenants.errors import NotFound, StaleGrants
from tenants.grants import Grants
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

MOST_ATTACHMENTS = 9


async def find_uploads(work: TenantWork, file_ids: Sequence[uuid.UUID], *, field: str) -> list[StoredFile]:
    """Find and lock files that the caller uploaded here for a case, and that are with none yet.

    Raises NotFound, TooManyAttachments.
    """
    if len(file_ids) > MOST_ATTACHMENTS:
        raise TooManyAttachments(limit=MOST_ATTACHMENTS, field=field)
    if not file_ids:
        return []
    asked = uploads_of(tenant_id=work.tenant.id, account_id=work.grants.account_id, file_ids=file_ids, now=work.now())
    found = {file.id: file for file in await work.session.scalars(asked)}
    if found.keys() != set(file_ids) or len(found) < len(file_ids):
        raise NotFound(field=field)
    return [found[file_id] for file_id in file_ids]


def has_photo(files: Sequence[StoredFile]) -> bool:
    """Tell whether there is a photo among some files."""
    return any(is_photo(file.content_type) for file in files)


async def attach(work: TenantWork, opened: OpenedCase, files: Sequence[StoredFile], *, step_id: uuid.UUID) -> None:
    """Put files that were found to a step of a case; from now on they stay with it."""
    if not files:
        return
    case = opened.case
    last = select(func.coalesce(func.max(CaseAttachment.ordinal), 0)).where(
        CaseAttachment.tenant_id == case.tenant_id, CaseAttachment.case_id == case.id
    )
    first = (await work.session.scalar(last) or 0) + 1
    for ordinal, file in enumerate(files, start=first):
        content_type = file.content_type or ""
        file.expires_at = None
        work.session.add(
            CaseAttachment(
                tenant_id=case.tenant_id,
                id=file.id,
                street_id=case.street_id,
                district_id=case.district_id,
                case_id=case.id,
                step_id=step_id,
                ordinal=ordinal,
                file_name=f"{case.number}-{ordinal}.{EXTENSIONS[content_type]}",
                content_type=content_type,
                byte_size=file.byte_count,
            )
        )
    await work.session.flush()


async def check_may_resolve(work: TenantWork, *, case_id: uuid.UUID, note: str) -> None:
    """Go on only with who could resolve a case now, before anything is brought into its tenant for it.

    Raises CaseTextInvalid and what open_case raises.
    """
    await open_case(work, case_id=case_id, action="RESOLVE")
    check_text(note, limit=LONGEST_TEXT, field="input.note")


async def list_to_bring(
    work: TenantWork, file_ids: Sequence[uuid.UUID], *, sealer: TenantSealer, field: str
) -> list[FileHead]:
    """List files of the caller's own tenant that are to come along. Raises NotFound, TooManyAttachments."""
    return [head_of(file, sealer=sealer) for file in await find_uploads(work, file_ids, field=field)]


async def begin_to_bring(
    work: TenantWork, heads: Sequence[FileHead], *, case_id: uuid.UUID, sealer: TenantSealer
) -> list[uuid.UUID]:
    """Make room in a case's tenant for what its handler brings along. Raises what open_case raises."""
    await open_case(work, case_id=case_id, action="RESOLVE")
    # What the handler called it stays where it was; with the case it has another name.
    return [await add_file(work, purpose=CASE, name="attachment", sealer=sealer) for _ in heads]


async def name_for_reader(connection: AsyncConnection, grants: Grants, file_id: uuid.UUID) -> str | None:
    """Tell what a file is called for a caller who may read its case now, with fields; None for everybody else.

    The transaction entered the case's tenant, with the caller's grants there or none of its own. Raises StaleGrants.
    """
    deciding, is_served = grants.deciding, grants.served_from is not None
    if grants.tenant is None or deciding.tenant is None:
        return None
    found = (await connection.execute(case_of_file(grants.tenant.id, file_id))).first()
    if found is None:
        return None
    if is_served and await connection.scalar(version_of(deciding.tenant.id)) != deciding.tenant.grants_version:
        raise StaleGrants
    name: str = found.file_name
    return name if may_read_all(deciding, _standing(found), is_served=is_served) else None


def _standing(found: Row[tuple[object, ...]]) -> Standing:
    return Standing(
        status=found.status,
        where=Where(found.grid_id, found.building_id, found.estate_id),
        coordinator_body_id=found.coordinator_body_id,
        accountable_body_id=found.accountable_body_id,
        accountable_position_id=found.accountable_position_id,
        reporter_account_id=found.reporter_account_id,
        needs_call_back=found.needs_call_back,
        is_called_back=found.called_back_at is not None,
        is_left_out=found.is_left_out_of_rates,
        needs_verification=found.needs_verification,
        is_verified=found.verified_at is not None,
        handlers=frozenset(),
        shared_with=frozenset(found.shared_with or ()),
        tasked=frozenset(
            [
                *((found.accountable_body_id, post_id) for post_id in found.tasked_positions or ()),
                *((body_id, None) for body_id in found.tasked_bodies or ()),
            ]
        ),
    )
