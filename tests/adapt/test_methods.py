"""JoJoGAN, DiFa with CLIP and StyleGAN-NADA: what each looks at and learns, on networks small enough for tests."""

from collections import deque

import numpy as np
import pytest
import torch

from editors.adapt import adapt as editor
from editors.adapt.objectives import Aims
from editors.adapt.reference import Reference, portrait_of, reference_of
from editors.latent import latent
from facet import BadInput, Context, Subject
from facet.app import finish
from nets.adapt import ClipSight, Difa, Jojo, Nada, Plan, Terms, adapt
from nets.adapt.critic import SIZE, from_state
from nets.adapt.jojo import middle, mixed_rows
from nets.clip import described
from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.sampling import codes, pictures
from tests.text.colour_clip import colour_clip
from tests.text.vocabulary import small_tokenizer

PUPPET = {"model": "puppets", "seed": 3, "gallery": 1, "truncation_psi": 0.8}


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    net = Generator(GeneratorConfig(32, {4: 16, 8: 16, 16: 16, 32: 8}, z_dim=16, w_dim=16, mapping_layers=2))
    return net.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def clip():
    return colour_clip(small_tokenizer())


def learned(generator, objective, steps=40):
    """Mean colours of ten people before and after, each [3]."""
    (last,) = deque(adapt(generator, objective, Plan(steps=steps, learning_rate=0.01, layers="all", small=0)), 1)
    w_plus = codes(generator, range(10), 0.8)
    return [pictures(net, w_plus).mean((0, 2, 3)) for net in (generator, last.generator)]


def test_words_move_pictures_where_clip_says(tiny, clip):
    words = small_tokenizer()
    change = described(clip, words, "red face") - described(clip, words, "blue face")
    before, after = learned(tiny, Nada(tiny, [clip], [change]))
    assert after[0] - before[0] > after[2] - before[2] + 0.03


def test_difa_with_clip_moves_pictures_to_the_reference(tiny, clip):
    green = torch.tensor([0.1, 0.9, 0.1])[None, :, None, None].expand(1, 3, 48, 48)
    objective = Difa(tiny, [ClipSight(clip)], None, green, Terms(consistency=0))
    before, after = learned(tiny, objective)
    assert after[1] - before[1] > max(after[0] - before[0], after[2] - before[2]) + 0.03


def test_tokens_are_those_of_the_patches_after_some_blocks(clip):
    picture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    embedding, first = clip.look(picture, 1)
    same, last = clip.look(picture, 99)
    assert torch.allclose(embedding, clip.embed_pictures(picture))
    assert torch.equal(embedding, same)
    assert first.shape == last.shape == (2, clip.config.grid**2, clip.config.image.width)
    assert not torch.allclose(first, last)


def test_rows_that_are_mixed():
    assert mixed_rows(18, False) == list(range(7, 18))
    assert mixed_rows(18, True) == [9, 11, 15, 16, 17]
    assert mixed_rows(12, True) == [9, 10, 11]


def test_jojo_looks_at_the_references_coarse_rows_with_fine_ones_of_others():
    code, w_plus = torch.zeros(1, 12, 4), torch.ones(2, 12, 4)
    critic = lambda pictures: [pictures]  # noqa: E731
    objective = Jojo(critic, 16, code, torch.rand(1, 3, 20, 16), strength=0.75)
    mixed = objective.people(w_plus)
    assert torch.equal(mixed[:, :7], torch.zeros(2, 7, 4))
    assert torch.equal(mixed[:, 7:], torch.full((2, 5, 4), 0.75))
    same = objective(2 * objective.wanted[0].expand(2, -1, -1, -1) / 2, w_plus, 1, 0.5)
    assert same.item() == pytest.approx(0, abs=1e-6)


def test_the_middle_square_is_looked_at():
    ramp = torch.arange(8.0)[None, None, None].expand(1, 1, 4, 8)
    assert torch.equal(middle(ramp, 4)[0, 0, 0], torch.tensor([2.0, 3, 4, 5]))
    assert middle(ramp, 2).shape == (1, 1, 2, 2)


def test_jojo_learns_a_portrait_of_this_world(facet_home):
    portrait = finish(latent, PUPPET).subject
    reddened = (portrait.pixels * np.array([1, 0.6, 0.5])).astype(np.uint8)
    values = {"style": Subject(reddened), "model": "puppets", "method": "jojo", "gallery": 1, "seed": 4}
    result = finish(editor, values | {"steps": 12, "layers": "all", "learning_rate": 0.004})
    source = finish(latent, PUPPET | {"seed": 4}).subject
    redder = (result.subject.pixels.mean((0, 1)) - source.pixels.mean((0, 1))) @ np.array([1, -0.5, -0.5])
    assert redder > 4
    assert result.recipe["inputs"]["method"] == "jojo"


def test_jojo_says_that_it_needs_a_portrait():
    ctx = Context(nets=editor.nets)
    with pytest.raises(BadInput, match="style: shows no face.*painted portraits"):
        portrait_of(ctx, reference_of(Subject.read("sample:ink"), None, "cpu"))


def test_no_discriminator_in_a_file_without_one():
    with pytest.raises(ValueError, match="no patch discriminator"):
        from_state({"trunk.0.weight": torch.zeros(3)})
    kernels = {f"trunk.{n}.weight": torch.zeros(4, 3, 3, 3) for n in range(4)}
    with pytest.raises(ValueError, match="do not follow"):
        from_state(kernels)
    assert SIZE == 128


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"method": "nada"}, "words: are missing"),
        ({"method": "nada", "words": "   "}, "words: are missing"),
        ({"method": "painted"}, "style: is missing"),
    ],
)
def test_what_is_missing_is_named(values, sentence):
    with pytest.raises(BadInput, match=sentence):
        finish(editor, {"model": "puppets", "steps": 1} | values)


def test_a_transparent_portrait_counts_as_far_as_it_is_there(tiny, clip):
    sight = ClipSight(clip)
    picture = torch.rand(1, 3, 40, 40)
    look = sight.reference(picture, torch.ones(1, 1, 40, 40), 1.0)
    assert torch.equal(look.embedding, clip.embed_pictures(picture))
    assert Reference(picture).seen is None


def test_words_that_say_the_same_are_named_as_the_page_calls_them(clip, monkeypatch):
    words = small_tokenizer()
    ctx = Context(nets=editor.nets)
    monkeypatch.setattr(ctx, "net", lambda name: words if name == "clip_tokens" else clip)
    aims = Aims(ctx, None, "puppets", Plan())
    with pytest.raises(BadInput, match="words: says the same"):
        aims.in_words("red face", "red face")
    assert len(aims.in_words("red face", "blue face").pairs) == 2
