"""``facet EDITOR … -o OUT``: options from the declaration, one sentence for what is wrong, whole files only."""

import json
import os
import pty
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from facet import Subject
from facet.app import finish, load_registry
from registry.conformance.sample_inputs import small_picture
from registry.saved.lineage import read_lineage
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def editors(drop_in):
    drop_in("good_one", "broken/raises_mid_run", "broken/import_error", "broken/endless_loop")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(small_picture(64, 48)).save(path)
    return path


def test_a_png_with_its_recipe(cli, picture, tmp_path):
    out = tmp_path / "out.png"
    ran = cli("good_one", "--subject", picture, "--steps", 3, "--seed", 5, "-o", out)
    assert (ran.code, ran.out, ran.err) == (0, f"{out}\n", "")
    expected = finish(load_registry().get("good_one"), {"subject": str(picture), "steps": 3, "seed": 5})
    assert Subject.read(str(out)).sha256 == expected.subject.sha256
    assert read_lineage(out)[0]["inputs"]["steps"] == 3


def test_json(cli, picture, tmp_path):
    row = json.loads(cli("good_one", "--subject", picture, "-o", tmp_path / "out.png", "--json").out)
    assert set(row) == {"out", "recipe", "metrics", "seconds", "peak_memory_bytes"}
    assert row["metrics"] == {"step": 4.0}
    assert row["recipe"]["editor"] == "good_one"


def test_an_edited_png_brings_its_lineage_along(cli, picture, tmp_path):
    first, second, third = (tmp_path / f"{name}.png" for name in ("first", "second", "third"))
    assert cli("good_one", "--subject", picture, "-o", first).code == 0
    assert cli("good_one", "--subject", first, "--seed", 9, "-o", second).code == 0
    assert len(read_lineage(second)) == 2
    assert cli("replay", second, "--subject", picture, "-o", third).code == 0
    assert third.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_other_formats_hold_the_mark_and_say_that_they_hold_no_recipe(suffix, cli, picture, tmp_path):
    out = tmp_path / f"out{suffix}"
    ran = cli("good_one", "--subject", picture, "-o", out)
    assert ran.code == 0
    assert "holds no recipe: only a PNG does" in ran.err
    assert Subject.read(str(out)).size == (64, 48)
    with Image.open(out) as image:
        assert (
            b'DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"'
            in (image.info["xmp"])
        )


def test_names_with_dashes_and_underscores_are_the_same(cli, picture, tmp_path):
    assert cli("good-one", "--subject", picture, "-o", tmp_path / "out.png").code == 0


