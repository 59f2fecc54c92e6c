"""How do files named in a mutation come to a case, also from the tenant of whoever handles it by a share?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayContext
from schema.mutation import run_command, sealer_for
from services.cases.attaching import begin_to_bring, check_may_resolve, list_to_bring
from services.files.commands import delete_file
from services.files.copying import Side, copy_file
from tenants.errors import NotFound, Refused, StaleGrants, TenantGone, TenantUnknown
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

Done = TypeVar("Done")
_FIELD = "input.attachmentIds"


def file_ids(given: Sequence[str] | None, *, tenant_id: int, field: str) -> tuple[uuid.UUID, ...]:
    """Read ids of files that lie in a tenant. Raises NotFound, for any other alike."""
    return tuple(_file_id(each, tenant_id, field) for each in given or ())


def _file_id(given: str, tenant_id: int, field: str) -> uuid.UUID:
    found = decode_id(given)
    if found is None or found.prefix != "fil" or found.tenant_id != tenant_id:
        raise NotFound(field=field)
    return found.row_id


def acting_id(context: GatewayContext) -> int | None:
    """Tell the tenant acted in."""
    return context.grants.tenant.id if context.grants.tenant else None


@dataclass(frozen=True, slots=True)
class _In:
    """Does something in one tenant, each time in a transaction of its own."""

    context: GatewayContext
    tenant_id: int

    async def __call__(self, step: Callable[[TenantWork], Awaitable[Done]], /) -> Done:
        return await run_command(self.context, step, tenant_id=self.tenant_id)


@dataclass(frozen=True, slots=True)
class Brought:
    """Files of the handler's own tenant, copied to where the case is and not with it yet."""

    file_ids: tuple[uuid.UUID, ...]
    # What they were copied from.
    left: tuple[uuid.UUID, ...]


async def bring(context: GatewayContext, case: GlobalIdValue, given: Sequence[str], *, note: str) -> Brought:
    """Copy what a handler uploaded in his own tenant into the tenant of a case that is shared with him.

    Raises what resolving the case would raise.
    """
    acting = acting_id(context) or 0
    here, there = _In(context, acting), _In(context, case.tenant_id)
    # Asked before anything else is done in another tenant.
    await there(lambda work: check_may_resolve(work, case_id=case.row_id, note=note))
    named = file_ids(given, tenant_id=acting, field=_FIELD)
    sealer = await sealer_for(context)
    heads = await here(lambda work: list_to_bring(work, named, sealer=sealer, field=_FIELD))
    theirs = await _sealer_there(context, case.tenant_id)
    made = await there(lambda work: begin_to_bring(work, heads, case_id=case.row_id, sealer=theirs))
    for head, file_id in zip(heads, made, strict=True):
        await copy_file(
            head, file_id, source=Side(here, sealer), target=Side(there, theirs), store=context.gateway.files
        )
    return Brought(tuple(made), tuple(head.id for head in heads))


async def leave_none_behind(context: GatewayContext, brought: Brought) -> None:
    """Delete what was brought to a case where it was uploaded: it is with the case now.

    The case is resolved already: what cannot be deleted just now expires like any upload.
    """

    async def forget(work: TenantWork) -> None:
        for file_id in brought.left:
            await delete_file(work, file_id=file_id)

    with suppress(Refused, DBAPIError, OSError):
        await _In(context, acting_id(context) or 0)(forget)


async def _sealer_there(context: GatewayContext, tenant_id: int) -> TenantSealer:
    gateway = context.gateway
    for attempt in (1, 2):
        try:
            inside = await gateway.identifier.inside(context.grants, tenant_id)
            return await gateway.keyring.sealer(gateway.workshop, grants=inside)
        except TenantGone as error:
            raise TenantUnknown from error
        except StaleGrants:
            # Its version changed between the two.
            if attempt == 2:  # noqa: PLR2004 - once more is enough.
                raise
    raise AssertionError
