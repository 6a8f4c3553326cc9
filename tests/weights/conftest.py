"""Every test here has a Hub of its own, a cache of its own and a Facet home of its own."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from registry.weights import hub, loaded
from registry.weights.declare import Weights
from registry.weights.memory import NetCache, net_budget_bytes
from tests.weights.fake_hub import COMMIT, FakeHub, Repo

FETCHING = importlib.import_module("registry.weights.fetch")  # the room's front door has a function of that name
BODY = save({"weight": torch.arange(4096, dtype=torch.float32).reshape(64, 64)})
SHA256 = hashlib.sha256(BODY).hexdigest()
PINNED = Weights(
    "owner/nets", "a/net.safetensors", COMMIT, SHA256, len(BODY), "MIT", "Made by its owner", title="Test net"
)
UNPINNED = Weights("owner/nets", "a/net.safetensors", licence="MIT")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Facet home and Hub cache, no memory of earlier outages, and short pauses."""
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "facet"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in (
        "HF_HUB_CACHE",
        "HF_HUB_OFFLINE",
        "HF_HUB_DISABLE_TELEMETRY",
        "FACET_OFFLINE",
        "FACET_ACCEPT_LICENCES",
        "HF_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FACET_HUB_SECONDS", "60")  # a busy machine is no silent Hub
    monkeypatch.setattr(FETCHING, "BACK_OFF_SECONDS", (0.01, 0.02, 0.03))
    hub.forget_outage()
    monkeypatch.setattr(loaded, "nets", NetCache(net_budget_bytes))
    return tmp_path


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A Hub that has the file, under its name and at a mirror."""
    server = FakeHub({"owner/nets": Repo({"a/net.safetensors": BODY}), "other/copy": Repo({"net.bin": BODY}, "2" * 40)})
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    yield server
    server.close()