WRONG = {
    "number too large": (["--steps", "5000"], "steps: must be a whole number from 1 to 1000, not “5000”"),
    "no number": (["--strength", "lots"], "strength: must be a number from 0 to 1, not “lots”"),
    "nan": (["--strength", "nan"], "strength: must be a number"),
    "infinite": (["--strength=-inf"], "strength: must be a number"),
    "half a step": (["--steps", "1.5"], "steps: must be a whole number"),
    "seed": (["--seed", "-7"], "seed: must be a whole number from -1"),
    "missing file": (["--subject", "nowhere.png"], "subject: no such file: nowhere.png"),
    "empty": (["--subject", ""], "subject: is missing"),
    "web address": (["--subject", "https://example.org/a.png"], "subject: is a web address"),
    "sample": (["--subject", "sample:nobody"], "subject: no sample is called 'nobody'"),
    "option": (["--stepz", "5"], "--stepz: facet good_one has no such option; did you mean --steps?"),
    "argument": (["picture.png"], "picture.png: facet good_one has no such argument"),
    "value": (["--steps"], "--steps: expected one argument"),
    "device": (["--device", "abacus"], "device: must be one of cuda, mps, cpu"),
    "threads": (["--threads", "many"], "threads: must be a whole number"),
    "folder": (["-o", "nowhere/out.png"], "out: the folder nowhere does not exist"),
    "ending": (["-o", "out.tiff"], "out: must end in .png, .jpg, .jpeg, .webp, not “out.tiff”"),
    "is a folder": (["-o", "."], "out: . is a folder"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_values_exit_2_with_one_sentence(name, cli, picture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    extra, why = WRONG[name]
    ran = cli("good_one", "--subject", picture, "-o", tmp_path / "out.png", *extra)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(f"facet: {why}")
    assert ran.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["picture.png"]


def test_out_and_subject_are_needed(cli, picture):
    ran = cli("good_one", "--subject", picture)
    assert (ran.code, ran.err) == (2, "facet: out: is missing. Say where to write: -o out.png.\n")
    ran = cli("good_one", "-o", "out.png")
    assert (ran.code, ran.err.startswith("facet: subject: is missing")) == (2, True)


def test_help_shows_doc_range_and_default(cli):
    ran = cli("good_one", "--help")
    assert ran.code == 0
    for text in ("Invert a picture by degrees", "--steps 1..1000", "How many steps it takes. (default: 4)", "(needed)"):
        assert text in ran.out


def test_a_failed_edit_exits_1_and_leaves_the_old_file(cli, picture, tmp_path):
    out = tmp_path / "out.png"
    out.write_bytes(b"precious")
    ran = cli("raises_mid_run", "--subject", picture, "-o", out)
    assert ran.code == 1
    assert "ZeroDivisionError" in ran.err
    assert ran.err.count("\n") == 1
    assert out.read_bytes() == b"precious"


def test_a_disk_that_refuses_leaves_the_old_file(cli, picture, tmp_path, monkeypatch):
    out = tmp_path / "out.png"
    out.write_bytes(b"precious")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    ran = cli("good_one", "--subject", picture, "-o", out)
    assert (ran.code, ran.err) == (1, "facet: out.png could not be written: No space left on device.\n")
    assert out.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "picture.png"]


def test_unknown_editors_and_refused_plugins(cli):
    ran = cli("goodone", "-o", "out.png")
    assert (ran.code, "Did you mean good_one?" in ran.err) == (2, True)
    ran = cli("import_error", "-o", "out.png")
    assert ran.code == 1
    assert "import_error.py) was refused: it failed to import: RuntimeError: the moon" in ran.err


def started(editor, *arguments, home):
    """`facet EDITOR …` in a process of its own on a terminal of its own, once it shows progress."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "surfaces.cli", editor, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"FACET_HOME": str(home), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"%" not in said:
        said += os.read(ours, 4096)
    return process, ours, said


def rest_of(terminal):
    """What is still to be read; a closed terminal raises where a pipe would end."""
    said = b""
    with open(terminal, "rb", buffering=0) as stream:
        try:
            while part := stream.read(4096):
                said += part
        except OSError:
            pass
    return said


def test_ctrl_c_keeps_the_best_and_the_terminal_shows_progress(tmp_path, facet_home):
    large, out = tmp_path / "large.png", tmp_path / "out.png"
    Image.fromarray(np.tile(small_picture(64, 48), (16, 16, 1))).save(large)
    process, terminal, said = started("good_one", "--steps=1000", f"--subject={large}", "-o", out, home=facet_home)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=120)
    assert b"Good one [" in said
    assert b"press Ctrl-C again" in rest_of(terminal)
    assert process.returncode == 0
    assert printed.decode().strip() == str(out)
    (recipe,) = read_lineage(out)
    assert recipe["stopped"]
    assert 1 <= recipe["steps"] < 1000


def test_a_second_ctrl_c_gives_up(picture, tmp_path, facet_home):
    out = tmp_path / "out.png"
    process, terminal, said = started("endless_loop", f"--subject={picture}", "-o", out, home=facet_home)
    process.send_signal(signal.SIGINT)
    while b"press Ctrl-C again" not in said:
        said += os.read(terminal, 4096)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    rest = rest_of(terminal)
    assert process.returncode == 130
    assert b"Given up." in rest
    assert b"Traceback" not in rest
    assert not out.exists()
