"""Where something is to be written is tried before the work: one sentence, and no picture that is lost."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facet import BadInput, Subject
from registry.conformance.sample_inputs import small_picture
from surfaces.outputs.files import checked_folder, checked_out, save, write

LONG = "n" * 300
BESIDE = "n" * 245 + ".png"  # fits, but “….delta.safetensors” beside it does not
NOWHERE = "/proc/here"


@pytest.fixture(autouse=True)
def here(drop_in, tmp_path, monkeypatch):
    """A folder with a picture, and editors that say when they run."""
    drop_in("good_one")
    monkeypatch.chdir(tmp_path)
    Image.fromarray(small_picture(64, 48)).save("picture.png")
    Path("folder.png").mkdir()


@pytest.fixture
def no_work(monkeypatch):
    """Whatever is refused is refused before a run begins."""

    def ran(*arguments, **how):
        raise AssertionError("the work was done before the output was tried")

    for place in ("surfaces.cli.edit.run", "surfaces.cli.comparing.compare", "surfaces.cli.replaying.replay"):
        monkeypatch.setattr(place, ran)
    monkeypatch.setattr("surfaces.cli.direction.run", ran)
    monkeypatch.setattr("surfaces.cli.docs.render", ran)


EDIT = ("good_one", "--subject", "picture.png")
FIT = ("direction", "fit", "--samples", "labels.csv", "--name", "wide")
COMMANDS = {
    "edit": EDIT,
    "compare": ("compare", "--task", "restyle", "--methods", "good_one", "--subject", "picture.png"),
    "replay": ("replay", "recipe.json"),
    "direction": FIT,
    "docs": ("docs",),
}
WRONG = {
    "long": (LONG + ".png", "is too long for a file's name, or for that of one beside it: nnn"),
    "beside": (BESIDE, "is too long for a file's name, or for that of one beside it: nnn"),
    "long folder": (f"{LONG}/out.png", "is too long for a file's name"),
    "no folder": ("nowhere/out.png", "the folder nowhere does not exist"),
    "file for a folder": ("picture.png/out.png", "the folder picture.png does not exist"),
    "unwritable": (f"{NOWHERE}.png", "nothing can be written into /proc"),
    "folder": ("folder.png", "folder.png is a folder"),
    "ending": ("out.exr", "must end in .png, "),
    "no ending": ("out", "must end in .png, "),
    "NUL": ("a\0b.png", "cannot be written: a?b.png"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", WRONG)
def test_one_sentence_before_the_run(command, name, cli, no_work):
    Path("recipe.json").write_text(
        '{"facet": 1, "editor": "good_one", "inputs": {}, "threads": 1, "steps": 1, "version": "1"}'
    )
    out, why = WRONG[name]
    if command == "docs":
        out, why = out.replace(".png", ".md").replace("picture.md", "picture.png"), why.replace(".png", ".md")
        why = why.replace("folder picture.md", "folder picture.png")
        if name == "folder":
            Path("folder.md").mkdir()
    if command == "compare" and (name == "no ending" or name == "folder"):
        pytest.skip("a folder is what compare takes too")
    if command == "compare":
        why = why.replace("must end in .png, ", "must end in .png")
    if command == "docs":
        why = why.replace("must end in .md, ", "must end in .md")
    before = sorted(Path().iterdir())
    ran = cli(*COMMANDS[command], "-o", out)
    assert ran.code == 2, ran
    assert ran.err.startswith(f"facet: out: {why}")
    assert ran.err.count("\n") == 1
    assert len(ran.err) < 300
    assert sorted(Path().iterdir()) == before


def test_the_still_beside_a_film_is_tried_too(cli, no_work):
    name = "n" * 247 + ".mp4"
    ran = cli("walk", "--subject", "sample:chelsea", "-o", name)
    assert (ran.code, "is too long for a file's name" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("folder", "why"),
    [("picture.png", "is no folder"), (LONG, "is too long"), (NOWHERE, "nothing can be written into /proc"),
     ("no/where", "the folder no does not exist"), ("a\0b", "cannot be written")],
)  # fmt: skip
def test_a_folder_for_further_pictures(folder, why, cli, no_work):
    ran = cli(*EDIT, "-o", "out.png", "--further", folder)
    assert ran.code == 2
    assert ran.err.startswith("facet: further: ")
    assert why in ran.err
    assert ran.err.count("\n") == 1


def test_a_folder_for_a_comparison(cli, no_work):
    ran = cli(*COMMANDS["compare"], "-o", LONG)
    assert (ran.code, ran.err.startswith("facet: out: is too long")) == (2, True)


def test_a_project_of_ones_own_where_nothing_can_be_written(cli, monkeypatch):
    monkeypatch.setattr("surfaces.cli.newplugin.Path", lambda name: Path("/proc") / name)
    ran = cli("new-plugin", "posterise")
    assert (ran.code, ran.err) == (2, "facet: name: nothing can be written into /proc. Choose another folder.\n")


def test_directions_where_nothing_can_be_kept(monkeypatch):
    from registry.directions.keeping import check_free

    monkeypatch.setenv("FACET_HOME", "/proc/home")
    with pytest.raises(BadInput, match="name: cannot be kept: .*Let FACET_HOME name a folder that can be written"):
        check_free("puppets", "wide")


@pytest.mark.parametrize("name", [LONG, "a\0b", "folder.png", "nowhere.png", "picture.png/x", "\ud800.png"])
@pytest.mark.parametrize(
    "command",
    [("good_one", "-o", "out.png", "--subject"), ("replay", "-o", "out.png"), ("docs", "--check"),
     ("direction", "add", "--generator", "puppets"), ("direction", "fit", "--name", "wide", "--samples"),
     ("latent", "-o", "out.png", "--own-model")],
    ids=lambda words: words[0] + words[-1],
)  # fmt: skip
def test_input_paths_that_cannot_be_read(command, name, cli):
    ran = cli(*command, name)
    if command[1] == "fit" and name == "folder.png":
        assert "has neither labels.csv nor PNGs" in ran.err
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert len(ran.err) < 300


def test_a_file_that_may_not_be_read_or_would_never_end(cli, monkeypatch):
    os.mkfifo("pipe.png")
    ran = cli("good_one", "-o", "out.png", "--subject", "pipe.png")
    assert ran.err == "facet: subject: is no ordinary file: pipe.png. Name a file.\n"

    def closed(*arguments, **how):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", closed)
    ran = cli("good_one", "-o", "out.png", "--subject", "picture.png")
    assert ran.err == "facet: subject: may not be read: picture.png. Change its permissions, or choose another file.\n"


def test_nothing_is_left_behind_and_nothing_is_touched():
    Path("old.png").write_bytes(b"precious")
    assert checked_out("old.png") == Path("old.png")
    assert Path("old.png").read_bytes() == b"precious"
    checked_out("new.png")
    checked_folder("new")
    assert not Path("new.png").exists()
    assert not Path("new").exists()


def test_the_longest_name_that_is_taken_can_be_written():
    name = "n" * (255 - len(".delta.safetensors")) + ".png"
    write(checked_out(name), b"content")
    assert Path(name).read_bytes() == b"content"


def test_a_picture_that_a_format_cannot_hold_is_not_lost():
    wide = Subject(np.zeros((16, 16_400, 3), np.uint8))
    said = save(wide, checked_out("wide.webp"))
    assert said.startswith("It cannot be written as WEBP")
    assert said.endswith("it is in wide.png.")
    assert Subject.read("wide.png").size == wide.size


@pytest.mark.parametrize(("ending", "kept"), [(".png", True), (".webp", True), (".jpg", False)])
def test_transparency_is_kept_or_its_loss_is_said(ending, kept):
    sticker = Subject.read(Path(__file__).parents[1] / "registry" / "cases" / "sticker.png")
    said = save(sticker, Path(f"out{ending}"))
    assert ("laid on white" in said) == (not kept)
    with Image.open(f"out{ending}") as image:
        assert (image.mode == "RGBA") == kept
