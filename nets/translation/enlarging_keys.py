"""Real-ESRGAN's networks from the names of their authors' files; old ESRGAN files have other names for the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from nets.translation.enlarging import Compact, Rrdb
from nets.translation.official import Misread, filled

_PLAIN = {"conv_first": "first", "conv_body": "after_body", "conv_hr": "fine", "conv_last": "last",
          "conv_up1": "up.0", "conv_up2": "up.1", "trunk_conv": "after_body", "HRconv": "fine",
          "upconv1": "up.0", "upconv2": "up.1"}  # fmt: skip
_DENSE = re.compile(r"(?:body|RRDB_trunk)\.(\d+)\.(?:rdb|RDB)([123])\.conv([1-5])\.(weight|bias)")


def rrdb_from_state(state: Mapping[str, Tensor]) -> Rrdb:
    """An RRDB network in cleaned tensors. Raises Misread."""
    tensors, left = dict[str, Tensor](), list[str]()
    for name, value in state.items():
        layer, _, part = name.rpartition(".")
        if match := _DENSE.fullmatch(name):
            tensors[f"body.{match[1]}.{int(match[2]) - 1}.convs.{int(match[3]) - 1}.{match[4]}"] = value
        elif layer in _PLAIN:
            tensors[f"{_PLAIN[layer]}.{part}"] = value
        else:
            left.append(name)
    first, growth = tensors.get("first.weight"), tensors.get("body.0.0.convs.0.weight")
    if first is None or growth is None or first.ndim != 4:
        raise Misread("it looks like Real-ESRGAN's RRDB network, but its first layers are missing.")
    scales = {3: 4, 12: 2, 48: 1}
    if first.shape[1] not in scales:
        raise Misread(f"its first layer takes {first.shape[1]} channels; colour pictures have 3, 12 or 48 there.")
    blocks = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("body."))
    if blocks > len(tensors):
        raise Misread("it looks like Real-ESRGAN's RRDB network, but blocks of it are missing.")
    sizes = scales[first.shape[1]], first.shape[0], growth.shape[0], blocks
    return filled(lambda: Rrdb(*sizes), tensors, left, f"Real-ESRGAN's RRDB network of {blocks} blocks")


def compact_from_state(state: Mapping[str, Tensor]) -> Compact:
    """Real-ESRGAN's compact network in cleaned tensors. Raises Misread."""
    names = {name: re.fullmatch(r"body\.(\d+)\.(weight|bias)", name) for name in state}
    places = sorted({int(match[1]) for match in names.values() if match})
    if not places or places != list(range(places[-1] + 1)) or len(places) % 2 == 0:
        raise Misread("it looks like Real-ESRGAN's compact network, but layers of it are missing.")
    tensors = dict[str, Tensor]()
    for name, match in names.items():
        if match:
            place, part = int(match[1]), match[2]
            ours = "last" if place == places[-1] else f"{'slopes' if place % 2 else 'convs'}.{place // 2}"
            tensors[f"{ours}.{part}"] = state[name]
    first, last = state["body.0.weight"], state[f"body.{places[-1]}.weight"]
    scale = round((last.shape[0] / 3) ** 0.5)
    layers, width = len(places) // 2 - 1, first.shape[0]
    left = [name for name, match in names.items() if not match]
    return filled(lambda: Compact(max(1, scale), width, layers), tensors, left, "Real-ESRGAN's compact network")
