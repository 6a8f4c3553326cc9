"""In another generator: the same person in an adapted one, blended, crossed, and tuned to a photograph."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from editors.adapt import in_generator
from editors.adapt.in_generator import difference
from editors.attributes import attributes
from editors.drag import drag
from editors.inversion import invert
from editors.latent import latent, latent_mix
from facet import BadInput, Context, Subject
from facet.app import finish, load_registry, replay
from facet.stylegan import GeneratorRef, adapted_from, directions_of, generator_entry, w_space
from facet.testing import Conformance
from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.sampling import picture
from registry.artifacts import load_delta
from registry.generators import ADAPTED
from registry.generators.adapted import onto
from registry.readers import read_tensors
from registry.weights import Weights, embedded_path

SEED = {"seed": 3, "gallery": 1, "truncation_psi": 0.8}


class TestInGenerator(Conformance):
    editor = in_generator


@pytest.fixture
def person(facet_home):
    return finish(latent, SEED | {"model": "puppets_256"}).subject


def drawn_in(name):
    return finish(latent, SEED | {"model": name}).subject


def apart(one, other):
    return np.abs(one.pixels.astype(int) - other.pixels).mean()


def test_the_person_is_drawn_as_the_adapted_generator_draws_that_code(person):
    there = finish(in_generator, {"subject": person, "model": "puppets_ink"})
    assert np.array_equal(there.subject.latent, person.latent)
    assert apart(there.subject, drawn_in("puppets_ink")) < 0.5
    assert apart(there.subject, person) > 20
    assert there.further["before"].generator == person.generator
    assert there.recipe["facts"]["in"] == "puppets_ink"


def test_strength_leads_from_one_to_the_other(person):
    def at(strength):
        return finish(in_generator, {"subject": person, "model": "puppets_ink", "strength": strength}).subject

    assert np.array_equal(at(0.0).pixels, person.pixels)
    ink = drawn_in("puppets_ink")
    distances = [apart(at(strength), ink) for strength in (0.0, 0.5, 1.0)]
    assert distances == sorted(distances, reverse=True)
    assert 0.1 * distances[0] < distances[1] < 0.9 * distances[0]


def test_parts_are_crossed_and_make_the_whole_together():
    torch.manual_seed(0)
    config = GeneratorConfig(64, {4: 8, 8: 8, 16: 8, 32: 8, 64: 8}, z_dim=8, w_dim=8, mapping_layers=1)
    one, other = (Generator(config).eval().requires_grad_(False) for _ in range(2))
    found = {parts: difference(one, other, 1.0, parts) for parts in ("all", "coarse", "fine")}
    assert found["coarse"].keys() | found["fine"].keys() == found["all"].keys()
    assert not found["coarse"].keys() & found["fine"].keys()
    assert "synthesis.const" in found["coarse"]
    heights = {int(name.split(".")[2]) for name in found["fine"] if ".blocks." in name}
    assert heights == {32, 64}
    assert not any(name.startswith("mapping.") for name in found["all"])


def test_what_was_learned_of_a_photograph_stays_under_the_ink(person):
    lighter = np.clip(person.pixels.astype(int) + 40, 0, 255).astype(np.uint8)
    values = {"subject": Subject(lighter), "model": "puppets_256", "align": "none", "start": "encoder", "steps": 1}
    tuned = finish(invert, values | {"tuning": 3}).subject
    own = tuned.generator.delta_sha256
    assert own
    inked = finish(in_generator, {"subject": tuned, "model": "puppets_ink"}).subject
    assert inked.generator.id == "puppets_256"
    both, photo = load_delta(inked.generator.delta_sha256), load_delta(own)
    ink = difference(
        *(Context(nets=in_generator.nets).load_generator(n)[0] for n in ("puppets_256", "puppets_ink")), 1, "all"
    )
    name = max(ink, key=lambda each: float(ink[each].abs().sum()) if each in photo else -1)
    assert torch.allclose(both[name], photo[name] + ink[name].float(), atol=2e-3)
    smiling = finish(attributes, {"subject": inked, "strengths": {"smile": 0.5}}).subject
    assert smiling.generator == inked.generator
    assert apart(smiling, inked) > 0.2


def test_a_person_of_the_smaller_generator_is_drawn_at_the_size_of_the_adapted_one(facet_home):
    small = drawn_in("puppets")
    inked = finish(in_generator, {"subject": small, "model": "puppets_ink"}).subject
    assert inked.size == (256, 256)
    assert inked.generator.id == "puppets_256"
    assert inked.latent.shape == (14, 192)
    assert np.array_equal(inked.latent[:12], small.latent)


def test_from_one_manner_to_another_and_back(person):
    ink = drawn_in("puppets_ink")
    back = finish(in_generator, {"subject": ink, "model": "puppets_256"}).subject
    assert back.generator.id == "puppets_ink"
    assert apart(back, person) < 1


def test_a_generator_of_other_codes_is_refused_before_it_is_fetched(person):
    with pytest.raises(BadInput, match="model: is a generator whose codes are not those of 'puppets_256'"):
        finish(in_generator, {"subject": person, "model": "lions_512"})


@pytest.mark.parametrize("name", list(ADAPTED))
def test_every_adapted_one_is_among_the_generators_with_the_space_of_its_source(name):
    entry = generator_entry(name)
    assert (entry.space, entry.framing, entry.shelf) == ("puppets", "puppets", "here")
    assert entry.megabytes < 1.5
    assert entry.drag == generator_entry("puppets_256").drag
    assert w_space(name) == "puppets"
    assert adapted_from(name) == "puppets_256"
    assert directions_of(w_space(name)).keys() == directions_of("puppets").keys()


def test_an_edit_a_mix_and_a_drag_in_an_adapted_generator_and_its_replay(facet_home):
    ink = drawn_in("puppets_ink")
    assert ink.generator == GeneratorRef("puppets_ink")
    registry = load_registry()
    older = finish(attributes, {"subject": ink, "strengths": {"age": 0.5}})
    mixed = finish(latent_mix, {"subject": older.subject, "rows": "fine: seed 5"})
    pairs = [[[128, 190], [128, 200]]]
    dragged = finish(drag, {"subject": mixed.subject, "pairs": pairs, "steps": 2})
    assert {each.subject.generator for each in (older, mixed, dragged)} == {ink.generator}
    assert apart(older.subject, ink) > 0.2
    assert apart(mixed.subject, older.subject) > 0.2
    again = replay(registry, [*mixed.subject.lineage])
    assert np.array_equal(again.subject.pixels, mixed.subject.pixels)


def test_the_file_is_a_difference_and_refuses_another_base(tmp_path):
    base = Weights("", "puppets_256/generator.safetensors", licence="Apache-2.0")
    build = onto(lambda contents: contents, base)
    weights = ADAPTED["puppets_ink"]
    contents = read_tensors(embedded_path(weights))
    whole = build(contents)
    plain = read_tensors(embedded_path(base))
    name, change = next(iter(contents.group("").items()))
    assert torch.allclose(whole.group("")[name], plain.group("")[name].float() + change.float())
    assert build(plain) is plain
    with pytest.raises(ValueError, match="learned on another .*begins 000000"):
        build(replace(contents, plain={**contents.plain, "base": "0" * 64}))
    with pytest.raises(ValueError, match="does not fit"):
        build(replace(contents, tensors={"": {"synthesis.nothing": change}}))


def test_its_picture_is_the_code_drawn_by_the_sum(person):
    inked = finish(in_generator, {"subject": person, "model": "puppets_ink"}).subject
    generator, _ = Context(nets=latent.nets).load_generator(inked)
    again = picture(generator, torch.from_numpy(inked.latent.copy())[None])
    assert np.abs((again * 255).round().permute(1, 2, 0).numpy() - inked.pixels).max() <= 1
