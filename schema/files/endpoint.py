"""How is a file uploaded and fetched over HTTP? POST /files, GET /files/{id}, with the same headers as GraphQL."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

import orjson

from schema.answers import fault, refusal, refused_request, unavailable
from schema.compiler.values import decode_id, encode_id
from schema.endpoint import Headers, read_headers
from schema.files.multipart import UploadedForm
from services.files.desk import FileDesk
from services.files.errors import FileTooLarge, TooManyFiles
from services.files.rules import Upload
from tenants.errors import (
    Forbidden,
    NotFound,
    Refused,
    TenantGone,
    TenantSuspended,
    TenantUnknown,
    TryAgain,
    Unauthenticated,
)
from tenants.outages import is_outage
from tenants.renewing import renewing

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from schema.context import Gateway
    from services.files.commands import FileHead
    from services.files.store import FileStore
    from tenants.grants import Grants
    from tenants.sealing.values import TenantSealer

PREFIX = "fil"
_JSON = (b"content-type", b"application/json; charset=utf-8")
_PRIVATE = (b"cache-control", b"no-store")
# Any other refusal is of what was sent: 400.
_STATUSES: dict[type[Refused], int] = {
    Unauthenticated: 401,
    TenantUnknown: 403,
    Forbidden: 403,
    TenantSuspended: 403,
    NotFound: 404,
    FileTooLarge: 413,
    TooManyFiles: 429,
    TryAgain: 503,
}


class FilesEndpoint:
    """The ASGI application behind /files."""

    def __init__(self, gateway: Gateway, store: FileStore) -> None:
        """Serve with the given parts."""
        self._gateway = gateway
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong, without telling more than a reference."""
        headers = read_headers(scope["headers"])
        answer = _Answer(send)
        try:
            await self._serve(scope, receive, headers, answer)
        except Exception as error:
            if answer.has_begun:
                # Cut off in the middle: the server closes the connection before the length that was promised.
                raise
            await answer.fail(error, headers.language)

    async def _serve(self, scope: Scope, receive: Receive, headers: Headers, answer: _Answer) -> None:
        is_root = scope["path"].rstrip("/").count("/") == 1
        allowed = "POST" if is_root else "GET"
        if scope["method"] != allowed:
            await answer.whole(405, b"", (b"allow", allowed.encode()))
            return
        headers.check()
        desk, sealer = await self._open_desk(headers)
        if is_root:
            await self._upload(scope, receive, desk, sealer, answer)
        else:
            await self._fetch(scope["path"], desk, sealer, answer)

    async def _open_desk(self, headers: Headers) -> tuple[FileDesk, TenantSealer]:
        gateway = self._gateway

        async def renew() -> Grants:
            return await gateway.renewed(headers.caller)

        async def find(grants: Grants) -> tuple[FileDesk, TenantSealer]:
            sealer = await gateway.keyring.sealer(gateway.workshop, grants=grants)
            return FileDesk(gateway.workshop, self._store, grants, renew), sealer

        return await renewing(find, await gateway.grants(headers.caller), renew)

    async def _upload(
        self, scope: Scope, receive: Receive, desk: FileDesk, sealer: TenantSealer, answer: _Answer
    ) -> None:
        raw = dict(scope["headers"])
        form = UploadedForm(raw.get(b"content-type", b""), raw.get(b"content-length"), receive)
        purpose = parse_qs(scope["query_string"].decode("latin-1")).get("purpose", ["ROSTER"])[0]
        upload = Upload(await form.find_name(), purpose)
        file_id = await desk.receive(upload, sealer=sealer, content=form.content())
        told = orjson.dumps({"id": encode_id(PREFIX, sealer.tenant_id, file_id)})
        await answer.whole(201, told)

    async def _fetch(self, path: str, desk: FileDesk, sealer: TenantSealer, answer: _Answer) -> None:
        file_id = _row_id(path.rpartition("/")[2], sealer.tenant_id)
        head = await desk.open(file_id, sealer=sealer)
        await answer.stream(_describe(head), desk.give(head, sealer=sealer))


class _Answer:
    """Sends one answer, whole or in parts."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def fail(self, error: Exception, language: str) -> None:
        refused = TenantUnknown() if isinstance(error, TenantGone) else error
        if is_outage(error):
            await self.whole(503, refused_request([unavailable(error, language)]))
            return
        if not isinstance(refused, Refused):
            await self.whole(500, refused_request([fault(error, language)]))
            return
        status = next((code for kind, code in _STATUSES.items() if isinstance(refused, kind)), 400)
        await self.whole(status, refused_request([refusal(refused, language)]))

    async def whole(self, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        await self._begin(status, [_JSON, _PRIVATE, (b"content-length", str(len(body)).encode()), *headers])
        await self._send({"type": "http.response.body", "body": body})

    async def stream(self, headers: list[tuple[bytes, bytes]], parts: AsyncIterator[bytes]) -> None:
        async for part in parts:
            # Not before the first part has been opened: until then it can still be refused.
            if not self.has_begun:
                await self._begin(200, headers)
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.has_begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})


def _describe(head: FileHead) -> list[tuple[bytes, bytes]]:
    # Always to be saved, never to be shown: what people upload does not run in our name.
    return [
        (b"content-type", b"application/octet-stream"),
        (b"content-length", str(head.byte_count).encode()),
        (b"content-disposition", f"attachment; filename*=UTF-8''{quote(head.name, safe='')}".encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"sandbox"),
        _PRIVATE,
    ]


def _row_id(global_id: str, tenant_id: int) -> uuid.UUID:
    found = decode_id(global_id)
    if found is None or found.prefix != PREFIX or found.tenant_id != tenant_id:
        raise NotFound
    return found.row_id
