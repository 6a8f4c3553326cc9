"""Turns: bounded, and fair between addresses and their sessions."""

import threading

import pytest

from registry.decoding.turns import Busy, Turns

LONG = 60.0


class Hall:
    """Visitors in threads of their own, whose turns end when the test says so."""

    def __init__(self, turns):
        self.turns, self.order, self.refused = turns, [], {}
        self._changed = threading.Condition()
        self._ends, self._threads = {}, []

    def ask(self, name, address, session=""):
        """Ask for a turn; returns once it is held, waited for, or refused."""
        self._ends[name] = threading.Event()
        before = len(self.order), self.turns.waiting, len(self.refused)
        thread = threading.Thread(target=self._stay, args=(name, (address, session)), daemon=True)
        self._threads.append(thread)
        thread.start()
        self.until(lambda: (len(self.order), self.turns.waiting, len(self.refused)) != before)

    def end(self, name):
        """End a turn, and wait until whoever comes next holds it."""
        held, waited = len(self.order), self.turns.waiting
        self._ends[name].set()
        self.until(lambda: len(self.order) > held or not waited)

    def until(self, true):
        with self._changed:
            while not true():
                self._changed.wait(0.01)

    def _stay(self, name, who):
        try:
            with self.turns.turn(who, LONG):
                self._note(lambda: self.order.append(name))
                self._ends[name].wait(LONG)
        except Busy as problem:
            why = str(problem)
            self._note(lambda: self.refused.setdefault(name, why))

    def _note(self, what):
        with self._changed:
            what()
            self._changed.notify_all()

    def close(self):
        for end in self._ends.values():
            end.set()
        for thread in self._threads:
            thread.join(LONG)


@pytest.fixture
def hall():
    made = []

    def build(*arguments, **how):
        made.append(Hall(Turns(*arguments, **how)))
        return made[-1]

    yield build
    for each in made:
        each.close()
        assert each.turns.waiting == 0


def test_one_address_never_holds_the_last_slot(hall):
    room = hall(2)
    for n in range(3):
        room.ask(f"flood {n}", "a", f"session {n}")
    assert room.order == ["flood 0"]
    room.ask("other", "b")
    assert room.order == ["flood 0", "other"]


def test_a_single_slot_is_for_everybody(hall):
    room = hall(1)
    room.ask("first", "a")
    assert room.order == ["first"]


def test_addresses_take_turns_and_so_do_their_visits(hall):
    room = hall(1, most_each=3)
    room.ask("a0", "a", "1")
    for name, session in (("a1", "1"), ("a2", "1"), ("a3", "2")):
        room.ask(name, "a", session)
    room.ask("b0", "b", "9")
    room.ask("b1", "b", "9")
    for name in ("a0", "b0", "a3", "b1", "a1", "a2"):
        assert room.order[-1] == name
        if name != "a2":
            room.end(name)


def test_of_one_visit_only_a_few_wait(hall):
    room = hall(1, most_each=2)
    for n in range(4):
        room.ask(f"{n}", "a", "same")
    assert room.refused == {"3": "waits behind 2 others of yours"}


def test_where_too_many_wait_the_crowd_is_sent_away(hall):
    room = hall(1, most_each=9, most=3)
    room.ask("holds", "z")
    for n in range(3):
        room.ask(f"crowd {n}", "a")
    room.ask("one", "b")
    assert room.refused == {"crowd 2": "too many others wait just now"}
    room.end("holds")
    assert room.order[-1] in ("crowd 0", "one")


def test_nobody_waits_for_ever():
    turns = Turns(1)
    with turns.turn(("a", ""), LONG):
        with pytest.raises(Busy, match="others come first"), turns.turn(("b", ""), 0.01):
            pass
        assert turns.waiting == 0
    with turns.turn(("b", ""), LONG):
        pass


def test_a_turn_ends_with_an_error_too():
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="inside"), turns.turn(("a", ""), LONG):
            raise ValueError("inside")


def test_those_served_long_ago_are_forgotten():
    turns = Turns(1)
    for n in range(1500):
        with turns.turn((f"{n}", "x"), LONG):
            pass
    assert len(turns._served) <= 1000
