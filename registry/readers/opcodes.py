"""A pickle is written down, never done: what each opcode (protocols 0 to 5, see `pickletools`) does to the machine.

The stack, the memo and the containers are ordinary; every global becomes a `Global`, every call a `Call`, every long
string a `Span` that stays in the file. Opcodes that no weight file has (INST, OBJ, the copyreg extensions, buffers
outside the stream, text ids) are not in the table and refuse the file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from registry.readers.limits import Budget, Refused
from registry.readers.object_opcodes import (
    call,
    construct,
    construct_with_keywords,
    extend,
    name_global,
    name_global_from_stack,
    refer,
    set_items,
    set_state,
)
from registry.readers.pickle_machine import LONGEST_INTEGER, LONGEST_LINE, Machine, decoded
from registry.readers.records import Items, Pairs, Record
from registry.readers.source import Stream

_HIGHEST_PROTOCOL = 5
OPERATIONS: dict[int, Callable[[Machine], None]] = {}


def _on(code: int | str) -> Callable[[Callable[[Machine], None]], Callable[[Machine], None]]:
    def register(operation: Callable[[Machine], None]) -> Callable[[Machine], None]:
        OPERATIONS[ord(code) if isinstance(code, str) else code] = operation
        return operation

    return register


def _constant(code: int | str, value: Record) -> None:
    _on(code)(lambda machine: machine.stack.append(value))


def _sized(code: int | str, width: int, encoding: str) -> None:
    _on(code)(lambda machine: machine.string(machine.number(width), encoding))


def _fresh(code: int | str, kind: Callable[[], Record]) -> None:
    _on(code)(lambda machine: machine.stack.append(kind()))


def _tuple_of(code: int | str, count: int) -> None:
    def operation(machine: Machine) -> None:
        taken = [machine.pop() for _ in range(count)]
        machine.push(tuple(reversed(taken)))

    _on(code)(operation)


def _from_mark(code: int | str, kind: Callable[[list[Record]], Record]) -> None:
    _on(code)(lambda machine: machine.push(kind(machine.pop_mark())))


for _code, _value in (("N", None), (0x88, True), (0x89, False), (")", ())):
    _constant(_code, _value)
for _code, _width, _encoding in (
    *(("U", 1, "latin-1"), ("T", 4, "latin-1"), (0x8C, 1, "utf-8"), ("X", 4, "utf-8"), (0x8D, 8, "utf-8")),
    *(("C", 1, ""), ("B", 4, ""), (0x8E, 8, ""), (0x96, 8, "")),
):
    _sized(_code, _width, _encoding)
_fresh("]", list)
_fresh("}", Pairs)
_fresh(0x8F, Items)
for _count in (1, 2, 3):
    _tuple_of(0x84 + _count, _count)


def _even(taken: list[Record]) -> Pairs:
    if len(taken) % 2:
        raise Refused("a dict in the pickle has a key without a value")
    return Pairs(taken)


for _code, _kind in (("t", tuple), ("l", list), (0x91, Items), ("d", _even)):
    _from_mark(_code, _kind)


@_on(0x80)
def _protocol(machine: Machine) -> None:
    if machine.stream.byte() > _HIGHEST_PROTOCOL:
        raise Refused("it is a pickle of a version that does not exist")


@_on(0x95)
def _frame(machine: Machine) -> None:
    if machine.number(8) > machine.stream.stop - machine.stream.at:
        raise Refused("a frame in the pickle is longer than the file")


@_on("(")
def _mark(machine: Machine) -> None:
    machine.marks.append(len(machine.stack))


@_on("0")
def _pop(machine: Machine) -> None:
    if machine.marks and machine.marks[-1] == len(machine.stack):
        machine.marks.pop()
    else:
        machine.pop()


_on("1")(lambda machine: None if machine.pop_mark() else None)
_on("2")(lambda machine: machine.push(machine.top()))
_on("J")(lambda machine: machine.push(machine.number(4, signed=True)))
_on("K")(lambda machine: machine.push(machine.stream.byte()))
_on("M")(lambda machine: machine.push(machine.number(2)))
_on("G")(lambda machine: machine.push(struct.unpack(">d", machine.stream.take(8))[0]))
_on("L")(lambda machine: machine.push(machine.integer_line()))
_on("S")(lambda machine: machine.push(machine.line().strip("'\"")))
_on("g")(lambda machine: machine.recall(machine.integer_line()))
_on("h")(lambda machine: machine.recall(machine.stream.byte()))
_on("j")(lambda machine: machine.recall(machine.number(4)))
_on("p")(lambda machine: machine.remember(machine.integer_line()))
_on("q")(lambda machine: machine.remember(machine.stream.byte()))
_on("r")(lambda machine: machine.remember(machine.number(4)))
_on(0x94)(lambda machine: machine.remember(len(machine.memo)))
_on("e")(lambda machine: extend(machine, machine.pop_mark()))
_on("a")(lambda machine: extend(machine, [machine.pop()]))
_on(0x90)(lambda machine: extend(machine, machine.pop_mark()))
_on("u")(lambda machine: set_items(machine, machine.pop_mark()))
_on("s")(lambda machine: set_items(machine, [machine.pop(), machine.pop()][::-1]))


@_on("I")
def _integer(machine: Machine) -> None:
    text = machine.line()
    machine.push({"00": False, "01": True}[text] if text in ("00", "01") else _short_integer(text))


def _short_integer(text: str) -> int:
    try:
        return int(text[:40])
    except ValueError:
        raise Refused("a number in the pickle is no number") from None


@_on("F")
def _float(machine: Machine) -> None:
    try:
        machine.push(float(machine.line()[:64]))
    except ValueError:
        raise Refused("a number in the pickle is no number") from None


@_on("V")
def _unicode(machine: Machine) -> None:
    raw = machine.stream.line(LONGEST_LINE)
    machine.budget.node(0, 4 * len(raw))
    machine.push(decoded(raw, "raw-unicode-escape"))


def _long(width: int) -> Callable[[Machine], None]:
    def operation(machine: Machine) -> None:
        size = machine.number(width)
        if size > LONGEST_INTEGER:
            raise Refused("a number in the pickle has more digits than any weight file needs")
        machine.push(machine.number(size, signed=True))

    return operation


_on(0x8A)(_long(1))
_on(0x8B)(_long(4))


_on("Q")(refer)
_on("c")(name_global)
_on(0x93)(name_global_from_stack)
_on("R")(call)
_on(0x81)(construct)
_on(0x92)(construct_with_keywords)
_on("b")(set_state)


def parse(stream: Stream, budget: Budget, references: list[Record] | None = None) -> Record:
    """The record of the pickle that starts where `stream` stands; see `Machine` for the arguments and errors."""
    return Machine(stream, budget, references).run(OPERATIONS)
