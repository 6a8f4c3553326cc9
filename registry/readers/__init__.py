"""Reading weight files safely: only tensors and plain values ever come out, and nothing in a file is ever run.

`read_tensors` reads any of the known layouts, `cached_copy` keeps a safetensors copy of what was read, `read_cached`
reads that, `read_through` does both; `read_text` reads plain text. The way of a pickle: `opcodes` writes down what it
asks for (`records`, `allowed`), `networks` finds the networks in that, `interpret` and `storages` read their tensors;
`limits` pays for it all.
"""

from registry.readers.cache import cached_copy, read_cached, read_through
from registry.readers.contents import Tensors
from registry.readers.limits import Budget, Refused
from registry.readers.reading import named_errors, read_source, read_tensors
from registry.readers.safetensors_file import put_safetensors, table_of
from registry.readers.sealed import SEAL, is_sound, sealed
from registry.readers.source import FileSource, Source
from registry.readers.text_file import read_text

__all__ = [
    "Budget",
    "FileSource",
    "Refused",
    "SEAL",
    "Source",
    "Tensors",
    "cached_copy",
    "is_sound",
    "named_errors",
    "put_safetensors",
    "read_cached",
    "read_source",
    "read_tensors",
    "read_text",
    "read_through",
    "sealed",
    "table_of",
]
