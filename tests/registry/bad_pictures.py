"""Small files that must be refused, or that must come out right, made on the spot; by name."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from registry.conformance.sample_inputs import small_picture


def refused_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Name → (file, part of the sentence that must refuse it)."""
    plain = Image.fromarray(small_picture(64, 48))
    frames = [plain, Image.fromarray(small_picture(64, 48, seed=5))]
    moving = "animation of 2 frames"
    contents = {
        "190 megapixels": (_huge_png(), "megapixels"),
        "52 megapixels": (_png_bytes(Image.new("1", (7400, 7000))), "has far more than 50 megapixels"),
        "truncated jpeg": (_encoded(plain, "JPEG", quality=95)[:-900], "is damaged"),
        "truncated png": (_png_bytes(plain)[:-60], "is damaged"),
        "animated gif": (_encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), moving),
        "animated webp": (
            _encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
            moving,
        ),
        "one pixel": (_png_bytes(plain.crop((0, 0, 1, 1))), "is only 1 × 1 pixels"),
        "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG drawing"),
        "html renamed": (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page"),
        "empty": (b"", "is an empty file"),
        "text": (b"just some words", "is not a picture"),
        "pdf": (b"%PDF-1.7\n1 0 obj", "is not a picture"),
    }
    found = {}
    for name, (content, why) in contents.items():
        path = folder / f"{name.replace(' ', '_')}.png"
        path.write_bytes(content)
        found[name] = (path, why)
    found["missing"] = (folder / "nowhere.png", "no such file: nowhere.png")
    found["a folder"] = (folder, "is a folder")
    return found


def unusual_files(folder: Path) -> dict[str, tuple[Path, np.ndarray]]:
    """Name → (file, the RGB pixels that must come out; lossy ones are compared roughly)."""
    pixels = small_picture(64, 48)
    plain = Image.fromarray(pixels)
    grey = np.asarray(plain.convert("L"))
    exif = Image.Exif()
    exif[0x0112] = 6  # must be turned by 90° clockwise
    clear = plain.convert("RGBA")
    clear.putalpha(Image.fromarray(np.where(np.arange(64) < 32, 255, 0).astype(np.uint8)[None].repeat(48, 0)))
    on_white = pixels.copy()
    on_white[:, 32:] = 255
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    files = {
        "cmyk.jpg": (_encoded(plain.convert("CMYK"), "JPEG", quality=100, subsampling=0), pixels),
        "cmyk.tiff": (_encoded(plain.convert("CMYK"), "TIFF"), pixels),
        "16-bit.png": (_png_bytes(deep), np.repeat(grey[..., None], 3, axis=2)),
        "rotated.jpg": (_encoded(plain, "JPEG", quality=100, subsampling=0, exif=exif), np.rot90(pixels, -1)),
        "rotated.png": (_encoded(plain, "PNG", exif=exif), np.rot90(pixels, -1)),
        "rgba.png": (_png_bytes(clear), on_white),
        "grey.png": (_png_bytes(plain.convert("L")), np.repeat(grey[..., None], 3, axis=2)),
        "still.gif": (_encoded(plain.convert("L"), "GIF"), np.repeat(grey[..., None], 3, axis=2)),
        "plain.bmp": (_encoded(plain, "BMP"), pixels),
        "text_bomb.png": (_text_bomb(plain), pixels),
        "palette.png": (_png_bytes(plain.convert("L").convert("P")), np.repeat(grey[..., None], 3, axis=2)),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: (folder / name, expected) for name, (_, expected) in files.items()}


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _png_bytes(image: Image.Image) -> bytes:
    return _encoded(image, "PNG")


def _huge_png() -> bytes:
    """A PNG of 190 megapixels in under 200 kB: its header and rows of nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    width, height = 19_000, 10_000
    rows = zlib.compressobj(9)
    row = bytes(1 + width // 8 + 1)
    body = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _text_bomb(image: Image.Image) -> bytes:
    """A PNG whose compressed text chunk unpacks to 80 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("comment", "A" * 80_000_000, zip=True)
    return _encoded(image, "PNG", pnginfo=info)
