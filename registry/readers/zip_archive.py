"""A table of contents of a zip file, as strict as torch's own files allow.

Every member is stored, not deflated, so that the archive cannot be larger than itself; names are unique and stay
inside; the members lie side by side without overlap; the central directory and the local headers agree. (PKWARE
APPNOTE 6.3: end record 4.3.16, zip64 4.3.14-15, central header 4.3.12, local header 4.3.7.)
"""

from __future__ import annotations

import stat
import struct
from typing import NamedTuple

from registry.readers.limits import Budget, Refused, shown
from registry.readers.source import Source

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_ENCRYPTED = 0x1 | 0x40
_MOST_MEMBERS = 100_000


class Member(NamedTuple):
    """Where a member's bytes lie."""

    start: int
    size: int


class Archive:
    """The members of the zip file in `source`, by name.

    Raises:
        Refused: damaged, deflated, encrypted, overlapping, ambiguous or badly named members.
    """

    def __init__(self, source: Source, budget: Budget) -> None:
        self.source = source
        count, start, size = self._end_record()
        if count > _MOST_MEMBERS or count * _CENTRAL.size > size:
            raise Refused("it is a zip file with an impossible table of contents")
        budget.node(4 * count, size)
        table = memoryview(source.read_at(start, size))
        self.members: dict[str, Member] = {}
        at, ranges = 0, []
        for _ in range(count):
            at, name, header, member = self._entry(table, at)
            if name in self.members:
                raise Refused(f"it has two members called {shown(name)}")
            self.members[name] = member
            ranges.append((header, member.start + member.size))
        if at != size:
            raise Refused("its table of contents is damaged")
        end = 0
        for low, high in sorted(ranges):
            if low < end or high > start:
                raise Refused("members of the zip file overlap")
            end = high

    def _end_record(self) -> tuple[int, int, int]:
        """Number of members, then offset and size of the central directory."""
        source = self.source
        reach = min(source.size, _END.size + _FULL16)
        tail = source.read_at(source.size - reach, reach)
        found = tail.rfind(b"PK\x05\x06")
        if found < 0 or len(tail) - found < _END.size:
            raise Refused("it is cut short: the table of contents at its end is missing")
        _, disk, first, here, count, size, start, comment = _END.unpack_from(tail, found)
        place = source.size - reach + found
        if disk or first or here != count or place + _END.size + comment != source.size:
            raise Refused("its table of contents is damaged")
        end = place
        if _FULL16 in (count,) or _FULL32 in (size, start):
            count, start, size, end = self._end64_record(place)
        if start + size > end:
            raise Refused("its table of contents is damaged")
        return count, start, size

    def _end64_record(self, place: int) -> tuple[int, int, int, int]:
        mark, disk, offset, disks = _END64_PLACE.unpack(self.source.read_at(place - _END64_PLACE.size, 20))
        if mark != b"PK\x06\x07" or disk or disks > 1:
            raise Refused("its table of contents is damaged")
        fields = _END64.unpack(self.source.read_at(offset, _END64.size))
        mark, _, _, _, _, _, here, count, size, start = fields
        if mark != b"PK\x06\x06" or here != count:
            raise Refused("its table of contents is damaged")
        return count, start, size, offset

    def _entry(self, table: memoryview, at: int) -> tuple[int, str, int, Member]:
        """One central header: where the next starts, the name, where the local header lies, and the data."""
        if len(table) - at < _CENTRAL.size:
            raise Refused("its table of contents is damaged")
        fields = _CENTRAL.unpack_from(table, at)
        mark, made, _, flags, method, _, _, _, packed, size, name_length, extra_length, comment_length = fields[:13]
        disk, _, attributes, header = fields[13:]
        at += _CENTRAL.size
        raw_name = bytes(table[at : at + name_length])
        extra = bytes(table[at + name_length : at + name_length + extra_length])
        at += name_length + extra_length + comment_length
        if mark != b"PK\x01\x02" or disk or at > len(table):
            raise Refused("its table of contents is damaged")
        name = _name(raw_name)
        size, packed, header = _wide(extra, size, packed, header)
        if flags & _ENCRYPTED:
            raise Refused(f"member {shown(name)} is encrypted")
        if method or packed != size:
            raise Refused(f"member {shown(name)} is compressed, which torch's files never are")
        if made >> 8 == 3 and attributes >> 16 and not stat.S_ISREG(attributes >> 16) and attributes >> 28:
            raise Refused(f"member {shown(name)} is a link or another thing that is no file")
        return at, name, header, Member(self._data(raw_name, header, size), size)

    def _data(self, raw_name: bytes, header: int, size: int) -> int:
        """Where a member's data starts, after its local header."""
        fields = _LOCAL.unpack(self.source.read_at(header, _LOCAL.size))
        mark, _, _, method, _, _, _, _, _, name_length, extra_length = fields
        if mark != b"PK\x03\x04" or method or name_length != len(raw_name):
            raise Refused("a member of the zip file has two different descriptions")
        if self.source.read_at(header + _LOCAL.size, name_length) != raw_name:
            raise Refused("a member of the zip file has two different names")
        start = header + _LOCAL.size + name_length + extra_length
        if start + size > self.source.size:
            raise Refused("a member of the zip file is longer than the file")
        return int(start)


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("a member of the zip file has a name that is not valid text") from None
    parts = name.rstrip("/").split("/")
    if not name or "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise Refused(f"a member of the zip file has the name {shown(name)}, which leads outside")
    return name


def _wide(extra: bytes, *values: int) -> tuple[int, int, int]:
    """Sizes and offset with those that do not fit 32 bits taken from the zip64 extra field."""
    out, at = list(values), 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            wide = extra[at + 4 : at + 4 + length]
            for index in [index for index, value in enumerate(values) if value == _FULL32]:
                if len(wide) < 8:
                    raise Refused("its table of contents is damaged")
                out[index], wide = int.from_bytes(wide[:8], "little"), wide[8:]
        at += 4 + length
    return out[0], out[1], out[2]
