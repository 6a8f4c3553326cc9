"""Reading a picture that a stranger hands in: upright, sRGB, 8 bits, within limits, or refused in one sentence."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError, features

from registry.errors import BadInput
from registry.paths import existing_file
from registry.subjects.costs import refuse_costly, refuse_costly_exif
from registry.subjects.heic import HEIC, HEIC_FIX, heic_opener, is_heic
from registry.subjects.layers import Alpha, Layers, Levels, fitted, layers_of, levels_of
from registry.subjects.layers import Pixels as Pixels  # pictures are what most modules know it from
from registry.subjects.limits import ONE_FRAME
from registry.subjects.png_chunks import is_png
from registry.subjects.png_text import without_text

T = TypeVar("T")

MOST_PIXELS = 25_000_000
MOST_READ = 2 * MOST_PIXELS  # pixels of a photograph's file, which is made smaller then
LEAST_SIDE = 16
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", *(("AVIF",) if features.check("avif") else ()))
_MOVING = ("GIF", "WEBP", "PNG")  # further frames of other formats are previews, pages or depth: the first one counts
# Pillow raises at twice this number even where somebody opens a file behind our back.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

_KINDS = "Use a PNG, JPEG, WebP, AVIF, BMP, TIFF or still GIF."


def read_layers(source: object, field: str) -> Layers:
    """Decode `source` into uint8 sRGB [height, width, 3] on white, and its coverage if it has any.

    EXIF rotation is applied, an embedded colour profile is converted to sRGB, grey, CMYK and 16-bit pictures are
    converted. Of several pages, or a photograph with its preview, it is the first.

    A photograph of more than 25 and up to 50 megapixels is made smaller.

    Args:
        source: a path, the bytes of a file, a `PIL.Image.Image`, or an array [h, w], [h, w, 3] or [h, w, 4], uint8 or
            float in [0, 1].
        field: the input's name, for the sentence of a refusal.

    Raises:
        BadInput: no such file, not a picture, damaged, animated, wholly transparent, smaller than 16 px, a file of more
            than 50 megapixels, or an array of more than 25.
    """
    found = _from_array(source, field) if isinstance(source, np.ndarray) else _read(source, field, _fitting, MOST_READ)
    pixels, alpha, original = found
    if alpha is not None and not alpha.any():
        raise BadInput(
            field, "is wholly transparent: there is nothing to see", "Choose a picture with something in it."
        )
    if alpha is not None:
        alpha.setflags(write=False)
    return Layers(_freeze(pixels), alpha, original)


def _fitting(image: Image.Image) -> Layers:
    """The layers of a picture that may be too large."""
    if image.width * image.height <= MOST_PIXELS:
        return layers_of(image)
    smaller = fitted(image, MOST_PIXELS)
    turned = (image.width > image.height) != (smaller.width > smaller.height)
    return layers_of(smaller)._replace(original=image.size[::-1] if turned else image.size)


def read_levels(source: object, field: str) -> Levels:
    """Decode a mask's file (path, bytes or `PIL.Image.Image`) as it is, without colours. Raises as `read_layers`."""
    return _read(source, field, levels_of)


def _read(source: object, field: str, take: Callable[[Image.Image], T], most: int = MOST_PIXELS) -> T:
    if isinstance(source, Image.Image):
        refuse_size(source.size, field, most)
        return take(source)
    if isinstance(source, bytes):
        return _decode(io.BytesIO(source), source[:512], field, take, most)
    if isinstance(source, (str, os.PathLike)):
        return _decode_path(os.fspath(source), field, take, most)
    raise BadInput(field, "must be a picture", _KINDS)


def pixels_sha256(pixels: Pixels, alpha: Alpha | None = None) -> str:
    """Identity of a picture: sha256 of its size, RGB bytes and coverage if it has any, whatever file it came in."""
    height, width = pixels.shape[:2]
    digest = hashlib.sha256(f"{width}x{height}:".encode() + np.ascontiguousarray(pixels).tobytes())
    if alpha is not None:
        digest.update(b"alpha:" + np.ascontiguousarray(alpha).tobytes())
    return digest.hexdigest()


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
        return _freeze(layers_of(image).pixels)
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3:
        return _freeze(image if image.dtype == np.uint8 else _quantise(image))
    raise TypeError(f"{field} must be a picture (PIL, uint8 or [0, 1] array, tensor), not {type(image).__name__}")


