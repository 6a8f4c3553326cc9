"""What a network of label maps is given: channels of classes, and the style of a picture where it has an encoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from editors.published.classes import class_numbers, is_grey, packed, unpacked
from editors.published.models import Model, style_code
from editors.published.surface import pixels_of
from facet import BadInput, Context, LabelMap, OwnFile, Subject
from nets.fast_style.normalisation import Statistics
from nets.translation import SpadeGenerator, from_contents, instance_means
from nets.translation.anysize import Way, drawn

Run = Callable[[Tensor, Statistics], Tensor]


@dataclass(frozen=True)
class LabelInputs:
    """The inputs of a run that belong to label maps, by their names."""

    subject: Subject | None
    labels: Subject | None
    painted: LabelMap | None
    numbering: str
    edges: str
    style: Subject | None
    own_encoder: OwnFile | None
    size: int
    noise: bool
    seed: int

    def refuse(self, title: str) -> None:
        """Raise BadInput where any was given to a network that translates pictures."""
        for name in ("labels", "painted", "style", "own_encoder"):
            if getattr(self, name) is not None:
                raise BadInput(name, f"is not used: this model ({title}) translates pictures", "Take it away.")

    def given(self, ctx: Context, chosen: Model, net: nn.Module) -> tuple[Tensor, Run]:
        """The label map [1, 1 to inputs, h, w] as `packed`, and one pass of the network in the style it is to have.

        Raises:
            BadInput: labels are missing or not the network's, or style and encoder do not go together.
        """
        classes, field = self._classes(chosen)
        if (self.style is None) != (self.own_encoder is None):
            missing, there = ("own_encoder", "style") if self.own_encoder is None else ("style", "own_encoder")
            raise BadInput(missing, f"is missing beside {there}", "Give both, or none.")
        latent = net.config.latent if isinstance(net, SpadeGenerator) else 0
        code = None
        if self.style is None or self.own_encoder is None:
            given = self._packed(classes, chosen, field)
            if latent and self.noise:
                code = torch.randn(1, latent, generator=torch.Generator().manual_seed(self.seed))
        elif latent:
            given, code = self._packed(classes, chosen, field), self._code(ctx, latent)
        elif isinstance(net, SpadeGenerator):
            raise BadInput("own_encoder", "is not used: this generator takes no style code", "Take both away.")
        else:
            given = self._with_features(ctx, chosen, classes, field)
        return given, partial(_run, net, chosen.inputs, code)

    def _classes(self, chosen: Model) -> tuple[NDArray[np.int64], str]:
        """Class numbers [h, w] of the painted map, of the picture of labels or of the subject; and the input's name."""
        if self.painted is not None and self.labels is not None:
            raise BadInput("painted", "and labels are both there", "Take one of them away.")
        if self.painted is not None:
            return self.painted.indices.astype(np.int64), "painted"
        if self.labels is not None:
            return class_numbers(self.labels, self.size, "labels"), "labels"
        if self.subject is not None and is_grey(self.subject):
            return class_numbers(self.subject, self.size, "subject"), "subject"
        why = f"are missing: this model ({chosen.title}) draws from label maps"
        why += "" if self.subject is None else ", and the picture is none, for it has colours"
        raise BadInput("labels", why, "Choose a picture of labels, or paint one.")

    def _packed(self, classes: NDArray[np.int64], chosen: Model, field: str) -> Tensor:
        """A painted map counts its classes as the network does."""
        numbering = "as_is" if field == "painted" else self.numbering
        return packed(classes, chosen, self.edges, numbering, field)

    def _encoder(self, ctx: Context, layout: str) -> nn.Module:
        assert self.own_encoder is not None
        net: nn.Module = ctx.own_net(self.own_encoder, partial(from_contents, wanted=(layout,)))
        return net

    def _look(self) -> Tensor:
        assert self.style is not None
        return pixels_of(self.style, self.size).float() / 127.5 - 1

    def _code(self, ctx: Context, latent: int) -> Tensor:
        encoder = self._encoder(ctx, "style_encoder")
        found = style_code(encoder, self._look(), self.noise, self.seed)
        if found.shape[1] != latent:
            raise BadInput("own_encoder", f"gives {found.shape[1]} numbers, this generator takes {latent}",
                           "Choose the encoder that was trained with it.")  # fmt: skip
        return found

    def _with_features(self, ctx: Context, chosen: Model, classes: NDArray[np.int64], field: str) -> Tensor:
        """Numbers of classes and, behind them, pix2pixHD's features of the style picture averaged by class."""
        encoder = self._encoder(ctx, "features")
        numbers, look = torch.from_numpy(classes), self._look()
        if look.shape[2:] != numbers.shape:
            raise BadInput("style", "has another size than the labels", "Choose the photograph the labels belong to.")
        if encoder.config.outputs >= chosen.inputs:
            raise BadInput("own_encoder", "gives more features than this generator takes", "Choose its own encoder.")
        fewer = dataclasses.replace(chosen, inputs=chosen.inputs - encoder.config.outputs)
        device = next(encoder.parameters()).device
        pixels = look.shape[2] * look.shape[3]
        way = Way(lambda x, seen: encoder(x.to(device), seen), encoder.config.multiple, most=pixels)
        _, _, _, features = next(drawn(way, look, ctx.check_stop))
        return torch.cat([self._packed(classes, fewer, field), instance_means(features, numbers[None])], 1)


def _run(net: nn.Module, channels: int, code: Tensor | None, x: Tensor, statistics: Statistics) -> Tensor:
    given = unpacked(x, channels)
    made: Tensor = net(given, statistics) if code is None else net(given, statistics, code.to(x).expand(len(x), -1))
    return made
