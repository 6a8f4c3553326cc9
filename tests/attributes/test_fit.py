"""Fitting a direction: from labels in every form to a slider, and everything that cannot be learnt from."""

import csv
import json

import numpy as np
import pytest
import torch

from editors.attributes import attributes, fit_direction
from editors.attributes.fitting import FITS
from editors.attributes.svm import extremes
from facet import BadInput, EditorError, Subject
from facet.app import finish
from facet.stylegan import GeneratorRef, directions_of
from facet.testing import Conformance
from nets.stylegan2.sampling import pictures
from registry.directions.catalogue import own_files
from registry.inputs.labels import Labels
from registry.weights.loaded import load_net
from tests.saving import save_png


class TestFitDirection(Conformance):
    editor = fit_direction


@pytest.fixture(scope="module")
def generator():
    return load_net(fit_direction.nets[0]).module


@pytest.fixture(scope="module")
def marked(generator):
    """60 seeds marked by how much long hair their codes have, by the embedded directions' own dual basis."""
    offered = directions_of("puppets")
    with torch.no_grad():
        w = generator.mapping(generator.z(range(300)), truncation_psi=0.8)[:, 0]
    basis = torch.stack([torch.from_numpy(each.vector.copy()) for each in offered.values()])
    amounts = torch.linalg.lstsq(basis.T, (w - w.mean(0)).T).solution[list(offered).index("hair_length")]
    order = amounts[:60].argsort()
    return {"no": sorted(order[:30].tolist()), "yes": sorted(order[30:].tolist())}


@pytest.mark.parametrize("method", list(FITS))
def test_marked_pictures_become_a_slider(method, marked):
    if method.startswith("svm"):
        pytest.importorskip("sklearn")
    result = finish(fit_direction, {"samples": marked, "name": "longer", "method": method})
    fitted = directions_of("puppets")["longer"]
    close = directions_of("puppets")["hair_length"].vector
    cosine = fitted.vector @ close / np.linalg.norm(fitted.vector) / np.linalg.norm(close)
    assert cosine > (0.45 if method == "mean" else 0.7), "by chance it is 0.07 or so"
    assert result.metrics["held_out_accuracy"] > 0.6
    assert (fitted.low, fitted.high, fitted.unit, fitted.group) == (-3, 3, "σ", "fitted here")
    assert fitted.facts["samples"] == 60
    assert fitted.facts["accuracy"] == pytest.approx(result.metrics["held_out_accuracy"])


def test_the_slider_works(marked, generator):
    finish(fit_direction, {"samples": marked, "name": "longer"})
    code = generator.mapping(generator.z([7]), truncation_psi=0.8).detach()
    pixels = (pictures(generator, code)[0] * 255).round().byte().permute(1, 2, 0).numpy()
    subject = Subject(pixels, code[0].numpy(), GeneratorRef("puppets"))
    result = finish(attributes, {"subject": subject, "strengths": "longer=2"})
    assert np.allclose(result.subject.latent - subject.latent, 2 * directions_of("puppets")["longer"].vector, atol=1e-4)


def test_without_a_name_nothing_is_kept(marked):
    result = finish(fit_direction, {"samples": marked})
    assert own_files() == []
    assert result.subject.size == (5 * 128 + 4 * 4, 3 * 128 + 2 * 4)


def test_labels_without_meaning_are_told_by_their_held_out_accuracy():
    marks = np.random.default_rng(0).permutation(400)
    samples = {"yes": marks[:200].tolist(), "no": marks[200:].tolist()}
    assert abs(finish(fit_direction, {"samples": samples}).metrics["held_out_accuracy"] - 0.5) < 0.08