def alpha_of(image: Any) -> Alpha | None:
    """The coverage of a picture that a handler put into a `Step`, if it is a PIL image with transparency."""
    return layers_of(image).alpha if isinstance(image, Image.Image) else None


def _decode_path(path: str, field: str, take: Callable[[Image.Image], T], most: int) -> T:
    if path.startswith(("http://", "https://", "ftp://", "//")):
        raise BadInput(field, "is a web address", "Save the picture first and choose the file.")
    with existing_file(path, field).open("rb") as stream:
        head = stream.read(512)
        stream.seek(0)
        return _decode(stream, head, field, take, most)


def _decode(stream: Any, head: bytes, field: str, take: Callable[[Image.Image], T], most: int) -> T:
    if not head:
        raise BadInput(field, "is an empty file", _KINDS)
    refuse_costly(stream, field, most)
    with _opened(stream, head, field) as image:
        refuse_size(image.size, field, most)
        refuse_costly_exif(image.info, field)
        frames = getattr(image, "n_frames", 1) if image.format in _MOVING else 1
        if frames > 1:
            raise BadInput(field, f"is an animation of {frames} frames", ONE_FRAME)
        try:
            image.load()
            return take(image)
        except MemoryError:
            raise BadInput(field, "takes more memory to open than there is", "Make it smaller first.") from None
        except (OSError, ValueError, SyntaxError, EOFError):
            raise BadInput(field, "is damaged and cannot be decoded to its end", "Save or download it again.") from None


def _opened(stream: Any, head: bytes, field: str) -> Image.Image:
    heic = is_heic(head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # `refuse_size` says it better
            try:
                return Image.open(stream, formats=("HEIF",) if heic and heic_opener() else FORMATS)
            except ValueError:
                if not is_png(head):
                    raise
                return Image.open(without_text(stream), formats=FORMATS)  # another program's notes were too long
    except Image.DecompressionBombError:
        raise BadInput(field, "has far more than 50 megapixels", "Make it smaller first.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        if heic:
            raise BadInput(field, HEIC, HEIC_FIX) from None
        raise BadInput(field, _what_is(head), _KINDS) from None


def _what_is(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<svg", b"<?xml")) or b"<svg" in text:
        return "is an SVG drawing, which has no pixels"
    if text.startswith((b"<!doctype html", b"<html")):
        return "is a web page, not a picture"
    return "is not a picture that can be read"


def refuse_size(size: tuple[int, int], field: str, most: int = MOST_PIXELS) -> None:
    """Raise BadInput for a picture of (width, height) that is too large or too small."""
    width, height = size
    if width * height > most:
        why = f"has {width * height / 1e6:.0f} megapixels, the most is {most / 1e6:.0f}"
        raise BadInput(field, why, "Make it smaller first.")
    if min(size) < LEAST_SIDE:
        raise BadInput(field, f"is only {width} × {height} pixels", f"Each side must be at least {LEAST_SIDE} pixels.")


def _from_array(array: NDArray[Any], field: str) -> Layers:
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] not in (3, 4):
        shape = " × ".join(map(str, array.shape))
        raise BadInput(field, f"is an array of {shape}", "It must be [height, width, 3].")
    refuse_size((array.shape[1], array.shape[0]), field)
    if array.dtype != np.uint8:
        if not np.issubdtype(array.dtype, np.floating) or not np.isfinite(array).all():
            raise BadInput(field, "holds numbers that are no colours", "Use uint8, or floats from 0 to 1.")
        array = _quantise(array)
    return layers_of(Image.fromarray(array)) if array.shape[2] == 4 else Layers(array, None)


def _quantise(image: NDArray[Any]) -> Pixels:
    levels: Pixels = (np.nan_to_num(image) * 255 + 0.5).clip(0, 255).astype(np.uint8)
    return levels


def _freeze(pixels: Pixels) -> Pixels:
    pixels = np.ascontiguousarray(pixels)
    if pixels.flags.writeable:
        pixels = pixels.copy() if pixels.base is not None else pixels
        pixels.setflags(write=False)
    return pixels
