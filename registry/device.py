"""Which device a run uses, and how much memory it took."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import torch

from registry.errors import BadInput
from registry.settings import text

DEVICES = ("cuda", "mps", "cpu")


def pick_device(wanted: str = "") -> str:
    """``wanted``, else ``FACET_DEVICE``, else the best there is: CUDA, then Apple's MPS, then the CPU.

    Raises:
        BadInput: the named device is unknown or not present.
    """
    wanted = wanted or text("DEVICE")
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if not wanted:
        return next(device for device in DEVICES if present[device])
    if wanted.partition(":")[0] not in present:
        raise BadInput("device", f"must be one of {', '.join(DEVICES)}, not “{wanted}”")
    if not present[wanted.partition(":")[0]]:
        raise BadInput("device", f"{wanted} is not present on this machine", "Use cpu.")
    return wanted


def resident_bytes() -> int:
    """Resident memory of this process now (its peak so far, where the system does not tell the present)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on the CPU or on a GPU."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
