"""What is kept of a file for a case? Of a photo its pixels, of a document all, of anything else nothing."""

from __future__ import annotations

import asyncio
import io
import os
import resource
import time
import zipfile
from collections.abc import Callable

import pytest

from services.files import photo_sandbox as sandbox
from services.files.contents import HEIF, JPEG, PDF, PNG, WEBP, Kept, keep, sniff
from services.files.errors import FileKindRefused, PhotoBroken, PhotoTooLarge
from tenants.errors import Refused
from tests.services.files.photos import SECRET, bomb, heic, is_red, jpeg, opened, picture, png, webp

# What must be nowhere in what is kept: texts, and the marks of what holds them.
_TRACES = (
    SECRET.encode(),
    SECRET.encode("utf-16-le"),
    b"Secret Camera",
    b"Exif",
    b"eXIf",
    b"EXIF",
    b"xmpmeta",
    b"XMP ",
    b"Photoshop",
    b"ICC_PROFILE",
    b"iCCP",
    b"tEXt",
    b"iTXt",
    b"zTXt",
)
_HTML = b"<html><script>alert(1)</script></html>"


def _markers(content: bytes) -> list[int]:
    """List the kinds of segment before a JPEG's pixels."""
    at, found = 2, []
    while content[at + 1] != 0xDA:
        found.append(content[at + 1])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return found


@pytest.mark.parametrize(
    ("make", "content_type"),
    [(jpeg, JPEG), (png, PNG), (webp, WEBP), (lambda: webp(is_exact=True), WEBP), (heic, JPEG)],
)
async def test_keeps_the_pixels_of_a_photo_and_nothing_else(make: Callable[[], bytes], content_type: str) -> None:
    given = make()
    assert b"Secret Camera" in given

    kept = await keep(given)

    assert kept.content_type == content_type
    assert kept.thumbnail is not None
    for content in (kept.content, kept.thumbnail):
        assert [trace for trace in _TRACES if trace in content] == []
        assert opened(content).size == (64, 48)
        assert (is_red(content, (5, 20)), is_red(content, (40, 20))) == (True, False)
        assert not opened(content).getexif()
    assert set(opened(kept.content).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}


async def test_leaves_only_what_a_jpeg_needs_to_be_decoded() -> None:
    kept = await keep(jpeg())

    # JFIF, tables of quantization, the frame, tables of Huffman; no comment, no application's segment.
    assert set(_markers(kept.content)) == {0xE0, 0xDB, 0xC0, 0xC4}
    assert kept.content.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(1, (64, 48), (5, 20)), (3, (64, 48), (58, 20)), (6, (48, 64), (20, 5)), (8, (48, 64), (20, 58))],
)
async def test_turns_a_photo_as_it_was_held(orientation: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    kept = await keep(jpeg(orientation=orientation))

    assert kept.thumbnail is not None
    for content in (kept.content, kept.thumbnail):
        assert opened(content).size == size
        assert is_red(content, red)


async def test_encodes_a_photo_as_finely_as_it_was() -> None:
    given = jpeg(quality=97, size=(320, 240))

    kept = await keep(given)

    assert opened(kept.content).quantization == opened(given).quantization  # type: ignore[attr-defined]
    pairs = zip(opened(kept.content).tobytes(), opened(given).tobytes(), strict=True)
    assert max(abs(one - other) for one, other in pairs) <= 4


async def test_makes_a_thumbnail_of_480_pixels_at_most() -> None:
    kept = await keep(jpeg(size=(1200, 900)))

    assert kept.thumbnail is not None
    assert opened(kept.thumbnail).size == (480, 360)
    assert opened(kept.thumbnail).format == "JPEG"


async def test_keeps_what_can_be_seen_through_of_a_png() -> None:
    clear = io.BytesIO()
    picture().quantize(4).save(clear, "PNG", transparency=0)

    kept = await keep(clear.getvalue())

    assert opened(kept.content).mode == "RGBA"
    assert kept.thumbnail is not None
    assert opened(kept.thumbnail).mode == "RGB"


async def test_keeps_a_document_as_it_is() -> None:
    document = b"%PDF-1.7\n" + os.urandom(500)

    assert await keep(document) == Kept(PDF, document)


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.jpg", jpeg())
    return out.getvalue()


def _animation() -> bytes:
    out = io.BytesIO()
    picture().save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        _archive(),
        _animation(),
        _HTML,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00" + bytes(100),
        b"\x00\x00\x00\x18ftypmp42" + bytes(100),
        b"\x00\x00\x00\x18ftypavif" + bytes(100),
        b"\xff\xd8",
        b" " + jpeg(),
        _HTML + jpeg(),
        bytes(10),
    ],
)
async def test_refuses_what_is_neither_photo_nor_document(content: bytes) -> None:
    with pytest.raises(FileKindRefused) as refused:
        await keep(content)

    assert "JPEG、PNG、WebP、HEIC" in refused.value.text("zh")
    assert "photos (JPEG, PNG, WebP, HEIC) or PDF" in refused.value.text("en")
    assert refused.value.field == "file"


