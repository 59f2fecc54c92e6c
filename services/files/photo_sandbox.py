"""What does a photo show, and nothing else? Run as a process of its own, so that a hostile file harms itself alone.

The name of the format is the argument, the photo comes in by stdin. By stdout go a line of JSON (media type, length of
the photo) and then the photo and a thumbnail (JPEG). Both are encoded anew from the pixels, turned as the camera says,
in sRGB: where and by whom it was taken, and whatever else was in the file, is not taken over, so nothing has to be
found to be left out. A refusal is exit code 3 and one word on stderr. This file is started by its path and imports
nothing of ours.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from PIL.Image import Image

MIB = 1 << 20
MEMORY_BYTES = 1024 * MIB
CPU_SECONDS = 20
# A photo of 8192 × 6144, the largest that phones take without a special mode.
PIXEL_LIMIT = 8192 * 6144
THUMBNAIL_SIDE = 480
REFUSED = 3
# In case of doubt requests go first.
_NICE = 5
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_CLEAR = frozenset({"LA", "PA", "RGBA"})


def refuse(word: str) -> NoReturn:
    """End the process with one word for the parent."""
    sys.stderr.write(word)
    sys.exit(REFUSED)


def develop(content: bytes, kind: str) -> tuple[str, bytes, bytes]:
    """Make the photo and its thumbnail anew from the pixels; tell the photo's media type."""
    # Imported here, under the limits.
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if kind == "HEIF":
        import pi_heif  # noqa: PLC0415

        pi_heif.register_heif_opener()
    photo: Image.Image = Image.open(io.BytesIO(content), formats=[kind])
    if photo.width * photo.height > PIXEL_LIMIT:
        refuse("pixels")
    photo.load()
    made_as = "JPEG" if kind == "HEIF" else kind
    settings = _settings(photo, made_as, content)
    ImageOps.exif_transpose(photo, in_place=True)
    photo = _in_srgb(photo, keeps_clear=made_as != "JPEG")
    # What Pillow would take over by itself: comments, profiles, texts.
    photo.info.clear()
    made = _encoded(photo, made_as, settings)
    photo.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _MEDIA_TYPES[made_as], made, _encoded(_on_white(photo), "JPEG", {"quality": 80})


def _settings(photo: Image, made_as: str, content: bytes) -> dict[str, Any]:
    """Choose how to encode, losing as little as can be: a JPEG with the tables that it was made with."""
    if made_as == "PNG":
        return {"compress_level": 4}
    if made_as == "WEBP":
        is_exact = b"VP8L" in content[:64]
        return {"lossless": True, "quality": 20, "method": 1} if is_exact else {"quality": 90, "method": 2}
    tables = getattr(photo, "quantization", None)
    if not tables or photo.mode not in ("L", "RGB"):
        return {"quality": 92}
    from PIL import JpegImagePlugin  # noqa: PLC0415

    return {"qtables": tables, "subsampling": JpegImagePlugin.get_sampling(photo)}


def _in_srgb(photo: Image, *, keeps_clear: bool) -> Image:
    """Give the colours as every screen takes them to be, since the profile that says otherwise is left out."""
    profile = photo.info.get("icc_profile")
    is_clear = photo.mode in _CLEAR or "transparency" in photo.info
    if is_clear:
        photo = photo.convert("RGBA") if keeps_clear else _on_white(photo.convert("RGBA"))
    if profile and photo.mode in ("RGB", "RGBA", "CMYK"):
        from PIL import ImageCms  # noqa: PLC0415

        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if photo.mode == "CMYK" or "sRGB" not in ImageCms.getProfileDescription(given):
                mode = photo.mode if photo.mode == "RGBA" else "RGB"
                wanted = ImageCms.createProfile("sRGB")
                photo = ImageCms.profileToProfile(photo, given, wanted, outputMode=mode) or photo
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A profile that cannot be read says nothing.
            pass
    if photo.mode in ("L", "RGB", "RGBA"):
        return photo
    return photo.convert("L" if photo.mode == "1" else "RGB")


def _on_white(photo: Image) -> Image:
    from PIL import Image  # noqa: PLC0415

    if photo.mode not in _CLEAR:
        return photo
    white = Image.new("RGB", photo.size, "white")
    white.paste(photo, mask=photo.getchannel("A"))
    return white


def _encoded(photo: Image, made_as: str, settings: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    photo.save(out, made_as, **settings)
    return out.getvalue()


def main() -> None:
    """Read a photo from stdin under limits of memory and processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICE)
    try:
        media_type, photo, thumbnail = develop(sys.stdin.buffer.read(), sys.argv[1])
    except MemoryError:
        refuse("pixels")
    except Exception as error:  # noqa: BLE001 - whatever a decoder says of what it was given.
        refuse("pixels" if "DecompressionBomb" in type(error).__name__ else "broken")
    sys.stdout.buffer.write(json.dumps([media_type, len(photo)]).encode() + b"\n" + photo + thumbnail)


if __name__ == "__main__":
    main()
