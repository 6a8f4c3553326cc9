"""Features of a StyleGAN2 generator on small windows: the same numbers as on whole maps, and the gradient to w_plus.

Convolutions see 3×3 pixels, and demodulation depends on the weights alone, so a window of the features is decided by a
slightly larger window of the block before, and so on down to the constant. `evaluate` computes just these and keeps
what every layer gave. `recall` then gives any smaller windows of the same pass, differentiable, without computing
anything again; on the way back, only what those smaller windows depend on is visited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from nets.stylegan2.layers import at_least_float32
from nets.stylegan2.synthesis import Synthesis
from nets.windows.borders import cut, read, spread
from nets.windows.fields import Windows, whole
from nets.windows.layers import Shortcut, Style, WindowedLayer
from nets.windows.plan import Stop, plan


class Kept(NamedTuple):
    """What one layer read and gave (before the shortcut), and what the shortcut added."""

    stop: Stop
    x: Tensor
    y: Tensor
    added: Tensor | None


class Pass(NamedTuple):
    """One evaluation: features [N, h, w, C] at `windows`, the whole map of the tapped layer, what the layers kept."""

    windows: Windows
    features: Tensor
    tapped: Tensor | None
    kept: list[Kept]


class WindowSynthesis:
    """The layers of `synthesis` up to the block of height `block`, of which the first `rows` of w_plus move.

    w_plus [num_ws, w_dim] gives the rows that stand still. tap: number of a layer whose whole map is wanted as well.
    The network's parameters must be frozen; they are copied, folded, and not looked at again.
    """

    def __init__(self, synthesis: Synthesis, w_plus: Tensor, rows: int, block: int, tap: int | None = None) -> None:
        self.const = at_least_float32(synthesis.const.detach()).permute(1, 2, 0)[None].contiguous()
        self.layers: list[WindowedLayer] = []
        self.shortcuts: dict[int, Shortcut] = {}  # by the number of the layer to whose output they add
        self.tap = tap
        with torch.no_grad():
            for height in [each for each in synthesis.config.heights if each <= block]:
                module, size = synthesis.blocks[str(height)], synthesis.config.size_at(height)
                for conv, gain in ((module.conv0, 1.0), (module.conv1, module.resnet_gain)):
                    if conv is not None:
                        row = len(self.layers)
                        w = None if row < rows else w_plus[row].detach()
                        self.layers.append(WindowedLayer(conv, size, gain, w))
                if module.skip is not None:
                    self.shortcuts[len(self.layers) - 1] = Shortcut(module, size)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the feature map."""
        return self.layers[-1].size

    def styles(self, w_plus: Tensor) -> list[Style]:
        """The styles of the layers that move, differentiable to w_plus [≥ rows, w_dim]."""
        return [layer.style(w) for layer, w in zip(self.layers, w_plus, strict=False) if layer.moves]

    @torch.no_grad()
    def evaluate(self, styles: Sequence[Style], windows: Windows) -> Pass:
        """Features at windows within the map."""
        stops = plan(self.layers, windows, self.tap)
        y, at = self.const, whole(*self.const.shape[1:3])
        kept: list[Kept] = []
        tapped: Tensor | None = None
        for number, (layer, stop) in enumerate(zip(self.layers, stops, strict=True)):
            style = styles[number] if layer.moves else None
            x = y if at == stop.reads else read(y, at, stop.reads)
            y, at, added = layer.forward(x, *stop, style), stop.gives, None
            kept.append(Kept(stop, x, y, added))
            if number in self.shortcuts:
                before = kept[-2]
                added = self.shortcuts[number].forward(before.x, before.stop.reads, at)
                kept[-1] = kept[-1]._replace(added=added)
                y = y + added
            if number == self.tap:
                tapped = y
        features = y if at == windows else read(y, at, windows)
        return Pass(windows, features, tapped, kept)

    def recall(self, found: Pass, styles: Sequence[Style], windows: Windows) -> tuple[Tensor, Tensor | None]:
        """Features at windows inside those of the pass, and the tapped map; differentiable to the pass's styles."""
        flat = [tensor for style in styles for tensor in style]
        features, tapped = Recalled.apply(self, found, windows, *flat)
        return features, None if self.tap is None else tapped

    def adjoint(
        self, found: Pass, styles: Sequence[Style], windows: Windows, g: Tensor, g_tapped: Tensor | None
    ) -> list[Style]:
        """Gradients to the styles from those at `windows` and at the tapped map."""
        result: list[Style] = []
        at, around = windows, None
        if len(windows.places) != len(found.kept[-1].stop.gives.places):
            at = windows.hull(*self.size)
            g = spread(g, windows, at)
        for number in range(len(self.layers) - 1, -1, -1):
            layer, kept = self.layers[number], found.kept[number]
            if number == self.tap and g_tapped is not None:
                g, at = spread(g, at, kept.stop.gives) + g_tapped, kept.stop.gives
            reads = layer.field(at).inside(kept.stop.reads)
            x, y = cut(kept.x, kept.stop.reads, reads), cut(kept.y, kept.stop.gives, at)
            pulled = layer.adjoint(g, x, y, reads, at, styles[number] if layer.moves else None)
            g_x = pulled.x if around is None else pulled.x + self._around(number + 1, found, *around, reads)
            around = (g, at) if kept.added is not None else None
            if pulled.style is not None:
                result.append(pulled.style)
            if number:
                g, at = g_x, reads
                if len(found.kept[number - 1].stop.gives.places) == 1:
                    at = reads.hull(*self.layers[number - 1].size)
                    g = spread(g_x, reads, at)
        return result[::-1]

    def _around(self, number: int, found: Pass, g: Tensor, at: Windows, reads: Windows) -> Tensor:
        """What reaches a block's input through the shortcut that adds to layer `number`."""
        added, gives = found.kept[number].added, found.kept[number].stop.gives
        assert added is not None, "only layers with a shortcut are asked for it"
        return self.shortcuts[number].adjoint(g, cut(added, gives, at), reads, at)


class Recalled(torch.autograd.Function):
    """`WindowSynthesis.recall` as one differentiable step: (synthesis, pass, windows, *s and d of every style)."""

    @staticmethod
    def forward(ctx: Any, synthesis: WindowSynthesis, found: Pass, windows: Windows, *flat: Tensor) -> Any:
        """What is there already."""
        ctx.synthesis, ctx.found, ctx.windows = synthesis, found, windows
        ctx.styles = [Style(*pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
        ctx.set_materialize_grads(False)
        features = cut(found.features, found.windows, windows).clone()
        return features, None if found.tapped is None else found.tapped.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor | None, g_tapped: Tensor | None) -> tuple[Tensor | None, ...]:
        """Back through the pass; nothing when nothing was asked."""
        if g is None:
            shape = len(ctx.windows.places), ctx.windows.height, ctx.windows.width, ctx.found.features.shape[3]
            g = ctx.found.features.new_zeros(shape)
        pulled = ctx.synthesis.adjoint(ctx.found, ctx.styles, ctx.windows, g, g_tapped)
        return None, None, None, *(tensor for style in pulled for tensor in style)
