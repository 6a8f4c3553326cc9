"""Which of the generators in one file is meant: the averaged one, wherever it lies.

Training keeps a moving average of the generator's weights, which makes better pictures than the network in training
(Karras et al. 2018, "Progressive Growing of GANs", section 4.1; called EMA, Gs or smooth by others).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from nets.stylegan2.keymaps import KeyMapError

_AVERAGED = re.compile(r"gs|ema.*|.*ema|(.*_)?(ema|smooth|averaged?|avg|swa|shadow)(_.*)?|.*_(ema|smooth|avg)[_\d].*")
# what a file calls the judge beside a generator that it calls by the key
_JUDGES = {
    "g": ("d", "netd", "disc", "discriminator"),
    "netg": ("netd", "d"),
    "generator": ("discriminator", "d", "disc"),
    "gen": ("dis", "disc", "discriminator"),
}


def is_averaged(prefix: str) -> bool:
    """Whether the prefix under which a network lies says, at any level, that it is the moving average."""
    return any(_AVERAGED.fullmatch(part) for part in _parts(prefix))


def choose(prefixes: Collection[str], tensors: Mapping[str, Tensor]) -> str:
    """The prefix of the generator that is meant.

    Args:
        prefixes: under which a generator lies each, at least one.
        tensors: all of the file, by whole name.

    Raises KeyMapError when the file holds several that could be meant, or only one as it stood in training.
    """
    averaged = [prefix for prefix in prefixes if is_averaged(prefix)]
    found = _different(averaged or prefixes, tensors)
    if len(found) > 1:
        what = "averaged generators" if averaged else "generators, none of them called averaged (EMA)"
        names = ", ".join(prefix.rstrip("./") or "one at its top" for prefix in found[:4])
        more = ", …" if len(found) > 4 else ""
        raise KeyMapError(
            f"This file holds {len(found)} {what}: {names}{more}. Save the one that is meant in a file of its own."
        )
    if not averaged and _has_judge(found[0], tensors):
        raise KeyMapError(
            "This is a training checkpoint without G_ema, the averaged generator that makes the pictures: it holds "
            "only generator and discriminator as they stood in training. Choose the file with G_ema."
        )
    return found[0]


def beside(name: str, prefix: str, tensors: Mapping[str, Tensor]) -> Tensor | None:
    """The tensor of that name that lies with a network or at any level above it, the nearest first."""
    parts = [part for part in re.split(r"(?<=[./])", prefix) if part]
    places = ("".join(parts[:count]) for count in range(len(parts), -1, -1))
    return next((tensors[place + name] for place in places if place + name in tensors), None)


def _parts(prefix: str) -> list[str]:
    return [part for part in re.split(r"[./]", prefix.lower()) if part]


def _different(prefixes: Collection[str], tensors: Mapping[str, Tensor]) -> list[str]:
    """Without those that only repeat the numbers of another, in order: the shortest name, then the alphabet."""
    kept: list[tuple[str, dict[str, Tensor]]] = []
    for prefix in sorted(prefixes, key=lambda each: (len(each), each)):
        own = {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        if not any(_equal(own, other) for _, other in kept):
            kept.append((prefix, own))
    return [prefix for prefix, _ in kept]


def _equal(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def _has_judge(prefix: str, tensors: Mapping[str, Tensor]) -> bool:
    *above, last = _parts(prefix) or [""]
    wanted = {".".join([*above, judge, ""]) for judge in _JUDGES.get(last, ())}
    return any(name.lower().replace("/", ".").startswith(tuple(wanted)) for name in tensors) if wanted else False
