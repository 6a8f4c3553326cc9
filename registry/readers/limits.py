"""How much a weight file may cost, and how a refusal is worded.

A file of N bytes may make the reader hold at most ``2 N + 8 MiB`` of tensor bytes and ``N / 4 + 32 MiB`` of structure
(names, lists, records). Every allocation is asked for here first, so a lie in a file costs a sentence, not memory.
"""

from __future__ import annotations

import os

from registry.errors import OutOfMemory, WeightsCorrupt

MIB = 1 << 20
NODE_COST = 160  # bytes: a list or record with its slot on the stack and in the memo, measured on CPython 3.10-3.13
REFERENCE_COST = 8  # bytes: a slot in a list
MAX_DEPTH = 96  # levels of nesting a real file needs: about 30
MAX_NAME = 1024  # characters in the name of one tensor
MAX_DIMS = 32
MAX_EXTENT = 1 << 40  # elements along one axis
ANOTHER_FILE = "Download it again or choose another file"


class Refused(WeightsCorrupt):
    """Why a file is not read.

    Args:
        why: what the file is or does, without a full stop.
        fix: what the user can do, without a full stop.
    """

    def __init__(self, why: str, fix: str = ANOTHER_FILE) -> None:
        super().__init__(why, fix)
        self.why, self.fix = why, fix

    def __str__(self) -> str:
        return f"{self.why}. {self.fix}."


def shown(text: object, most: int = 80) -> str:
    """Text out of a file, made safe and short enough to stand in a sentence.

    Of anything else but a number only the type is told: the text of a nested list can be endless.
    """
    if isinstance(text, str):
        clipped = text[: most + 1]
    else:
        clipped = str(text) if text is None or isinstance(text, (int, float)) else f"a {type(text).__name__}"
    printable = "".join(c if c.isprintable() else "?" for c in clipped)
    return printable if len(printable) <= most else printable[:most] + "…"


def size_text(count: int) -> str:
    """Bytes as people read them: ``381.5 MB``."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def available_memory() -> int | None:
    """Bytes that can be allocated without swapping, or None where the system does not say."""
    found = [count for count in (_of_system(), _of_container()) if count is not None]
    return max(0, min(found)) if found else None


def _of_system() -> int | None:
    try:
        with open("/proc/meminfo", encoding="ascii") as table:
            for line in table:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_container() -> int | None:
    """What a container's limit (Linux control groups, version 2) leaves free; its file cache can be given back."""
    folder = "/sys/fs/cgroup/"
    try:
        with (
            open(f"{folder}memory.max", encoding="ascii") as most,
            open(f"{folder}memory.stat", encoding="ascii") as now,
        ):
            used = {key: int(value) for key, value in (line.split() for line in now)}
            return int(most.read()) - used["anon"] - used.get("kernel", 0)
    except (OSError, ValueError, KeyError):
        return None


class Budget:
    """What one file may still cost.

    Args:
        file_bytes: size of the file, which sets the allowance.
        memory_limit: bytes of tensors that fit into memory, or None for no limit but the file's own.
    """

    def __init__(self, file_bytes: int, memory_limit: int | None = None) -> None:
        self.structure_left = 32 * MIB + file_bytes // 4
        self.payload_left = 2 * file_bytes + 8 * MIB
        self.named_left = 2 * file_bytes + 8 * MIB
        self.memory_limit = memory_limit
        self.allocated = 0

    def node(self, count: int = 1, extra: int = 0) -> None:
        """Pays for `count` small objects and `extra` bytes of text."""
        self.structure_left -= count * NODE_COST + extra
        if self.structure_left < 0:
            raise Refused("it describes far more objects than a file of its size can hold")

    def looked_through(self, count: int) -> None:
        """Pays for copying `count` references or going through them once more."""
        self.structure_left -= count * REFERENCE_COST
        if self.structure_left < 0:
            self.node(0)

    def allocate(self, count: int) -> None:
        """Pays for `count` bytes of tensor storage that are about to be allocated."""
        self.payload_left -= count
        if self.payload_left < 0:
            raise Refused("its tensors would take far more memory than the file has bytes")
        self.allocated += count
        if self.memory_limit is not None and self.allocated > self.memory_limit:
            raise OutOfMemory(too_large(self.allocated, self.memory_limit))

    def named(self, count: int) -> None:
        """Pays for handing out one named tensor of `count` bytes, shared with another name or not."""
        self.named_left -= count
        if self.named_left < 0:
            raise Refused("its tensors overlap: together they are far larger than the file")


def too_large(needed: int, limit: int) -> str:
    """The sentence for a file that does not fit into memory."""
    return (
        f"its tensors need at least {size_text(needed)} and {size_text(limit)} of memory is free. "
        "Close other programs, choose a smaller model, or run Facet on a machine with more memory"
    )
