"""A decoded image as what Facet works with: sRGB on white with its coverage, or the bare levels of a mask."""

from __future__ import annotations

import io
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

Pixels: TypeAlias = NDArray[np.uint8]
"""uint8 RGB, shape [height, width, 3], read-only."""

Alpha: TypeAlias = NDArray[np.uint8]
"""uint8 coverage [height, width], 0 clear to 255 opaque, read-only."""

_CLEAR = ("RGBA", "LA", "PA", "RGBa", "La")
_DEEP = ("I;16", "I", "F")


class Layers(NamedTuple):
    """A picture.

    Attributes:
        pixels: uint8 RGB [height, width, 3], sRGB, as seen on white paper.
        alpha: uint8 coverage [height, width], or None where all of it is opaque.
        original: (width, height) in its file, where it was too large and was made smaller; None for the same size.
    """

    pixels: Pixels
    alpha: Alpha | None
    original: tuple[int, int] | None = None


class Levels(NamedTuple):
    """A mask's file, before it is judged.

    Attributes:
        grey: float32 [height, width], mean of the colours as they lie in the file, without colour management.
        top: the level that is white: 255, or 65535 in a 16-bit file, or 1 for floats.
        alpha: uint8 coverage [height, width], or None where all of it is opaque.
    """

    grey: NDArray[np.float32]
    top: float
    alpha: Alpha | None


def layers_of(image: Image.Image) -> Layers:
    """Upright, in sRGB whatever the mode and profile of the file, on white, its coverage apart."""
    image = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    colour, alpha = _parted(image)
    if profile and colour.mode not in ("I", "F"):  # these two are measurements more often than colours
        colour = _to_srgb(colour, profile)
    if colour.mode.startswith(_DEEP):
        colour = _deep_grey(colour)
    if colour.mode == "LAB":
        colour = _from_lab(colour)
    rgb = np.asarray(colour.convert("RGB"), dtype=np.uint8)
    return Layers(rgb, None) if alpha is None else Layers(on_white(rgb, alpha), alpha)


def fitted(image: Image.Image, most: int) -> Image.Image:
    """A picture of more than `most` pixels made smaller, upright, its shape and profile kept."""
    profile, image = image.info.get("icc_profile"), ImageOps.exif_transpose(image)
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode.startswith("I;16"):
        image = image.convert("I")
    width, height = image.size
    scale = (most / (width * height)) ** 0.5
    smaller = image.resize((max(1, int(width * scale)), max(1, int(height * scale))), Image.Resampling.BOX)
    if profile:
        smaller.info["icc_profile"] = profile
    return smaller


def levels_of(image: Image.Image) -> Levels:
    """Upright and otherwise as the file has it: the levels of a mask are labels, no colours."""
    image = ImageOps.exif_transpose(image)
    colour, alpha = _parted(image)
    if colour.mode.startswith(_DEEP):
        grey = np.nan_to_num(np.asarray(colour, dtype=np.float32))
        top = 1.0 if colour.mode == "F" and grey.max() <= 1 else 65535.0
    else:
        grey = np.asarray(colour if colour.mode == "L" else colour.convert("RGB"), dtype=np.float32)
        grey, top = grey if grey.ndim == 2 else grey.mean(axis=2), 255.0
    return Levels(grey, top, alpha)


def on_white(colour: Pixels, alpha: Alpha) -> Pixels:
    """Colours [h, w, 3] laid on white paper with coverage [h, w], rounded to the nearest level."""
    cover = alpha[..., None].astype(np.uint32)
    laid: Pixels = ((colour * cover + 255 * (255 - cover) + 127) // 255).astype(np.uint8)
    return laid


def straight(pixels: Pixels, alpha: Alpha) -> Pixels:
    """The colours that give `pixels` when laid on white with coverage `alpha`; white where nothing shows.

    Exact for pixels that `on_white` gave: laid on white again they are the same bytes, so that recipes and latent codes
    know the picture again that was saved.
    """
    cover = alpha[..., None].astype(np.int32)
    ink = np.maximum(pixels.astype(np.int32) - 255 + cover, 0) * 255
    colours = np.where(cover > 0, (ink + cover // 2) // np.maximum(cover, 1), 255)
    return colours.clip(0, 255).astype(np.uint8)


def with_alpha(pixels: Pixels, alpha: Alpha | None) -> Image.Image:
    """The picture for a file: RGB, or RGBA with the colours that `straight` finds."""
    if alpha is None:
        return Image.fromarray(pixels)
    return Image.fromarray(np.dstack([straight(pixels, alpha), alpha]))


def _parted(image: Image.Image) -> tuple[Image.Image, Alpha | None]:
    """The colours without their transparency, in a mode that a profile can be applied to, and the coverage."""
    if image.mode.startswith(_DEEP):
        clear = image.info.get("transparency")
        hidden = np.asarray(image) == clear
        return image, _coverage(np.where(hidden, 0, 255)) if isinstance(clear, int) else None
    if image.mode in _CLEAR or "transparency" in image.info:
        grey = image.mode in ("LA", "La", "L", "1")
        image = image.convert("RGBA")
        alpha = _coverage(np.asarray(image.getchannel("A")))
        return (image.getchannel("R") if grey else image.convert("RGB")), alpha
    if image.mode == "P":
        return image.convert("RGB"), None
    return (image.convert("L") if image.mode == "1" else image), None


def _coverage(alpha: NDArray[Any]) -> Alpha | None:
    return None if alpha.min() == 255 else np.ascontiguousarray(alpha, dtype=np.uint8)


def _deep_grey(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey as 8 bits: Pillow's own `convert` would clip instead of scale."""
    grey = np.asarray(image, dtype=np.float64)
    top = 65535.0 if image.mode.startswith("I") else max(1.0, float(np.nanmax(grey)))
    return Image.fromarray((np.nan_to_num(grey) / top * 255 + 0.5).clip(0, 255).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "RGB" and image.mode == "L":  # a grey picture keeps the profile of the camera that took it
            image = image.convert("RGB")
        elif space == "GRAY" and image.mode == "RGB" and _is_grey(image):  # and a grey palette that of its greys
            image = image.getchannel("R")
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile is no reason to refuse the picture
        return image
    return converted if converted is not None else image


def _is_grey(image: Image.Image) -> bool:
    colours = np.asarray(image)
    return bool((colours == colours[..., :1]).all())


def _from_lab(image: Image.Image) -> Image.Image:
    """CIE L*a*b* under D50, which Pillow has no conversion of its own for."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None  # it is not done in place
    return converted
