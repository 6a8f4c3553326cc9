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

    def __init__(self, source: Source, start: int = 0, stop: int | None = None) -> None:
        self.source, self.at = source, start
        self.stop = source.size if stop is None else stop
        self._window, self._base = b"", start

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.at + count
        if end > self.stop:
            raise Refused(f"it is cut short: {count} more bytes are expected at byte {self.at}")
        low = self.at - self._base
        if end - self._base > len(self._window):
            self._base, low = self.at, 0
            self._window = self.source.read_at(self.at, max(count, min(WINDOW, self.stop - self.at)))
        self.at = end
        return self._window[low : low + count]

    def skip(self, count: int) -> int:
        """Steps over `count` bytes and gives where they start."""
        start = self.at
        if count < 0 or start + count > self.stop:
            raise Refused(f"it is cut short: {count} more bytes are expected at byte {start}")
        self.at = start + count
        if self.at - self._base > len(self._window):
            self._window, self._base = b"", self.at
        return start

    def line(self, most: int) -> bytes:
        """The bytes before the next line feed, at most `most` of them."""
        low = self.at - self._base
        end = self._window.find(b"\n", low, low + most + 1)
        if end >= 0:
            self.at = self._base + end + 1
            return self._window[low:end]
        head = self.source.read_at(self.at, min(most + 1, self.stop - self.at))
        end = head.find(b"\n")
        if end < 0:
            raise Refused(f"a line of text at byte {self.at} does not end")
        self.skip(end + 1)
        return head[:end]
