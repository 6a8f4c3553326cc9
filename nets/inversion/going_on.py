"""What a loop with Adam needs in order to go on elsewhere just as it would have gone on here, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

State = Mapping[str, Any]


def plain(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Copies of tensors, by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in tensors.items()}


def tensor(array: Any, like: Tensor) -> Tensor:
    """An array on the device and of the type of `like`."""
    return torch.from_numpy(np.array(array)).to(like)


def moments(optimiser: torch.optim.Adam, values: Mapping[str, Tensor]) -> dict[str, Any]:
    """Adam's moments of what it optimises, and how many steps it made: fewer where gradients came later."""
    known = {name: optimiser.state[value] for name, value in values.items() if optimiser.state.get(value)}
    return {
        "steps": {name: int(row["step"]) for name, row in known.items()},
        "first": plain({name: row["exp_avg"] for name, row in known.items()}),
        "second": plain({name: row["exp_avg_sq"] for name, row in known.items()}),
    }


def set_moments(optimiser: torch.optim.Adam, values: Mapping[str, Tensor], state: State) -> None:
    """Give a fresh Adam what `moments` kept of another."""
    for name, value in values.items():
        if name in state["first"]:
            optimiser.state[value] = {
                "step": torch.tensor(float(state["steps"][name])),
                "exp_avg": tensor(state["first"][name], value.detach()),
                "exp_avg_sq": tensor(state["second"][name], value.detach()),
            }
