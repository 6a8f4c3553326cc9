"""Carrying an edit over to the photograph: what is remembered, what is moved, what is said where it cannot be."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from editors.attributes import attributes
from editors.inversion import invert, paste_back
from editors.inversion.networks import AIDS, JUDGES
from editors.latent import latent
from facet import BadInput, Context, Subject, placement_of
from facet.app import Registry, finish, replay
from facet.stylegan import First, GeneratorRef, explained_by, first_of
from nets.carry import Asked
from nets.judges import LandmarkDistance, landmarks
from registry.saved.lineage import subject_with_lineage
from tests.inversion.test_editors import own, quick, tiny  # noqa: F401 - fixtures
from tests.saving import save_png

pytestmark = pytest.mark.skipif(JUDGES not in AIDS, reason="the judges are not part of this checkout")
QUICK = {"model": "puppets", "steps": 6, "tuning": 8}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The astronaut in the small puppets after a few steps, and then not smiling, as files with all they need."""
    folder = tmp_path_factory.mktemp("brought")
    inside = finish(invert, {"subject": "sample:astronaut", **QUICK}, threads=1).subject
    save_png(inside, folder / "inside.png")
    edited = finish(attributes, {"subject": inside, "strengths": {"smile": -1.2}}, threads=1).subject
    save_png(edited, folder / "edited.png")
    return folder


@pytest.fixture
def brought(files):
    return subject_with_lineage(files / "inside.png")


@pytest.fixture
def smiling(files):
    return subject_with_lineage(files / "edited.png")


def photograph():
    return Subject.read("sample:astronaut")


def test_the_first_picture_is_remembered_and_drawn_again(brought, smiling):
    first = first_of(smiling)
    assert np.array_equal(first.code, brought.latent)
    assert first.generator == "puppets"
    ctx = Context(nets=invert.nets)
    drawn = ctx.load_generator(smiling)[0].synthesis(torch.from_numpy(first.code.copy())[None])[0] / 2 + 0.5
    assert np.abs((drawn.permute(1, 2, 0) * 255).clamp(0, 255).numpy() - brought.pixels).max() <= 1


def test_the_photograph_moves_and_stays_sharp(smiling):
    photo = photograph()
    moved, pasted = (finish(paste_back, {"subject": smiling, "how": how}, threads=1) for how in ("movement", "pixels"))
    assert moved.subject.size == photo.size
    assert moved.metrics["sharpness_kept"] > 0.9
    assert moved.metrics["untouched_percent"] > 60
    mouth = np.s_[125:160, 185:255]
    changed = np.abs(moved.subject.pixels[mouth].astype(int) - photo.pixels[mouth]).mean()
    assert changed > 3, "the mouth moved"
    far = np.s_[300:, 300:]
    assert np.array_equal(moved.subject.pixels[far], photo.pixels[far])
    assert placement_of(moved.subject) is None
    assert first_of(moved.subject) is None, "it is the photograph again"
    assert not np.array_equal(moved.subject.pixels, pasted.subject.pixels)


def test_a_turn_is_walked_and_stays_sharper_than_in_one_step(brought, monkeypatch):
    turned = finish(attributes, {"subject": brought, "strengths": {"yaw": 20}}, threads=1).subject
    walked = finish(paste_back, {"subject": turned}, threads=1).metrics["sharpness_kept"]
    monkeypatch.setattr("nets.carry.carrier.STRIDES", ())
    assert finish(paste_back, {"subject": turned}, threads=1).metrics["sharpness_kept"] < walked


def test_what_was_asked_of_eyes_and_mouth_is_read_from_the_code_beside_all_other_sliders(brought):
    explain = explained_by(brought.generator.id, first_of(brought).code)
    assert Asked.of(explain(brought.latent)) == Asked()
    for strengths, asked in (
        ({"eyes_closed": 1.0, "yaw": 20.0, "smile": 1.0}, Asked(1.0, 0.0)),
        ({"mouth_open": 0.8, "age": 1.0}, Asked(0.0, 0.8)),
        ({"smile": 1.0, "yaw": -30.0, "skin_tone": 1.0}, Asked()),
        ({"eyes_closed": -1.0}, Asked(-1.0, 0.0)),
    ):
        edited = finish(attributes, {"subject": brought, "strengths": strengths}).subject
        assert tuple(Asked.of(explain(edited.latent))) == pytest.approx(asked, abs=0.01)
    assert Asked.of(None) is Asked.of({"smile": 1.0}) is None
    aside = np.random.default_rng(0).standard_normal(brought.latent.shape).astype(np.float32)
    assert explain(brought.latent + aside) is None, "a drag is no slider"
    assert explain(brought.latent[:2]) is None, "another shape"


def test_eyes_close_in_the_photograph_though_the_avatar_is_a_poor_one(brought):
    edited = finish(attributes, {"subject": brought, "strengths": {"eyes_closed": 1.0}}).subject
    back = finish(paste_back, {"subject": edited})
    left, right = (slice(94, 108), slice(194, 212)), (slice(96, 110), slice(238, 254))
    for eye in (left, right):  # of the astronaut's, dark and white; a lid is neither
        was, now = (picture[eye].astype(float).mean(-1) for picture in (photograph().pixels, back.subject.pixels))
        assert np.ptp(now[3:8]) < 0.75 * np.ptp(was[3:8])
    assert "put back" not in back.recipe["facts"]


