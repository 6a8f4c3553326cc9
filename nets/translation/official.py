"""What all readers of published files share: names and tensors as their authors saved them, cleaned of old habits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)


class Misread(ValueError):
    """These tensors are not the network that is wanted; the text says what they are."""


def cleaned(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by the names of one plain network.

    The prefix of DataParallel goes, counters of batches go, and spectral normalisation is folded into the weights: with
    the matrix W of ``weight_orig`` (rows: outputs) and its vectors u and v, weight = W / (uᵀ W v).

    Raises:
        Misread: a spectral norm without its vector, or of zero.
    """
    found = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    while found and all(name.startswith("module.") for name in found):
        found = {name.removeprefix("module."): value for name, value in found.items()}
    found = {name: value for name, value in found.items() if not name.endswith("num_batches_tracked")}
    for stem, names in _spectral(found).items():
        weight, u, v = (found.pop(name, None) for name in names)
        if weight is None or u is None:
            raise Misread(f"the spectral norm of {stem} has lost its vector u.")
        found[stem] = _folded(stem, weight, u, v)
    return found


def _spectral(found: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """The weight's name → the names of W, u and v, old ones and those of parametrisations."""
    pairs: dict[str, tuple[str, str, str]] = {}
    for name in found:
        if name.endswith("weight_orig"):
            stem = name.removesuffix("_orig")
            pairs[stem] = (name, f"{stem}_u", f"{stem}_v")
        elif name.endswith("parametrizations.weight.original"):
            stem = name.removesuffix("original")
            pairs[stem.removesuffix("parametrizations.weight.") + "weight"] = (name, f"{stem}0._u", f"{stem}0._v")
    return pairs


def _folded(name: str, weight: Tensor, u: Tensor, v: Tensor | None = None) -> Tensor:
    """weight / (uᵀ W v). Transposed convolutions have their outputs second; the oldest files have no v."""
    weight, u = weight.double(), u.double().flatten()
    turned = weight if len(u) == weight.shape[0] or weight.ndim < 2 else weight.transpose(0, 1)
    matrix = turned.reshape(turned.shape[0], -1)
    if len(u) != len(matrix) or (v is not None and v.numel() != matrix.shape[1]):
        raise Misread(f"the spectral norm of {name} has vectors of another length.")
    other = nn.functional.normalize(matrix.T @ u, dim=0) if v is None else v.double().flatten()
    sigma = u @ (matrix @ other)
    if not torch.isfinite(sigma) or not sigma:
        raise Misread(f"the spectral norm of {name} is {float(sigma)}.")
    return (weight / sigma).float()


@torch.inference_mode(False)  # a network loaded during inference must still take gradients later
def filled(build: Callable[[], Net], tensors: Mapping[str, Tensor], left: Iterable[str], what: str) -> Net:
    """The network with those tensors (copies, float32), in evaluation mode and frozen.

    Args:
        build: makes it; called without memory for its weights.
        tensors: by the network's own names.
        left: names in the file that belong to none of them.
        what: the network, for the sentence.

    Raises:
        Misread: tensors are missing, left over, or of a wrong shape.
    """
    with torch.device("meta"):
        net = build()
    wanted = net.state_dict()
    missing = [name for name in wanted if name not in tensors]
    over = [*left, *(name for name in tensors if name not in wanted)]
    wrong = [name for name in wanted if name in tensors and tensors[name].shape != wanted[name].shape]
    parts = []
    for word, names in (("are missing", missing), ("are left over", over), ("have a wrong shape", wrong)):
        if names:
            more = ", …" if len(names) > 3 else ""
            parts.append(f"{len(names)} tensors {word} ({', '.join(n[:80] for n in names[:3])}{more})")
    if parts:
        raise Misread(f"it looks like {what}, but {' and '.join(parts)}.")
    net.load_state_dict({name: tensors[name].detach().float().clone().contiguous() for name in wanted}, assign=True)
    return net.eval().requires_grad_(False)
