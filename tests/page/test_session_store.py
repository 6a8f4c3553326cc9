"""Which sessions the server keeps: never does a stranger's request erase somebody's session."""

from types import SimpleNamespace

import numpy as np
import pytest

from registry.subjects.subject import Subject
from surfaces.page import session_store, visitors
from surfaces.page.session import Session
from surfaces.page.session_store import SessionStore

CAPACITY = 6


@pytest.fixture
def held(monkeypatch):
    config = SimpleNamespace(blocks={})
    blocks = SimpleNamespace(default_config=config, blocks={}, state_session_capacity=CAPACITY)
    return SessionStore(blocks, CAPACITY)


def ask(held, session_id, address="1.1.1.1", pictures=False):
    """One request."""
    token = visitors._address.set(address)
    try:
        state = held[session_id]
    finally:
        visitors._address.reset(token)
    if pictures:
        session = state.state_data.setdefault(1, Session())
        session.choose(Subject(np.zeros((16, 16, 3), np.uint8)), "mine")
    return state


@pytest.mark.parametrize("address", ["6.6.6.6", "1.1.1.1"])
def test_made_up_sessions_erase_no_visit(held, address):
    mine = ask(held, "mine", pictures=True)
    for number in range(201):
        ask(held, f"made up {number}", address)
    assert len(held.session_data) == CAPACITY
    assert ask(held, "mine") is mine
    assert mine.state_data[1].entries


def test_pictures_in_made_up_sessions_do_not_help(held):
    mine = ask(held, "mine", pictures=True)
    ask(held, "mine")
    for number in range(201):
        ask(held, f"made up {number}", "1.1.1.1", pictures=True)
    assert ask(held, "mine") is mine


def test_another_addresss_crowd_makes_way_for_itself(held):
    mine = ask(held, "mine")  # nothing in it yet, and asked for once
    for number in range(50):
        ask(held, f"theirs {number}", "6.6.6.6", pictures=True)
        ask(held, f"theirs {number}", "6.6.6.6")
    assert ask(held, "mine") is mine


def test_open_tabs_outlive_closed_ones(held, monkeypatch):
    monkeypatch.setattr(session_store, "is_open", lambda session_id: session_id == "open")
    opened = ask(held, "open")
    for number in range(50):
        ask(held, f"closed {number}")
    assert ask(held, "open") is opened


def test_old_ones_go_with_their_age(held, monkeypatch):
    ask(held, "old", pictures=True)
    monkeypatch.setattr(
        session_store.time,
        "monotonic",
        lambda now=session_store.time.monotonic: now() + session_store.SESSION_SECONDS + 1,
    )
    ask(held, "new")
    assert list(held.session_data) == ["new"]


def test_a_run_that_goes_on_is_never_forgotten(held):
    state = ask(held, "busy", pictures=False)
    session = state.state_data.setdefault(1, Session())
    with session.running():
        for number in range(50):
            ask(held, f"made up {number}", pictures=True)
        assert ask(held, "busy") is state


def test_a_session_describes_no_component_again():
    def describe(*_):
        raise AssertionError("Gradio would keep this for deep links")

    box = SimpleNamespace(stateful=False)
    config = SimpleNamespace(blocks={1: box}, config_for_block=describe)
    page = SimpleNamespace(default_config=config, blocks={1: box}, state_session_capacity=CAPACITY)
    state = SessionStore(page, CAPACITY)["mine"]
    state._update_value_in_config(1, "a value")
    state._update_config(1)
    assert state.config_values == {}
    assert state[1] is box
