"""Is a request's body one that can be served?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tenants.errors import Refused

if TYPE_CHECKING:
    from starlette.types import Receive

MAX_BODY = 1_048_576


class BadBody(Refused):
    """A request that is not one of GraphQL over HTTP."""

    code = "BAD_REQUEST"
    status = 400
    zh = "请求格式有误：{reason}"
    en = "Bad request: {reason}"


class WrongMethod(BadBody):
    """Anything but POST."""

    status = 405
    zh = "请用 POST 提交 GraphQL 请求"
    en = "Send GraphQL requests by POST"


class WrongContentType(BadBody):
    """Anything but JSON."""

    status = 415
    zh = "请求的 Content-Type 应为 application/json"
    en = "The request's Content-Type must be application/json"


class BodyTooLarge(BadBody):
    """More than anybody's query needs."""

    code = "BODY_TOO_LARGE"
    status = 413
    zh = "请求过大：上限为 1 MiB。文件请用 POST /files 上传"
    en = "The request is too large: the limit is 1 MiB. Upload files by POST /files"


class NotJSON(BadBody):
    """A body that cannot be read at all."""

    zh = "请求体不是有效的 JSON"
    en = "The body is not valid JSON"


async def read_body(method: str, content_type: str, receive: Receive) -> dict[str, Any]:
    """Read a GraphQL request: a mapping with `query`, perhaps `variables` and `operationName`.

    Raises BadBody.
    """
    if method != "POST":
        raise WrongMethod(reason=method)
    if content_type not in ("application/json", "application/graphql-response+json"):
        raise WrongContentType(reason=content_type)
    raw = await _read_bytes(receive)
    try:
        request = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise NotJSON from error
    return checked(request)


async def _read_bytes(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadBody(reason="disconnect")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise BodyTooLarge
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def checked(request: Any) -> dict[str, Any]:
    """Go on only with what may be a GraphQL request. Raises BadBody."""
    if not isinstance(request, dict):
        raise BadBody(reason="一个请求应为一个 JSON 对象 / one request is one JSON object")
    if not isinstance(request.get("query"), str):
        raise BadBody(reason="query 应为文本 / query must be text")
    for name, kinds in (("variables", dict), ("extensions", dict), ("operationName", str)):
        value = request.get(name)
        if value is not None and not isinstance(value, kinds):
            raise BadBody(reason=f"{name} 类型不对 / {name} has the wrong type")
    return request
