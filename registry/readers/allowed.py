"""Which names a weight file may mention, and which calls may be written down. Nothing is ever run, allowed or not."""

from __future__ import annotations

import re
import sys

from registry.readers.limits import Refused, shown
from registry.readers.records import CALLED, STANDARD_DATA, Global, Record

_CLASS = re.compile(r"[A-Z]\w*[a-z]\w*")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_MIGHT_RUN = re.compile(r"(?i)popen|process|command|shell|exec|spawn|script|thread|server|client|import|load|eval")
_NOT_RUN = "It was not run. Do not open this file with other programs"


def check_global(found: Global) -> Global:
    """Lets a name through that a weight file can have a reason for.

    Raises:
        Refused: a dotted name, or one of the standard library outside `STANDARD_DATA`.
    """
    module, name = found.module, found.name
    if "." in name or not name or not module:
        raise Refused(f"it reaches through dotted names ({shown(found.dotted)})", _NOT_RUN)
    if module.split(".")[0] in sys.stdlib_module_names and name not in STANDARD_DATA.get(module, ()):
        raise Refused(f"it asks to run {shown(found.dotted)}, which has no place in a weight file", _NOT_RUN)
    return found


def check_called(function: Record, arguments: Record) -> None:
    """Lets a call be written down if this reader knows what it builds, or it is one of a setting's value: an enum's.

    Raises:
        Refused: any other call.
    """
    if not isinstance(function, Global):
        raise Refused("it asks to call something that is not a plain function", _NOT_RUN)
    if function.dotted not in CALLED and not _is_setting(function, arguments):
        raise Refused(f"it asks to run {shown(function.dotted)}, which builds no weights", _NOT_RUN)


def _is_setting(function: Global, arguments: Record) -> bool:
    """Whether a call looks like ``Precision("fp16")``: a class of some library, by its name, and words or numbers."""
    library = function.module.split(".")[0] not in sys.stdlib_module_names
    named = _CLASS.fullmatch(function.name) is not None and not _MIGHT_RUN.search(function.dotted)
    plain = isinstance(arguments, tuple) and 0 < len(arguments) <= 4 and all(map(_is_word, arguments))
    return library and named and plain


def _is_word(value: Record) -> bool:
    if isinstance(value, str):
        return len(value) <= 64 and _WORD.fullmatch(value) is not None
    return value is None or isinstance(value, (bool, int, float))
