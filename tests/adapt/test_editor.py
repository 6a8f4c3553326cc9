"""Adapt to a picture: its rules, what it leaves, and references that are no good."""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image

from editors.adapt import adapt
from editors.adapt.objectives import Aims
from editors.adapt.reference import Reference, reference_of
from editors.attributes import attributes
from editors.latent import latent
from facet import BadInput, Context, Subject
from facet.app import Stop, finish, run
from facet.stylegan import GeneratorRef, directions_of
from facet.testing import Conformance
from facet.weights import PUPPETS_JUDGES
from nets.adapt import Plan
from nets.judges import from_contents as judges_from_contents
from nets.judges import read
from nets.stylegan2.sampling import picture
from registry.artifacts import delta_file, keep_delta_file, load_delta
from registry.weights import Net, load_net

QUICK = {"style": "sample:ink", "model": "puppets", "steps": 3, "gallery": 1}


AT_LEAST = {"learning_rate": 0.0005, "truncation_psi": 0.1, "lesson": 0, "label": 0, "seed": 0, "effects": True}
AT_MOST = {"learning_rate": 0.02, "truncation_psi": 1.0, "lesson": 9999, "label": 999, "seed": 2**32 - 1}


class TestAdapt(Conformance):
    editor = adapt
    trial: ClassVar = {**adapt.trial, **{name: adapt.input(name).default for name in AT_LEAST}}


@pytest.mark.parametrize("ends", [AT_LEAST, AT_MOST])
def test_it_works_at_the_ends_of_its_further_ranges(ends):
    """Together, since each run takes a second."""
    result = finish(adapt, {**adapt.trial, **ends})
    assert ("side_effects" in result.metrics) == ("effects" in ends)
    assert all(np.isfinite(list(result.metrics.values())))


MADE = {}
"""Trained once; each test has a home of its own, into which what was learned is put again."""


@pytest.fixture
def made(facet_home):
    if not MADE:
        result = finish(adapt, QUICK | {"gallery": 2})
        MADE.update(result=result, learned=delta_file(result.subject.generator.delta_sha256))
    keep_delta_file(MADE["learned"])
    return MADE["result"]


def test_the_result_is_a_person_of_the_adapted_generator(made):
    ref = made.subject.generator
    assert ref.id == "puppets"
    assert load_delta(ref.delta_sha256)
    assert made.subject.latent.shape == (12, 192)
    assert list(made.further) == ["seed 6", "seed 7"]
    assert made.further["seed 7"].generator == ref
    assert not np.array_equal(made.further["seed 6"].pixels, made.further["seed 7"].pixels)


def test_what_was_learned_is_kept_as_a_generator_with_its_card(made):
    (kept,) = made.artifacts
    assert (kept.kind, kept.generator, kept.licence) == ("generator", "puppets", "Apache-2.0")
    assert kept.name == "Puppets 128 like ink"
    assert kept.facts["reference"]["sample"] == "ink"
    assert kept.facts["method"] == "painted"


def test_its_code_shows_the_same_picture_in_other_editors(made):
    generator, ref = Context(nets=latent.nets).load_generator(made.subject)
    again = picture(generator, torch.from_numpy(made.subject.latent.copy())[None])
    assert ref == made.subject.generator
    assert np.abs((again * 255).round().permute(1, 2, 0).numpy() - made.subject.pixels).max() <= 1


def test_strength_zero_is_the_source():
    unchanged = finish(adapt, QUICK | {"strength": 0.0, "steps": 1})
    source = finish(latent, {"model": "puppets", "seed": 6, "gallery": 1, "truncation_psi": 0.8})
    assert np.array_equal(unchanged.subject.pixels, source.subject.pixels)


def test_stopped_after_three_steps_it_keeps_what_it_has_learned():
    stop, seen = Stop(), []
    for event in run(adapt, QUICK | {"steps": 400, "gallery": 2}, stop=stop):
        seen.append(event)
        if len(seen) == 3:
            stop.set()
    result = seen[-1]
    assert result.stopped
    assert result.recipe["steps"] <= 5
    assert load_delta(result.subject.generator.delta_sha256)
    assert result.subject.size == (128, 128)
    assert list(result.further) == ["seed 6", "seed 7"], "the gallery is of the last whole step"


def test_the_first_step_is_shown_at_once_and_has_a_picture():
    step = next(adapt(Context(nets=adapt.nets), **full(QUICK | {"gallery": 5})))
    assert step.preview.shape == (3, 128, 512)
    assert step.note == "step 1 of 3"


