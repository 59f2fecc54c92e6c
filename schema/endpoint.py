"""How does an HTTP request become an answer? POST /graphql, as GraphQL over HTTP has it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import OperationType

from schema.answers import answer, fault, graphql_errors, planned_refusal, refusal, refused_request, unavailable
from schema.body import BadBody, read_body
from schema.compiler.documents import InvalidRequest
from schema.context import Credentials, Gateway, GatewayContext
from schema.executing import introspect, merge, run_mutation
from schema.subscribing.errors import SubscribeOtherwise
from tenants.errors import Refused, StaleGrants, TenantGone, TenantUnknown, TryAgain, Unauthenticated
from tenants.outages import is_outage
from tenants.renewing import renewing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from schema.compiler.context import RequestContext
    from schema.compiler.documents import Operation
    from schema.compiler.plan import Plan
    from tenants.grants import Grants


_JSON = b"application/json; charset=utf-8"
_GRAPHQL_JSON = b"application/graphql-response+json; charset=utf-8"


# These are tuples, since one of each is made for every request and a frozen dataclass takes three times as long.
class Answer(NamedTuple):
    """A status and the bytes of a body."""

    status: int
    body: bytes


class Headers(NamedTuple):
    """The request headers that matter, as text."""

    caller: Credentials
    language: str
    content_type: str
    is_graphql_json: bool
    # Two callers or two tenants in one request: which one is meant is nobody's to guess.
    is_ambiguous: bool

    def check(self) -> None:
        """Go on only with one caller and one tenant. Raises BadBody."""
        if self.is_ambiguous:
            raise BadBody(reason="Authorization 或 X-Tenant 不止一个 / more than one Authorization or X-Tenant")


def read_headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    """Pick the headers that matter out of an ASGI scope."""
    found = dict(raw)
    return Headers(
        caller=Credentials(found.get(b"authorization"), found.get(b"x-tenant")),
        language="en" if found.get(b"accept-language", b"").lower().startswith(b"en") else "zh",
        content_type=_media_type(found.get(b"content-type", b"")),
        is_graphql_json=b"application/graphql-response+json" in found.get(b"accept", b""),
        is_ambiguous=len(found) < len(raw) and _is_ambiguous(raw),
    )


def _is_ambiguous(raw: list[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in raw]
    return names.count(b"authorization") > 1 or names.count(b"x-tenant") > 1


@lru_cache(maxsize=64)
def _media_type(header: bytes) -> str:
    return header.decode("latin-1").partition(";")[0].strip().lower()


class _Question(NamedTuple):
    """A query with its variables, as given and as coerced."""

    operation: Operation
    given: Mapping[str, Any]
    variables: dict[str, Any]
    language: str


class GraphQLEndpoint:
    """The ASGI application behind POST /graphql."""

    def __init__(self, gateway: Gateway) -> None:
        """Serve with the given parts."""
        self._gateway = gateway
        self._schema = gateway.reader.model.schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong, without telling more than a reference."""
        headers = read_headers(scope["headers"])
        try:
            found = await self._answer(scope, receive, headers)
        except Exception as error:  # noqa: BLE001 - the last place before the wire.
            if is_outage(error):
                found = Answer(503, refused_request([unavailable(error, headers.language)]))
            else:
                found = Answer(500, refused_request([fault(error, headers.language)]))
        kind = _GRAPHQL_JSON if headers.is_graphql_json else _JSON
        length = str(len(found.body)).encode()
        start = [(b"content-type", kind), (b"content-length", length), (b"cache-control", b"no-store")]
        if found.status == 405:  # noqa: PLR2004
            start.append((b"allow", b"POST"))
        elif found.status == 503:  # noqa: PLR2004
            start.append((b"retry-after", b"1"))
        await send({"type": "http.response.start", "status": found.status, "headers": start})
        await send({"type": "http.response.body", "body": found.body})

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers) -> Answer:
        language = headers.language
        try:
            headers.check()
            request = await read_body(scope["method"], headers.content_type, receive)
            grants = await self._gateway.grants(headers.caller)
            return Answer(200, await self._serve(request, headers.caller, grants, language))
        except BadBody as bad:
            return Answer(bad.status, refused_request([refusal(bad, language)]))
        except InvalidRequest as invalid:
            status = 400 if headers.is_graphql_json else 200
            return Answer(status, refused_request(graphql_errors(invalid.errors, language)))
        except Unauthenticated as refused:
            return Answer(401, refused_request([refusal(refused, language)]))
        except TryAgain as refused:
            return Answer(503, refused_request([refusal(refused, language)]))
        except TenantUnknown as refused:
            return Answer(403, refused_request([refusal(refused, language)]))
        except Refused as refused:
            status = 400 if headers.is_graphql_json else 200
            return Answer(status, refused_request([refusal(refused, language)]))

    async def execute(self, request: dict[str, Any], caller: Credentials, language: str) -> bytes:
        """Answer a query or a mutation that came by another way than POST. Raises InvalidRequest, Refused."""
        return await self._serve(request, caller, await self._gateway.grants(caller), language)

    async def _serve(self, request: dict[str, Any], caller: Credentials, grants: Grants, language: str) -> bytes:
        operation = self._gateway.reader.document(request["query"]).operation(request.get("operationName"))
        given = request.get("variables") or {}
        variables = operation.coerce(given)
        if operation.kind is OperationType.QUERY:
            question = _Question(operation, given, variables, language)
            return await self._query(question, caller, grants)
        if operation.kind is OperationType.SUBSCRIPTION:
            raise SubscribeOtherwise
        context = GatewayContext(self._gateway, caller, grants, language, operation, variables)
        return await run_mutation(self._schema, context, given)

    async def _query(self, question: _Question, caller: Credentials, grants: Grants) -> bytes:
        try:
            return await self._read(question, grants)
        except StaleGrants:
            renewed = await self._gateway.renewed(caller)
        return await renewing(lambda held: self._read(question, held), renewed, lambda: self._gateway.renewed(caller))

    async def _read(self, question: _Question, grants: Grants) -> bytes:
        gateway = self._gateway
        plan = gateway.reader.plan(question.operation, question.variables, grants)
        context = gateway.request(grants, question.language)
        try:
            if plan.audits:
                context = await self._searching(plan, context)
            data = await gateway.reader.run(plan, question.variables, context)
        except TenantGone as error:
            raise TenantUnknown from error
        errors: list[dict[str, Any]] = []
        if plan.introspection:
            about = introspect(self._schema, question.operation, plan, question.given)
            data = merge(plan.keys, data or b"{}", about.data)
            errors = graphql_errors(about.errors or (), question.language)
        if not plan.refusals:
            return answer(data, errors)
        return answer(data, errors + [planned_refusal(refused, question.language) for refused in plan.refusals])

    async def _searching(self, plan: Plan, context: RequestContext) -> RequestContext:
        index = await self._gateway.searches.opened(context.grants, plan.audits)
        return replace(context, blind_index=index)
