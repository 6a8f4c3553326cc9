"""Loaded networks, kept while there is room for them.

A network is shared by everybody who asks for the same file, builder, device and type. When the memory set aside for a
device is full, those used longest ago go first, but none whose user is still there: a lease lasts as long as its owner
object lives, so that a run that ends, however it ends, gives its networks free.
"""

from __future__ import annotations

import gc
import itertools
import os
import threading
import weakref
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from registry.settings import number

Key = tuple[Hashable, ...]


@dataclass
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


@dataclass
class _Kept:
    value: Any
    device: str
    size: int
    used: int
    owners: list[weakref.ref[Any]] = field(default_factory=list)

    @property
    def in_use(self) -> bool:
        self.owners = [owner for owner in self.owners if owner() is not None]
        return bool(self.owners)


class NetCache:
    """Values by key, each on one device, inside a budget per device.

    Args:
        budget: gives the bytes that may be kept on a device.
    """

    def __init__(self, budget: Callable[[str], int]) -> None:
        self._budget = budget
        self._kept: dict[Key, _Kept] = {}
        self._guard = threading.RLock()
        self._making: dict[Key, _Turn] = {}
        self._clock = itertools.count()

    def get(self, key: Key, device: str, make: Callable[[], Any], expect: int = 0, owner: object | None = None) -> Any:
        """The value, made by `make` if it is not kept. Of several threads that ask for the same, one makes it.

        Args:
            key: what it is.
            device: where it is.
            make: makes it.
            expect: about how many bytes it will take; room is made before it is made.
            owner: keeps it from being evicted while this object lives.
        """
        with self._turn(key):
            with self._guard:
                kept = self._kept.get(key)
            if kept is None:
                self.trim(device, expect)
                value = make()
                kept = _Kept(value, device, tensor_bytes(value), 0)
            with self._guard:
                self._kept[key] = kept
                kept.used = next(self._clock)
                if owner is not None and all(known() is not owner for known in kept.owners):
                    kept.owners.append(weakref.ref(owner))
        self.trim(device, spare=key)
        return kept.value

    @contextmanager
    def _turn(self, key: Key) -> Iterator[None]:
        """Hold the right to make a value; forgotten when nobody waits for it, as keys may hold large things alive."""
        with self._guard:
            turn = self._making.setdefault(key, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._guard:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._making[key]

    def peek(self, key: Key) -> Any:
        """The value if it is kept, else None; does not count as a use."""
        with self._guard:
            kept = self._kept.get(key)
        return kept.value if kept else None

    def trim(self, device: str, extra: int = 0, spare: Key | None = None) -> int:
        """Evict until `extra` more bytes fit into the device's budget; returns how many bytes were given free."""
        freed = 0
        with self._guard:
            room = self._budget(device) - extra
            for key in sorted(self._kept, key=lambda key: (not _orphaned(key), self._kept[key].used)):
                full = self.held_bytes(device) > room
                here = self._kept[key].device == device and key != spare and not self._kept[key].in_use
                if here and (full or _orphaned(key)):
                    freed += self._kept.pop(key).size
        if freed:
            gc.collect()
            if device.startswith("cuda"):
                torch.cuda.empty_cache()
        return freed

    def clear(self) -> None:
        """Evict everything that nobody uses."""
        with self._guard:
            for key in [key for key, kept in self._kept.items() if not kept.in_use]:
                del self._kept[key]
        gc.collect()

    def held_bytes(self, device: str) -> int:
        """Bytes kept on a device."""
        with self._guard:
            return sum(kept.size for kept in self._kept.values() if kept.device == device)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: object) -> bool:
        return key in self._kept


def _orphaned(key: Key) -> bool:
    """Whether nobody can ask for this key again: something it refers to is gone."""
    return any(isinstance(part, weakref.ref) and part() is None for part in key)


def tensor_bytes(value: Any, _seen: set[int] | None = None) -> int:
    """Bytes of all tensors in a module, a collection, or an object's attributes, each storage counted once."""
    seen = set() if _seen is None else _seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        if storage.data_ptr() in seen:
            return 0
        seen.add(storage.data_ptr())
        return int(storage.nbytes())
    if isinstance(value, torch.nn.Module):
        return sum(tensor_bytes(part, seen) for part in itertools.chain(value.parameters(), value.buffers()))
    if isinstance(value, Mapping):
        return sum(tensor_bytes(part, seen) for part in value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(tensor_bytes(part, seen) for part in value)
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    attributes = getattr(value, "__dict__", None)
    return tensor_bytes(attributes, seen) if isinstance(attributes, dict) and not isinstance(value, type) else 0


def net_budget_bytes(device: str) -> int:
    """Memory for loaded networks: ``FACET_NET_MEMORY_MB``, else 60 % of a GPU's or a quarter of the machine's."""
    if megabytes := number("NET_MEMORY_MB"):
        return int(megabytes * 1e6)
    if device.startswith("cuda"):
        return int(torch.cuda.get_device_properties(device).total_memory * 0.6)
    if device == "mps":
        return int(torch.mps.recommended_max_memory() * 0.5)
    return _machine_bytes() // 4


def _machine_bytes() -> int:
    """Memory of the machine, or of the container if that is less."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        total = 8 << 30
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return total
