"""Damaged files, zip files that lie, files of two kinds at once, and paths that are no files."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib

import numpy as np

from tests.readers.hostile.wire import (
    MIB,
    archive,
    call,
    command,
    good,
    holding,
    hostile,
    legacy,
    nested,
    pid,
    tensor,
    text,
    torch_zip,
)

# ---- damage


def _cut(name, layout, share):
    def build(folder):
        data = good(layout, folder)
        return data[: int(len(data) * share)]

    build.__name__ = name
    hostile(build)


for _layout in ("ada_pickle-4", "pti_module-True", "pti_module-False", "safetensors", "onnx", "tf_tuple-2"):
    for _share in (0.05, 0.5, 0.98):
        _cut(f"cut_{_layout}_at_{_share}", _layout, _share)


@hostile
def bytes_after_the_end(folder):
    return good("ada_pickle-4", folder) + b"more"


@hostile
def missing_storage(folder):
    return torch_zip(tensor(pid(key="9")), {"0": b"\0" * 16})


@hostile
def stack_underflow(folder):
    return b"\x80\x02(0000a."


@hostile
def invalid_utf8(folder):
    return holding(b"X\x02\x00\x00\x00\xff\xfe")


@hostile
def lone_surrogate_name(folder):
    return holding(tensor(nested(legacy())), key="\ud800")


@hostile
def no_stop(folder):
    return holding(b"N")[:-1]


# ---- zip


@hostile
def zip_bomb(folder):
    return torch_zip(tensor(pid(count=16 * MIB), size=(16 * MIB,)), {"0": b"\0" * 64 * MIB}, zipfile.ZIP_DEFLATED)


@hostile
def deflated_pickle(folder):
    members = {"archive/data.pkl": b"\x80\x02" + b"]" * MIB + b"."}
    return archive(members, zipfile.ZIP_DEFLATED)


@hostile
def duplicate_names(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", holding(tensor(pid())))
        file.writestr("archive/data/0", b"\0" * 16)
        file.writestr("archive/data/1", b"\1" * 16)
    return out.getvalue().replace(b"archive/data/1", b"archive/data/0")


@hostile
def path_traversal(folder):
    return archive({"../../data.pkl": holding(tensor(pid())), "../../data/0": b"\0" * 16})


@hostile
def absolute_name(folder):
    return archive({"/etc/data.pkl": holding(tensor(pid())), "/etc/data/0": b"\0" * 16})


@hostile
def link_member(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", holding(tensor(pid())))
        entry = zipfile.ZipInfo("archive/data/0")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        file.writestr(entry, b"/etc/passwd\0\0\0\0\0")
    return out.getvalue()


@hostile
def member_that_swallows_the_next(folder):
    """One member's size reaches over the next member's header, as in the overlapping zip bombs."""
    data = bytearray(torch_zip(tensor(pid(count=20), size=(20,)), {"0": b"\0" * 16, "1": b"\1" * 64}))
    at = data.index(b"archive/data/0", data.index(b"PK\x01\x02")) - 46
    data[at + 20 : at + 28] = struct.pack("<2I", 80, 80)
    return bytes(data)


@hostile
def two_entries_for_one_header(folder):
    data = bytearray(torch_zip(tensor(pid()), {"0": b"\0" * 16, "1": b"\1" * 16}))
    first, second = data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


@hostile
def header_disagrees(folder):
    data = torch_zip(tensor(pid()), {"0": b"\0" * 16})
    return data.replace(b"archive/data/0", b"archive/data/1", 1)


@hostile
def size_lie_in_table(folder):
    data = bytearray(torch_zip(tensor(pid(count=MIB), size=(MIB,)), {"0": b"\0" * 16}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 20 : at + 28] = struct.pack("<2I", 4 * MIB, 4 * MIB)
    return bytes(data)


@hostile
def encrypted_member(folder):
    data = bytearray(torch_zip(tensor(pid()), {"0": b"\0" * 16}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@hostile
def zip_with_a_million_members(folder):
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65534, 65534, 46 * 65534, 4, 0)
    return b"PK\x03\x04" + b"PK\x01\x02" * (46 * 65534 // 4) + end


@hostile
def script_archive(folder):
    return archive(
        {"archive/data.pkl": b"\x80\x02}.", "archive/constants.pkl": b"\x80\x02).", "archive/code/a.py": b""}
    )


# ---- polyglots and stand-ins


@hostile
def zip_then_pickle(folder):
    return torch_zip(tensor(pid()), {"0": b"\0" * 16}) + holding(call("os", "system", text(command(folder))))


@hostile
def pickle_then_zip(folder):
    return good("ada_pickle-4", folder) + torch_zip(tensor(pid()), {"0": b"\0" * 16})


@hostile
def page_then_zip(folder):
    return b"<html><script>x</script></html>" + torch_zip(tensor(pid()), {"0": b"\0" * 16})


@hostile
def gzipped_pickle(folder):
    return b"\x1f\x8b" + zlib.compress(holding(call("os", "system", text(command(folder)))))


@hostile
def tar_archive(folder):
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        file.addfile(tarfile.TarInfo("pickle"))
    return out.getvalue()


@hostile
def numpy_object_file(folder):
    out = io.BytesIO()
    np.save(out, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return out.getvalue()


# ---- the file system


@hostile
def link_to_a_device(folder):
    (folder / "zero.pt").symlink_to("/dev/zero")
    return folder / "zero.pt"


@hostile
def link_to_itself(folder):
    (folder / "loop.pt").symlink_to(folder / "loop.pt")
    return folder / "loop.pt"


@hostile
def link_to_nothing(folder):
    (folder / "lost.pt").symlink_to(folder / "nowhere.pt")
    return folder / "lost.pt"


@hostile
def named_pipe(folder):
    os.mkfifo(folder / "pipe.pt")
    return folder / "pipe.pt"


@hostile
def directory(folder):
    (folder / "model.pt").mkdir()
    return folder / "model.pt"
