"""The editor, with a CLIP from a Hub that knows colours: the whole way from words to a picture and a slider."""

import html
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from editors.attributes import attributes
from editors.text_direction import text_direction
from editors.text_direction.reading import CLIP, TOKENS
from facet import BadInput, Subject
from facet.app import Preview, Result, Stop, finish, run
from facet.stylegan import GeneratorRef, directions_of
from facet.testing import Conformance
from facet.weights import WeightsCorrupt, WeightsMissing, need
from registry.generators.declared import PUPPETS
from registry.weights import hub
from registry.weights.locations import own_copy
from registry.weights.lock import pin_of


class TestTextDirection(Conformance):
    """The house rules, for the editor with a small generator and the CLIP of colours."""

    editor = text_direction
    trial = {"target": "red face", "threshold": 0.0, "pictures": 1}

    @pytest.fixture(autouse=True)
    def _prepared(self, spec, monkeypatch):
        monkeypatch.setattr(type(self), "editor", spec)


RED = {"target": "red face", "neutral": "face", "threshold": 0.2, "strength": 3, "pictures": 2}


def redness(pixels):
    red, green, blue = pixels.reshape(-1, 3).astype(float).mean(0)
    return red - (green + blue) / 2


def test_red_makes_it_redder_and_the_opposite_less_red(spec, subject):
    there = finish(spec, RED | {"subject": subject})
    back = finish(spec, RED | {"subject": subject, "strength": -3})
    assert redness(there.subject.pixels) > redness(subject.pixels) + 8
    assert redness(back.subject.pixels) < redness(subject.pixels) - 4
    assert there.metrics["text_gain"] > 0.02 > -0.02 > back.metrics["text_gain"]
    assert there.subject.generator == subject.generator
    assert there.subject.latent.shape == subject.latent.shape
    assert redness(there.images["the opposite"]) < redness(there.images["before"])
    assert 0 < there.metrics["channels"] < 80
    assert 0 <= there.metrics["left_over"] < 1
    rows = {row["net"]: row for row in there.recipe["weights"]}
    assert set(rows) == {"small", "clip", "clip_tokens"}


def test_another_colour_is_another_direction(spec, subject):
    red, blue = (finish(spec, RED | {"subject": subject, "target": f"{name} face"}) for name in ("red", "blue"))
    assert red.subject.sha256 != blue.subject.sha256
    assert redness(red.subject.pixels) > redness(blue.subject.pixels) + 10


def test_a_kept_direction_is_a_slider(spec, subject, small):
    made = finish(spec, RED | {"subject": subject, "name": "red_text", "strength": 2})
    direction = directions_of("small")["red_text"]
    assert (direction.title, direction.group, direction.low, direction.high) == ("Red face", "in words", -10, 10)
    assert direction.vector.shape == subject.latent.shape
    assert direction.facts["target"] == "red face"
    sliders = replace(attributes, nets=(small, *attributes.nets))
    moved = finish(sliders, {"subject": subject, "strengths": {"red_text": 2}})
    assert np.abs(moved.subject.pixels.astype(int) - made.subject.pixels.astype(int)).max() <= 1
    again = finish(spec, RED | {"subject": subject, "name": "red_text"})
    assert again.subject.sha256
    with pytest.raises(BadInput, match="name: must be lower-case"):
        finish(spec, RED | {"subject": subject, "name": "Red!"})


def test_stopping_keeps_what_was_found(spec, subject):
    stop = Stop()
    events = run(spec, RED | {"subject": subject}, stop=stop)
    for _ in range(9):  # more than all rows of the first picture
        event = next(events)
    assert event.note == "trying style channels on picture 2 of 2"
    stop.set()
    result = list(events)[-1]
    assert result.stopped
    assert redness(result.subject.pixels) > redness(subject.pixels) + 4


def test_steps_do_not_depend_on_what_was_kept(spec, subject):
    first, second = (list(run(spec, RED | {"subject": subject})) for _ in range(2))
    assert len(first) == len(second) == 2 * 7 + 1 + 1
    assert first[-1].subject.sha256 == second[-1].subject.sha256
    assert [event.done for event in first[:-1]] == [event.done for event in second[:-1]]


def test_slices_give_the_same_picture(spec, subject):
    whole = finish(spec, RED | {"subject": subject})
    events = list(run(spec, RED | {"subject": subject}, longest_slice=1e-6))
    assert isinstance(events[-1], Result)
    assert events[-1].subject.sha256 == whole.subject.sha256
    shares = [event.done for event in events if isinstance(event, Preview)]
    assert shares == sorted(shares)


