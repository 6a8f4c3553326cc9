"""A seeded mutation fuzzer over small files of every layout.

Files are flipped, cut, repeated, spliced and overwritten; pickles also by whole opcodes, and the pickle inside a zip
archive apart from its archive, so that mutations reach the interpreter and not only the first check. A mutated file may
be read or refused in a typed error; anything else, or memory beyond the limit, is a finding.
"""

from __future__ import annotations

import contextlib
import io
import pickletools
import random
import resource
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from registry.errors import EditorError
from registry.readers import pickle_machine
from registry.readers.cache import cached_copy, read_cached
from registry.readers.contents import Tensors
from registry.readers.reading import read_tensors
from tests.readers import fake_nvlabs
from tests.readers.builders import build_all
from tests.readers.measure import LIMIT

_INTERESTING = [
    b"\0" * 4,
    b"\xff" * 4,
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x80",
    b"\xff" * 8,
    b"\0" * 8,
    b"\1",
    b"\x7f",
    b"\x80",
]
_TOKENS = [
    *(
        bytes([code])
        for code in b"(0123.}]){NQRabceghijlopqrstu\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x95\x97"
    ),
    *(b"cos\nsystem\n", b"ctorch._utils\n_rebuild_tensor_v2\n", b"ctorch.storage\n_load_from_bytes\n", b"\x8a\x08"),
    *(
        b"cnumpy\ndtype\n",
        b"cnumpy.core.multiarray\nscalar\n",
        b"ccollections\nOrderedDict\n)R",
        b"ctorch\nHalfStorage\n",
    ),
    *(
        b"c_codecs\nencode\n",
        b"ctorch\nSize\n",
        b"K\xff",
        b"J\xff\xff\xff\xff",
        b"M\xff\xff",
        b"h\x00",
        b"h\x05",
        b"q\x01",
    ),
    *(b"_parameters", b"_modules", b"data/0", b'"F32"', b"[0,16]", b"PK\x01\x02", b"PK\x05\x06"),
]


@dataclass
class Findings:
    """What a run of the fuzzer saw."""

    files: int = 0
    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    growth: int = 0  # bytes that the process grew over its size before, at the worst moment
    untyped: list[str] = field(default_factory=list)


def seeds(folder: Path) -> dict[str, bytes]:
    """Small files of every layout."""
    source, fake_nvlabs.SOURCE = fake_nvlabs.SOURCE, "# source"
    try:
        written = build_all(folder)
    finally:
        fake_nvlabs.SOURCE = source
    return {name: path.read_bytes() for name, (path, _) in written.items()}


