"""An encoder from a checkpoint's tensors: sizes from `opts` and from shapes, old and new keys."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nets.affordable import check
from nets.contents import Contents
from nets.psp.encoder import SIZE, PspConfig, PspEncoder
from nets.psp.trunk import UNITS

_KINDS = {"GradualStyleEncoder": False, "Encoder4Editing": True}
_OTHER_KINDS = {
    "BackboneEncoderUsingLastLayerIntoW": "one w for all rows, without the pyramid",
    "BackboneEncoderUsingLastLayerIntoWPlus": "all rows from the last layer, without the pyramid",
    "BackboneEncoder": "ReStyle's, which starts from a picture of its own",
    "ProgressiveBackboneEncoder": "ReStyle's, which starts from a picture of its own",
    "ResNetBackboneEncoder": "ReStyle's, which starts from a picture of its own",
    "ResNetProgressiveBackboneEncoder": "ReStyle's, which starts from a picture of its own",
}
_FIRST = [sum(UNITS[:stage]) for stage in range(4)]  # the first block of each stage
_COUNTER = "num_batches_tracked"


class PspError(ValueError):
    """These tensors are no encoder that we read; the text says what they are."""


def from_contents(contents: Contents) -> PspEncoder:
    """`from_state` for a file that has been read. Raises PspError."""
    top = contents.tensors.get("", {})
    state = contents.tensors.get("state_dict", top)
    opts = contents.plain.get("opts")
    return from_state(state, opts if isinstance(opts, Mapping) else {}, top.get("latent_avg"), contents.free_bytes)


@torch.inference_mode(False)
def from_state(
    state: Mapping[str, Tensor],
    opts: Mapping[str, Any],
    latent_avg: Tensor | None = None,
    free_bytes: int | None = None,
) -> PspEncoder:
    """The encoder in `state`, in evaluation mode, float32, frozen (copies).

    state: the checkpoint's `state_dict`; the encoder's names begin with ``encoder.``, or all of them are the encoder's.
    opts: the checkpoint's options. `encoder_type` tells pSp from e4e; the generator's size is `output_size` (pSp) or
        `stylegan_size` (e4e), and must agree with the number of rows if it is there.
    latent_avg: mean of w, [width] or [rows, width]. Where it is absent although the encoder starts from it, the
        decoder's tensors do not have it either: `latent_avg` stays zero, and `needs_mean(encoder)` is True.

    free_bytes: memory that is free; an encoder that takes more than half of it for one picture is refused.

    Raises PspError: no such encoder, another kind of it, one that cannot be afforded, or tensors missing, left over or
    of a wrong shape.
    """
    found = {name.removeprefix("encoder."): tensor for name, tensor in state.items() if name.startswith("encoder.")}
    if not found:
        found = {name: tensor for name, tensor in state.items() if isinstance(tensor, Tensor)}
    config = _config(found, opts)
    _affordable(config, free_bytes)
    with torch.device("meta"):
        net = PspEncoder(config)
    wanted = net.state_dict()
    missing = [name for name in wanted if name not in found and not name.endswith(_COUNTER)]
    left = [name for name in found if name not in wanted and name != "latent_avg"]
    wrong = [name for name in found if name in wanted and found[name].shape != wanted[name].shape]
    if missing or left or wrong:
        raise PspError(_misfit(missing, left, wrong))
    zero = torch.zeros((), dtype=torch.long)
    ours = {name: found.get(name, zero) for name in wanted}
    net.load_state_dict({name: _copy(tensor) for name, tensor in ours.items()}, assign=True)
    net.latent_avg = _mean(latent_avg, config)
    return net.eval().requires_grad_(False)


def needs_mean(encoder: PspEncoder) -> bool:
    """Whether the checkpoint left the mean of w out: set `latent_avg` to the generator's before use."""
    return encoder.config.from_mean and not bool(encoder.latent_avg.any())


