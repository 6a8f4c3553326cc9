"""The picture that is being edited: pixels, where it came from, and every edit that made it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.subjects.layers import Alpha, Layers, Pixels, straight
from registry.subjects.pixels import pixels_sha256, read_layers
from registry.subjects.samples import Sample, sample

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class GeneratorRef:
    """Which generator a latent belongs to.

    Attributes:
        id: the net's id, e.g. ``"puppets"``.
        delta_sha256: sha256 of a state delta from pivotal tuning or adaptation, or None for the plain weights.
        label: the class that the latent was drawn in, from 0; None for generators without classes, or where unknown.
    """

    id: str
    delta_sha256: str | None = None
    label: int | None = None


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture on its way through the editors. Immutable: an edit makes a new one with a longer lineage.

    Attributes:
        pixels: uint8 RGB [height, width, 3], read-only, at most 25 megapixels; transparency is laid on white.
        latent: w_plus codes, float32 [num_ws, w_dim], or None.
        generator: the generator that `latent` belongs to, or None.
        lineage: recipes (JSON objects) of the edits that made it, oldest first; empty for a source picture.
        sample_id: id of the bundled sample it started as, ``""`` for an upload.
        alpha: uint8 coverage [height, width] (0 clear, 255 opaque), read-only, or None where all of it is opaque.
        scaled_from: (width, height) of a photograph's file that was too large, and was made smaller; else None.
    """

    pixels: Pixels
    latent: NDArray[np.float32] | None = None
    generator: GeneratorRef | None = None
    lineage: tuple[Mapping[str, Any], ...] = ()
    sample_id: str = ""
    alpha: Alpha | None = None
    scaled_from: tuple[int, int] | None = None

    @classmethod
    def read(cls, source: object, field: str = "subject") -> Subject:
        """Make a subject from a path, file bytes, a PIL image, an array, a `Sample`, or ``"sample:<id>"``.

        Raises:
            BadInput: the picture cannot be used; the sentence names `field`.
        """
        if isinstance(source, Subject):
            return source
        if isinstance(source, str) and source.startswith("sample:"):
            source = sample(source.removeprefix("sample:"), field)
        if isinstance(source, Sample):
            layers = read_layers(source.path, field)
            return cls(layers.pixels, sample_id=source.id, alpha=layers.alpha)
        return cls.of(read_layers(source, field))

    @classmethod
    def of(cls, layers: Layers) -> Subject:
        """What a decoded file shows, without a history."""
        return cls(layers.pixels, alpha=layers.alpha, scaled_from=layers.original)

    @property
    def scaled(self) -> str:
        """In words how it was made smaller when it was read; empty if it was not."""
        if self.scaled_from is None:
            return ""
        (width, height), was = self.size, self.scaled_from
        return f"from {was[0]} × {was[1]} to {width} × {height}: 25 megapixels are the most that can be edited"

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, as in Pillow."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def image(self) -> Image.Image:
        """The picture as a Pillow RGB image."""
        return Image.fromarray(self.pixels)

    @cached_property
    def sha256(self) -> str:
        """sha256 over size, pixels and coverage; the same picture in another file has the same one."""
        return pixels_sha256(self.pixels, self.alpha)

    @property
    def colours(self) -> Pixels:
        """uint8 RGB [height, width, 3] without the white paper under it, as a file with transparency has them."""
        return self.pixels if self.alpha is None else straight(self.pixels, self.alpha)

    @cached_property
    def visible(self) -> NDArray[np.bool_] | None:
        """bool [height, width], True where it shows at least by half (or at all, if it does so nowhere); None: all."""
        if self.alpha is None:
            return None
        shown = self.alpha > 127
        return shown if shown.any() else self.alpha > 0

    def tensor(self, device: str | torch.device = "cpu") -> torch.Tensor:
        """The picture as float32 [1, 3, height, width] in [0, 1]."""
        import torch

        return torch.from_numpy(self.pixels.copy()).permute(2, 0, 1)[None].float().div_(255).to(device)

    def same(self, other: Subject) -> bool:
        """Whether pixels and latent code are equal."""
        if self.latent is None or other.latent is None:
            return self.latent is other.latent and np.array_equal(self.pixels, other.pixels)
        return np.array_equal(self.pixels, other.pixels) and np.array_equal(self.latent, other.latent)

    def __deepcopy__(self, memo: object) -> Subject:
        """A subject of its own, pixels read-only again: torch can write where NumPy may not."""
        pixels = self.pixels.copy()
        pixels.setflags(write=False)
        latent = None if self.latent is None else self.latent.copy()
        return replace(self, pixels=pixels, latent=latent, lineage=copy.deepcopy(self.lineage))

    def then(
        self,
        pixels: Pixels,
        recipe: Mapping[str, Any],
        latent: NDArray[np.float32] | None = None,
        generator: GeneratorRef | None = None,
        alpha: Alpha | None = None,
    ) -> Subject:
        """The subject after one more edit."""
        lineage = (*self.lineage, recipe)
        made = replace(self, pixels=pixels, latent=latent, generator=generator, lineage=lineage, alpha=alpha)
        return replace(made, scaled_from=None)
