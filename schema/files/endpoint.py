"""How is a file uploaded and fetched over HTTP? POST /files, GET /files/{id}, with the same headers as GraphQL.

What is fetched for an image tag, which sends no headers, has a signed note of its caller in its address instead.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

import orjson

from schema.answers import fault, refusal, refused_request, unavailable
from schema.compiler.values import GlobalIdValue, decode_id, encode_id
from schema.endpoint import Headers, read_headers
from schema.files.entering import ByAccess, ByHeaders, Caller, Inside
from schema.files.multipart import UploadedForm
from services.cases.attaching import name_for_reader
from services.exports.commands import name_for_requester
from services.files.contents import is_photo
from services.files.desk import FileDesk
from services.files.errors import FileTooLarge, TooManyFiles
from services.files.rules import CASE, LARGEST_FILES, ROSTER, Upload, check_purpose
from tenants.entrance import entered
from tenants.errors import (
    Forbidden,
    NotFound,
    Refused,
    TenantGone,
    TenantRequired,
    TenantSuspended,
    TenantUnknown,
    TryAgain,
    Unauthenticated,
)
from tenants.outages import is_outage
from tenants.renewing import renewing

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection
    from starlette.types import Receive, Scope, Send

    from schema.context import Gateway
    from services.files.commands import FileHead
    from services.files.store import FileStore
    from tenants.grants import Grants
    from tenants.sealing.values import TenantSealer

PREFIX = "fil"
_JSON = (b"content-type", b"application/json; charset=utf-8")
_PRIVATE = (b"cache-control", b"no-store")
_THUMBNAIL = "thumbnail"
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
        asked = _Asked(parse_qs(scope["query_string"].decode("latin-1")))
        by_headers = ByHeaders(self._gateway, headers.caller)
        if is_root:
            desk, sealer = await self._open_desk(by_headers)
            await self._upload(scope, receive, asked, desk, sealer, answer)
        else:
            note = asked.value("access")
            caller = by_headers if note is None else ByAccess.read(self._gateway, note)
            await self._fetch(scope["path"], caller, asked, answer)

    async def _open_desk(self, caller: Caller) -> tuple[FileDesk, TenantSealer]:
        gateway = self._gateway

        async def find(grants: Grants) -> tuple[FileDesk, TenantSealer]:
            sealer = await gateway.keyring.sealer(gateway.workshop, grants=grants)
            return FileDesk(gateway.workshop, self._store, grants, caller.renewed, _name_behind_door), sealer

        return await renewing(find, await caller.grants(), caller.renewed)

    async def _upload(
        self, scope: Scope, receive: Receive, asked: _Asked, desk: FileDesk, sealer: TenantSealer, answer: _Answer
    ) -> None:
        raw = dict(scope["headers"])
        purpose = check_purpose(asked.value("purpose") or ROSTER)
        largest = LARGEST_FILES[purpose]
        form = UploadedForm(raw.get(b"content-type", b""), raw.get(b"content-length"), receive, largest=largest)
        upload = Upload(await form.find_name(), purpose)
        file_id = await desk.receive(upload, sealer=sealer, content=form.content())
        told = orjson.dumps({"id": encode_id(PREFIX, sealer.tenant_id, file_id)})
        await answer.whole(201, told)

    async def _fetch(self, path: str, caller: Caller, asked: _Asked, answer: _Answer) -> None:
        acting = await caller.grants()
        if acting.tenant is None:
            raise TenantRequired
        found = _file_id(path)
        if found.tenant_id != acting.tenant.id:
            caller = Inside(self._gateway, caller, found.tenant_id)
            await self._check_is_shared(caller, found.row_id)
        desk, sealer = await self._open_desk(caller)
        # The note in an address is for files of cases alone.
        head = await desk.open(found.row_id, sealer=sealer, is_of_case=asked.value("access") is not None)
        if asked.value("size") is None:
            await answer.stream(_describe(head), desk.give(head, sealer=sealer))
            return
        if asked.value("size") != _THUMBNAIL or head.thumbnail_byte_count is None:
            raise NotFound
        small = replace(head, content_type="image/jpeg", byte_count=head.thumbnail_byte_count)
        await answer.stream(_describe(small), desk.give_thumbnail(head, sealer=sealer))

    async def _check_is_shared(self, caller: Inside, file_id: uuid.UUID) -> None:
        """Go no further into another tenant, nor to its keys, than to ask whether the file is shown from there."""

        async def ask(grants: Grants) -> str | None:
            async with entered(self._gateway.workshop.engine, grants=grants) as connection:
                return await name_for_reader(connection, grants, file_id)

        try:
            name = await renewing(ask, await caller.grants(), caller.renewed)
        except TenantGone as error:
            raise NotFound from error
        if name is None:
            raise NotFound


async def _name_behind_door(connection: AsyncConnection, grants: Grants, file_id: uuid.UUID) -> str | None:
    """Tell what a file is called for whoever may read its case now, or had it exported; None for everybody else."""
    found = await name_for_reader(connection, grants, file_id)
    return found if found is not None else await name_for_requester(connection, grants, file_id)


class _Asked:
    """What the address says after its question mark; of what is said twice, the first."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values

    def value(self, name: str) -> str | None:
        return next(iter(self._values.get(name, ())), None)


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
    # To be saved, never to be shown: what people upload does not run in our name. But for photos, which are ours,
    # made anew from their pixels.
    manner = "inline" if is_photo(head.content_type) else "attachment"
    is_of_case = head.purpose == CASE
    return [
        (b"content-type", (head.content_type or "application/octet-stream").encode()),
        (b"content-length", str(head.byte_count).encode()),
        (b"content-disposition", f"{manner}; filename*=UTF-8''{quote(head.name, safe='')}".encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; sandbox" if is_of_case else b"sandbox"),
        # The address may hold the caller's note.
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"private, no-store") if is_of_case else _PRIVATE,
    ]


def _file_id(path: str) -> GlobalIdValue:
    found = decode_id(path.rpartition("/")[2])
    if found is None or found.prefix != PREFIX:
        raise NotFound
    return found
