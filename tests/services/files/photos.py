"""How does a test come by photos as phones take them, with all that they tell of their owner?"""

from __future__ import annotations

import base64
import io
import struct
import zlib

from PIL import Image, PngImagePlugin

SECRET = "家住1号楼张三"
# A city's latitude and longitude, as a camera writes them.
_NORTH, _EAST = (26.0, 5.0, 12.5), (119.0, 17.0, 48.25)
# A photo of 64 × 48 with a red strip at the left, and with a camera's name and a position in its EXIF.
_HEIC = """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAA
AAAERAAAIAAQAAAAAB4gABAAAAAAAAACYAAgAAAAACCAABAAAAAAAAAIAAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVp
bmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGE
ABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkA
AAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEH
BpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAArm1kYXQAAAAiKAGvGYD3hIU3
/9+Pv9Zhf4kJ+WfaqDrd+v8dLdv+f5MZgAAAAAZFeGlmAABNTQAqAAAACAADAQ8AAgAAAA4AAAAyARIAAwAAAAEAAQAAiCUABAAAAAEAAABAAA
AAAFNlY3JldCBDYW1lcmEAAAIAAQACAAAAAk4AAAAAAgAFAAAAAwAAAF4AAAAAAAAAGgAAAAEAAAAFAAAAAQAAAAAAAAAB
"""


def exif(*, orientation: int = 1) -> bytes:
    """Make EXIF with a position, a camera, an owner and a thumbnail of its own."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F] = "Secret Camera"
    made[0x013B] = SECRET
    position = made.get_ifd(0x8825)
    position.update({1: "N", 2: _NORTH, 3: "E", 4: _EAST})
    return made.tobytes()


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Make a white picture with a red strip at its left."""
    made = Image.new("RGB", (width, height), "white")
    made.paste((200, 20, 20), (0, 0, width // 4, height))
    return made.convert(mode)


def jpeg(*, orientation: int = 1, size: tuple[int, int] = (64, 48), quality: int = 90) -> bytes:
    """Make a JPEG with EXIF, XMP, a comment and a profile."""
    out = io.BytesIO()
    xmp = f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()
    given = {"exif": exif(orientation=orientation), "xmp": xmp, "comment": SECRET.encode()}
    picture(*size).save(out, "JPEG", quality=quality, subsampling=0, **given)
    iptc = b"Photoshop 3.0\0" + SECRET.encode()
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return out.getvalue()[:2] + segment + out.getvalue()[2:] + SECRET.encode()


def png(*, mode: str = "RGBA") -> bytes:
    """Make a PNG with texts, compressed ones among them, and EXIF."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Secret Camera")
    texts.add_itxt("Comment", SECRET, zip=True)
    out = io.BytesIO()
    picture(mode=mode).save(out, "PNG", pnginfo=texts, exif=exif())
    return out.getvalue()


def webp(*, is_exact: bool = False) -> bytes:
    """Make a WebP with EXIF and XMP."""
    out = io.BytesIO()
    picture().save(out, "WEBP", lossless=is_exact, exif=exif(), xmp=f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode())
    return out.getvalue()


def heic() -> bytes:
    """Give a photo as iPhones take them."""
    return base64.b64decode(_HEIC)


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Make a small PNG that says it has many pixels, and has them."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def opened(content: bytes) -> Image.Image:
    """Open a photo."""
    return Image.open(io.BytesIO(content))


def is_red(content: bytes, at: tuple[int, int]) -> bool:
    """Tell whether a photo is red at a point."""
    red, green, _ = opened(content).convert("RGB").getpixel(at)  # type: ignore[misc]
    return red > 120 > green
