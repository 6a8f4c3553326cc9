"""Every setting that one editor could leave behind for all others: how to read it, put it back and name it."""

from __future__ import annotations

import contextlib
import gc
import locale
import logging
import os
import random
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageFile

from registry.process.habitat import blanket, changed_variables, filters, folder, go_to, set_environ, set_filters, umask
from registry.process.patches import patched, patches, unpatch


@dataclass(frozen=True)
class Item:
    """One setting.

    Attributes:
        what: its name, for a sentence that begins with “changed”.
        read: how it is now.
        write: make it so.
        blamed: whether an editor that changes it is at fault; random states are there to be used.
        detail: which parts of it differ, or empty if none does.
        imposed: whether a run itself sets it as it begins.
    """

    what: str
    read: Callable[[], Any]
    write: Callable[[Any], None]
    blamed: bool = True
    detail: Callable[[Any, Any], str] | None = None
    imposed: bool = False

    def differs(self, before: Any, now: Any) -> bool:
        """Whether it has to be put back."""
        return bool(self.detail(before, now)) if self.detail else bool(before != now)

    def tell(self, before: Any, now: Any) -> str:
        """What was changed, in words; empty if nothing was."""
        if not self.differs(before, now):
            return ""
        return f"{self.what} ({self.detail(before, now)})" if self.detail else self.what


def _attribute(what: str, home: Any, name: str) -> Item:
    return Item(what, lambda: getattr(home, name), lambda value: setattr(home, name, value))


def _identity(what: str, home: Any, name: str) -> Item:
    """For objects that are to stay the same ones."""
    return Item(
        what,
        lambda: getattr(home, name),
        lambda value: setattr(home, name, value),
        detail=lambda before, now: "" if before is now else type(now).__name__,
    )


def _set_deterministic(value: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(value[0], warn_only=value[1])


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _torch_random() -> bytes:
    return bytes(torch.random.get_rng_state().numpy().tobytes())


def _set_torch_random(state: bytes) -> None:
    torch.random.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


def _numpy_random() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state()
    return name, np.asarray(keys).tobytes(), *rest


def _set_numpy_random(state: tuple[Any, ...]) -> None:
    name, keys, *rest = state
    np.random.set_state((name, np.frombuffer(keys, np.uint32), *rest))


def _set_default_device(device: torch.device) -> None:
    torch.set_default_device(None if device.type == "cpu" else device)


def _set_errors(how: Any) -> None:
    np.seterr(**how)


def _set_locale(name: str) -> None:
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, name)


def _threads(count: int) -> None:
    torch.set_num_threads(count)


PROCESS: tuple[Item, ...] = (
    Item("functions of others", patches, unpatch, detail=patched),
    Item("torch's default type", torch.get_default_dtype, torch.set_default_dtype),
    Item("torch's precision of products", torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    Item("torch's deterministic mode", _deterministic, _set_deterministic),
    Item("torch's number of threads", torch.get_num_threads, _threads, imposed=True),
    Item("torch's search for anomalies", torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    _attribute("torch.backends.mkldnn.enabled", torch.backends.mkldnn, "enabled"),
    _attribute("torch.backends.mkldnn.deterministic", torch.backends.mkldnn, "deterministic"),
    _attribute("torch.backends.cudnn.enabled", torch.backends.cudnn, "enabled"),
    _attribute("torch.backends.cudnn.benchmark", torch.backends.cudnn, "benchmark"),
    _attribute("torch.backends.cudnn.deterministic", torch.backends.cudnn, "deterministic"),
    _attribute("torch.backends.cudnn.allow_tf32", torch.backends.cudnn, "allow_tf32"),
    _attribute("torch.backends.cuda.matmul.allow_tf32", torch.backends.cuda.matmul, "allow_tf32"),
    Item("torch's random state", _torch_random, _set_torch_random, blamed=False, imposed=True),
    Item("NumPy's random state", _numpy_random, _set_numpy_random, blamed=False, imposed=True),
    Item("Python's random state", random.getstate, random.setstate, blamed=False, imposed=True),
    Item("the working folder", folder, go_to),
    Item("the umask", umask, lambda mask: (os.umask(mask), None)[1]),
    Item("environment variables", lambda: dict(os.environ), set_environ, detail=changed_variables),
    _identity("sys.stdout", sys, "stdout"),
    _identity("sys.stderr", sys, "stderr"),
    _identity("sys.stdin", sys, "stdin"),
    _identity("sys.excepthook", sys, "excepthook"),
    _identity("threading.excepthook", threading, "excepthook"),
    _identity("warnings.showwarning", warnings, "showwarning"),
    Item("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    Item("the switch interval", sys.getswitchinterval, sys.setswitchinterval),
    Item("garbage collection", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    Item("the time limit of sockets", socket.getdefaulttimeout, socket.setdefaulttimeout),
    Item("the locale", lambda: locale.setlocale(locale.LC_ALL), _set_locale),
    _attribute("Image.MAX_IMAGE_PIXELS", Image, "MAX_IMAGE_PIXELS"),
    _attribute("ImageFile.LOAD_TRUNCATED_IMAGES", ImageFile, "LOAD_TRUNCATED_IMAGES"),
    Item("filters of warnings", filters, set_filters, detail=blanket),
    Item("logging's level", lambda: logging.root.level, logging.root.setLevel),
    _attribute("logging.disable", logging.root.manager, "disable"),
)
"""Settings of the whole process."""

THREAD: tuple[Item, ...] = (
    Item("torch's gradient mode", torch.is_grad_enabled, lambda on: (torch.set_grad_enabled(on), None)[1]),
    Item("torch's default device", torch.get_default_device, _set_default_device),
    Item("NumPy's handling of errors", np.geterr, _set_errors),
)
"""Settings of one thread."""
