"""The stack machine under `opcodes`: what a pickle has put down so far, and the bytes it still has to say."""

from __future__ import annotations

from collections.abc import Callable

from registry.readers.limits import NODE_COST, Budget, Refused
from registry.readers.records import Record, Span
from registry.readers.source import Stream

LONGEST_INLINE = 4096  # bytes; longer strings stay in the file
LONGEST_LINE = 64 * 1024
LONGEST_INTEGER = 32  # bytes
_STOP = ord(".")


class Machine:
    """Runs one pickle from `stream` and gives the record of its root object.

    Args:
        stream: stands at the first opcode; afterwards behind the last.
        budget: pays for every object.
        references: gathers what the pickle refers to outside itself; None where it must not.

    Raises:
        Refused: the pickle is damaged, or asks for what no weight file needs.
    """

    def __init__(self, stream: Stream, budget: Budget, references: list[Record] | None = None) -> None:
        self.stream, self.budget, self.references = stream, budget, references
        self.stack: list[Record] = []
        self.marks: list[int] = []
        self.memo: dict[int, Record] = {}

    def run(self, operations: dict[int, Callable[[Machine], None]]) -> Record:
        """The root object's record, made by the opcodes' `operations`."""
        stream, budget = self.stream, self.budget
        while True:
            code = stream.byte()
            if code == _STOP:
                break
            operation = operations.get(code)
            if operation is None:
                raise Refused(f"it is no readable pickle: byte {stream.at - 1} is not an opcode this reader takes")
            budget.structure_left -= NODE_COST
            if budget.structure_left < 0:
                budget.node()
            operation(self)
        root = self.pop()
        if self.stack or self.marks:
            raise Refused("the pickle ends with objects left over")
        return root

    def push(self, value: Record) -> None:
        """Puts one object on the stack."""
        self.stack.append(value)

    def pop(self) -> Record:
        """Takes one object off the stack."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise Refused("the pickle takes more from its stack than it put there")
        return self.stack.pop()

    def top(self) -> Record:
        """The object on top of the stack."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise Refused("the pickle takes more from its stack than it put there")
        return self.stack[-1]

    def pop_mark(self) -> list[Record]:
        """Takes everything above the last mark."""
        if not self.marks:
            raise Refused("the pickle closes a group that it never opened")
        start = self.marks.pop()
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def number(self, width: int, signed: bool = False) -> int:
        """The next little-endian integer of `width` bytes."""
        return int.from_bytes(self.stream.take(width), "little", signed=signed)

    def remember(self, index: int) -> None:
        """Puts the top of the stack into the memo."""
        self.memo[index] = self.top()

    def recall(self, index: int) -> None:
        """Puts an object of the memo on the stack."""
        if index not in self.memo:
            raise Refused("the pickle refers to an object that it never made")
        self.stack.append(self.memo[index])

    def line(self) -> str:
        """The next line, as Latin-1 text."""
        text = self.stream.line(LONGEST_LINE)
        self.budget.node(0, len(text))
        return text.decode("latin-1")

    def integer_line(self) -> int:
        """The next line, as an integer of at most 40 digits."""
        text = self.line().removesuffix("L").strip()
        if len(text) > 40 or not text.lstrip("+-").isdecimal() or not text.isascii():
            raise Refused("a number in the pickle is no number")
        try:
            return int(text)
        except ValueError:
            raise Refused("a number in the pickle is no number") from None

    def string(self, size: int, encoding: str) -> None:
        """Pushes text, or bytes where `encoding` is empty: short ones as they are, long ones as a `Span`."""
        if size > LONGEST_INLINE:
            self.stack.append(Span(self.stream.source, self.stream.skip(size), size, encoding))
            return
        self.budget.structure_left -= 4 * size  # Python may need four bytes a character
        raw = self.stream.take(size)
        self.stack.append(decoded(raw, encoding) if encoding else raw)


def decoded(raw: bytes, encoding: str) -> str:
    """Text out of the file.

    Raises:
        Refused: the bytes are not text of that encoding.
    """
    try:
        text = raw.decode(encoding)
        text.encode("utf-8")  # half a character, which the escapes of protocol 0 can spell, is no text
    except UnicodeError:
        raise Refused("a text in the pickle is not valid UTF-8") from None
    return text
