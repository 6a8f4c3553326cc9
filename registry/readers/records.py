"""What a pickle asks for, written down instead of done, and the names it may mention.

A global is two strings, a call is a global with arguments: neither is ever looked up, imported or called.
"""

from __future__ import annotations

from typing import Any

from registry.readers.source import Source

Record = Any  # None, bool, int, float, str, bytes, list, tuple, or one of the classes below


class Global:
    """The name of a function or class. `dotted` spells Python 2's and NumPy 2's names of the same things alike."""

    __slots__ = ("module", "name", "dotted")

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = _RENAMED.get(module, module), name
        self.dotted = f"{self.module}.{name}"


class Call:
    """A call or construction the file asks for, with what it then puts into the object."""

    __slots__ = ("function", "arguments", "state", "items", "pairs", "network", "is_known")

    def __init__(self, function: Record, arguments: Record) -> None:
        self.function, self.arguments = function, arguments
        self.state: Record = None
        self.items: list[Record] | None = None
        self.pairs: Pairs | None = None
        self.network: Pairs | None = None  # set by `networks.module_state`
        self.is_known = False

    @property
    def dotted(self) -> str:
        """Name of what is called; empty when it is not a plain global."""
        function = self.function
        if isinstance(function, PersistentId) and isinstance(function.pid, tuple) and function.pid[:1] == ("module",):
            function = function.pid[1] if len(function.pid) > 1 else None  # torch's legacy files wrap classes so
        return function.dotted if isinstance(function, Global) else ""


class Pairs(list[Record]):
    """A dict as key, value, key, value…: keys are not hashed before they are known to be plain."""

    __slots__ = ()

    def get(self, key: str) -> Record:
        """The last value under a text key, or None."""
        found = None
        for index in range(0, len(self) - 1, 2):
            if isinstance(self[index], str) and self[index] == key:
                found = self[index + 1]
        return found


class Items(list[Record]):
    """A set or frozenset, unhashed."""

    __slots__ = ()


class PersistentId:
    """A reference to something outside the pickle: a storage of torch's file formats."""

    __slots__ = ("pid",)

    def __init__(self, pid: Record) -> None:
        self.pid = pid


class Span:
    """Bytes or text too long to copy: where they lie. `encoding` is empty for bytes."""

    __slots__ = ("source", "start", "size", "encoding")

    def __init__(self, source: Source, start: int, size: int, encoding: str = "") -> None:
        self.source, self.start, self.size, self.encoding = source, start, size, encoding


_RENAMED = {
    "__builtin__": "builtins",
    "copy_reg": "copyreg",
    "numpy._core.multiarray": "numpy.core.multiarray",
    "numpy._core.numeric": "numpy.core.numeric",
    "pathlib._local": "pathlib",  # Python 3.13
    "torch.cuda": "torch",
    "torch.storage": "torch",
}

# The parts of the standard library that are data. All the rest of it has no place in a weight file. Of what is not
# needed for weights (dates, queues, settings' types) only the names are known: such objects are left out.
_PLAIN_TYPES = "set frozenset dict list tuple int float complex bool str bytes bytearray object slice range"
_ASIDE = {
    "collections": frozenset({"deque", "ChainMap", "UserDict", "UserList", "UserString"}),
    "datetime": frozenset({"datetime", "date", "time", "timedelta", "timezone"}),
    "decimal": frozenset({"Decimal"}),
    "fractions": frozenset({"Fraction"}),
    "uuid": frozenset({"UUID", "SafeUUID"}),
    "random": frozenset({"Random"}),
    "logging": frozenset({"getLogger", "Logger"}),
    "array": frozenset({"array"}),
    "numpy.random._pickle": frozenset({"__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor"}),
}
_TYPES_OF_SETTINGS = "Any Union Optional List Dict Tuple Set Sequence Mapping Callable Type Iterable Literal"
STANDARD_DATA = {
    "builtins": frozenset(_PLAIN_TYPES.split()),
    "collections": frozenset({"OrderedDict", "defaultdict", "Counter", *_ASIDE["collections"]}),
    "copyreg": frozenset({"_reconstructor"}),
    "_codecs": frozenset({"encode"}),
    "argparse": frozenset({"Namespace"}),
    "types": frozenset({"SimpleNamespace"}),
    "pathlib": frozenset({"Path", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"}),
    "typing": frozenset(_TYPES_OF_SETTINGS.split()),
    **{module: names for module, names in _ASIDE.items() if module != "collections"},
}

REBUILD_TENSOR = frozenset({"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"})
REBUILD_TENSOR_V3 = "torch._utils._rebuild_tensor_v3"
REBUILD_PARAMETER = frozenset(
    {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter"}
)
REBUILD_TYPED = "torch._tensor._rebuild_from_type_v2"
LOAD_STORAGE = "torch._load_from_bytes"  # torch.storage is spelt torch above
ARRAY = "numpy.core.multiarray._reconstruct"
ARRAY_FROM_BUFFER = "numpy.core.numeric._frombuffer"
SCALAR = "numpy.core.multiarray.scalar"
DTYPE = "numpy.dtype"
PERSISTENT = "torch_utils.persistence._reconstruct_persistent_obj"
TF_NETWORK = "dnnlib.tflib.network.Network"
DICTS = frozenset(
    {
        *("collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict"),
        *("argparse.Namespace", "types.SimpleNamespace", "dnnlib.util.EasyDict", "dnnlib.EasyDict"),
    }
)
SEQUENCES = frozenset({"builtins.set", "builtins.frozenset", "builtins.list", "builtins.tuple", "torch.Size"})
ENCODE = "_codecs.encode"
CALLED = (
    REBUILD_TENSOR
    | REBUILD_PARAMETER
    | DICTS
    | SEQUENCES
    | {REBUILD_TENSOR_V3, REBUILD_TYPED, LOAD_STORAGE, ARRAY, ARRAY_FROM_BUFFER, SCALAR, DTYPE, PERSISTENT, TF_NETWORK}
    | {ENCODE, "builtins.bytes", "builtins.bytearray", "copyreg._reconstructor", "torch.device"}
    | {f"pathlib.{name}" for name in STANDARD_DATA["pathlib"]}
    | {f"{module}.{name}" for module, names in _ASIDE.items() for name in names}
)
