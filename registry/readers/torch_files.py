"""Torch's two file formats: storages in a zip archive, and the older stream of pickles followed by storages."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from registry.readers.limits import Budget, Refused, shown
from registry.readers.opcodes import parse
from registry.readers.records import Global, Pairs, Record
from registry.readers.source import Source, Stream
from registry.readers.storages import item_size, read_flat, torch_type
from registry.readers.zip_archive import Archive

MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of the older format
_VERSION = 1001
Fetch = Callable[[Record], torch.Tensor]  # a persistent id's content -> the flat storage


class Reference(NamedTuple):
    """A storage as a pickle refers to it."""

    dtype: torch.dtype
    key: str
    length: int


def reference_of(pid: Record) -> Reference:
    """The parts of ``('storage', torch.FloatStorage, key, place, count[, None])``.

    Raises:
        Refused: anything else.
    """
    if not isinstance(pid, tuple) or len(pid) not in (5, 6) or pid[0] != "storage" or not isinstance(pid[1], Global):
        raise Refused("it refers to a storage in a way that torch never does")
    key, count = pid[2], pid[4]
    if not isinstance(key, str) or type(count) is not int or count < 0 or (len(pid) == 6 and pid[5] is not None):
        raise Refused("it refers to a storage in a way that torch never does")
    return Reference(torch_type(pid[1], "storage"), key, count)


class Storages:
    """Reads each storage once, when a tensor first needs it."""

    def __init__(self, locate: Callable[[Reference], tuple[Source, int]], budget: Budget) -> None:
        self._locate, self._budget = locate, budget
        self._read: dict[str, tuple[Reference, torch.Tensor]] = {}

    def fetch(self, pid: Record) -> torch.Tensor:
        """The flat storage that a persistent id names.

        Raises:
            Refused: it is missing, or the file calls it by two types or lengths.
        """
        reference = reference_of(pid)
        if reference.key not in self._read:
            source, start = self._locate(reference)
            flat = read_flat(source, start, reference.length, reference.dtype, self._budget)
            self._read[reference.key] = (reference, flat)
        known, flat = self._read[reference.key]
        if known != reference:
            raise Refused(f"it calls storage {shown(reference.key)} by two types or lengths")
        return flat


def open_archive(source: Source, budget: Budget) -> tuple[Record, Fetch]:
    """The root record of a torch zip file and the way to its storages.

    Raises:
        Refused: not a torch archive, or one that lies about its members.
    """
    archive = Archive(source, budget)
    pickles = [name for name in archive.members if name.split("/")[-1] == "data.pkl"]
    prefix = pickles[0][: -len("data.pkl")] if pickles else ""
    if f"{prefix}constants.pkl" in archive.members:
        raise Refused("it is a TorchScript program, not weights", "Choose a file that torch.save wrote")
    if len(pickles) != 1:
        raise Refused("it is a zip archive without the one data.pkl of torch's files")
    order = archive.members.get(f"{prefix}byteorder")
    if order is not None and (order.size > 16 or source.read_at(order.start, order.size) != b"little"):
        raise Refused("its numbers are in big-endian order", "Save it again on an ordinary machine")

    def locate(reference: Reference) -> tuple[Source, int]:
        member = archive.members.get(f"{prefix}data/{reference.key}")
        if member is None:
            raise Refused(f"storage {shown(reference.key)} is missing from it")
        if member.size != reference.length * item_size(reference.dtype):
            raise Refused(f"storage {shown(reference.key)} is not as long as it says")
        return source, member.start

    main = archive.members[pickles[0]]
    stream = Stream(source, main.start, main.start + main.size)
    root = parse(stream, budget, references=[])
    if stream.at != stream.stop:
        raise Refused("bytes follow the end of its pickle")
    return root, Storages(locate, budget).fetch


def open_stream(source: Source, start: int, stop: int, budget: Budget) -> tuple[Record, Fetch]:
    """The same for the older stream in ``source[start:stop]``: magic, version, system, object, keys, storages.

    Raises:
        Refused: not such a stream, or one whose storages do not fill it exactly.
    """
    stream = Stream(source, start, stop)
    if parse(stream, budget) != MAGIC or parse(stream, budget) != _VERSION:
        raise Refused("it is not one of torch's older files")
    system = parse(stream, budget)
    if not isinstance(system, Pairs) or system.get("little_endian") is not True:
        raise Refused("its numbers are in big-endian order", "Save it again on an ordinary machine")
    references: list[Record] = []
    root = parse(stream, budget, references)
    keys = parse(stream, budget)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        raise Refused("its list of storages is damaged")
    known = {reference.key: reference for reference in _storages_in(references)}
    places: dict[str, int] = {}
    for key in keys:
        count = int.from_bytes(stream.take(8), "little", signed=True)
        if key not in known or count != known[key].length:
            raise Refused(f"storage {shown(key)} is not as long as it says")
        places[key] = stream.skip(count * item_size(known[key].dtype))
    if stream.at != stop:
        raise Refused("bytes follow the end of its last storage")

    def locate(reference: Reference) -> tuple[Source, int]:
        if reference.key not in places:
            raise Refused(f"storage {shown(reference.key)} is missing from it")
        return source, places[reference.key]

    return root, Storages(locate, budget).fetch


def _storages_in(references: list[Record]) -> list[Reference]:
    found = []
    for pid in references:
        if not (isinstance(pid, tuple) and pid[:1] == ("module",)):
            found.append(reference_of(pid))
    return found
