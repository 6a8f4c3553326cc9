"""From a subject to the network its latent belongs to: declared nets, own files, state deltas, and what is refused."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from editors.latent import GENERATORS, latent
from facet import BadInput, Context, Latent, OwnFile, Step, Subject, editor
from facet.app import finish
from facet.stylegan import GeneratorRef
from facet.weights import WeightsCorrupt, WeightsMissing
from nets.inversion import with_delta
from nets.stylegan2 import Generator, GeneratorConfig, to_state
from nets.stylegan2.contents import from_contents
from registry.artifacts.deltas import delta_path, load_delta, save_delta


@pytest.fixture(scope="module")
def portrait():
    return finish(latent, {"model": "puppets", "seed": 3, "gallery": 1}).subject


@pytest.fixture
def ctx():
    return Context(nets=GENERATORS)


@editor("shows", "Shows", task="drag", gpu_seconds=0, nets=GENERATORS)
def shows(ctx: Context, *, subject: Annotated[Subject, Latent()]) -> Iterator[Step]:
    """Draw the subject's code again, with its own generator."""
    net = ctx.load_generator(subject)[0]
    image = net.synthesis(torch.from_numpy(subject.latent.copy())[None])[0] / 2 + 0.5
    delta = {"synthesis.blocks.128.rgb.bias": torch.full((3,), 0.5)}
    yield Step(image.clamp(0, 1), 1, latent=subject.latent, generator=GeneratorRef("puppets"), delta=lambda: delta)


def draw(net, subject):
    with torch.no_grad():
        return net.synthesis(torch.from_numpy(subject.latent.copy())[None])[0]


def test_the_generator_of_a_made_picture_draws_it_again(portrait):
    again = finish(shows, {"subject": portrait})
    assert again.subject.sha256 == portrait.sha256
    assert again.recipe["weights"][0]["net"] == "puppets"
    assert again.recipe["inputs"]["subject"]["generator"] == "puppets"


def test_a_delta_goes_with_the_new_subject_and_is_applied_to_a_copy(portrait, ctx):
    plain = draw(ctx.load_generator(portrait)[0], portrait)
    tuned = finish(shows, {"subject": portrait}).subject
    assert delta_path(tuned.generator.delta_sha256).is_file()
    assert torch.allclose(draw(ctx.load_generator(tuned)[0], tuned), plain + 0.5, atol=1e-5)
    assert ctx.load_generator(tuned)[0] is ctx.load_generator(tuned)[0]
    assert torch.equal(draw(ctx.load_generator(portrait)[0], portrait), plain)


def test_registry_and_nets_add_a_delta_alike(portrait, ctx):
    net = ctx.load_generator(portrait)[0]
    torch.manual_seed(0)
    delta = {name: (torch.randn_like(value) * 1e-3).half() for name, value in net.synthesis.named_parameters()}
    delta = {f"synthesis.{name}": value for name, value in delta.items()}
    tuned = Subject(portrait.pixels, portrait.latent, GeneratorRef("puppets", save_delta(delta)))
    assert torch.equal(draw(ctx.load_generator(tuned)[0], tuned), draw(with_delta(net, delta), portrait))


def test_equal_deltas_are_one_file(facet_home):
    first = {"a": torch.ones(2), "b": torch.zeros(3)}
    assert save_delta(first) == save_delta(dict(reversed(first.items())))
    assert len(list((facet_home / "deltas").iterdir())) == 1
    assert torch.equal(load_delta(save_delta(first))["a"], torch.ones(2))


@pytest.mark.parametrize(
    ("delta", "error"),
    [
        ({"synthesis.blocks.128.rgb.bias": torch.zeros(4)}, WeightsCorrupt),
        ({"no.such.tensor": torch.zeros(3)}, WeightsCorrupt),
        ({"synthesis.blocks.128.rgb.bias": torch.tensor([0.0, torch.nan, 0])}, WeightsCorrupt),
        ({"synthesis.blocks.128.rgb.bias": torch.zeros(3, dtype=torch.int32)}, WeightsCorrupt),
    ],
)
def test_a_delta_that_does_not_fit_is_refused(portrait, ctx, delta, error):
    with pytest.raises(error, match="delta"):
        ctx.load_generator(Subject(portrait.pixels, portrait.latent, GeneratorRef("puppets", save_delta(delta))))[0]


def test_a_delta_that_is_gone_or_changed_is_said(portrait, ctx):
    missing = Subject(portrait.pixels, portrait.latent, GeneratorRef("puppets", "0" * 64))
    with pytest.raises(WeightsMissing, match="not on this machine"):
        ctx.load_generator(missing)[0]
    sha256 = save_delta({"synthesis.blocks.128.rgb.bias": torch.zeros(3)})
    delta_path(sha256).write_bytes(b"something else")
    with pytest.raises(WeightsCorrupt, match="damaged"):
        ctx.load_generator(Subject(portrait.pixels, portrait.latent, GeneratorRef("puppets", sha256)))[0]
    with pytest.raises(WeightsCorrupt, match="no sha256"):
        ctx.load_generator(Subject(portrait.pixels, portrait.latent, GeneratorRef("puppets", "../../secret")))[0]


def test_a_generator_out_of_an_own_file_is_known_after_the_file_has_moved(tmp_path, ctx):
    torch.manual_seed(0)
    tiny = Generator(GeneratorConfig(32, {4: 8, 8: 8, 16: 8, 32: 8}, z_dim=8, w_dim=8, mapping_layers=2)).eval()
    path = tmp_path / "mine.safetensors"
    save_file(to_state(tiny), path, {"config": tiny.config.to_json()})
    made = finish(latent, {"own_model": str(path), "gallery": 1}).subject
    first = ctx.own_net(OwnFile(path), from_contents)
    assert ctx.load_generator(made)[0] is first
    path.rename(tmp_path / "elsewhere.safetensors")
    again = finish(shows, {"subject": made}).subject
    assert again.sha256 == made.sha256


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        (GeneratorRef("file:0123456789abcdef"), "this machine does not have"),
        (GeneratorRef("file:*"), "this machine does not have"),
        (GeneratorRef("faces_of_mars"), "this editor knows puppets"),
        (None, "Bring into a generator"),
    ],
)
def test_what_cannot_be_had_is_said(portrait, ctx, ref, words):
    with pytest.raises(BadInput, match=words):
        ctx.load_generator(Subject(portrait.pixels, portrait.latent, ref))[0]


def test_a_code_of_another_shape_is_refused(portrait, ctx):
    short = Subject(portrait.pixels, portrait.latent[:4], GeneratorRef("puppets"))
    with pytest.raises(BadInput, match="4 × 192, but its generator takes 12 × 192"):
        ctx.load_generator(short)[0]


def test_a_net_that_fell_back_is_named_as_what_it_was(monkeypatch):
    monkeypatch.setenv("FACET_OFFLINE", "1")
    offered = next(net for net in GENERATORS if not net.sources[0].embedded and not net.sources[0].non_commercial)
    made = finish(latent, {"model": offered.name, "gallery": 1}).subject
    assert made.generator == GeneratorRef("puppets")
    foreign = Subject(made.pixels, np.zeros((16, 512), np.float32), GeneratorRef(offered.name))
    with pytest.raises(BadInput, match="cannot be had now"):
        Context(nets=GENERATORS).load_generator(foreign)[0]
