"""Names that no file has, or can have: one sentence, from everything that takes a path."""

import os

import pytest

from facet import BadInput, MaskInput, Picture, WeightsFile
from facet.stylegan import Labels
from registry.paths import existing_file
from registry.saved.lineage import read_lineage

NAMES = {
    "too long": "x" * 5000,
    "too deep": "a/" * 3000,
    "with a zero": "a\0b",
    "of blanks": " " * 400,
    "missing": "gone.png",
}
READERS = {
    "a picture": lambda path: Picture(doc="x").check(path, "subject"),
    "a mask": lambda path: MaskInput(doc="x").check(path, "subject"),
    "weights": lambda path: WeightsFile(doc="x").check(path, "subject"),
    "samples": lambda path: Labels(doc="x").check(path, "subject"),
    "a recipe": lambda path: read_lineage(path, "subject"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_no_file_is_one_short_sentence(name, reader):
    with pytest.raises(BadInput) as refusal:
        READERS[reader](NAMES[name])
    sentence = str(refusal.value)
    assert sentence.startswith("subject: ")
    assert len(sentence) < 200
    assert sentence.isprintable()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_of_somebody_else_is_a_sentence(tmp_path):
    file = tmp_path / "mine.png"
    file.write_bytes(b"x")
    file.chmod(0)
    with pytest.raises(BadInput, match="may not be read: mine.png"):
        existing_file(file, "subject")
