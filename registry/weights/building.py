"""Reading a verified file and making the network of it, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from registry.belongings import own_copies, places_of_copies
from registry.device import is_out_of_memory
from registry.errors import EditorError, OutOfMemory, WeightsCorrupt, WeightsMissing
from registry.readers import Tensors, read_cached, read_tensors, read_text, read_through
from registry.weights.declare import Net, Weights
from registry.weights.local import Local
from registry.weights.locations import tensor_copies


def build(
    net: Net, weights: Weights, local: Local, device: str, dtype: torch.dtype, give_room: Callable[[], object]
) -> tuple[Any, tuple[str, ...]]:
    """Make the network and move it to the device; also says what the reader left out of its file.

    Args:
        net: says how it is made.
        weights: the source that is used, for the sentences of errors.
        local: its verified file.
        device: where the network is to be.
        dtype: floating type of its weights.
        give_room: called once if memory runs out; then all is tried again.

    Raises:
        WeightsMissing, WeightsCorrupt: the file cannot be read, or its tensors do not fit the network.
        OutOfMemory: it does not fit into memory.
    """
    for last in (False, True):
        try:
            # A run's own random numbers and inference mode must not depend on whether a network was loaded in it.
            with torch.inference_mode(False), torch.random.fork_rng(devices=[]):
                contents = _read(local)
                return _placed(net.build(contents), device, dtype), contents.warnings
        except Exception as error:
            if isinstance(error, OutOfMemory) or is_out_of_memory(error):
                if last:
                    raise _no_room(weights, device, error) from None
            elif isinstance(error, EditorError):
                raise
            else:
                raise WeightsCorrupt(_misfit(weights, net, error)) from error
        give_room()
    raise AssertionError("the second round returns or raises")


def _misfit(weights: Weights, net: Net, error: Exception) -> str:
    """A ValueError is a builder's own sentence about the file; anything else is told with its class."""
    if isinstance(error, ValueError):
        return f"{weights.label} cannot be used: {str(error)[:400]}"
    return f"{weights.label} does not fit the network {net.name!r} ({type(error).__name__}: {str(error)[:200]})."


def _read(local: Local) -> Tensors:
    if local.path.parent in (tensor_copies(), *places_of_copies()):  # of a file that may be gone by now
        return read_cached(local.path)
    if local.path.suffix == ".safetensors":
        return read_tensors(local.path)
    if local.path.suffix == ".txt":
        return read_text(local.path)
    try:
        return read_through(local.path, tensor_copies() if local.repo else own_copies())
    except WeightsMissing:  # the copy only saves time; without room for it the file itself is read
        return read_tensors(local.path)


def _placed(value: Any, device: str, dtype: torch.dtype) -> Any:
    if isinstance(value, torch.nn.Module):
        return value.eval().requires_grad_(False).to(device=device, dtype=dtype)
    return value.to(device) if hasattr(value, "to") else value


def _no_room(weights: Weights, device: str, error: Exception) -> OutOfMemory:
    if isinstance(error, OutOfMemory):
        return error
    return OutOfMemory(f"{weights.label} does not fit into the memory of {device}. Close other programs, or use cpu.")
