"""facet direction list, fit and add; sliders as options; the reference."""

import json

import numpy as np
import pytest
import torch

from registry.directions.catalogue import directions_of
from registry.directions.published import PUBLISHED

MARKED = {"yes": [0, 2, 4, 6, 8, 10], "no": [1, 3, 5, 7, 9, 11]}


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{seed},{label}" for label, seeds in MARKED.items() for seed in seeds]
    (tmp_path / "labels.csv").write_text("\n".join(["seed,label", *rows]))
    return tmp_path


def test_fitting_makes_a_slider_and_a_sheet(cli, table):
    ran = cli("direction", "fit", "--samples", "labels.csv", "--name", "even", "-o", "sheet.png", "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["name"] == "even"
    assert 0 <= found["metrics"]["held_out_accuracy"] <= 1
    assert (table / "sheet.png").is_file()
    assert "even" in directions_of("puppets")
    listed = cli("direction", "list", "--generator", "puppets")
    assert "even" in listed.out
    assert "held-out accuracy" in listed.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fit", "--samples", "nowhere.csv", "--name", "x"], "facet: samples: no such file or folder: nowhere.csv"),
        (["fit", "--name", "x"], "facet: one of the arguments --samples --words is required"),
        (["fit", "--samples", "labels.csv", "--name", "smile"], "facet: name: “smile” is the name of a direction"),
        (["fit", "--samples", "labels.csv", "--name", "x", "--method", "magic"], "facet: method: must be one of ridge"),
        (["add", "nowhere.npy", "--generator", "ffhq_1024"], "facet: file: no such file: nowhere.npy"),
        (["add", "labels.csv"], "facet: generator: is missing. Say whose W space it lies in"),
        (["add", "labels.csv", "--generator", "nobody"], "facet: generator: no generator is called “nobody”"),
    ],
)
def test_refusals(arguments, sentence, cli, table):
    ran = cli("direction", *arguments)
    assert ran.code == 2
    assert ran.err.startswith(sentence), ran.err


def test_bringing_in_what_others_made(cli, table):
    np.save("smile.npy", np.linspace(-1, 1, 512)[None])
    ran = cli("direction", "add", "smile.npy", "--generator", "nada_anime", "--low=-5", "--high=5", "--rows", "0:7")
    assert (ran.code, ran.out) == (0, "smile: now offered with ffhq_1024\n"), ran.err
    found = directions_of("ffhq_1024")["smile"]
    assert (found.low, found.high, found.rows, found.vector.shape) == (-5, 5, (0, 8), (512,))
    assert "smile" in directions_of("jojo_art")
    assert cli("direction", "add", "smile.npy", "--generator", "ffhq_1024", "--rows", "a:b").code == 2


def test_a_published_file_is_recognised(cli, table, monkeypatch):
    torch.save(torch.ones(1, 512), "mystery.pt")
    from registry.weights.local import file_sha256

    digest = file_sha256(table / "mystery.pt")
    about = {"generator": "ffhq_1024", "name": "age", "title": "Age", "low": -5, "high": 5, "licence": "MIT"}
    monkeypatch.setitem(PUBLISHED, digest, about)
    assert cli("direction", "add", "mystery.pt").out == "age: now offered with ffhq_1024\n"
    assert directions_of("ffhq_1024")["age"].licence == "MIT"


def test_the_list_as_json(cli, table):
    rows = json.loads(cli("direction", "list", "--json").out)
    smile = next(row for row in rows["directions"]["puppets"] if row["id"] == "smile")
    assert (smile["low"], smile["high"], smile["group"]) == (-1.5, 1.5, "expression")
    assert rows["passed_over"] == []


def test_a_spoilt_file_is_listed_with_its_reason(cli, table, facet_home):
    (facet_home / "directions").mkdir()
    (facet_home / "directions" / "bad.safetensors").write_bytes(b"no tensors here")
    ran = cli("direction", "list")
    assert ran.code == 0
    assert "passed over bad.safetensors" in ran.err


def test_sliders_as_options(cli, table):
    assert cli("latent", "--seed", "5", "--gallery", "1", "-o", "puppet.png").code == 0
    given = ["--strength", "smile=1.2", "--strength", "yaw=-20", "--strengths", "hat=0.5,age=0.2", "--keep", "gender"]
    ran = cli("attributes", "--subject", "puppet.png", *given, "-o", "out.png", "--json")
    assert ran.code == 0, ran.err
    inputs = json.loads(ran.out)["recipe"]["inputs"]
    assert inputs["strengths"] == {"smile": 1.2, "yaw": -20.0, "hat": 0.5, "age": 0.2}
    assert inputs["keep"] == ["gender"]
    ran = cli("replay", "out.png", "-o", "again.png", "--json")
    assert json.loads(ran.out)["identical"] is True, ran.err
    ran = cli("attributes", "--subject", "puppet.png", "--strength", "smle=1", "-o", "out.png")
    assert (ran.code, "Did you mean smile?" in ran.err) == (2, True)


def test_help_and_reference_name_them(cli):
    text = cli("attributes", "--help").out
    assert "--strength NAME=NUMBER" in text
    assert "glasses" in text
    page = cli("docs").out
    assert "strengths of directions that the generator of `subject` offers" in page
    assert "labelled pictures of `model`, at least 4 yes and as many no" in page
