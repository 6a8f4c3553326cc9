"""Loaded networks stay while there is room, and while somebody uses them."""

from __future__ import annotations

import gc

import pytest
import torch

from registry.device import resident_bytes
from registry.errors import BadInput
from registry.weights.memory import NetCache, net_budget_bytes, tensor_bytes


class Owner:
    """Stands for a run."""


MIB = 1 << 20


def block(megabytes: int) -> torch.nn.Module:
    module = torch.nn.Module()
    module.register_buffer("block", torch.ones(megabytes * MIB // 4))
    return module


def test_the_least_recently_used_goes_first() -> None:
    cache = NetCache(lambda device: 25 * MIB)
    for name in ("a", "b"):
        cache.get((name,), "cpu", lambda: block(10))
    cache.get(("a",), "cpu", lambda: block(10))
    cache.get(("c",), "cpu", lambda: block(10))
    assert [(name,) in cache for name in "abc"] == [True, False, True]
    assert cache.held_bytes("cpu") == 20 * MIB


def test_each_device_has_a_budget_of_its_own() -> None:
    cache = NetCache(lambda device: {"cpu": 15, "other": 5}[device] * MIB)
    cache.get(("a",), "cpu", lambda: block(10))
    cache.get(("b",), "other", lambda: block(4))
    assert len(cache) == 2


def test_what_a_run_uses_stays_until_the_run_is_over() -> None:
    cache = NetCache(lambda device: 15 * MIB)
    run = Owner()
    used = cache.get(("used",), "cpu", lambda: block(10), owner=run)
    cache.get(("other",), "cpu", lambda: block(10))
    assert cache.get(("used",), "cpu", lambda: block(10)) is used
    cache.clear()
    assert ("used",) in cache
    del run
    cache.get(("next",), "cpu", lambda: block(10))
    assert ("used",) not in cache


def test_eviction_gives_the_memory_back() -> None:
    cache = NetCache(lambda device: 500 * MIB)
    before = resident_bytes()
    cache.get(("large",), "cpu", lambda: block(200))
    held = resident_bytes() - before
    assert held > 190 * MIB
    assert cache.trim("cpu", extra=400 * MIB) == 200 * MIB
    gc.collect()
    assert resident_bytes() - before < held - 180 * MIB


def test_room_is_made_before_the_next_one_is_built() -> None:
    cache = NetCache(lambda device: 15 * MIB)
    cache.get(("a",), "cpu", lambda: block(10))
    seen: list[int] = []

    def make() -> torch.nn.Module:
        seen.append(len(cache))
        return block(10)

    cache.get(("b",), "cpu", make, expect=10 * MIB)
    assert seen == [0]


def test_one_net_larger_than_the_budget_is_still_loaded() -> None:
    cache = NetCache(lambda device: MIB)
    assert cache.get(("a",), "cpu", lambda: block(10)) is not None
    assert len(cache) == 1


def test_a_builder_that_fails_leaves_nothing_behind() -> None:
    cache = NetCache(lambda device: MIB)

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get(("a",), "cpu", fail)
    assert cache.get(("a",), "cpu", lambda: 3) == 3


def test_bytes_are_counted_once() -> None:
    shared = torch.ones(1000)
    module = torch.nn.Linear(10, 10)
    held = {"a": shared, "b": [shared[:10], module], "text": "nothing"}
    assert tensor_bytes(held) == 4000 + 440


def test_the_budget_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACET_NET_MEMORY_MB", "12.5")
    assert net_budget_bytes("cpu") == 12_500_000
    monkeypatch.setenv("FACET_NET_MEMORY_MB", "much")
    with pytest.raises(BadInput, match="FACET_NET_MEMORY_MB: must be a number from 0, not “much”"):
        net_budget_bytes("cpu")
    monkeypatch.delenv("FACET_NET_MEMORY_MB")
    assert net_budget_bytes("cpu") > 100 * MIB
