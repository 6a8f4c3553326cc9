"""What tuning did to a generator, as a difference of tensors: small to store, and applied to a copy."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor

from nets.stylegan2 import Generator


def state_delta(
    before: Mapping[str, Tensor], after: Mapping[str, Tensor], dtype: torch.dtype = torch.float16
) -> dict[str, Tensor]:
    """after - before for every tensor that differs, on the CPU.

    In half precision the differences keep three digits; the weights themselves stay exact. Raises KeyError for a name
    of `after` that `before` lacks.
    """
    found = {}
    for name, value in after.items():
        difference = value.detach().float() - before[name].detach().float()
        if bool(difference.any()):
            found[name] = difference.to(dtype).cpu().contiguous()
    return found


@torch.inference_mode(False)
def with_delta(generator: Generator, delta: Mapping[str, Tensor]) -> Generator:
    """A copy of the generator with `delta` added to its weights, frozen. The mapping is shared: tuning leaves it alone.

    Raises:
        ValueError: a tensor of the delta has no place in this generator, another shape, or a value that is not finite.
    """
    place = generator.state_dict()
    for name, value in delta.items():
        if name not in place:
            raise ValueError(f"delta: this generator has no tensor {name!r}; it was tuned on another one")
        if value.shape != place[name].shape:
            raise ValueError(f"delta: {name} is {list(value.shape)}, in this generator {list(place[name].shape)}")
        if not bool(value.isfinite().all()):
            raise ValueError(f"delta: {name} is not finite")
    tuned = copy.copy(generator)
    tuned._modules = dict(generator._modules)
    for part in {name.partition(".")[0] for name in delta}:
        setattr(tuned, part, copy.deepcopy(getattr(generator, part)).requires_grad_(False))
    with torch.no_grad():
        for name, value in tuned.state_dict().items():
            if name in delta:
                value += delta[name].to(value)
    return tuned
