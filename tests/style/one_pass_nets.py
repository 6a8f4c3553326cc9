"""The one-pass editors with tiny networks of random weights, so that tests of what their inputs do are quick."""

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from editors.one_pass import adain, fast_style, teach_style, wct
from facet import Weights
from facet.app import EditorSpec
from nets.fast_style import FastStyle, FastStyleConfig
from nets.fast_style import to_state as fast_state
from nets.features import Decoders, FeatureNet, FeaturesConfig, to_state
from training.generator.export import sha256

CONFIG = FeaturesConfig((6, 8, 10, 12), (2, 2, 3, 1), (5, 6, 7), coloured=True)


def _kept(path: Path, state: tuple[dict[str, torch.Tensor], dict[str, str]]) -> Weights:
    save_file(state[0], path, state[1])
    return Weights("", str(path), sha256=sha256(path), licence="CC0-1.0", title=f"Tiny {path.stem}")


def _with(spec: EditorSpec, sources: dict[str, Weights]) -> EditorSpec:
    nets = tuple(replace(net, sources=(sources[net.name],)) if net.name in sources else net for net in spec.nets)
    return replace(spec, nets=nets)


def tiny(folder: Path) -> dict[str, EditorSpec]:
    """The four editors by id."""
    torch.manual_seed(0)
    fast = FastStyle(FastStyleConfig(tuple(_styles()), (4, 6, 8, 8), (1, 1)))
    for name, value in fast.named_parameters():
        if "norm" in name:
            value.data.copy_(torch.randn_like(value))
    for row, style in enumerate(fast.config.styles):  # as in the shipped file, most draw no strokes
        fast.last.weight.data[row] *= style in ("night", "mosaic")
    trunk = _kept(folder / "trunk.safetensors", to_state(FeatureNet(replace(CONFIG, coloured=False))))
    sources = {
        "trunk": trunk,
        "vgg16_edges": trunk,
        "decoders": _kept(folder / "decoders.safetensors", to_state(Decoders(CONFIG))),
        "fast_style": _kept(folder / "fast.safetensors", fast_state(fast)),
    }
    return {spec.id: _with(spec, sources) for spec in (adain, wct, fast_style, teach_style)}


def _styles() -> list[str]:
    from editors.one_pass.fast_style import BUNDLED

    return list(BUNDLED)
