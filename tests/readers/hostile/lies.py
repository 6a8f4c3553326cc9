"""Files that lie about what they refer to, how long it is, which shape or type it has."""

from __future__ import annotations

import struct

from tests.readers.hostile.wire import (
    MIB,
    blob,
    call,
    holding,
    hostile,
    legacy,
    nested,
    number,
    pid,
    tensor,
    text,
    torch_zip,
)

# ---- shapes of references


@hostile
def entry_name_with_a_line_break(folder):
    return torch_zip(b"}" + text("weight\nos.system") + tensor(pid()) + b"s", {"0": b"\0" * 16})


@hostile
def persistent_id_in_a_plain_pickle(folder):
    return holding(pid())


@hostile
def persistent_id_is_a_number(folder):
    return torch_zip(tensor(b"K\x07Q"), {"0": b"\0" * 16})


@hostile
def persistent_id_is_short(folder):
    return torch_zip(tensor(b"(" + text("storage") + b"tQ"), {"0": b"\0" * 16})


@hostile
def persistent_id_with_negative_length(folder):
    return torch_zip(tensor(pid(count=-4)), {"0": b"\0" * 16})


@hostile
def persistent_id_of_a_module(folder):
    return torch_zip(b"(" + text("module") + b"cos\nsystem\n" + text("f.py") + text("source") + b"tQ)\x81", {})


# ---- lies about sizes


@hostile
def bytes_of_a_terabyte(folder):
    return b"\x80\x04\x8e" + struct.pack("<Q", 1 << 40) + b"x" * 100


@hostile
def text_of_four_gigabytes(folder):
    return b"\x80\x02X\xff\xff\xff\xff" + b"x" * 100


@hostile
def frame_longer_than_the_file(folder):
    return b"\x80\x04\x95" + struct.pack("<Q", 1 << 50) + b"}."


@hostile
def giant_integer(folder):
    return holding(b"\x8b" + struct.pack("<I", 20 * MIB) + b"\x7f" * (20 * MIB))


@hostile
def giant_integer_as_text(folder):
    return holding(b"L" + b"9" * 60_000 + b"L\n")


@hostile
def integer_of_negative_length(folder):
    return holding(b"\x8b" + struct.pack("<i", -5))


@hostile
def huge_shape(folder):
    return torch_zip(tensor(pid(), size=(1 << 20, 1 << 20), stride=(0, 0)), {"0": b"\0" * 16})


@hostile
def shape_that_overflows(folder):
    return torch_zip(tensor(pid(), size=(1 << 33, 1 << 33), stride=(0, 0)), {"0": b"\0" * 16})


@hostile
def empty_shape_that_overflows(folder):
    size = (0, 1 << 39, 1 << 39)
    return torch_zip(tensor(pid(), size=size, stride=(1, 1, 1)), {"0": b"\0" * 16})


@hostile
def negative_stride(folder):
    return torch_zip(tensor(pid(), offset=3, stride=(-1,)), {"0": b"\0" * 16})


@hostile
def negative_offset(folder):
    return torch_zip(tensor(pid(), offset=-2), {"0": b"\0" * 16})


@hostile
def outside_its_storage(folder):
    return torch_zip(tensor(pid(), offset=1), {"0": b"\0" * 16})


@hostile
def shape_of_texts(folder):
    storage = pid() + b"K\x00" + b"(" + text("4") + b"t" + b"(" + text("1") + b"t\x89N"
    return torch_zip(call("torch._utils", "_rebuild_tensor_v2", storage), {"0": b"\0" * 16})


@hostile
def forty_dimensions(folder):
    return torch_zip(tensor(pid(), size=(1,) * 40, stride=(1,) * 40), {"0": b"\0" * 16})


@hostile
def storage_shorter_than_it_says(folder):
    return torch_zip(tensor(pid(count=1000), size=(1000,)), {"0": b"\0" * 16})


@hostile
def nested_storage_shorter_than_it_says(folder):
    return holding(tensor(nested(legacy(count=1 << 40)), size=(1 << 20,)))


@hostile
def type_lie(folder):
    return torch_zip(tensor(pid("DoubleStorage", count=4)), {"0": b"\0" * 16})


@hostile
def two_types_for_one_storage(folder):
    both = tensor(pid("FloatStorage", count=4)) + tensor(pid("IntStorage", count=4))
    return torch_zip(b"](" + both + b"e", {"0": b"\0" * 16})


@hostile
def truth_values_of_255(folder):
    return torch_zip(tensor(pid("BoolStorage", count=4)), {"0": b"\xff" * 4})


@hostile
def unknown_storage_type(folder):
    return torch_zip(tensor(pid("QInt8Storage", count=4)), {"0": b"\0" * 4})


@hostile
def array_longer_than_its_bytes(folder):
    dtype = call("numpy", "dtype", text("f4") + b"\x89\x88")
    array = call("numpy.core.multiarray", "_reconstruct", b"cnumpy\nndarray\n" + b"K\x00\x85" + blob(b"b"))
    return holding(array + b"(K\x01" + number(1 << 30) + b"\x85" + dtype + b"\x89" + blob(b"1234") + b"tb")
