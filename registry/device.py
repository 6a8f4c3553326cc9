"""Which device a run uses, and how much memory it took."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


_of_main = 0  # threads that torch has in the main thread


def cpu_threads() -> int:
    """How many CPU threads torch has for a run, whichever thread asks; serving programs ask once in their main thread.

    A thread that first calls torch while a run has fewer threads keeps the run's number for good.
    """
    global _of_main
    if not _of_main or threading.current_thread() is threading.main_thread():
        _of_main = torch.get_num_threads()
    return _of_main


@contextmanager
def with_threads(count: int) -> Iterator[None]:
    """Let torch have `count` CPU threads for what this thread does meanwhile."""
    before = cpu_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def resident_bytes() -> int:
    """Resident memory of this process now, or its peak where the system does not tell the present; 0 if unknown."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return _resident_on_windows() if sys.platform == "win32" else _peak_bytes()


def _peak_bytes() -> int:
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of psapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        *((name, ctypes.c_size_t) for name in ("PeakWorkingSetSize", "WorkingSetSize", *map(str, range(6)))),
    )


def _resident_on_windows() -> int:
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Counters), ctypes.c_uint32)
    there = kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
    return int(counters.WorkingSetSize) if there else 0


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on the CPU or on a GPU."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
