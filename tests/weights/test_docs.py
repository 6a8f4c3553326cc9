"""What docs/weights.md shows works."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from facet import BadInput
from facet.app import Registry, finish
from registry.weights import manifest
from surfaces.cli.parser import WrongUsage
from surfaces.cli.weights import weights_command
from tests.weights.fake_hub import FakeHub, Repo

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "weights.md").read_text(encoding="utf-8")


def test_the_editor_in_the_page_fetches_its_weights_and_runs(
    fake: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    body = save({"tint": torch.tensor([0.0, 0.5, 1.0])})
    code = code.replace("{sha256 of the file}", hashlib.sha256(body).hexdigest()).replace(
        "size=80", f"size={len(body)}"
    )
    fake.repos["owner/nets"] = Repo({"tint.safetensors": body}, "0123456789abcdef0123456789abcdef01234567")
    file = home / "facet" / "editors" / "tint.py"
    file.parent.mkdir(parents=True)
    file.write_text(code)
    registry = Registry()
    from registry.plugins.isolation import import_file

    registry.add("tint", "tint.py", lambda: import_file(file))
    assert [row.reason for row in registry.rows] == [""]
    white = Image.fromarray(np.full((32, 32, 3), 255, np.uint8))
    result = finish(registry.get("tint"), {"subject": white}, device="cpu")
    assert result.subject.pixels[0, 0].tolist() == [0, 128, 255]
    assert result.recipe["weights"][0]["sha256"] == hashlib.sha256(body).hexdigest()
    assert fake.count("GET") == 1, fake.log


def test_the_commands_in_the_page_exist(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FACET_OFFLINE", "1")
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.S)
    lines = [line.partition("#")[0].split() for line in block.splitlines()]
    assert len(lines) >= 5
    for _, group, *arguments in lines:
        assert group == "weights"
        if "fetch" in arguments:
            assert arguments[1] in manifest.entries()
            continue
        assert weights_command(Registry(), arguments) == 0
    for option in re.findall(r"facet weights fetch NAME (--[\w-]+)", PAGE):
        with pytest.raises(BadInput, match="say which weights"):
            weights_command(Registry(), ["fetch", option])
    with pytest.raises(WrongUsage):
        weights_command(Registry(), ["fetch", "--no-such-option"])


def test_every_setting_in_the_page_is_read_somewhere() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "registry").rglob("*.py"))
    named = set(re.findall(r"(?:FACET|HF)_[A-Z_]+", PAGE))
    assert {"FACET_PRELOAD", "FACET_NET_MEMORY_MB", "FACET_ACCEPT_LICENCES"} <= named
    for name in named:
        assert name in sources, name
