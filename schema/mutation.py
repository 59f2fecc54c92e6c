"""How does a mutation run? One command in one transaction; then its payload is read like any query."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

import orjson
import strawberry
from graphql.execution import Executor
from sqlalchemy.exc import DBAPIError

from schema.compiler.declare import METADATA_KEY, ById
from schema.compiler.faults import BAD_CHARACTER, BadText
from schema.compiler.reading import of_row
from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayContext, GatewayInfo
from tenants.errors import Forbidden, NotFound, Refused, TenantGone, TenantUnknown, TryAgain
from tenants.idempotency.errors import IdempotencyKeyReused
from tenants.idempotency.keys import Answer, Call, check_key, find_answer, keep_answer, take_key
from tenants.renewing import renewing
from tenants.work import utc_now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenants.grants import Grants
    from tenants.sealing.values import TenantSealer
    from tenants.work import TenantWork

Payload = TypeVar("Payload", bound="WrittenPayload")
Done = TypeVar("Done")
# Stored instants have milliseconds: what ended in the command ended after it began.
_BEFORE = timedelta(milliseconds=5)


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
    # Whose the row is; without it, the acting tenant's.
    tenant_id: strawberry.Private[int | None] = None
    # Since when the caller's reach counts, where it may have ended with the command.
    began_at: strawberry.Private[datetime | None] = None

    @classmethod
    def of(cls, answer: Answer, language: str) -> Self:
        """Answer with a row, or with why there is none."""
        refusal = answer.refusal
        return cls(
            errors=[] if refusal is None else [user_error(refusal, language)],
            row=answer.row_id,
            tenant_id=answer.row_tenant_id,
        )


def written(*type_names: str) -> Any:
    """Declare the object that a mutation wrote: its selection is read after the commit; null when refused.

    Where it can be of several types, the payload's `type_name` says of which it is.
    """

    async def read_back(root: WrittenPayload, info: GatewayInfo) -> Any:
        return await _read_back(info, root.type_name or type_names[0], root)

    return strawberry.field(resolver=read_back, metadata={METADATA_KEY: ById(type_names)})


async def _read_back(info: GatewayInfo, type_name: str, payload: WrittenPayload) -> orjson.Fragment | None:
    if payload.row is None:
        return None
    context = info.context
    raw = info._raw_info  # noqa: SLF001 - the field's own nodes are nowhere else.
    grants = context.grants
    tenant_id = payload.tenant_id or (grants.tenant.id if grants.tenant else 0)
    reader = context.gateway.reader
    plan = reader.row_plan(context.operation, list(raw.field_nodes), type_name, context.variables, grants)
    variables = of_row(context.variables, tenant_id=tenant_id, row_id=payload.row)
    path = [str(key) for key in raw.path.as_list()]
    context.refusals += [
        type(refused)(refused.code, (*path, *refused.path), ".".join((*path, refused.field)), refused.permission)
        for refused in plan.refusals
    ]

    async def read(held: Grants) -> bytes | None:
        request = context.gateway.request(held, context.language, payload.began_at)
        return await reader.run(plan, variables, request)

    # The mutation itself may have changed what holds: read with the reach it had, under the tenant's newest version.
    found = await renewing(read, grants, lambda: context.gateway.identifier.under_newest_version(grants))
    return None if found is None else orjson.Fragment(found)


async def run_command(
    context: GatewayContext, command: Callable[[TenantWork], Awaitable[Done]], *, tenant_id: int | None = None
) -> Done:
    """Run a command in one transaction, with grants loaded anew while they are stale.

    In another tenant than the one acted in, what is shared from there is all that it reaches. Raises Refused.
    """

    async def run(grants: Grants) -> Done:
        async with context.gateway.workshop.work(await _grants_in(context, grants, tenant_id)) as work:
            return await command(work)

    try:
        return await renewing(run, context.grants, context.renew)
    except TenantGone as error:
        raise TenantUnknown from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == BAD_CHARACTER:
            raise BadText from error
        raise


async def _grants_in(context: GatewayContext, grants: Grants, tenant_id: int | None) -> Grants:
    if grants.tenant is None or tenant_id in (None, grants.tenant.id):
        return grants
    return await context.gateway.identifier.inside(grants, tenant_id or 0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a mutation: its command runs once, however often the call comes under one key."""

    context: GatewayContext
    call: Call | None
    # Where the command runs, if not in the tenant acted in.
    tenant_id: int | None = None

    async def earlier(self) -> Answer | None:
        """Find what the call was answered before, for a mutation that would do much before its command.

        Raises Refused.
        """
        call = self.call
        if call is None:
            return None
        return await run_command(self.context, lambda work: find_answer(work, call=call), tenant_id=self.tenant_id)

    async def run(self, command: Callable[[TenantWork], Awaitable[Answer]]) -> Answer:
        """Run a command in one transaction, or give what the call was answered before.

        Raises Refused.
        """
        call = self.call
        if call is None:
            return await run_command(self.context, command, tenant_id=self.tenant_id)

        async def run_once(work: TenantWork) -> Answer:
            earlier = await take_key(work, call=call)
            if earlier is not None:
                return earlier
            answer = await command(work)
            await keep_answer(work, call=call, answer=answer)
            return answer

        return await run_command(self.context, run_once, tenant_id=self.tenant_id)