def _config(found: Mapping[str, Tensor], opts: Mapping[str, Any]) -> PspConfig:
    kind = opts.get("encoder_type", "GradualStyleEncoder")
    _refuse_other_kinds(found, kind)
    if "styles.0.linear.weight" not in found or "input_layer.0.weight" not in found:
        what = "a generator without an encoder" if any("to_rgb" in name for name in found) else "no pSp or e4e encoder"
        raise PspError(f"This is {what}: choose a checkpoint of pSp or e4e, e.g. e4e_ffhq_encode.pt.")
    if (channels := found["input_layer.0.weight"].shape[1]) != 3:
        raise PspError(f"This encoder reads {channels} channels (a sketch or a label map), not a colour picture.")
    rows = sum(name.startswith("styles.") and name.endswith(".linear.weight") for name in found)
    size = opts.get("stylegan_size", opts.get("output_size"))
    if isinstance(size, int) and size >= 4 and round(2 * math.log2(size) - 2) != rows:
        raise PspError(f"Its options say {size} pixels, but it has {rows} rows of codes.")
    names = ["input_layer.0.weight", *(f"body.{block}.res_layer.1.weight" for block in _FIRST)]
    if absent := [name for name in names if name not in found]:
        raise PspError(_misfit(absent, [], []))
    return PspConfig(
        rows=rows,
        widths=tuple(found[name].shape[0] for name in names),
        width=found["styles.0.linear.weight"].shape[0],
        offsets=_KINDS[kind],
        from_mean=bool(opts.get("start_from_latent_avg", True)),
    )


def _affordable(config: PspConfig, free_bytes: int | None) -> None:
    """Raise PspError if its maps would take far more memory than its weights explain."""
    before, pixels, weights, most = 3, SIZE * SIZE, 0, 0
    for stage, width in enumerate(config.widths):
        inner = 0 if stage == 0 else 2 * UNITS[stage - 1] - 1  # convolutions from this width to itself
        weights += 9 * width * (before + inner * width)
        most = max(most, pixels * 3 * (before + width))
        before, pixels = width, pixels // (4 if stage else 1)
    weights += config.rows * 9 * config.width * (config.widths[4] + 3 * config.width)
    try:
        check(4 * most, 4 * weights, free_bytes, "one look of this encoder")
    except ValueError as error:
        raise PspError(f"{error}.") from error


def _refuse_other_kinds(found: Mapping[str, Tensor], kind: Any) -> None:
    """Name the encoders of pSp's family that are another network: by their options, else by their layers.

    Those without a pyramid have one dense layer behind the trunk, as wide as w (W) or as all rows of w_plus (WPlus).
    """
    readable = f"{' and '.join(_KINDS)}, which give a code for every row, can be read"
    backbone = "linear.weight" in found and not any(name.startswith("styles.") for name in found)
    if isinstance(kind, str) and kind not in _KINDS:
        about = _OTHER_KINDS.get(kind, "")
        raise PspError(f"This encoder is of the type {kind[:60]}{about and f' ({about})'}; {readable}.")
    if backbone and "input_layer.0.weight" in found:
        single = found["linear.weight"].ndim == 2 and len(set(found["linear.weight"].shape)) == 1
        name = f"BackboneEncoderUsingLastLayerInto{'W' if single else 'WPlus'}"
        raise PspError(f"This encoder is pSp's {name} ({_OTHER_KINDS[name]}); {readable}.")


def _mean(latent_avg: Tensor | None, config: PspConfig) -> Tensor:
    if latent_avg is None:
        return torch.zeros(config.rows, config.width)
    mean = latent_avg.detach().float().reshape(-1, config.width) if latent_avg.numel() % config.width == 0 else None
    if mean is None or len(mean) not in (1, config.rows):
        raise PspError(f"Its mean of w has the shape {list(latent_avg.shape)}, not [{config.rows}, {config.width}].")
    return mean.expand(config.rows, -1).clone()


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True).contiguous()


def _misfit(missing: list[str], left: list[str], wrong: list[str]) -> str:
    parts = []
    for word, names in (("are missing", missing), ("are unknown", left), ("have a wrong shape", wrong)):
        if names:
            parts.append(f"{len(names)} tensors {word} ({', '.join(names[:4])}{', …' if len(names) > 4 else ''})")
    return f"This looks like a pSp or e4e encoder, but {' and '.join(parts)}."
