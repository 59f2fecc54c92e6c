"""How is an answer put into bytes: data, refusals, faults?"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

import orjson
from strawberry.exceptions import StrawberryInputCoercionError

from tenants.errors import Forbidden, Refused, TenantRequired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphql import GraphQLError

    from schema.compiler.plan import PlannedRefusal

logger = logging.getLogger("jinlin")

_INTERNAL = {"zh": "内部错误，编号 {reference}", "en": "Internal error, reference {reference}"}


def refusal(refused: Refused, language: str, path: Sequence[str | int] | None = None) -> dict[str, Any]:
    """Write an expected no as a GraphQL error."""
    error: dict[str, Any] = {"message": refused.text(language), "extensions": {"code": refused.code}}
    if path is not None:
        error["path"] = list(path)
    return error


def planned_refusal(planned: PlannedRefusal, language: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
    """Write a field's refusal that was known when the operation was planned."""
    refused = TenantRequired() if planned.code == TenantRequired.code else Forbidden(permission=planned.permission)
    error = refusal(refused, language, (*prefix, *planned.path))
    error["extensions"]["field"] = ".".join((*prefix, planned.field))
    return error


def graphql_errors(errors: Iterable[GraphQLError], language: str) -> list[dict[str, Any]]:
    """Write GraphQL's own errors; anything unexpected is logged and masked by a reference."""
    return [_graphql_error(error, language) for error in errors]


def _graphql_error(error: GraphQLError, language: str) -> dict[str, Any]:
    original = error.original_error
    if isinstance(original, Refused):
        return refusal(original, language, error.path)
    is_told = isinstance(original, StrawberryInputCoercionError)
    if original is not None and not is_told and type(original).__module__.partition(".")[0] != "graphql":
        masked = fault(original, language)
        return {**masked, "path": list(error.path or ())}
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["message"] = formatted["message"][:500]
    formatted.setdefault("extensions", {"code": "BAD_REQUEST"})
    return formatted


def fault(error: BaseException, language: str) -> dict[str, Any]:
    """Log something unexpected and tell no more of it than a reference."""
    reference = uuid.uuid4().hex[:12]
    logger.error("fault %s", reference, exc_info=error)
    message = _INTERNAL[language].format(reference=reference)
    return {"message": message, "extensions": {"code": "INTERNAL", "reference": reference}}


def answer(data: bytes | None, errors: list[dict[str, Any]]) -> bytes:
    """Put an answer together around the data's own bytes."""
    if not errors:
        return b'{"data":' + (data or b"null") + b"}"
    return b'{"data":' + (data or b"null") + b',"errors":' + orjson.dumps(errors) + b"}"


def refused_request(errors: list[dict[str, Any]]) -> bytes:
    """Answer a request that was not executed at all: no data."""
    return orjson.dumps({"errors": errors})