@pytest.fixture
def forms(marked, tmp_path):
    """The same labels as JSON, as pairs, as a table, as text ranges."""
    pairs = [[seed, label] for label in ("yes", "no") for seed in marked[label]]
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["seed", "label"], *pairs])
    with (tmp_path / "bare.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[seed, {"yes": 1, "no": 0}[label]] for seed, label in pairs])
    texts = {label: ", ".join(map(str, seeds)) for label, seeds in marked.items()}
    return [marked, json.dumps(marked), pairs, str(tmp_path / "labels.csv"), str(tmp_path / "bare.csv"), texts]


def test_labels_in_every_form_are_the_same(forms):
    read = [Labels(doc="x").check(form, "samples") for form in forms]
    for each in read:
        assert dict(zip(each.seeds, each.labels, strict=True)) == dict(zip(read[0].seeds, read[0].labels, strict=True))
    again = Labels(doc="x").check(Labels(doc="x").record(read[0]), "samples")
    assert (again.seeds, again.labels.tolist()) == (read[0].seeds, read[0].labels.tolist())


def test_scores_may_be_numbers(tmp_path, generator):
    offered = directions_of("puppets")["yaw"].vector
    with torch.no_grad():
        w = generator.mapping(generator.z(range(200)), truncation_psi=0.8)[:, 0].numpy()
    lines = ["seed,label", *(f"{seed},{code @ offered:.5f}" for seed, code in enumerate(w))]
    (tmp_path / "scores.csv").write_text("\n".join(lines))
    result = finish(fit_direction, {"samples": str(tmp_path / "scores.csv"), "follow": False})
    assert result.metrics["held_out_rank_correlation"] > 0.9


def test_pictures_with_codes(generator, marked, tmp_path):
    for label in ("yes", "no"):
        (tmp_path / label).mkdir()
        for seed in marked[label][:6]:
            code = generator.mapping(generator.z([seed]), truncation_psi=0.8).detach()
            pixels = (pictures(generator, code)[0] * 255).round().byte().permute(1, 2, 0).numpy()
            rows, name = code[0].numpy(), "puppets"
            if seed % 2:  # the larger puppets take two rows more of the same W
                rows, name = np.concatenate([rows, rows[:2]]), "puppets_256"
            save_png(Subject(pixels, rows, GeneratorRef(name)), tmp_path / label / f"{seed}.png")
    by_picture = finish(fit_direction, {"samples": str(tmp_path), "name": "by_picture"})
    few = {label: seeds[:6] for label, seeds in marked.items()}
    finish(fit_direction, {"samples": few, "name": "by_seed"})
    assert "codes_sha256" in by_picture.recipe["inputs"]["samples"]
    one, other = (directions_of("puppets")[name].vector for name in ("by_picture", "by_seed"))
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.99
    with pytest.raises(BadInput, match="samples: were pictures, which a recipe does not hold"):
        finish(fit_direction, by_picture.recipe["inputs"])


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        ({"yes": list(range(9))}, "samples: all 9 say yes. A direction leads from one to the other"),
        ({"yes": [], "no": list(range(9))}, "samples: all 9 say no"),
        ({"yes": [1], "no": [2]}, "samples: hold 1 yes and 1 no. At least 4 of each are needed"),
        ({"yes": [1, 2, 3, 4, 5], "no": [5, 6, 7, 8]}, "samples: seed 5 is marked twice, as 1 and 0. Mark it once"),
        ({}, "samples: are empty"),
        ([[1, "yes"], [2, "maybe"]], "samples: seed 2: the label “maybe” is neither yes, no nor a number"),
        ([[1, "yes"], [2, float("nan")]], "samples: seed 2: the label is not a finite number (nan)"),
        ([[-1, "yes"]], "samples: “-1” is no seed and no range of seeds"),
        ([7], "samples: hold 7, which is no seed with a label"),
        (7, "samples: must be labelled seeds, not 7"),
        ("{broken", "samples: are no JSON"),
        ("nowhere.csv", "samples: no such file or folder: nowhere.csv"),
    ],
)
def test_what_cannot_be_learnt_from(samples, sentence):
    with pytest.raises(BadInput) as refusal:
        finish(fit_direction, {"samples": samples})
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "has no columns called seed (or file) and label"),
        (b"a,b,c\n1,2,3", "has no columns called seed (or file) and label"),
        (b"seed,label\n1", "sample 1 has 1 columns of 2"),
        (b"\xff\xfe\x00\x01", "is no text with commas"),
        (b"file,label\nnowhere.png,yes", "no such file"),
    ],
)
def test_tables_that_are_none(content, sentence, tmp_path):
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        finish(fit_direction, {"samples": str(tmp_path / "table.csv")})
    assert sentence in str(refusal.value)


