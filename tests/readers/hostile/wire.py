"""The pieces that hostile files are put together from, and the table they are kept in."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.readers.builders import BUILDERS

HOSTILE: dict[str, Callable[[Path], Path]] = {}
MIB = 1 << 20


def hostile(build):
    """Registers a builder of bytes (or of a path of its own choice)."""

    def write(folder: Path) -> Path:
        made = build(folder)
        if isinstance(made, Path):
            return made
        path = folder / "weights.pkl"
        path.write_bytes(made)
        return path

    HOSTILE[build.__name__] = write
    return build


def text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(raw)) + raw


def blob(value: bytes) -> bytes:
    """BINBYTES."""
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int) -> bytes:
    """LONG1."""
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def call(module: str, name: str, arguments: bytes) -> bytes:
    """GLOBAL, then REDUCE with a tuple of arguments."""
    return f"c{module}\n{name}\n".encode() + b"(" + arguments + b"tR"


def holding(value: bytes, key: str = "G_ema") -> bytes:
    """A pickled dict with one entry."""
    return b"\x80\x04}" + text(key) + value + b"s."


def command(folder: Path) -> str:
    return f"touch '{folder / 'canary'}'"


def legacy(
    dtype: bytes = b"ctorch\nFloatStorage\n", count: int = 4, data: bytes | None = None, root: bytes = b""
) -> bytes:
    """A stream of torch's older format with one storage."""
    pid = b"(" + text("storage") + dtype + text("0") + text("cpu") + number(count) + b"NtQ"
    head = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    body = struct.pack("<q", count) + (b"\0" * 16 if data is None else data)
    return head + b"\x80\x02" + (root or pid) + b"." + pickle.dumps(["0"], 2) + body


def nested(stream: bytes) -> bytes:
    return call("torch.storage", "_load_from_bytes", blob(stream))


def tensor(storage: bytes, offset: int = 0, size: tuple = (4,), stride: tuple = (1,)) -> bytes:
    """`_rebuild_tensor_v2` over a storage."""
    ints = [b"(" + b"".join(number(value) for value in values) + b"t" for values in (size, stride)]
    arguments = storage + number(offset) + ints[0] + ints[1] + b"\x89" + b"ccollections\nOrderedDict\n)R"
    return call("torch._utils", "_rebuild_tensor_v2", arguments)


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def torch_zip(root: bytes, storages: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    members = {"archive/data.pkl": b"\x80\x02" + root + b".", "archive/byteorder": b"little", "archive/version": b"3\n"}
    return archive(members | {f"archive/data/{key}": data for key, data in storages.items()}, method)


def pid(kind: str = "FloatStorage", key: str = "0", count: int = 4) -> bytes:
    return b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(count) + b"tQ"


def good(name: str, folder: Path) -> bytes:
    path = folder / "good.bin"
    BUILDERS[name](path)
    data = path.read_bytes()
    path.unlink()
    return data