def test_a_tuned_generator_uses_the_table_of_the_plain_one(spec, subject, small, home):
    from registry.artifacts.deltas import save_delta
    from registry.weights.loaded import load_net

    finish(spec, RED | {"subject": subject})
    tables = sorted((home / "facet" / "tables").iterdir())
    name, value = next(iter(load_net(small).module.named_parameters()))
    tuned = GeneratorRef("small", save_delta({name: 0.01 * torch.ones_like(value)}))
    finish(spec, RED | {"subject": Subject(subject.pixels, subject.latent, tuned)})
    assert sorted((home / "facet" / "tables").iterdir()) == tables


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"target": ""}, "target: is empty"),
        ({"target": "a face"}, "target: says the same as the neutral text, “face”"),
        ({"target": "⛄" * 100}, "target: has .* tokens, the most is 75. Describe it in fewer words"),
        ({"neutral": "⛄" * 100}, "neutral: has .* tokens"),
        ({"target": "zebra"}, "target: says the same as the neutral text"),  # this CLIP knows colours only
        ({"strength": 11}, "strength: must be a number from -10 to 10"),
    ],
)
def test_bad_words_are_refused(spec, subject, given, sentence):
    with pytest.raises(BadInput, match=sentence):
        finish(spec, RED | {"subject": subject} | given)


def test_a_threshold_that_leaves_nothing_says_what_there_is(spec, subject, monkeypatch):
    monkeypatch.setattr("editors.text_direction.method.strongest", lambda scores: 0.1)
    with pytest.raises(BadInput, match=r"threshold: leaves no style channel: the most relevant one has 0\.\d{3}\."):
        finish(spec, RED | {"subject": subject, "pictures": 1})


NEEDS = (
    "CLIP ViT-B/32 (605.1 MB, MIT) from timm/vit_base_patch32_clip_224.openai is needed; it is downloaded at the first "
    "run, or now by “facet weights fetch clip_b32”.",
    "CLIP's vocabulary (524.7 kB, MIT) from openai/clip-vit-base-patch32 is needed; it is downloaded at the first run, "
    "or now by “facet weights fetch clip_merges”.",
)
NEEDED = " ".join(NEEDS)


def test_without_the_weights_a_sentence_says_what_is_needed(home, monkeypatch):
    from registry.conformance.sample_inputs import coded, small_picture

    subject = coded(small_picture(32, 32), text_direction.nets)
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsMissing) as offline:
        finish(text_direction, {"subject": subject, "target": "smiling face"})
    assert str(offline.value) == f"{NEEDED} But now Facet is offline and the file is not in the cache. Go online once."
    monkeypatch.delenv("FACET_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    hub.forget_outage()
    with pytest.raises(WeightsMissing) as unreachable:
        finish(text_direction, {"subject": subject, "target": "smiling face"})
    assert str(unreachable.value).startswith(f"{NEEDED} But now the Hub can't be reached.")
    hub.forget_outage()
    assert (need(CLIP), need(TOKENS)) == NEEDS


def test_weights_that_are_here_are_not_needed(home):
    source = CLIP.sources[1]
    path = own_copy(source)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(pin_of(source).size)
    assert need(CLIP) == ""
    path.unlink()
    assert need(CLIP) == NEEDS[0]
    assert need(replace(CLIP, sources=(*CLIP.sources, PUPPETS))) == ""


def test_tab_help_and_run_say_the_same(home, cli, tmp_path, monkeypatch):
    from facet.app import load_registry
    from registry.conformance.sample_inputs import coded, small_picture
    from registry.saved.lineage import subject_png
    from surfaces.page.words import needed_html, plain

    monkeypatch.setenv("FACET_OFFLINE", "1")
    spec = load_registry().get("text_direction")
    assert needed_html(spec) == "".join(f'<p class="ft-doc ft-needs">{html.escape(plain(text))}</p>' for text in NEEDS)
    assert needed_html(attributes) == ""
    assert needed_html(load_registry().get("invert")) == "", "its detector and encoder from the Hub are optional"
    shown = cli("text_direction", "--help")
    assert " ".join(NEEDED.split()) in " ".join(shown.out.split())
    file = tmp_path / "coded.png"
    file.write_bytes(subject_png(coded(small_picture(32, 32), text_direction.nets)))
    ran = cli("text_direction", "--subject", file, "--target", "smiling face", "-o", tmp_path / "out.png")
    assert ran.code != 0
    assert " ".join(NEEDED.split()) in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_a_vocabulary_that_is_none_is_said_so(fresh_spec, subject, fake):
    fake.repos["owner/clip"].files["merges.txt"] = b"<html>moved</html>"
    with pytest.raises(
        WeightsCorrupt, match=r"Words cannot be used: it is no list of CLIP's merges, which begins with"
    ):
        finish(fresh_spec, RED | {"subject": subject})
    assert fake.count("GET") == 1  # the small file comes first


def test_a_vocabulary_is_trusted_at_its_first_use_and_locked(fresh_spec, subject):
    clip_tokens = fresh_spec.nets[2]
    finish(fresh_spec, RED | {"subject": subject, "pictures": 1})
    assert pin_of(clip_tokens.sources[0]).by_trust
    assert need(clip_tokens) == ""


def test_a_check_without_the_weights_says_so(home, monkeypatch):
    from registry.conformance.findings import check_editor

    monkeypatch.setenv("FACET_OFFLINE", "1")
    found = {finding.rule: finding for finding in islice(check_editor(text_direction), 4)}
    assert not any(finding.problem for finding in found.values())
    assert found["reports_progress"].lacks == NEEDED
    assert found["imports_without_page_or_gpu"].lacks == ""
