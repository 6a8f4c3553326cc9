"""Who may use the device next: one run at a time, visitor by visitor, so that nobody's many keep out another's one.

Round robin: of those who wait, the visitor who was served longest ago comes first. So the numbers of runs that two
visitors got while both waited never differ by more than one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from registry.errors import Stopped
from registry.served import LastServed


def _stays() -> bool:
    return False


@dataclass(frozen=True)
class Visitor:
    """Who asks for a run.

    Attributes:
        name: the same for all runs of one visitor; empty where there is only one person, as on the command line.
        gone: whether nobody waits for the result any more; asked several times a second, from any thread.
    """

    name: str = ""
    gone: Callable[[], bool] = _stays


NOBODY = Visitor()


class Turns:
    """Hands out the device to one run at a time, or several devices to one run each."""

    def __init__(self, devices: int = 1) -> None:
        self._guard = threading.Lock()
        self._waiting: list[Turn] = []
        self._free = devices
        self._served = LastServed()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def join(self, turn: Turn) -> None:
        """Take a place, or the turn itself if a device is free."""
        with self._guard:
            self._waiting.append(turn)
            self._next()

    def leave(self, turn: Turn) -> bool:
        """Give up a place; False if the turn came in this very moment."""
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return True
            return False

    def release(self) -> None:
        """Hand the turn to the next."""
        with self._guard:
            self._free += 1
            self._next()

    def before(self, turn: Turn) -> int:
        """How many come before it, the one that runs now included."""
        with self._guard:
            return self._order().index(turn) + 1 if turn in self._waiting else 0

    def _order(self) -> list[Turn]:
        rounds: dict[str, int] = {}
        keys = {}
        for place, turn in enumerate(self._waiting):
            name = turn.visitor.name
            rounds[name] = rounds.get(name, -1) + 1
            keys[turn] = (rounds[name], self._served.when(name), place)
        return sorted(self._waiting, key=keys.__getitem__)

    def _next(self) -> None:
        if not self._waiting or not self._free:
            return
        self._free -= 1
        turn = self._order()[0]
        self._waiting.remove(turn)
        self._served.note(turn.visitor.name)
        turn.mine.set()


class Turn:
    """One run's place among those that wait, and then its turn.

    Args:
        turns: what to wait for; None where the platform keeps the queue.
        visitor: whose run it is.
    """

    def __init__(self, turns: Turns | None, visitor: Visitor = NOBODY) -> None:
        self.visitor = visitor
        self.mine = threading.Event()
        self._turns = turns
        self._guard = threading.Lock()
        self._joined = False

    def wait(self, give_up: Callable[[], bool]) -> Iterator[int]:
        """Wait for the turn; yields how many come before, ten times a second. `end` it afterwards, come what may.

        Raises:
            Stopped: `give_up()` became true, or the visitor went.
        """
        if self._turns is None:
            return
        self._joined = True
        self._turns.join(self)
        while not self.mine.wait(0.1):
            if give_up():
                raise Stopped("The edit was stopped while it waited for its turn.")
            self._refuse_gone()
            yield self._turns.before(self)
        self._refuse_gone()

    def _refuse_gone(self) -> None:
        if self.visitor.gone():
            raise Stopped("Nobody waits for this edit any more, so it was not begun.")

    def end(self) -> None:
        """Hand the turn on, or give up the place; a second call does nothing."""
        with self._guard:
            joined, self._joined = self._joined, False
        if joined and self._turns is not None and not self._turns.leave(self):
            self._turns.release()