def test_pictures_that_have_no_code_or_another_generator(tmp_path):
    blank = np.full((16, 16, 3), 128, np.uint8)
    save_png(Subject(blank), tmp_path / "plain.png")
    save_png(Subject(blank + 1, np.ones((12, 192), np.float32), GeneratorRef("puppets")), tmp_path / "puppet.png")
    save_png(Subject(blank + 2, np.ones((16, 512), np.float32), GeneratorRef("lions_512")), tmp_path / "lion.png")
    (tmp_path / "none.csv").write_text("file,label\nplain.png,yes")
    with pytest.raises(BadInput, match="samples: plain.png carries no latent code"):
        finish(fit_direction, {"samples": str(tmp_path / "none.csv")})
    (tmp_path / "two.csv").write_text("file,label\npuppet.png,yes\nlion.png,no")
    with pytest.raises(BadInput, match="samples: puppet.png belongs to puppets, but lion.png to lions_512"):
        finish(fit_direction, {"samples": str(tmp_path / "two.csv")})
    (tmp_path / "lion.csv").write_text("file,label\n" + "lion.png,yes\nlion.png,no\n" * 4)
    with pytest.raises(BadInput, match="samples: are pictures of lions_512, not of puppets"):
        finish(fit_direction, {"samples": str(tmp_path / "lion.csv")})
    save_png(Subject(blank + 3, np.ones((12, 64), np.float32), GeneratorRef("puppets")), tmp_path / "narrow.png")
    (tmp_path / "narrow.csv").write_text("file,label\n" + "narrow.png,yes\nnarrow.png,no\n" * 4)
    with pytest.raises(BadInput, match="samples: have codes of 64 numbers a row, but the generator takes 192"):
        finish(fit_direction, {"samples": str(tmp_path / "narrow.csv")})
    (tmp_path / "widths.csv").write_text("file,label\npuppet.png,yes\nnarrow.png,no")
    with pytest.raises(BadInput, match="samples: narrow.png has a code of another width than puppet.png"):
        finish(fit_direction, {"samples": str(tmp_path / "widths.csv")})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("smile", "name: “smile” is the name of a direction that puppets has already"),
        ("Big Grin", "name: must be lower-case letters, digits and “_”, not “Big Grin”"),
        ("x" * 41, "name: has 41 characters, the most is 40"),
    ],
)
def test_names_that_cannot_be_used(name, sentence, marked):
    with pytest.raises(BadInput, match=sentence):
        finish(fit_direction, {"samples": marked, "name": name})


def test_a_generator_that_cannot_be_had_is_not_replaced_by_another(marked, monkeypatch):
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(BadInput, match="model: cannot be had now"):
        finish(fit_direction, {"samples": marked, "model": "lions_512", "name": "mane"})
    assert own_files() == []


def test_the_svm_says_what_it_needs(marked, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.svm", None)
    with pytest.raises(EditorError, match="The SVM needs scikit-learn: pip install"):
        finish(fit_direction, {"samples": marked, "method": "svm"})


def test_the_svm_learns_from_the_extremes_of_scores():
    assert torch.cat(extremes(torch.tensor([0.0, 1.0] * 50))).tolist() == [*range(0, 100, 2), *range(1, 100, 2)]
    low, high = extremes(torch.arange(2000.0))
    assert (low.tolist(), high.tolist()) == (list(range(40)), list(range(1960, 2000)))


def test_the_svm_marks_all_of_the_upper_end_of_a_rare_attribute():
    """Few are bald, and one is very: the middle of the range lies above most of the highest two in a hundred."""
    machine = pytest.importorskip("sklearn.svm").SVC(kernel="linear")
    w = torch.randn(3000, 32, generator=torch.Generator().manual_seed(2))
    normal = torch.nn.functional.normalize(torch.randn(32, generator=torch.Generator().manual_seed(3)), dim=0)
    scores = (1.5 * (w @ normal - 2).clamp(min=0)).sigmoid() - 0.5 + 1e-6 * w[:, 0].sigmoid()
    scores[scores.argmax()] *= 3
    order = scores.argsort()
    chosen = torch.cat([order[:60], order[-60:]])
    published = machine.fit(w[chosen], torch.arange(120) >= 60).coef_[0]
    found, other = (torch.cosine_similarity(fit(w, scores).float(), torch.tensor(published).float(), 0)
                    for fit in (FITS["svm"], FITS["svm_middle"]))  # fmt: skip
    assert found > 0.999
    assert other < 0.8
    assert torch.cosine_similarity(FITS["svm"](w, scores).float(), normal, 0) > 0.6


def test_both_ways_of_marking_are_the_same_where_the_middle_parts_the_ends():
    pytest.importorskip("sklearn")
    w = torch.randn(2000, 8, generator=torch.Generator().manual_seed(2))
    one, other = (FITS[name](w, w[:, 0]) for name in ("svm", "svm_middle"))
    assert torch.cosine_similarity(one, other, 0) > 0.9999
