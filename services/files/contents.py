"""What is in a file that belongs to a case, by its bytes and never by its name, and what of it is kept?"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson

from services.files import photo_sandbox as sandbox
from services.files.errors import FileKindRefused, PhotoBroken, PhotoTooLarge

JPEG, PNG, WEBP, HEIF, PDF = "image/jpeg", "image/png", "image/webp", "image/heif", "application/pdf"
# What a file of a kind is called. HEIF is kept as JPEG, which every browser shows.
EXTENSIONS = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf"}
_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIF: "HEIF"}
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_SECONDS = 60
# Photos worked on at once, each in a process of its own; others wait their turn.
_DARKROOM = ThreadPoolExecutor(max_workers=2, thread_name_prefix="photos")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a file: its media type, its content, of a photo a thumbnail."""

    content_type: str
    content: bytes
    thumbnail: bytes | None = None


def is_photo(content_type: str | None) -> bool:
    """Tell whether a media type is that of a photo."""
    return content_type in _FORMATS


def sniff(content: bytes) -> str:
    """Tell the media type of a content that is taken in. Raises FileKindRefused."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return HEIF
    if content.startswith(b"%PDF-"):
        return PDF
    raise FileKindRefused(field="file")


async def keep(content: bytes) -> Kept:
    """Take a file in: a photo as its pixels alone, a document as it is.

    Raises FileKindRefused, PhotoBroken, PhotoTooLarge.
    """
    kind = sniff(content)
    if kind == PDF:
        return Kept(PDF, content)
    return await asyncio.get_running_loop().run_in_executor(_DARKROOM, _develop, content, _FORMATS[kind])


def _develop(content: bytes, name: str) -> Kept:
    # -I: neither the environment nor the working directory decides what the process imports.
    command = [sys.executable, "-I", sandbox.__file__, name]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own file, no shell.
            command, input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_large() from None
    if done.returncode == 0:
        head, _, both = done.stdout.partition(b"\n")
        content_type, length = orjson.loads(head)
        return Kept(content_type, both[:length], both[length:])
    if done.returncode == sandbox.REFUSED and done.stderr == b"broken":
        raise PhotoBroken(field="file")
    # A signal: the limits of memory or processor time ended the process.
    raise _too_large()


def _too_large() -> PhotoTooLarge:
    return PhotoTooLarge(limit=sandbox.PIXEL_LIMIT // 1_000_000, field="file")