async def answer_once(
    context: GatewayContext, run: Callable[[Attempt], Awaitable[Answer]], *, tenant_id: int | None = None
) -> Answer:
    """Answer a call, and keep the refusal that it may end in, if it came with a key."""
    attempt = Attempt(context, None, tenant_id)
    try:
        attempt = Attempt(context, await _call(context), tenant_id)
        return await run(attempt)
    except (IdempotencyKeyReused, TryAgain) as refused:
        # Whoever tries again as told must not be answered with what is no longer so.
        return Answer(refusal=refused)
    except Refused as refused:
        answer = Answer(refusal=refused)
    # Nothing is written into a tenant that shares nothing with the caller, and be it only that it does not.
    is_outside = tenant_id is not None and isinstance(answer.refusal, NotFound | Forbidden | TenantUnknown)
    return answer if attempt.call is None or is_outside else await _kept(attempt, answer)


async def _kept(attempt: Attempt, refused: Answer) -> Answer:
    """Keep a refusal, whose transaction was rolled back; or give what another call was answered meanwhile."""

    async def refuse(_: TenantWork) -> Answer:
        return refused

    try:
        return await attempt.run(refuse)
    except IdempotencyKeyReused as reused:
        return Answer(refusal=reused)
    except Refused:
        # Who cannot enter the tenant has no keys there either.
        return refused


async def run_each_time(
    context: GatewayContext, command: Callable[[TenantWork], Awaitable[Done]], *, tenant_id: int | None = None
) -> Done:
    """Run a command whose outcome must not be kept: a key holds it to one input, and nothing is repeated.

    Raises Refused.
    """
    call = await _call(context)
    if call is None:
        return await run_command(context, command, tenant_id=tenant_id)

    async def run_keyed(work: TenantWork) -> Done:
        await take_key(work, call=call)
        return await command(work)

    try:
        return await run_command(context, run_keyed, tenant_id=tenant_id)
    except Refused:
        if tenant_id is None:
            await run_command(context, lambda work: take_key(work, call=call))
        raise


async def _call(context: GatewayContext) -> Call | None:
    """Tell the call that came with a key.

    Raises IdempotencyKeyInvalid, and Refused where no key can be kept.
    """
    given = context.keyed
    if given is None:
        return None
    check_key(given.key)
    digest = (await sealer_for(context)).lasting_digest("idempotency")
    return Call(given.mutation, given.key, digest.of(given.input))


async def perform(
    info: GatewayInfo, payload: type[Payload], command: Callable[[TenantWork], Awaitable[uuid.UUID | None]]
) -> Payload:
    """Run a command that gives the id of the row it wrote; a refusal becomes the payload's errors."""

    async def write(work: TenantWork) -> Answer:
        return Answer(await command(work), row_tenant_id=work.tenant.id)

    context = info.context
    return payload.of(await answer_once(context, lambda attempt: attempt.run(write)), context.language)


async def perform_shared(
    info: GatewayInfo,
    payload: type[Payload],
    named: GlobalIdValue | None,
    command: Callable[[TenantWork, uuid.UUID], Awaitable[uuid.UUID]],
    *,
    before: Callable[[], Awaitable[None]] | None = None,
) -> Payload:
    """Run a command on a row of the tenant acted in, or of one that shares it with the caller; else as `perform`.

    What is to be done before it, in transactions of its own, is not done again for a call answered before. The payload
    is read with the reach that the caller had when the command began, even when that ended with it.
    """
    context, began_at = info.context, utc_now() - _BEFORE
    reached = named if named is not None and _may_be_shared(context.grants, named.tenant_id) else None
    elsewhere = tenant_elsewhere(context.grants, named)

    async def write(work: TenantWork) -> Answer:
        if reached is None:
            raise NotFound
        return Answer(await command(work, reached.row_id), row_tenant_id=work.tenant.id)

    async def run(attempt: Attempt) -> Answer:
        if before is not None:
            earlier = await attempt.earlier()
            if earlier is not None:
                return earlier
            await before()
        return await attempt.run(write)

    answer = await answer_once(context, run, tenant_id=elsewhere)
    if elsewhere is not None and isinstance(answer.refusal, TenantUnknown):
        answer = Answer(refusal=NotFound())
    found = payload.of(answer, context.language)
    found.began_at = began_at
    return found


def tenant_elsewhere(grants: Grants, named: GlobalIdValue | None) -> int | None:
    """Tell in which other tenant than the one acted in a row lies that may be shared with the caller."""
    if named is None or grants.tenant is None or grants.tenant.id == named.tenant_id:
        return None
    return named.tenant_id if _may_be_shared(grants, named.tenant_id) else None


def _may_be_shared(grants: Grants, tenant_id: int) -> bool:
    """Tell whether the tenant is the one acted in, or anything of another one could be shared with the caller."""
    if grants.tenant is None:
        return False
    return grants.tenant.id == tenant_id or any(grant.tenants == "served" for grant in grants.grants)


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


async def sealer_for(context: GatewayContext, *, tenant_id: int | None = None) -> TenantSealer:
    """Get the keys of the tenant acted in, or of one that shares something, before the command's transaction opens.

    Raises TenantRequired, TenantSuspended, TenantUnknown, TryAgain.
    """
    gateway = context.gateway

    async def find(grants: Grants) -> TenantSealer:
        inside = await _grants_in(context, grants, tenant_id)
        return await gateway.keyring.sealer(gateway.workshop, grants=inside)

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
