"""Pictures and values that the conformance kit feeds to editors: all sorts, small, made here."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from PIL import Image

from registry.plugins import REQUIRED, EditorSpec
from registry.subjects import GeneratorRef, Pixels, Subject
from registry.weights import Net


def small_picture(width: int, height: int, seed: int = 0) -> Pixels:
    """A small picture with a smooth background, an edge and some grain; deterministic."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(width, height)
    field = np.stack([x, y, 1 - x * y], axis=2) * 180 + rng.uniform(0, 40, 3)
    disc = (x - 0.4) ** 2 + (y - 0.5) ** 2 < 0.06
    field[disc] = rng.uniform(60, 255, 3)
    field += rng.normal(0, 6, field.shape)
    pixels: Pixels = field.clip(0, 255).astype(np.uint8)
    return pixels


def coded(picture: object, nets: Iterable[Net], seed: int = 0) -> Subject:
    """A picture with a latent code, for editors that need one: seed's w_plus in the first declared net that has any.

    The code is that of another picture, and the pixels have another size than the generator's. Editors must bear both.
    """
    from registry.weights import load_net  # reading weights is only paid for by editors that use them

    for net in nets:
        generator = load_net(net).module
        if hasattr(generator, "mapping"):
            with torch.no_grad():
                w_plus = generator.mapping(generator.z([seed]), truncation_psi=0.7)[0]
            subject = Subject.read(picture)
            return Subject(subject.pixels, w_plus.float().cpu().numpy(), GeneratorRef(net.name))
    raise AssertionError("the editor wants a picture with a latent code, but declares no generator among its nets")


def trial_values(
    spec: EditorSpec, trial: Mapping[str, Any] | None = None, changed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What an editor is tried with: its `trial` or another one, pictures made here, with a code if it needs one, and
    what kinds give as examples; `changed` goes before all of that.
    """
    values = dict(spec.trial if trial is None else trial)
    for number, entry in enumerate(spec.inputs):
        if entry.kind.is_picture and entry.default is REQUIRED and entry.name not in values:
            picture = small_picture(40, 48, seed=number)
            values[entry.name] = coded(picture, spec.nets, number) if entry.kind.needs_latent else picture
    values |= changed or {}
    for entry in spec.inputs:
        if entry.default is REQUIRED and not entry.optional and entry.name not in values:
            on = values.get(next(iter(entry.kind.depends_on), ""))
            example = entry.kind.example(None if on is None else Subject.read(on))
            values |= {} if example is None else {entry.name: example}
    return values


def sorts_of_picture() -> dict[str, bytes]:
    """Files of every sort an editor has to expect, by name."""
    plain = Image.fromarray(small_picture(40, 48))
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: the camera was held sideways
    return {
        "smallest": _file(Image.fromarray(small_picture(16, 16)), "PNG"),
        "odd-sized": _file(Image.fromarray(small_picture(37, 53)), "PNG"),
        "grey": _file(plain.convert("L"), "PNG"),
        "transparent": _file(plain.convert("RGBA"), "PNG"),
        "rotated": _file(plain, "JPEG", exif=turned),
    }


def _file(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
