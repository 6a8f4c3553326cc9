"""U-Nets from the names of pix2pix's files: each level lies inside the one before it (``model.model.1.model.3 …``)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from nets.translation.official import Misread, filled
from nets.translation.unet import Unet, UnetConfig

_RUNNING = ("running_mean", "running_var")


def unet_from_state(state: Mapping[str, Tensor]) -> Unet:
    """A U-Net in cleaned tensors. Dropout leaves no trace in a file: it is there, as pix2pix trains. Raises Misread."""
    levels, left = _levels(state)
    deepest = max(levels, default=0)
    if deepest < 1 or sorted(levels) != list(range(deepest + 1)):
        raise Misread("it looks like a U-Net of pix2pix, but levels of it are missing.")
    sides = [_down_and_up(levels[level], state, level) for level in sorted(levels)]
    norms = [parts for level in levels.values() for parts in level.values() if _is_norm(parts, state)]
    scaled = [parts for parts in norms if "weight" in parts]
    batch = any(_RUNNING[0] in parts for parts in scaled)
    first, last = state[sides[0][0][1]["weight"]], state[sides[0][1][1]["weight"]]
    config = UnetConfig(
        inputs=first.shape[1],
        outputs=last.shape[1],
        width=first.shape[0],
        levels=deepest + 1,
        norm="batch" if batch else "instance",
        affine=bool(scaled),
        bias="bias" in sides[0][0][1],
        dropout=True,
    )
    tensors: dict[str, Tensor] = {}
    for level, pair in enumerate(sides):
        for name, (place, parts) in zip(("down", "up"), pair, strict=True):
            tensors |= {f"{name}.{level}.{part}": state[key] for part, key in parts.items()}
            behind = levels[level].pop(place + 1, {})
            if behind and not _is_norm(behind, state):
                raise Misread(f"it looks like a U-Net of pix2pix, but level {level} has an unknown layer.")
            kept = {part: key for part, key in behind.items() if batch or part not in _RUNNING}
            tensors |= {f"{name}_norm.{level}.{part}": state[key] for part, key in kept.items()}
            del levels[level][place]
    left += [key for level in levels.values() for parts in level.values() for key in parts.values()]
    return filled(lambda: Unet(config), tensors, left, f"a U-Net of {config.levels} levels")


def _levels(state: Mapping[str, Tensor]) -> tuple[dict[int, dict[int, dict[str, str]]], list[str]]:
    """Level → number of the layer in it → part → name; and the names that are none of a U-Net's."""
    levels, left = dict[int, dict[int, dict[str, str]]](), list[str]()
    for name in state:
        *path, part = name.split(".")
        if _is_path(path):
            layers = levels.setdefault(path.count("model") - 2, {})
            layers.setdefault(int(path[-1]), {})[part] = name
        else:
            left.append(name)
    return levels, left


def _is_path(path: list[str]) -> bool:
    """Whether it is model.model, then numbers with a ``model`` after each but the last."""
    rest = path[2:]
    places = ["1" if k == 0 else "3" for k in range(len(rest) // 2)]  # where the next level lies in each
    return path[:2] == ["model", "model"] and len(rest) % 2 == 1 and rest[-1].isdigit() and rest[:-1] == [
        word for place in places for word in (place, "model")
    ]  # fmt: skip


def _is_norm(parts: Mapping[str, str], state: Mapping[str, Tensor]) -> bool:
    return set(parts) <= {"weight", "bias", *_RUNNING} and all(state[name].ndim == 1 for name in parts.values())


def _down_and_up(
    layers: Mapping[int, dict[str, str]], state: Mapping[str, Tensor], level: int
) -> list[tuple[int, dict[str, str]]]:
    """Numbers and parts of a level's convolution and transposed convolution."""
    convs = [
        (place, parts)
        for place, parts in sorted(layers.items())
        if "weight" in parts and state[parts["weight"]].ndim == 4 and set(parts) <= {"weight", "bias"}
    ]
    if len(convs) != 2:
        raise Misread(f"it looks like a U-Net of pix2pix, but level {level} has {len(convs)} convolutions, not 2.")
    return convs
