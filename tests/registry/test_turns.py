"""Turns at the device: visitor by visitor, and handed on whatever happens."""

import threading
import time

import pytest

from registry.errors import Stopped
from registry.execution.turns import Turn, Turns, Visitor


def never():
    return False


def take(turn):
    for _ in turn.wait(never):
        pass


class Crowd:
    """Runs that wait for one device; each notes its visitor when its turn comes, and ends it when told."""

    def __init__(self):
        self.turns, self.order, self.threads = Turns(), [], []
        self.first = Turn(self.turns)
        take(self.first)

    def join(self, name):
        def run():
            turn = Turn(self.turns, Visitor(name))
            take(turn)
            self.order.append(name)
            turn.end()

        before = self.turns.waiting
        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()
        while self.turns.waiting == before:
            time.sleep(0.001)

    def served(self):
        self.first.end()
        for thread in self.threads:
            thread.join(10)
        assert self.turns.waiting == 0
        return self.order


def test_a_single_visitor_is_served_in_the_order_of_asking():
    crowd = Crowd()
    for _ in range(4):
        crowd.join("")
    assert crowd.served() == [""] * 4


def test_visitors_are_served_in_turn_however_many_runs_one_has():
    crowd = Crowd()
    for name in ["flood"] * 6 + ["ann", "bob"] + ["ann"] * 2:
        crowd.join(name)
    order = crowd.served()
    assert order == ["flood", "ann", "bob", "flood", "ann", "flood", "ann", "flood", "flood", "flood"]


def test_who_was_served_longest_ago_comes_first():
    turns = Turns()
    for name in ("ann", "bob"):
        turn = Turn(turns, Visitor(name))
        take(turn)
        turn.end()
    held = Turn(turns, Visitor("cy"))
    take(held)
    places = {name: Turn(turns, Visitor(name)) for name in ("cy", "bob", "ann")}
    for turn in places.values():
        turns.join(turn)
    assert {name: turns.before(turn) for name, turn in places.items()} == {"ann": 1, "bob": 2, "cy": 3}


def test_giving_up_while_waiting_leaves_the_queue():
    turns = Turns()
    first, second = Turn(turns), Turn(turns)
    take(first)
    with pytest.raises(Stopped, match="stopped while it waited"):
        next(second.wait(lambda: True))
    second.end()
    assert turns.waiting == 0
    first.end()
    take(Turn(turns))


def test_the_run_of_a_visitor_who_went_is_not_begun():
    turns = Turns()
    first, left = Turn(turns), Turn(turns, Visitor("left", gone=lambda: True))
    take(first)
    with pytest.raises(Stopped, match="Nobody waits"):
        next(left.wait(never))
    left.end()
    first.end()
    with pytest.raises(Stopped, match="Nobody waits"):  # not even if the device is free
        take(late := Turn(turns, Visitor("left", gone=lambda: True)))
    late.end()
    take(Turn(turns))


def test_a_turn_is_handed_on_once():
    turns = Turns()
    first, second, third = (Turn(turns) for _ in range(3))
    take(first)
    turns.join(second)
    turns.join(third)
    first.end()
    first.end()
    assert second.mine.is_set()
    assert not third.mine.is_set()


def test_where_the_platform_keeps_the_queue_nobody_waits():
    turn = Turn(None)
    assert list(turn.wait(lambda: True)) == []
    turn.end()