def test_a_slice_goes_on_where_the_last_one_ended():
    values = full(QUICK | {"steps": 6})
    steps = list(adapt(Context(nets=adapt.nets), **values))
    state = next(step.state for step in steps if step.state)
    rest = list(adapt(Context(nets=adapt.nets, state=state), **values))
    assert rest[0].note == "step 5 of 6"
    whole, again = steps[-1].delta(), rest[-1].delta()
    assert all(torch.allclose(whole[name].float(), again[name].float(), atol=2e-4) for name in whole)


def test_directions_of_the_source_work_in_the_adapted_generator(made):
    """The judge of puppets reads the turn of a head and a smile from both, half as large or more."""
    judges = load_net(Net("judges", judges_from_contents, (PUPPETS_JUDGES,))).module
    controls = judges.config.controls
    source = finish(latent, {"model": "puppets", "seed": 6, "gallery": 1, "truncation_psi": 0.8}).subject

    def moved(subject, name):
        strength = directions_of("puppets")[name].span / 4
        edited = finish(attributes, {"subject": subject, "strengths": {name: strength}}).subject
        number = controls.index(name)
        before, after = (read(judges, each.tensor() * 2 - 1).controls[0, number].item() for each in (subject, edited))
        return after - before

    for name in ("yaw", "smile"):
        here, there = moved(source, name), moved(made.subject, name)
        number = controls.index(name)
        assert abs(here) > 0.05 * (judges.config.high[number] - judges.config.low[number])
        assert there / here > 0.5


def full(values):
    return adapt.check(values)


def flat(mode, size=(64, 64), colour=(200, 120, 40)):
    return Image.new("RGB", size, colour).convert(mode)


def test_too_small_a_reference_is_refused():
    with pytest.raises(BadInput, match=r"style: shows 20 × 20 pixels, too few.*at least 32"):
        finish(adapt, QUICK | {"style": flat("RGB", (20, 20))})


def test_the_generators_own_picture_teaches_nothing():
    own = finish(latent, {"model": "puppets", "seed": 1, "gallery": 1}).subject
    with pytest.raises(BadInput, match="draws already"):
        finish(adapt, QUICK | {"style": own})


def test_an_adapted_picture_of_it_does(made):
    reference_of(made.subject, GeneratorRef("puppets"), "cpu")


def test_difa_and_jojo_ask_for_what_this_world_has_and_say_so_elsewhere():
    elsewhere = SimpleNamespace(config=SimpleNamespace(w_dim=512, num_ws=16))
    aims = Aims(Context(nets=adapt.nets), elsewhere, "lions_512", Plan())
    picture = Reference(torch.zeros(1, 3, 64, 64))
    with pytest.raises(BadInput, match="method: needs an encoder.*painted"):
        aims.towards("difa", picture)
    with pytest.raises(BadInput, match="method: needs the discriminator.*painted"):
        aims.towards("jojo", picture)


def test_an_adapted_generator_can_be_adapted_again_and_what_is_kept_has_both():
    first = finish(adapt, QUICK | {"steps": 1}).artifacts[0]
    again = finish(adapt, QUICK | {"model": f"yours:{first.sha256}", "style": "sample:oil", "steps": 1})
    (both,) = again.artifacts
    assert (both.name, both.generator) == ("Puppets 128 like ink like oil", "puppets")
    assert both.sha256 == again.subject.generator.delta_sha256
    name = "synthesis.blocks.128.rgb.bias"
    assert not torch.equal(load_delta(both.sha256)[name], load_delta(first.sha256)[name])
    shown = picture(
        Context(nets=latent.nets).load_generator(again.subject)[0], torch.from_numpy(again.subject.latent.copy())[None]
    )
    assert np.abs((shown * 255).round().permute(1, 2, 0).numpy() - again.subject.pixels).max() <= 2


def test_hidden_colours_of_a_transparent_reference_count_for_nothing():
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :32] = (40, 90, 160, 255)
    pixels[:, 32:] = (255, 0, 0, 0)
    first, seen = reference_of(Subject.read(Image.fromarray(pixels)), None, "cpu")
    assert seen is None
    assert first.shape == (1, 3, 64, 32)
    pixels[40:, 10:20, 3] = 0
    part, seen = reference_of(Subject.read(Image.fromarray(pixels)), None, "cpu")
    assert seen.shape == (1, 1, 64, 32)
    assert seen[0, 0, 50, 15] == 0
    assert part[0, 0].max() < 0.5  # no red anywhere


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_grey_and_flat_references_give_a_finite_generator(mode):
    result = finish(adapt, QUICK | {"style": flat(mode), "steps": 2})
    assert all(torch.isfinite(value).all() for value in load_delta(result.subject.generator.delta_sha256).values())


def test_figures_of_what_became_of_the_people_are_reported(made):
    assert 0 < made.metrics["diversity_kept"] < 2
    assert -1 <= made.metrics["identity_kept"] <= 1
    assert made.metrics["landmarks_px"] >= 0
