"""What does every change of a case answer with, and how is the case found that it is about?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

import strawberry

from schema.cases.types import CaseType
from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform_shared, written
from tenants.work import TenantWork


@strawberry.type(name="CasePayload")
class CasePayload(WrittenPayload):
    """The case as it is now, or why not."""

    case: CaseType | None = written("Case")


async def perform_on_case(
    info: GatewayInfo,
    case_id: strawberry.ID,
    command: Callable[[TenantWork, uuid.UUID], Awaitable[uuid.UUID]],
) -> CasePayload:
    """Run a command on a case of the tenant acted in, or on one that is shared with the caller."""
    return await perform_shared(info, CasePayload, named_case(case_id), command)


def named_case(case_id: str) -> GlobalIdValue | None:
    """Read the id of a case of any tenant; None for anything else."""
    found = decode_id(case_id)
    return found if found is not None and found.prefix == "cas" else None
