"""Files that try to run something, in every way that a pickle can ask for it."""

from __future__ import annotations

from tests.readers.hostile.wire import blob, call, command, holding, hostile, legacy, nested, tensor, text, torch_zip


@hostile
def os_system(folder):
    return holding(call("os", "system", text(command(folder))))


@hostile
def os_system_text_pickle(folder):
    return f'cos\nsystem\n(S"{command(folder)}"\ntR.'.encode()


@hostile
def posix_system_beside_good_weights(folder):
    weights = tensor(nested(legacy()))
    return (
        b"\x80\x02}(" + text("G_ema") + weights + text("note") + call("posix", "system", text(command(folder))) + b"u."
    )


@hostile
def builtins_eval(folder):
    return holding(call("builtins", "eval", text(f"__import__('os').system({command(folder)!r})")))


@hostile
def builtins_exec_python2_name(folder):
    return holding(call("__builtin__", "exec", text(f"import os; os.system({command(folder)!r})")))


@hostile
def getattr_chain(folder):
    module = call("importlib", "import_module", text("os"))
    run = call("builtins", "getattr", module + text("system"))
    return holding(run + b"(" + text(command(folder)) + b"tR")


@hostile
def subprocess_new_object(folder):
    return holding(b"csubprocess\nPopen\n(" + text(command(folder)) + b"t\x81")


@hostile
def dotted_name(folder):
    return holding(text("torch") + text("os.system") + b"\x93(" + text(command(folder)) + b"tR")


@hostile
def dotted_module_of_a_library(folder):
    return holding(call("numpy.testing._private.utils", "runstring", text("import os") + b"}"))


@hostile
def torch_hub_load(folder):
    return holding(call("torch.hub", "load", text("someone/repo") + text("model")))


@hostile
def torch_load_inside(folder):
    return holding(call("torch.serialization", "load", text(str(folder / "other.pt"))))


@hostile
def call_of_a_result(folder):
    inner = call("collections", "OrderedDict", b"")
    return holding(inner + b"(" + text("x") + b"tR")


@hostile
def module_source_is_the_payload(folder):
    source = f"import os\nos.system({command(folder)!r})\n" * 50
    meta = b"}(" + text("type") + text("module") + text("module_src") + text(source) + b"u"
    return holding(call("torch_utils.persistence", "_reconstruct_persistent_obj", meta))


@hostile
def persistent_import_hook(folder):
    return holding(call("torch_utils.persistence", "import_hook", text(command(folder))))


@hostile
def payload_in_nested_storage(folder):
    return holding(tensor(nested(legacy(root=call("os", "system", text(command(folder)))))))


@hostile
def payload_in_zip(folder):
    return torch_zip(call("os", "system", text(command(folder))), {})


@hostile
def inst_opcode(folder):
    return b"\x80\x02(" + text(command(folder)) + b"ios\nsystem\n."


@hostile
def obj_opcode(folder):
    return b"\x80\x02(cos\nsystem\n" + text(command(folder)) + b"o."


@hostile
def obj_opcode_of_a_harmless_class(folder):
    return b"\x80\x02(ccollections\nOrderedDict\no."


@hostile
def build_with_setstate(folder):
    state = b"}" + text("__setstate__") + b"cos\nsystem\ns"
    return holding(b"ccollections\nOrderedDict\n)\x81" + state + b"b" + text(command(folder)) + b"b")


@hostile
def build_on_a_class(folder):
    return holding(b"ccollections\nOrderedDict\n}" + text("__init__") + b"N" + b"sb")


@hostile
def build_twice(folder):
    return holding(b"ccollections\nOrderedDict\n)\x81}b}b")


@hostile
def build_on_a_list(folder):
    return holding(b"]}b")


@hostile
def extension_opcodes(folder):
    return b"\x80\x02\x82\x01."


@hostile
def extension_opcode_long(folder):
    return b"\x80\x02\x84\x01\x00\x00\x00)R."


@hostile
def out_of_band_buffer(folder):
    return holding(b"\x97\x98")


@hostile
def codecs_decode_gadget(folder):
    return holding(call("_codecs", "decode", blob(b"x") + text("zip_codec")))


@hostile
def object_array_payload(folder):
    dtype = call("numpy", "dtype", text("O8") + b"\x89\x88")
    array = call("numpy.core.multiarray", "_reconstruct", b"cnumpy\nndarray\n" + b"K\x00\x85" + blob(b"b"))
    return holding(array + b"(K\x01K\x01\x85" + dtype + b"\x89]" + call("os", "system", text("true")) + b"atb")


@hostile
def text_persistent_id(folder):
    return b"\x80\x02Pos.system\n."


@hostile
def popen_of_a_library_with_a_word(folder):
    return holding(call("psutil", "Popen", text("reboot")))


@hostile
def class_of_a_library_with_a_sentence(folder):
    return holding(call("paramiko.proxy", "Proxy", text(command(folder))))


@hostile
def enum_of_a_library_with_an_object(folder):
    return holding(call("accelerate.utils", "Precision", b"}"))


@hostile
def partial_call(folder):
    return holding(call("functools", "partial", b"cposix\nsystem\n" + text(command(folder))))


@hostile
def logging_configuration(folder):
    return holding(call("logging.config", "dictConfig", b"}"))
