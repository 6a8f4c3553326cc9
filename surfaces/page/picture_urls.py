"""Pictures as addresses that need no request, for the page's widgets. Gradio-free."""

from __future__ import annotations

import base64

import numpy as np
from PIL import Image

from registry.subjects import Pixels, jpeg_bytes
from surfaces.settings import FRAME_SIDE

THUMB = 112
SMALL = 240


def data_url(jpeg: bytes) -> str:
    """A JPEG as an address that needs no request."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def picture_url(pixels: Pixels) -> str:
    """A picture for the stage."""
    return data_url(jpeg_bytes(pixels, FRAME_SIDE, quality=92))


def look_url(pixels: Pixels) -> str:
    """A picture for the stage that the next one follows in a moment: half of the bytes."""
    return data_url(jpeg_bytes(pixels, FRAME_SIDE, quality=80))


def small_url(pixels: Pixels) -> str:
    """A picture for a gallery, whole, `SMALL` pixels at its longest side."""
    return data_url(jpeg_bytes(pixels, SMALL, quality=82))


def thumb_url(pixels: Pixels) -> str:
    """A square cut from the middle, `THUMB` pixels wide."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 3, (width - side) // 2  # heads sit above the middle
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    small = square.resize((THUMB, THUMB), Image.Resampling.BOX)
    return data_url(jpeg_bytes(np.asarray(small), THUMB, quality=80))
