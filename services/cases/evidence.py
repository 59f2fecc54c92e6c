"""Does whoever settles a case show it, where the category asks for that?"""

from __future__ import annotations

from collections.abc import Sequence

from services.cases.errors import EvidenceRequired
from services.cases.tables import Case
from services.categories.queries import asks_evidence
from services.files.tables import StoredFile
from tenants.work import TenantWork


async def check_evidence(work: TenantWork, case: Case, files: Sequence[StoredFile], *, field: str) -> None:
    """Go on only with a photo or file of what was done, where the case's category asks for it.

    Raises EvidenceRequired.
    """
    if not files:
        is_required = await work.session.scalar(asks_evidence(case.tenant_id, case.category_id))
        check_shown(files, is_required=bool(is_required), field=field)


def check_shown(files: Sequence[StoredFile], *, is_required: bool, field: str) -> None:
    """Go on only with a photo or file, if one is required. Raises EvidenceRequired."""
    if is_required and not files:
        raise EvidenceRequired(field=field)
