"""Reading a picture that a stranger hands in: upright, sRGB, 8 bits, within limits, or refused in one sentence."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from registry.decoding.costs import refuse_costly, refuse_costly_exif
from registry.decoding.limits import ONE_FRAME
from registry.errors import BadInput
from registry.paths import readable_file

Pixels: TypeAlias = NDArray[np.uint8]
"""uint8 RGB, shape [height, width, 3], read-only."""

MOST_PIXELS = 25_000_000
LEAST_SIDE = 16
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
# Pillow raises at twice this number even where somebody opens a file behind our back.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

MOVING = ("PNG", "WEBP", "GIF")
"""Formats of animations. In others, what follows the first picture is a page or a preview; nobody counts them."""

_KINDS = "Use a PNG, JPEG, WebP, BMP, TIFF or still GIF."


def read_picture(source: object, field: str) -> Pixels:
    """Decode `source` into uint8 RGB [height, width, 3].

    EXIF rotation is applied, an embedded colour profile is converted to sRGB, transparency is laid on white, grey, CMYK
    and 16-bit pictures are converted.

    Args:
        source: a path, the bytes of a file, a `PIL.Image.Image`, or an array [h, w], [h, w, 3] or [h, w, 4], uint8 or
            float in [0, 1].
        field: the input's name, for the sentence of a refusal.

    Raises:
        BadInput: no such file, not a picture, damaged, animated, smaller than 16 px or larger than 25 megapixels.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, field)
    if isinstance(source, Image.Image):
        _refuse_size(source.size, field)
        return _freeze(_to_rgb(source))
    if isinstance(source, bytes):
        return _decode(io.BytesIO(source), source[:512], field)
    if isinstance(source, (str, os.PathLike)):
        return _decode_path(os.fspath(source), field)
    raise BadInput(field, "must be a picture", _KINDS)


def pixels_sha256(pixels: Pixels) -> str:
    """Identity of a picture: sha256 of its size and RGB bytes, whatever file it came in."""
    height, width = pixels.shape[:2]
    return hashlib.sha256(f"{width}x{height}:".encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def jpeg_bytes(pixels: Pixels, longest_side: int = 1024, quality: int = 88) -> bytes:
    """A small JPEG for live frames: about 1 ms at 512 px, where WebP takes 17 and PNG 59."""
    image = Image.fromarray(pixels)
    if max(image.size) > longest_side:
        scale = longest_side / max(image.size)
        image = image.resize(
            (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.BILINEAR
        )
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def to_pixels(image: Any, field: str = "image") -> Pixels:
    """What a handler may put into a `Step`, as uint8 RGB: PIL, array, tensor [3, h, w] in [0, 1], or a maker of one."""
    image = image() if callable(image) else image
    if hasattr(image, "detach"):  # a torch tensor, without importing torch here
        tensor = image.detach().float().cpu()
        tensor = tensor[0] if tensor.ndim == 4 else tensor
        return _freeze(_quantise(np.moveaxis(tensor.numpy(), 0, -1)))
    if isinstance(image, Image.Image):
        return _freeze(_to_rgb(image))
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3:
        return _freeze(image if image.dtype == np.uint8 else _quantise(image))
    raise TypeError(f"{field} must be a picture (PIL, uint8 or [0, 1] array, tensor), not {type(image).__name__}")


def _decode_path(path: str, field: str) -> Pixels:
    if path.startswith(("http://", "https://", "ftp://", "//")):
        raise BadInput(field, "is a web address", "Save the picture first and choose the file.")
    with readable_file(path, field).open("rb") as stream:
        head = stream.read(512)
        stream.seek(0)
        return _decode(stream, head, field)


def _decode(stream: Any, head: bytes, field: str) -> Pixels:
    if not head:
        raise BadInput(field, "is an empty file", _KINDS)
    refuse_costly(stream, field, MOST_PIXELS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # `_refuse_size` says it better
            image = Image.open(stream, formats=FORMATS)
    except Image.DecompressionBombError:
        raise BadInput(field, "has far more than 25 megapixels", "Make it smaller first.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise BadInput(field, _what_is(head), _KINDS) from None
    with image:
        _refuse_size(image.size, field)
        refuse_costly_exif(image.info, field)
        frames = getattr(image, "n_frames", 1) if image.format in MOVING else 1
        if frames > 1:
            raise BadInput(field, f"is an animation of {frames} frames", ONE_FRAME)
        try:
            image.load()
            return _freeze(_to_rgb(image))
        except MemoryError:
            raise BadInput(field, "takes more memory to open than there is", "Make it smaller first.") from None
        except (OSError, ValueError, SyntaxError, EOFError):
            raise BadInput(field, "is damaged and cannot be decoded to its end", "Save or download it again.") from None


def _what_is(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<svg", b"<?xml")) or b"<svg" in text:
        return "is an SVG drawing, which has no pixels"
    if text.startswith((b"<!doctype html", b"<html")):
        return "is a web page, not a picture"
    return "is not a picture that can be read"


def _refuse_size(size: tuple[int, int], field: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        megapixels = width * height / 1e6
        raise BadInput(field, f"has {megapixels:.0f} megapixels, the most is 25", "Make it smaller first.")
    if min(size) < LEAST_SIDE:
        raise BadInput(field, f"is only {width} × {height} pixels", f"Each side must be at least {LEAST_SIDE} pixels.")


def _to_rgb(image: Image.Image) -> Pixels:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I;16", "I", "F")):
        return _deep_grey(image)
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "L", "CMYK"):
        image = _to_srgb(image, profile)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        colour = image.convert("RGBA")
        paper = Image.new("RGBA", colour.size, "white")
        image = Image.alpha_composite(paper, colour)
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _deep_grey(image: Image.Image) -> Pixels:
    """16-bit, 32-bit and float grey: Pillow's own `convert` would clip instead of scale."""
    grey = np.asarray(image)
    top = 65535.0 if image.mode.startswith("I") else max(1.0, float(np.nanmax(grey)))
    level = np.empty(grey.shape, np.uint8)
    for first in range(0, len(grey), 64):  # in bands: 25 megapixels as float64 are 200 MB, at every step of the way
        band = grey[first : first + 64].astype(np.float64)
        level[first : first + 64] = (np.nan_to_num(band) / top * 255 + 0.5).clip(0, 255)
    return np.repeat(level[..., None], 3, axis=2)


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile is no reason to refuse the picture
        return image
    return converted if converted is not None else image


def _from_array(array: NDArray[Any], field: str) -> Pixels:
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] not in (3, 4):
        shape = " × ".join(map(str, array.shape))
        raise BadInput(field, f"is an array of {shape}", "It must be [height, width, 3].")
    _refuse_size((array.shape[1], array.shape[0]), field)
    if array.dtype != np.uint8:
        if not np.issubdtype(array.dtype, np.floating) or not np.isfinite(array).all():
            raise BadInput(field, "holds numbers that are no colours", "Use uint8, or floats from 0 to 1.")
        array = _quantise(array)
    return _freeze(_to_rgb(Image.fromarray(array)) if array.shape[2] == 4 else array)


def _quantise(image: NDArray[Any]) -> Pixels:
    levels: Pixels = (np.nan_to_num(image) * 255 + 0.5).clip(0, 255).astype(np.uint8)
    return levels


def _freeze(pixels: Pixels) -> Pixels:
    pixels = np.ascontiguousarray(pixels)
    if pixels.flags.writeable:
        pixels = pixels.copy() if pixels.base is not None else pixels
        pixels.setflags(write=False)
    return pixels
