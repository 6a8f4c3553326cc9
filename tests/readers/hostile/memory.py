"""Files that try to cost far more memory than they have bytes."""

from __future__ import annotations

from tests.readers.hostile.wire import MIB, blob, call, holding, hostile, legacy, nested, pid, tensor, text, torch_zip


@hostile
def many_views_of_one_storage(folder):
    """8 MB of numbers, seen 2,000 times in another order: 16 GB if every view were copied."""
    count = 2 * MIB
    storage = pid(count=count) + b"q\x01"
    view = tensor(b"h\x01", size=(2, count // 2), stride=(1, 2))
    entries = b"".join(text(f"v{i}") + view for i in range(2000))
    return torch_zip(b"}(" + text("first") + tensor(storage, size=(count,)) + entries + b"u", {"0": b"\0" * 4 * count})


@hostile
def one_tensor_under_many_names(folder):
    """8 MB of numbers under 20,000 names: nothing here, 160 GB in the copy."""
    count = 2 * MIB
    first = tensor(pid(count=count), size=(count,)) + b"q\x01"
    entries = b"".join(text(f"v{i}") + b"h\x01" for i in range(20_000))
    return torch_zip(b"}(" + text("first") + first + entries + b"u", {"0": b"\0" * 4 * count})


@hostile
def storage_read_many_times(folder):
    stream = legacy(count=MIB, data=b"\0" * 4 * MIB)
    first = blob(stream) + b"q\x01"
    entries = (
        first
        + b"0"
        + b"".join(
            text(f"v{i}") + tensor(call("torch.storage", "_load_from_bytes", b"h\x01"), size=(MIB,)) for i in range(500)
        )
    )
    return b"\x80\x02" + entries[: len(first) + 1] + b"}(" + entries[len(first) + 1 :] + b"u."


@hostile
def expanded_view(folder):
    return torch_zip(tensor(pid(), size=(1 << 34,), stride=(0,)), {"0": b"\0" * 16})


@hostile
def lists_by_the_million(folder):
    return b"\x80\x02" + b"]" * (16 * MIB) + b"."


@hostile
def dicts_by_the_million(folder):
    return b"\x80\x02(" + b"}q\x01" * (5 * MIB) + b"t."


@hostile
def marks_by_the_million(folder):
    return b"\x80\x02" + b"(" * (16 * MIB) + b"."


@hostile
def calls_by_the_million(folder):
    return b"\x80\x02ccollections\nOrderedDict\nq\x010(" + b"h\x01)R" * (4 * MIB) + b"t."


@hostile
def memo_bomb(folder):
    """Each list holds the one before ten times: 10^40 leaves."""
    body = b"\x80\x02]q\x000"
    for level in range(40):
        body += b"](" + (b"h" + bytes([level])) * 10 + b"eq" + bytes([level + 1]) + b"0"
    return body + b"h\x28."


@hostile
def memo_bomb_of_dicts(folder):
    body = b"\x80\x04}" + text("a") + tensor(nested(legacy())) + b"s\x940"
    for level in range(60):
        body += b"}(" + b"".join(text(name) + b"h" + bytes([level]) for name in "abcd") + b"u\x940"
    return body + b"h\x3c."


@hostile
def memo_index_bomb(folder):
    return b"\x80\x02}r\xff\xff\xff\xff0h\x05."


@hostile
def laughing_strings(folder):
    """4,000 characters, put into a name 10,000 times."""
    first = text("ha" * 2000) + b"q\x01"
    return b"\x80\x02" + first + b"0" + b"}" + b"h\x01}" * 3000 + b"s" * 3000 + b"."


@hostile
def astral_text(folder):
    """4 MB of text with one character that makes Python hold four bytes for each."""
    piece = text("\U0001f600" + "x" * 4000)
    return b"\x80\x02](" + piece * 3000 + b"e."


@hostile
def deep_nesting(folder):
    return b"\x80\x02" + b"](" * 100_000 + b"N" + b"e" * 100_000 + b"."


@hostile
def deep_tuples(folder):
    return b"\x80\x02N" + b"\x85" * 90_000 + b"."


@hostile
def deep_dicts(folder):
    return b"\x80\x02" + (b"}" + text("a")) * 25_000 + b"N" + b"s" * 25_000 + b"."


@hostile
def deep_calls(folder):
    return b"\x80\x02" + b"ctorch\nSize\n" + b"q\x01(" * 1 + b"h\x01(" * 25_000 + b"tR" * 25_000 + b"t\x86."


@hostile
def deep_persistent_ids(folder):
    return torch_zip(text("x") + b"\x85Q" * 40_000, {})


@hostile
def deep_list_as_numpy_type(folder):
    """A sentence about this type would be endless."""
    deep = b"](" + b"](" * 30_000 + b"e" * 30_001
    dtype = call("numpy", "dtype", deep + b"\x89\x88")
    return holding(call("numpy.core.multiarray", "scalar", dtype + blob(b"1234")))


@hostile
def deep_list_as_class_name(folder):
    deep = b"](" + b"](" * 30_000 + b"e" * 30_001
    meta = b"}(" + text("type") + text("class") + text("class_name") + deep + text("state") + b"]u"
    return holding(call("torch_utils.persistence", "_reconstruct_persistent_obj", meta))


@hostile
def one_long_state_met_many_times(folder):
    """20,000 entries without `_modules`, met 20,000 times: 4·10^8 comparisons if they were searched every time."""
    state = b"}(" + b"".join(text(f"k{i}") + b"N" for i in range(20_000)) + b"u"
    return b"\x80\x02c__main__\nNet\n)\x81q\x01" + state + b"b0](" + b"h\x01" * 20_000 + b"e."


@hostile
def list_in_itself(folder):
    return b"\x80\x02]q\x00h\x00a."


@hostile
def dict_in_itself(folder):
    return b"\x80\x02}q\x00" + text("G_ema") + b"h\x00s."


@hostile
def module_in_itself(folder):
    state = b"}(" + text("_parameters") + b"}" + text("_modules") + b"}" + text("a") + b"h\x09s" + b"u"
    return b"\x80\x02c__main__\nNet\n)\x81q\x09" + state + b"b."


@hostile
def protocol_two_bytes_that_are_no_bytes(folder):
    stream = call("_codecs", "encode", text("\u4e00" * 5000) + text("latin1"))
    return holding(tensor(call("torch.storage", "_load_from_bytes", stream)))


@hostile
def one_dict_as_argument_many_times(folder):
    """20,000 entries, copied into one dict for each of 5,000 arguments: 10^8 references."""
    shared = b"}q\x00(" + b"NN" * 20_000 + b"u0"
    return b"\x80\x02" + shared + b"ccollections\nOrderedDict\n(" + b"h\x00" * 5000 + b"tR."


@hostile
def one_list_of_pairs_as_argument_many_times(folder):
    shared = b"]q\x00(" + b"NN\x86" * 20_000 + b"e0"
    return b"\x80\x02" + shared + b"ccollections\nOrderedDict\n(" + b"h\x00" * 5000 + b"tR."


@hostile
def one_tuple_of_arguments_many_times(folder):
    """20,000 arguments of 20,000 calls."""
    shared = b"(" + b"N" * 20_000 + b"tq\x000"
    calls = b"cbuiltins\nset\nq\x010](" + b"h\x01h\x00R" * 20_000 + b"e."
    return b"\x80\x02" + shared + calls


@hostile
def one_state_of_many_objects(folder):
    """20,000 entries without `_modules`, the state of 20,000 objects: each has to be looked through."""
    state = b"}q\x00(" + b"".join(text(f"k{i}") + b"N" for i in range(20_000)) + b"u0"
    return b"\x80\x02" + state + b"c__main__\nNet\nq\x010](" + b"h\x01)\x81h\x00b" * 20_000 + b"e."


@hostile
def one_meta_of_many_objects(folder):
    meta = b"}q\x00(" + b"".join(text(f"k{i}") + b"N" for i in range(20_000)) + text("type") + text("class") + b"u0"
    name = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\nq\x010]("
    return b"\x80\x02" + meta + name + b"h\x01h\x00\x85R" * 20_000 + b"e."
