"""The bundled pictures: every file is what its index says, small, credited, and the painters still paint."""

import hashlib
import io
import json

import numpy as np
import pytest
from PIL import Image

from registry.subjects.samples import ASSETS, collection
from training.paintings.draw import MOST_BYTES, PAINTERS, SIZE, paint, row


def rows(name: str) -> list[dict]:
    return json.loads((ASSETS / name / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "least", "most_bytes"), [("samples", 6, 400_000), ("styles", 12, 100_000)])
def test_files_are_what_the_index_says(name: str, least: int, most_bytes: int) -> None:
    entries = rows(name)
    assert len(entries) >= least
    assert {entry["file"] for entry in entries} == {path.name for path in (ASSETS / name).glob("*.webp")}
    for entry in entries:
        data = (ASSETS / name / entry["file"]).read_bytes()
        assert len(data) <= most_bytes
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert entry["attribution"]
        assert entry["licence"] in ("CC0-1.0", "Public domain")
        with Image.open(io.BytesIO(data)) as image:
            assert image.mode == "RGB"
            assert max(image.size) <= 1024


def test_ids_are_unique_over_both_collections() -> None:
    ids = [sample.id for name in ("samples", "styles") for sample in collection(name)]
    assert len(ids) == len(set(ids))


def test_photographs_cover_the_kinds() -> None:
    kinds = [entry["kind"] for entry in rows("samples")]
    assert {"portrait", "landscape", "still life"} <= set(kinds)
    assert all(entry["source"].startswith("https://") for entry in rows("samples"))


def test_painting_again_gives_the_bundled_picture() -> None:
    for style_id in ("tartan", "contour"):  # two quick ones
        data = paint(style_id)
        assert len(data) <= MOST_BYTES
        entry = next(entry for entry in rows("styles") if entry["id"] == style_id)
        made, bundled = (
            np.asarray(Image.open(source).convert("RGB"), dtype=np.int16)
            for source in (io.BytesIO(data), ASSETS / "styles" / entry["file"])
        )
        assert made.shape == (SIZE, SIZE, 3)
        assert np.abs(made - bundled).mean() < 2  # encoders may differ between versions, the picture may not
        assert {key: row(style_id, data)[key] for key in ("id", "title", "made", "seed")} == {
            key: entry[key] for key in ("id", "title", "made", "seed")
        }


def test_index_lists_the_painters_in_order() -> None:
    assert [entry["id"] for entry in rows("styles")] == list(PAINTERS)