class Mutator:
    """Draws mutated files from seeds, the same for the same `seed`."""

    def __init__(self, files: dict[str, bytes], seed: int) -> None:
        self.random = random.Random(seed)
        self.names, self.files = list(files), files
        self.weights = [1 / (1000 + len(data)) for data in files.values()]  # small files take less time
        self.members = {name: _members(data) for name, data in files.items() if data.startswith(b"PK")}
        pickles = {name: data for name, data in files.items() if data.startswith(b"\x80")}
        pickles |= {
            name: next(d for m, d in parts.items() if m.endswith("data.pkl")) for name, parts in self.members.items()
        }
        self.starts = {name: _opcodes(data) for name, data in pickles.items()}

    def draw(self) -> tuple[str, bytes]:
        """A seed's name and a file mutated from it."""
        (name,) = self.random.choices(self.names, self.weights)
        if name in self.members and self.random.random() < 0.7:
            members = self.members[name]
            main = next(member for member in members if member.endswith("data.pkl"))
            return name, _archive({**members, main: self._mutated(members[main], self.starts[name])})
        return name, self._mutated(self.files[name], self.starts.get(name))

    def _mutated(self, data: bytes, starts: list[int] | None) -> bytes:
        out = bytearray(data)
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 6))):
            if starts and self.random.random() < 0.5:
                self._opcode(out, starts)
            else:
                self._bytes(out)
        return bytes(out)

    def _opcode(self, out: bytearray, starts: list[int]) -> None:
        """Replaces, removes, repeats or inserts whole opcodes; places drift after the first, which is welcome."""
        draw = self.random
        low, high = sorted(draw.sample(range(len(starts)), 2)) if len(starts) > 1 else (0, 0)
        high = min(high, low + draw.choice((1, 1, 2, 5)))
        at, end = starts[low], starts[high]
        kind = draw.randrange(4)
        if kind == 0:
            out[at:end] = draw.choice(_TOKENS)
        elif kind == 1:
            del out[at:end]
        elif kind == 2:
            place = starts[draw.randrange(len(starts))]
            out[place:place] = out[at:end] * draw.choice((1, 2, 20))
        else:
            out[at:at] = draw.choice(_TOKENS) * draw.choice((1, 1, 3, 50))

    def _bytes(self, out: bytearray) -> None:
        draw = self.random
        at = draw.randrange(len(out) + 1)
        kind = draw.randrange(8)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << draw.randrange(8)
        elif kind == 1 and at < len(out):
            out[at] = draw.randrange(256)
        elif kind == 2:
            piece = draw.choice(_INTERESTING)
            out[at : at + len(piece)] = piece
        elif kind == 3:
            out[at:at] = draw.choice(_TOKENS)
        elif kind == 4:
            del out[at : at + draw.choice((1, 2, 8, 64))]
        elif kind == 5:
            out[at:at] = out[at : at + draw.choice((1, 8, 64, 512))]
        elif kind == 6:
            del out[at:]
        else:
            other = self.files[draw.choice(self.names)]
            start = draw.randrange(len(other))
            out[at : at + 32] = other[start : start + draw.choice((4, 32, 256))]


def fuzz(count: int, seed: int, folder: Path) -> Findings:
    """Reads `count` mutated files and says what happened; the process must be single-threaded and warm."""
    files = seeds(folder)
    for name in files:
        read_tensors(folder / f"{name}.bin")
    mutator, found, path = Mutator(files, seed), Findings(), folder / "mutated.bin"
    inline = pickle_machine.LONGEST_INLINE
    _forget_peak()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    for number in range(count):
        name, data = mutator.draw()
        path.write_bytes(data)
        pickle_machine.LONGEST_INLINE = 16 if number % 3 == 0 else inline  # so that short strings take the long way too
        try:
            tensors = read_tensors(path, memory_limit_bytes=1 << 34)
            held = sum(t.numel() * t.element_size() for group in tensors.tensors.values() for t in group.values())
            if number % 10 == 0:
                _check_copy(path, folder / "cache", tensors)
            found.read += 1
            if held > 2.5 * len(data) + LIMIT:
                found.untyped.append(f"{number} {name}: holds {held} bytes of {len(data)}")
        except EditorError:
            found.refused += 1
        except Exception as error:  # the very thing that is looked for
            found.untyped.append(f"{number} {name}: {type(error).__name__}: {error}"[:300])
    pickle_machine.LONGEST_INLINE = inline
    found.seconds = time.perf_counter() - started
    found.files = count
    found.growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return found


def _check_copy(path: Path, cache: Path, tensors: Tensors) -> None:
    """Whatever can be read can be read from its copy, with the same tensors."""
    try:
        place = cached_copy(path, cache, memory_limit_bytes=1 << 34)
        copy = read_cached(place, memory_limit_bytes=1 << 34)
        place.unlink()
    except EditorError as error:
        raise AssertionError(f"the copy of a file that could be read: {error}") from error
    if {name: list(group) for name, group in copy.tensors.items()} != {
        name: list(group) for name, group in tensors.tensors.items()
    }:
        raise AssertionError("the copy holds other tensors")


def _forget_peak() -> None:
    """Lets the high-water mark of memory begin at the present size, where the system can (Linux, proc(5))."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def _archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def _opcodes(data: bytes) -> list[int]:
    """Where opcodes begin, in all the pickles that follow one another at the start of `data`."""
    stream, starts = io.BytesIO(data), []
    for _ in range(5):
        try:
            starts += [place for _, _, place in pickletools.genops(stream) if place is not None]
        except ValueError:
            break
    return starts
