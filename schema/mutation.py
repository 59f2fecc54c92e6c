"""How does a mutation run? One command in one transaction; then its payload is read like any query."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import strawberry
from graphql.execution import Executor
from sqlalchemy.exc import DBAPIError

from schema.compiler.declare import METADATA_KEY, ById
from schema.compiler.faults import BAD_CHARACTER, BadText
from schema.compiler.values import decode_id
from schema.context import GatewayContext, GatewayInfo
from tenants.errors import NotFound, Refused, TenantGone, TenantUnknown
from tenants.renewing import renewing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenants.grants import Grants
    from tenants.sealing.values import TenantSealer
    from tenants.work import TenantWork

Payload = TypeVar("Payload", bound="WrittenPayload")
Done = TypeVar("Done")


@strawberry.type(
    name="UserError", description="An expected refusal: a stable code, a message in the caller's language."
)
class UserErrorType:
    """An expected refusal."""

    code: str
    message: str
    field: str | None = strawberry.field(description="The input field at fault, if it is one.")


@strawberry.type
class WrittenPayload:
    """Base of every payload: the object written, or why not."""

    errors: list[UserErrorType]
    row: strawberry.Private[uuid.UUID | None] = None
    type_name: strawberry.Private[str | None] = None


def written(*type_names: str, description: str | None = None) -> Any:
    """Declare the object that a mutation wrote: its selection is read after the commit; null when refused.

    Where it can be of several types, the payload's `type_name` says of which it is.
    """

    async def read_back(root: WrittenPayload, info: GatewayInfo) -> Any:
        return None if root.row is None else await _read_back(info, root.type_name or type_names[0], root.row)

    return strawberry.field(resolver=read_back, metadata={METADATA_KEY: ById(type_names)}, description=description)


async def _read_back(info: GatewayInfo, type_name: str, row: uuid.UUID) -> orjson.Fragment | None:
    context = info.context
    raw = info._raw_info  # noqa: SLF001 - the field's own nodes are nowhere else.
    grants = context.grants
    tenant_id = grants.tenant.id if grants.tenant else 0
    reader = context.gateway.reader
    plan = reader.row_plan(
        context.operation,
        list(raw.field_nodes),
        type_name,
        context.variables,
        grants,
        lambda _, __: tenant_id,
        lambda _, __: row,
    )
    path = [str(key) for key in raw.path.as_list()]
    context.refusals += [
        type(refused)(refused.code, (*path, *refused.path), ".".join((*path, refused.field)), refused.permission)
        for refused in plan.refusals
    ]

    async def read(held: Grants) -> bytes | None:
        return await reader.run(plan, context.variables, context.gateway.request(held, context.language))

    # The mutation itself may have changed what holds: read with the reach it had, under the tenant's newest version.
    found = await renewing(read, grants, lambda: context.gateway.identifier.under_newest_version(grants))
    return None if found is None else orjson.Fragment(found)


async def run_command(context: GatewayContext, command: Callable[[TenantWork], Awaitable[Done]]) -> Done:
    """Run a command in one transaction, with grants loaded anew while they are stale.

    Raises Refused.
    """

    async def run(grants: Grants) -> Done:
        async with context.gateway.workshop.work(grants) as work:
            return await command(work)

    try:
        return await renewing(run, context.grants, context.renew)
    except TenantGone as error:
        raise TenantUnknown from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == BAD_CHARACTER:
            raise BadText from error
        raise


async def perform(
    info: GatewayInfo, payload: type[Payload], command: Callable[[TenantWork], Awaitable[uuid.UUID | None]]
) -> Payload:
    """Run a command that gives the id of the row it wrote; a refusal becomes the payload's errors."""
    try:
        row = await run_command(info.context, command)
    except Refused as refused:
        return payload(errors=[user_error(refused, info.context.language)])
    return payload(errors=[], row=row)


async def perform_sealed(
    info: GatewayInfo,
    payload: type[Payload],
    command: Callable[[TenantWork, TenantSealer], Awaitable[uuid.UUID | None]],
) -> Payload:
    """Run a command that seals or opens personal data with the tenant's keys; else as `perform`."""
    try:
        sealer = await sealer_for(info.context)
    except Refused as refused:
        return payload(errors=[user_error(refused, info.context.language)])
    return await perform(info, payload, lambda work: command(work, sealer))


async def sealer_for(context: GatewayContext) -> TenantSealer:
    """Get the tenant's keys before the command's transaction opens.

    Raises TenantRequired, TenantSuspended, TenantUnknown, TryAgain.
    """
    gateway = context.gateway

    async def find(grants: Grants) -> TenantSealer:
        return await gateway.keyring.sealer(gateway.workshop, grants=grants)

    try:
        return await renewing(find, context.grants, context.renew)
    except TenantGone as error:
        raise TenantUnknown from error


def user_error(refused: Refused, language: str) -> UserErrorType:
    """Write a refusal as a payload's error."""
    return UserErrorType(code=refused.code, message=refused.text(language), field=refused.field)


PLACES = frozenset({"dst", "str", "com", "grd", "bld", "unt", "dwl", "est", "sit"})


def place_row_id(global_id: str, work: TenantWork) -> uuid.UUID:
    """Read the id of a place of the acting tenant. Raises NotFound."""
    found = decode_id(global_id)
    if found is None or found.prefix not in PLACES or found.tenant_id != work.tenant.id:
        raise NotFound(field="placeId")
    return found.row_id


def row_id(global_id: str, prefix: str, work: TenantWork) -> uuid.UUID:
    """Read the id of a row of the acting tenant.

    Raises NotFound, for another type and another tenant alike.
    """
    found = decode_id(global_id)
    if found is None or found.prefix != prefix or found.tenant_id != work.tenant.id:
        raise NotFound
    return found.row_id


class SplicingExecutor(Executor[Any]):
    """Lets a resolver answer with JSON that is already made."""

    def complete_value(self, return_type, field_details_list, info, path, result, position_context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Pass made JSON on as it is."""
        if type(result) is orjson.Fragment:
            return result
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)
