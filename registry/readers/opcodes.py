"""A pickle is written down, never done: what each opcode (protocols 0 to 5, see `pickletools`) does to the machine.

The stack, the memo and the containers are ordinary; every global becomes a `Global`, every call a `Call`, every long
string a `Span` that stays in the file. Opcodes that no weight file has (INST, OBJ, the copyreg extensions, buffers
outside the stream, text ids) are not in the table and refuse the file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from registry.readers.limits import Budget, Refused
from registry.readers.pickle_machine import LONGEST_INTEGER, LONGEST_LINE, Machine, decoded
from registry.readers.records import Call, Global, Items, Pairs, PersistentId, Record, check_called, check_global
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
_on("e")(lambda machine: _extend(machine, machine.pop_mark()))
_on("a")(lambda machine: _extend(machine, [machine.pop()]))
_on(0x90)(lambda machine: _extend(machine, machine.pop_mark()))
_on("u")(lambda machine: _set_items(machine, machine.pop_mark()))
_on("s")(lambda machine: _set_items(machine, [machine.pop(), machine.pop()][::-1]))


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


@_on("Q")
def _persistent(machine: Machine) -> None:
    if machine.references is None:
        raise Refused("it refers to storages that a plain pickle does not have")
    reference = machine.pop()
    machine.references.append(reference)
    machine.push(PersistentId(reference))


@_on("c")
def _global(machine: Machine) -> None:
    module = machine.line()
    machine.push(check_global(Global(module, machine.line())))


@_on(0x93)
def _stack_global(machine: Machine) -> None:
    name, module = machine.pop(), machine.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise Refused("it names a function by something that is no text")
    machine.budget.node(1, len(module) + len(name))
    machine.push(check_global(Global(module, name)))


@_on("R")
def _reduce(machine: Machine) -> None:
    arguments, function = machine.pop(), machine.pop()
    check_called(function)
    _construct(machine, function, arguments)


@_on(0x81)
def _new_object(machine: Machine) -> None:
    arguments, function = machine.pop(), machine.pop()
    _construct(machine, function, arguments)


@_on(0x92)
def _new_object_ex(machine: Machine) -> None:
    machine.pop()
    _new_object(machine)


def _construct(machine: Machine, function: Record, arguments: Record) -> None:
    if not isinstance(arguments, tuple):
        raise Refused("it calls something with arguments that are no tuple")
    if not isinstance(function, (Global, PersistentId)):
        raise Refused("it constructs something that is no class")
    machine.push(Call(function, arguments))


@_on("b")
def _build(machine: Machine) -> None:
    state, target = machine.pop(), machine.top()
    if not isinstance(target, Call) or target.state is not None:
        raise Refused("it tries to change an object that is not its own")
    target.state = state


def _extend(machine: Machine, values: list[Record]) -> None:
    target = machine.top()
    if isinstance(target, Call):
        target.items = [] if target.items is None else target.items
        target.items.extend(values)
    elif isinstance(target, list) and not isinstance(target, Pairs):
        target.extend(values)
    else:
        raise Refused("it appends to something that is no list")


def _set_items(machine: Machine, values: list[Record]) -> None:
    target = machine.top()
    if len(values) % 2:
        raise Refused("a dict in the pickle has a key without a value")
    if isinstance(target, Call):
        target.pairs = Pairs() if target.pairs is None else target.pairs
        target.pairs.extend(values)
    elif isinstance(target, Pairs):
        target.extend(values)
    else:
        raise Refused("it puts entries into something that is no dict")


def parse(stream: Stream, budget: Budget, references: list[Record] | None = None) -> Record:
    """The record of the pickle that starts where `stream` stands; see `Machine` for the arguments and errors."""
    return Machine(stream, budget, references).run(OPERATIONS)