def test_eyes_close_as_far_live_and_never_by_a_jump(brought):
    show = paste_back.follow(Context(nets=paste_back.nets), brought, photograph())

    def eyes(edited):
        return show(edited).astype(int)[90:112, 190:260]

    looks = [eyes(brought)]
    for strength in (0.25, 0.45, 0.55, 1.0):
        edited = finish(attributes, {"subject": brought, "strengths": {"eyes_closed": strength}}, last_step=1).subject
        looks.append(eyes(edited))
    still = eyes(Subject(edited.pixels))  # nobody knows the code of that
    steps = [np.abs(after - before).mean() for before, after in pairwise(looks)]
    whole = np.abs(looks[-1] - looks[0]).mean()
    assert steps[2] < 0.5 * whole, "there is no jump where an edit means to close eyes"
    assert np.abs(still - looks[0]).mean() < whole, "a poor avatar closes its eyes less"


def test_no_edit_is_no_change(brought):
    back = finish(paste_back, {"subject": brought}, threads=1)
    assert np.array_equal(back.subject.pixels, photograph().pixels)
    assert back.metrics["untouched_percent"] == 100


def test_a_recipe_makes_it_again(smiling):
    back = finish(paste_back, {"subject": smiling}, threads=1).subject
    editors = Registry({spec.id: spec for spec in (invert, attributes, paste_back)}, [])
    assert replay(editors, back.lineage).subject.sha256 == back.sha256


def test_a_photograph_that_is_gone_is_asked_for(smiling):
    rows = [dict(row) for row in smiling.lineage]
    facts = dict(rows[0]["facts"])
    facts["placement"] = {**facts["placement"], "sample": ""}
    rows[0]["facts"] = facts
    upload = replace(smiling, lineage=tuple(rows))
    with pytest.raises(BadInput, match="source: is needed to put the picture back.* Give the photograph"):
        finish(paste_back, {"subject": upload})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: replace(s, latent=None, generator=None), "has left the generator"),
        (lambda s: replace(s, generator=GeneratorRef("ffhq_1024")), "has gone over to another generator"),
        (lambda s: replace(s, lineage=(_without_first(s.lineage[0]),)), "does not remember how its photograph looked"),
    ],
)
def test_where_movement_cannot_be_known_pixels_go_back_and_it_is_said(smiling, change, words):
    back = finish(paste_back, {"subject": change(smiling)})
    assert words in back.recipe["facts"]["put back"]
    assert "its pixels were put back" in back.recipe["facts"]["put back"]


def _without_first(row):
    return {**row, "facts": {name: value for name, value in row["facts"].items() if name != "first"}}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"shape": [2, 2], "generator": "x", "code": "AAAA"},
        {"shape": [2, 2], "generator": "x", "code": "****"},
        {"shape": ["2", 2], "generator": "x", "code": ""},
        {"shape": [1, 1], "generator": "x", "code": "AADAfw=="},
    ],
)
def test_a_strangers_record_is_none(broken):
    facts = {"placement": {"corners": []}, "first": broken}
    assert first_of(Subject(photograph().pixels, lineage=({"facts": facts},))) is None
    code = np.arange(6, dtype=np.float32).reshape(2, 3)
    whole = {"placement": {}, "first": First(code, "puppets").record()}
    assert np.array_equal(first_of(Subject(photograph().pixels, lineage=({"facts": whole},))).code, code)


def test_an_edit_in_a_small_generator_of_ones_own_goes_back(quick):  # noqa: F811
    made = finish(invert, {"subject": "sample:astronaut", **quick}).subject
    back = finish(paste_back, {"subject": made})
    assert np.array_equal(back.subject.pixels, photograph().pixels)


def test_landmarks_guide_the_search_to_where_the_features_are():
    ctx = Context(nets=invert.nets)
    judges = ctx.net(JUDGES.name)
    ways = {}
    for name, start in (("guided", "auto"), ("not", "mean")):
        result = finish(
            invert, {"subject": "sample:astronaut", "model": "puppets", "steps": 24, "tuning": 0, "start": start}
        )
        pictures = [torch.from_numpy(result.images["aligned"].copy()), torch.from_numpy(result.subject.pixels.copy())]
        wanted, made = (picture.permute(2, 0, 1).float() / 127.5 - 1 for picture in pictures)
        ways[name] = float(LandmarkDistance(judges)(made[None], wanted[None]))
        assert landmarks(judges, made)[2] > 0.9
    assert ways["guided"] < 0.011


def test_a_photograph_is_tuned_by_itself_and_a_puppet_is_not():
    puppet = finish(latent, {"model": "puppets", "seed": 31, "gallery": 1}).subject
    known = finish(invert, {"subject": Subject(puppet.pixels), "model": "puppets", "steps": 2})
    assert known.recipe["steps"] == 3
    assert known.subject.generator.delta_sha256 is None
    foreign = finish(invert, {"subject": "sample:astronaut", "model": "puppets", "steps": 1}, last_step=4)
    assert foreign.subject.generator.delta_sha256


def test_looks_that_are_drawn_smaller_and_runs_are_followed_alike():
    source, how = Subject.read("sample:astronaut"), {"model": "puppets_256", "steps": 0, "tuning": 0}
    inside = finish(invert, {"subject": source, **how}, threads=1).subject
    strengths = {"subject": inside, "strengths": {"smile": -1.0}}
    sizes = {}
    for rough in (True, False):
        look = finish(attributes, strengths, last_step=1, threads=1, rough=rough).subject
        assert np.array_equal(look.latent, finish(attributes, strengths, last_step=1, threads=1).subject.latent)
        sizes[look.size] = look
    assert list(sizes) == [(128, 128), (256, 256)]
    show = paste_back.follow(Context(nets=paste_back.nets), inside, source)
    small, large = (show(look).astype(int) for look in sizes.values())
    assert small.shape == large.shape == source.pixels.shape
    assert np.abs(small - source.pixels).max() > 60, "something moved"
    assert np.abs(small - large)[90:180, 170:280].mean() < 4
