"""How does an uploaded file come out of a multipart form while the form is still coming in?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.files.errors import FileTooLarge
from services.files.rules import LARGEST_FILE, MIB
from tenants.errors import Refused

if TYPE_CHECKING:
    from starlette.types import Receive

# Of everything around the file: boundaries, headers, other fields.
_FRAME = 65_536


class UploadBroken(Refused):
    """A body that is not a form with one file in it, or not all of one."""

    code = "UPLOAD_BROKEN"
    zh = "上传有误：请用 multipart/form-data 提交一个名为 file 的文件"
    en = "The upload is broken: send one file, named file, as multipart/form-data"


@dataclass(slots=True)
class _Form:
    """Follows the parser through the form and keeps what belongs to the file."""

    name: str | None = None
    content: list[bytes] = field(default_factory=list)
    is_complete: bool = False
    file_count: int = 0
    _is_file: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""

    def on_part_begin(self) -> None:
        self._disposition, self._is_file = b"", False

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") == b"file" and b"filename" in options:
            self._is_file = True
            self.file_count += 1
            self.name = options[b"filename"].decode(errors="replace")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.content.append(data[start:end])

    def on_end(self) -> None:
        self.is_complete = True

    def take(self) -> list[bytes]:
        """Take what came of the file since the last time."""
        taken, self.content = self.content, []
        return taken


class UploadedForm:
    """A form on its way in."""

    def __init__(
        self, content_type: bytes, content_length: bytes | None, receive: Receive, *, largest: int = LARGEST_FILE
    ) -> None:
        """Take the request's headers, and how many bytes the file may have. Raises UploadBroken, FileTooLarge."""
        self._largest = largest
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise UploadBroken
        if content_length is not None and (not content_length.isdigit() or int(content_length) > largest + _FRAME):
            raise FileTooLarge(limit=largest // MIB, field="file")
        self._form = _Form()
        self._receive = receive
        self._size = 0
        self._has_more = True
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks())  # type: ignore[arg-type]
        except FormParserError as error:
            raise UploadBroken from error

    async def find_name(self) -> str:
        """Read on until the file begins, and tell its name. Raises UploadBroken, FileTooLarge."""
        while self._form.name is None and self._has_more:
            await self._feed()
        if self._form.name is None:
            raise UploadBroken
        return self._form.name

    async def content(self) -> AsyncIterator[bytes]:
        """Give the file's content as it comes. Raises UploadBroken, FileTooLarge."""
        while True:
            for part in self._form.take():
                yield part
            if not self._has_more:
                break
            await self._feed()
        if not self._form.is_complete or self._form.file_count != 1:
            raise UploadBroken

    async def _feed(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise UploadBroken
        body: bytes = message.get("body", b"")
        self._has_more = message.get("more_body", False)
        self._size += len(body)
        if self._size > self._largest + _FRAME:
            raise FileTooLarge(limit=self._largest // MIB, field="file")
        try:
            self._parser.write(body)
        except FormParserError as error:
            raise UploadBroken from error

    def _callbacks(self) -> dict[str, object]:
        names = (
            "on_part_begin",
            "on_header_field",
            "on_header_value",
            "on_header_end",
            "on_headers_finished",
            "on_part_data",
            "on_end",
        )
        return {name: getattr(self._form, name) for name in names}
