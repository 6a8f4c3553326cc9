"""Bytes of known size, read at random places and never beyond their end."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from types import TracebackType

from registry.errors import WeightsMissing
from registry.readers.limits import Refused, size_text

WINDOW = 16 * 1024


class Source:
    """Bytes already in memory; `FileSource` is the same for a file."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._data = memoryview(data)
        self.size = len(self._data)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fills `buffer` with the bytes that start at `offset`.

        Raises:
            Refused: the bytes are not all there.
        """
        if offset < 0 or offset + len(buffer) > self.size:
            raise Refused(f"it is cut short: {len(buffer)} bytes are expected at {offset} and it has {self.size}")
        self._fill(offset, buffer)

    def read_at(self, offset: int, count: int) -> bytes:
        """The `count` bytes that start at `offset`."""
        if count < 0 or offset < 0 or offset + count > self.size:
            raise Refused(f"it is cut short: {count} bytes are expected at {offset} and it has {self.size}")
        return self._slice(offset, count)

    def _fill(self, offset: int, buffer: memoryview) -> None:
        buffer[:] = self._data[offset : offset + len(buffer)]

    def _slice(self, offset: int, count: int) -> bytes:
        return bytes(self._data[offset : offset + count])


class FileSource(Source):
    """An ordinary file, held open so that what was hashed is what is read.

    It is read, not mapped: a mapped file that shrinks kills the process.

    Raises:
        WeightsMissing: nothing is there, or it may not be opened.
        Refused: it is a directory, device or pipe. Links to ordinary files are followed, as the Hub's cache needs.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            raise WeightsMissing(f"There is no file {path.name!r}. Choose another file.") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its name is not valid"
            raise WeightsMissing(f"{path.name!r} cannot be opened: {reason}. Choose another file.") from None
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            os.close(descriptor)
            raise Refused("it is not an ordinary file but a directory, a device or a pipe", "Choose another file")
        self._file = open(descriptor, "rb", buffering=0)  # noqa: SIM115 - closed by __exit__
        self.size = facts.st_size

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def _fill(self, offset: int, buffer: memoryview) -> None:
        self._file.seek(offset)
        done = 0
        while done < len(buffer):
            count = self._file.readinto(buffer[done:])
            if not count:
                raise Refused(f"it shrank to less than {size_text(self.size)} while it was read")
            done += count

    def _slice(self, offset: int, count: int) -> bytes:
        buffer = bytearray(count)
        self._fill(offset, memoryview(buffer))
        return bytes(buffer)

    def sha256(self) -> str:
        """Hash of the whole file as 64 hex digits."""
        digest, buffer = hashlib.sha256(), memoryview(bytearray(1 << 20))
        for offset in range(0, self.size, len(buffer)):
            part = buffer[: min(len(buffer), self.size - offset)]
            self._fill(offset, part)
            digest.update(part)
        return digest.hexdigest()


class Stream:
    """A forward reader over `source[start:stop]` through a small window."""

    __slots__ = ("source", "stop", "window", "cursor", "_base")

    def __init__(self, source: Source, start: int = 0, stop: int | None = None) -> None:
        self.source = source
        self.stop = source.size if stop is None else stop
        self.window, self.cursor, self._base = b"", 0, start  # the window begins at byte `_base` of the source

    @property
    def at(self) -> int:
        """Where the next byte lies in the source."""
        return self._base + self.cursor

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.cursor + count
        if end > len(self.window):
            self._refill(count)
            end = count
        taken = self.window[self.cursor : end]
        self.cursor = end
        return taken

    def byte(self) -> int:
        """The next byte."""
        if self.cursor >= len(self.window):
            self._refill(1)
        self.cursor += 1
        return self.window[self.cursor - 1]

    def skip(self, count: int) -> int:
        """Steps over `count` bytes and gives where they start."""
        start = self.at
        if count < 0 or start + count > self.stop:
            raise Refused(f"it is cut short: {count} more bytes are expected at byte {start}")
        self.cursor += count
        if self.cursor > len(self.window):
            self.window, self.cursor, self._base = b"", 0, start + count
        return start

    def line(self, most: int) -> bytes:
        """The bytes before the next line feed, at most `most` of them."""
        end = self.window.find(b"\n", self.cursor, self.cursor + most + 1)
        if end < 0:
            self._refill(1, most + 1)
            end = self.window.find(b"\n", 0, most + 1)
        if end < 0:
            raise Refused(f"a line of text at byte {self.at} does not end")
        found = self.window[self.cursor : end]
        self.cursor = end + 1
        return found

    def _refill(self, least: int, most: int = WINDOW) -> None:
        at = self.at
        if at + least > self.stop:
            raise Refused(f"it is cut short: {least} more bytes are expected at byte {at}")
        self.window = self.source.read_at(at, max(least, min(most, self.stop - at)))
        self._base, self.cursor = at, 0
