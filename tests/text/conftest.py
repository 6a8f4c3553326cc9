"""A home and a Hub of their own for these tests, with a CLIP that knows colours and a small generator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from editors.text_direction.reading import CLIP, TOKENS
from editors.text_direction.text_direction import text_direction
from facet import Net, Subject, Weights
from facet.app import EditorSpec
from facet.stylegan import GeneratorRef
from nets.clip import Tokenizer
from nets.stylegan2.sampling import codes, picture
from registry.weights import hub
from registry.weights.loaded import load_net
from tests.text.colour_clip import clip_file, colour_clip, generator_net
from tests.text.vocabulary import merges_text, small_tokenizer
from tests.weights.fake_hub import COMMIT, FakeHub, Repo


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return small_tokenizer()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Facet home and Hub cache."""
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "facet"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "FACET_OFFLINE", "FACET_SHARED", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FACET_HUB_SECONDS", "60")
    hub.forget_outage()
    return tmp_path


@pytest.fixture
def fake(home: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A Hub that has the CLIP of colours and its vocabulary."""
    files = {"model.safetensors": clip_file(colour_clip(tokenizer)), "merges.txt": merges_text().encode()}
    server = FakeHub({"owner/clip": Repo(files)})
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    yield server
    server.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Net:
    """A generator whose table of style channels is worked out in a second."""
    return generator_net(tmp_path_factory.mktemp("generator"))


@pytest.fixture
def spec(fresh_spec: EditorSpec) -> EditorSpec:
    """That editor after its downloads, whose steps would come before its own."""
    for net in fresh_spec.nets:
        load_net(net)
    return fresh_spec


@pytest.fixture
def fresh_spec(fake: FakeHub, small: Net) -> EditorSpec:
    """The editor with that generator and that CLIP."""
    body = fake.repos["owner/clip"].files["model.safetensors"]
    weights = Weights(
        "owner/clip", "model.safetensors", COMMIT, hashlib.sha256(body).hexdigest(), len(body), "MIT", title="Colours"
    )
    merges = Weights("owner/clip", "merges.txt", COMMIT, licence="MIT", title="Words")  # trusted on first use
    nets = (small, Net("clip", CLIP.build, (weights,)), Net("clip_tokens", TOKENS.build, (merges,)))
    return replace(text_direction, nets=nets)


@pytest.fixture
def subject(small: Net) -> Subject:
    """A picture of the small generator."""
    generator = load_net(small).module
    w_plus = codes(generator, [5], 0.7)
    pixels = (picture(generator, w_plus).permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    return Subject(pixels, w_plus[0].numpy(), GeneratorRef("small"))