def test_goes_by_the_bytes_alone() -> None:
    assert [sniff(made) for made in (jpeg(), png(), webp(), heic(), b"%PDF-1.4")] == [JPEG, PNG, WEBP, HEIF, PDF]


@pytest.mark.parametrize(
    "content",
    [
        jpeg()[:600],
        jpeg(size=(640, 480))[:-2000],
        png()[:200],
        webp()[:60],
        heic()[:500],
        b"\xff\xd8\xff" + _HTML,
        b"\x89PNG\r\n\x1a\n" + _HTML,
        b"RIFF\xff\xff\xff\xffWEBP" + _HTML,
        b"\x00\x00\x00\x18ftypheic" + _HTML,
    ],
)
async def test_refuses_a_photo_that_cannot_be_decoded_to_its_end(content: bytes) -> None:
    with pytest.raises(PhotoBroken):
        await keep(content)


@pytest.mark.parametrize("place", ["comment", "end"])
async def test_takes_a_page_out_of_a_photo_that_is_one_as_well(place: str) -> None:
    given = jpeg()
    segment = b"\xff\xfe" + (len(_HTML) + 2).to_bytes(2) + _HTML
    both = given + _HTML if place == "end" else given[:2] + segment + given[2:]

    kept = await keep(both)

    assert b"<script>" not in kept.content + (kept.thumbnail or b"")


async def test_refuses_a_photo_that_blows_up_without_taking_the_memory_for_it() -> None:
    small = bomb()
    assert len(small) < 200_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

    with pytest.raises(PhotoTooLarge) as refused:
        await keep(small)

    assert "50" in refused.value.text("zh")
    # In KiB: the largest of all children so far, each of which begins as a copy of this process.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, 400 * 1024)


async def test_refuses_a_photo_one_row_past_the_limit() -> None:
    with pytest.raises(PhotoTooLarge):
        await keep(bomb(8192, 6145))


async def test_works_within_limits_of_memory_and_time() -> None:
    # In a process of its own: the limits of this one stay as they are.
    before = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]

    await keep(jpeg())

    assert [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)] == before
    assert sandbox.MEMORY_BYTES <= 1024 * sandbox.MIB


async def test_lets_others_go_on_while_a_photo_is_worked_on() -> None:
    longest = 0.0

    async def go_on(work: asyncio.Task[Kept]) -> None:
        nonlocal longest
        while not work.done():
            begin = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - begin)

    work = asyncio.create_task(keep(jpeg(size=(4000, 3000))))
    await go_on(work)

    assert opened((await work).content).size == (4000, 3000)
    assert longest < 0.3


async def test_takes_several_photos_at_once() -> None:
    found = await asyncio.gather(*(keep(jpeg()) for _ in range(5)), return_exceptions=True)

    assert [each for each in found if isinstance(each, Refused)] == []
    assert {each.content for each in found if isinstance(each, Kept)} == {(await keep(jpeg())).content}
