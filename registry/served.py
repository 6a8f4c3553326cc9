"""Who was served longest ago: what every queue here asks that lets people take turns."""

from __future__ import annotations

import itertools
from collections import OrderedDict


class LastServed:
    """Whose turn was when, of those who had one lately. Not locked: a queue has a lock of its own."""

    def __init__(self, most: int = 4096) -> None:
        """`most`: how many are remembered; whoever had a turn before theirs counts as new."""
        self.most = most
        self._clock = itertools.count(1)
        self._last: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._last)

    def note(self, *names: str) -> None:
        """They have a turn now."""
        now = next(self._clock)
        for name in names:
            self._last.pop(name, None)
            self._last[name] = now
        while len(self._last) > self.most:
            self._last.popitem(last=False)

    def when(self, name: str) -> int:
        """A number that is the smaller the longer ago the last turn was; 0 for who had none."""
        return self._last.get(name, 0)
