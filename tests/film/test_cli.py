"""Films and further pictures on the command line."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from registry.film.declare import FORMATS
from registry.saved.lineage import read_lineage
from tests.conftest import ROOT
from tests.film.conftest import PICTURE


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / "in.png")
    return tmp_path / "in.png"


@pytest.fixture
def films(facet_home):
    shutil.copy(ROOT / "tests" / "pages" / "plugins" / "bouncing.py", facet_home / "editors")


@pytest.mark.parametrize("format", list(FORMATS))
def test_the_ending_chooses_the_format_and_the_still_lies_beside(cli, films, picture, tmp_path, format):
    ran = cli("bouncing", "--subject", picture, "--frames", 5, "-o", tmp_path / f"walk.{format}", "--json")
    assert ran.code == 0, ran.err
    row = json.loads(ran.out)
    assert row["film"]["format"] == format
    assert row["film"]["frames"] == 5
    assert row["film"] == row["recipe"]["film"]
    assert "5 frames, 0.5 s" in ran.err
    assert "walk-still.png" in ran.err
    assert read_lineage(tmp_path / f"walk.{format}") == read_lineage(tmp_path / "walk-still.png")


def test_a_film_is_replayed_to_the_byte(cli, films, picture, tmp_path):
    assert cli("bouncing", "--subject", picture, "-o", tmp_path / "walk.webm").code == 0
    ran = cli("replay", tmp_path / "walk.webm", "--subject", picture, "-o", tmp_path / "again.webm", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["identical"] is True
    assert (tmp_path / "again.webm").read_bytes() == (tmp_path / "walk.webm").read_bytes()
    ran = cli("replay", tmp_path / "walk-still.png", "--subject", picture, "-o", tmp_path / "still.png")
    assert ran.code == 0, ran.err
    assert "-o still.webm keeps it" in ran.err
    ran = cli("replay", tmp_path / "walk.webm", "--subject", picture, "-o", tmp_path / "again.mp4")
    assert ran.code == 2
    assert "out: must end in .webm, .png" in ran.err


def test_a_picture_of_a_film_editor_says_that_there_was_a_film(cli, films, picture, tmp_path):
    ran = cli("bouncing", "--subject", picture, "-o", tmp_path / "walk.png")
    assert ran.code == 0
    assert "It also made a film: -o walk.mp4 keeps it." in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.png", "walk.png"]


def test_ending_and_format_must_agree_and_only_film_editors_write_films(cli, films, drop_in, picture, tmp_path):
    drop_in("good_one")
    ran = cli("bouncing", "--subject", picture, "--format", "gif", "-o", tmp_path / "walk.mp4")
    assert ran.code == 2
    assert "out: ends in .mp4, but format is gif. Give one of them, or both alike." in ran.err
    ran = cli("good_one", "--subject", picture, "-o", tmp_path / "walk.mp4")
    assert ran.code == 2
    assert "out: ends in .mp4, but good_one makes no film" in ran.err
    assert cli("good_one", "--subject", picture, "-o", tmp_path / "still.webp").code == 0
    assert "-o out.mp4" in cli("bouncing", "--help").out


def test_further_pictures_go_into_a_folder(cli, films, picture, tmp_path):
    arguments = ("bouncing", "--subject", picture, "--frames", 2, "-o", tmp_path / "walk.png", "--further")
    ran = cli(*arguments, tmp_path / "more", "--json")
    assert ran.code == 0, ran.err
    names = ["01_first_frame.png", "02_half_half.png"]
    assert sorted(path.name for path in (tmp_path / "more").iterdir()) == names
    assert [Path(file).name for file in json.loads(ran.out)["further"]] == names
    assert read_lineage(tmp_path / "more" / names[0])
    ran = cli(*arguments, picture)
    assert ran.code == 2
    assert "further: " in ran.err
    assert "is no folder" in ran.err
    ran = cli(*arguments, tmp_path / "no" / "where")
    assert ran.code == 2
    assert "does not exist" in ran.err
