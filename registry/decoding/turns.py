"""Turns at something scarce, fair between those who ask: nobody's many requests make another one wait for them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from registry.served import LastServed

Who = tuple[str, str]
"""An address and a session at that address; both may be empty."""


class Busy(Exception):
    """There is no turn to be had: the text says why, without a full stop."""


@dataclass(eq=False)
class _Asking:
    who: Who
    number: int
    ready: threading.Event = field(default_factory=threading.Event)
    refused: str = ""


class Turns:
    """`slots` turns at a time.

    Of those who wait, the address that holds fewest turns and had one longest ago comes first, and of its sessions the
    one that had one longest ago. One address never holds the last slot of several, so a stranger's turn comes at once.
    """

    def __init__(self, slots: int, most_each: int = 3, most: int = 24) -> None:
        """`most_each`: how many of one session may wait; `most`: how many of all."""
        self.slots, self.most_each, self.most = slots, most_each, most
        self._guard = threading.Lock()
        self._waiting: list[_Asking] = []
        self._holding: Counter[str] = Counter()
        self._served = LastServed(1000)
        self._clock = 0

    @contextmanager
    def turn(self, who: Who, seconds: float) -> Iterator[None]:
        """Wait for a turn and hold it. Raises Busy after `seconds`, or at once where too many wait."""
        mine = self._ask(who)
        if not mine.ready.wait(seconds):
            with self._guard:
                if not mine.ready.is_set():
                    self._waiting.remove(mine)
                    mine.refused = "others come first just now"
        if mine.refused:
            raise Busy(mine.refused)
        try:
            yield
        finally:
            with self._guard:
                self._holding[who[0]] -= 1
                self._holding += Counter()  # drops those who hold none
                self._hand_out()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _ask(self, who: Who) -> _Asking:
        with self._guard:
            self._clock += 1
            mine = _Asking(who, self._clock)
            if sum(each.who == who for each in self._waiting) >= self.most_each:
                raise Busy(f"waits behind {self.most_each} others of yours")
            self._waiting.append(mine)
            self._hand_out()
            if len(self._waiting) > self.most:
                self._refuse_one()
            return mine

    def _refuse_one(self) -> None:
        """Send away the newest of the address of which most wait."""
        crowd = Counter(each.who[0] for each in self._waiting)
        largest = max(crowd.values())
        last = max((each for each in self._waiting if crowd[each.who[0]] == largest), key=lambda each: each.number)
        self._waiting.remove(last)
        last.refused = "too many others wait just now"
        last.ready.set()

    def _hand_out(self) -> None:
        each_most = max(1, self.slots - 1)
        while sum(self._holding.values()) < self.slots:
            able = [each for each in self._waiting if self._holding[each.who[0]] < each_most]
            if not able:
                return
            first = min(able, key=self._rank)
            self._waiting.remove(first)
            self._holding[first.who[0]] += 1
            self._served.note(first.who[0], " ".join(first.who))
            first.ready.set()

    def _rank(self, asking: _Asking) -> tuple[int, int, int, int]:
        address, session = asking.who
        when = self._served.when
        return self._holding[address], when(address), when(f"{address} {session}"), asking.number
