"""A folder of small pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from registry.conformance import small_picture


@pytest.fixture
def shots(tmp_path) -> Path:
    folder = tmp_path / "shots"
    (folder / "more").mkdir(parents=True)
    for number in range(6):
        place = folder / "more" if number == 5 else folder
        Image.fromarray(small_picture(40 + number, 30, number)).save(place / f"p{number}.png")
    return folder
