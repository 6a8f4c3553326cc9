"""The wire format of protobuf: fields of a message, whole numbers and names, within a budget.

https://protobuf.dev/programming-guides/encoding/ has the format. Nothing is looked up: a field is known by its number.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.readers.limits import MAX_NAME, Budget, Refused
from registry.readers.source import Source, Stream

Field = tuple[int, int, int, int]  # number, wire type, value or start, size


def varints(source: Source, start: int, size: int, budget: Budget) -> list[int]:
    """Packed whole numbers, unsigned."""
    budget.node(0, 40 * size)
    stream, out = Stream(source, start, start + size), []
    while stream.at < stream.stop:
        out.append(_varint(stream))
    return out


def _varint(stream: Stream) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.byte()
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    else:
        raise Refused("it is no readable ONNX file: a number in it does not end")
    if value >> 64:
        raise Refused("it is no readable ONNX file: a number in it is too long")
    return value


def fields_of(source: Source, start: int, stop: int, budget: Budget) -> Iterator[Field]:
    """The fields of a message: number, wire type, then a varint's value, or where the bytes start and how many."""
    stream = Stream(source, start, stop)
    while stream.at < stop:
        budget.node()
        key = _varint(stream)
        number, wire = key >> 3, key & 7
        if wire == 0:
            yield number, wire, _varint(stream), 0
        elif wire in (1, 2, 5):
            size = {1: 8, 5: 4}.get(wire) or 0
            size = size if wire != 2 else _varint(stream)
            yield number, wire, stream.skip(size), size
        else:
            raise Refused("it is no readable ONNX file")


def text_at(source: Source, start: int, size: int) -> str:
    """A name. Raises Refused for one that is too long or cannot be printed."""
    if size > MAX_NAME:
        raise Refused("a name in the ONNX file is too long")
    try:
        text = source.read_at(start, size).decode("utf-8")
    except UnicodeDecodeError:
        text = "\n"
    if not text.isprintable():
        raise Refused("a name in the ONNX file is not valid text")
    return text
