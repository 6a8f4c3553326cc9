"""The opcodes by which a pickle asks for names, calls and changes of objects: each only becomes a record.

Raises in all of them:
    Refused: a name, a call or a change that no weight file needs.
"""

from __future__ import annotations

from registry.readers.allowed import check_called, check_global
from registry.readers.limits import Refused
from registry.readers.pickle_machine import Machine
from registry.readers.records import Call, Global, Pairs, PersistentId, Record


def refer(machine: Machine) -> None:
    """BINPERSID: a storage outside the pickle."""
    if machine.references is None:
        raise Refused("it refers to storages that a plain pickle does not have")
    reference = machine.pop()
    machine.references.append(reference)
    machine.push(PersistentId(reference))


def name_global(machine: Machine) -> None:
    """GLOBAL: a name in two lines."""
    module = machine.line()
    machine.push(check_global(Global(module, machine.line())))


def name_global_from_stack(machine: Machine) -> None:
    """STACK_GLOBAL: a name in two texts."""
    name, module = machine.pop(), machine.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise Refused("it names a function by something that is no text")
    machine.budget.node(1, len(module) + len(name))
    machine.push(check_global(Global(module, name)))


def call(machine: Machine) -> None:
    """REDUCE: a call of something that builds weights or plain data."""
    arguments, function = machine.pop(), machine.pop()
    check_called(function, arguments)
    _record(machine, function, arguments)


def construct(machine: Machine) -> None:
    """NEWOBJ: an object of any class, without its constructor."""
    arguments, function = machine.pop(), machine.pop()
    _record(machine, function, arguments)


def construct_with_keywords(machine: Machine) -> None:
    """NEWOBJ_EX: the same; the keywords are dropped."""
    machine.pop()
    construct(machine)


def _record(machine: Machine, function: Record, arguments: Record) -> None:
    if not isinstance(arguments, tuple):
        raise Refused("it calls something with arguments that are no tuple")
    if not isinstance(function, (Global, PersistentId)):
        raise Refused("it constructs something that is no class")
    machine.push(Call(function, arguments))


def set_state(machine: Machine) -> None:
    """BUILD: the state of an object, once."""
    state, target = machine.pop(), machine.top()
    if not isinstance(target, Call) or target.state is not None:
        raise Refused("it tries to change an object that is not its own")
    target.state = state


def extend(machine: Machine, values: list[Record]) -> None:
    """APPEND, APPENDS, ADDITEMS: items of a list, a set, or an object used as one."""
    target = machine.top()
    if isinstance(target, Call):
        target.items = [] if target.items is None else target.items
        target.items.extend(values)
    elif isinstance(target, list) and not isinstance(target, Pairs):
        target.extend(values)
    else:
        raise Refused("it appends to something that is no list")


def set_items(machine: Machine, values: list[Record]) -> None:
    """SETITEM, SETITEMS: entries of a dict, or of an object used as one."""
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
