"""Mixing rows between pictures and seeds."""

from dataclasses import replace

import numpy as np
import pytest

from editors.latent import latent, latent_mix
from editors.latent.method import SPANS, towards
from editors.latent.ranges import read_ranges
from facet import BadInput
from facet.app import finish
from facet.stylegan import GeneratorRef
from facet.testing import Conformance
from nets.stylegan2.sampling import codes


class TestMix(Conformance):
    editor = latent_mix


def mixed(subject, **values):
    return finish(latent_mix, {"subject": subject, **values}, threads=1)


def test_rows_come_from_where_the_text_says(portraits, generator):
    one, two, _ = portraits
    result = mixed(one, second=two, rows="coarse: second; 8-: seed 7", truncation_psi=1)
    seven = codes(generator, [7], 1)[0].numpy()
    code = result.subject.latent
    assert np.allclose(code[:4], two.latent[:4], atol=1e-4)
    assert np.allclose(code[4:8], one.latent[4:8])
    assert np.allclose(code[8:], seven[8:], atol=1e-4)
    assert list(result.images) == ["subject", "second", "seed 7"]


def test_puppets_of_either_size_are_mixed_and_others_are_not(portraits):
    large = finish(latent, {"model": "puppets_256", "seed": 40, "gallery": 1}, threads=1).subject
    small = portraits[0]
    code = mixed(large, second=small, rows="all: second").subject
    assert code.size == (256, 256)
    assert np.allclose(code.latent, [*small.latent, small.latent[-1], small.latent[-1]], atol=1e-4)
    code = mixed(small, second=large, rows="coarse: second").subject.latent
    assert np.allclose(code[:4], large.latent[:4], atol=1e-4)
    assert np.allclose(code[4:], small.latent[4:])
    foreign = replace(large, generator=GeneratorRef("ffhq_1024"))
    with pytest.raises(BadInput, match="second: belongs to the generator 'ffhq_1024', but the subject to 'puppets'"):
        mixed(small, second=foreign, rows="all: second")


def test_half_way_straight_is_the_middle_and_around_keeps_the_distance(portraits, generator):
    one, two, _ = portraits
    mean = generator.mapping.w_avg.numpy()
    straight, around = (
        mixed(one, second=two, rows="all: second", amount=0.5, way=way).subject.latent for way in ("w_plus", "around")
    )
    assert np.allclose(straight, (one.latent + two.latent) / 2, atol=1e-5)
    apart = [np.linalg.norm(code[0] - mean) for code in (one.latent, two.latent, straight, around)]
    assert apart[2] < min(apart[0], apart[1]) < apart[3] <= max(apart[0], apart[1]) + 1e-3


def test_nothing_of_the_way_is_the_picture_itself(portraits):
    result = mixed(portraits[0], rows="all: seed 3", amount=0)
    assert np.allclose(result.subject.latent, portraits[0].latent, atol=1e-5)
    assert np.abs(result.subject.pixels.astype(int) - portraits[0].pixels).max() <= 1


def test_only_the_rows_of_the_span_move(generator):
    one, other = codes(generator, [1], 1), codes(generator, [2], 1)
    for centre in (None, generator.mapping.w_avg):
        moved = towards(one, other, 0.3, slice(*SPANS["middle"]), centre) != one
        assert moved[0].any(1).nonzero().flatten().tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rows: is empty. E.g. coarse: seed 7"),
        ("coarse seed 7", "rows: part 1, “coarse seed 7”, has no colon"),
        ("coarse: seed 7; rough: seed 1", "rows: part 2: “rough” is no range of rows. Use coarse, middle, fine, all"),
        ("2-99: seed 1", "rows: part 1: this generator has rows 0 to 11, not 2-99"),
        ("5-2: seed 1", "rows: part 1: this generator has rows 0 to 11, not 5-2"),
        ("4: third", "rows: part 1: “third” is no source"),
        ("4: seed -3", "rows: part 1: “seed -3” is no source"),
        ("4: seed 9999999999", "is no source"),
    ],
)
def test_mistakes_are_named_by_their_part(text, said):
    with pytest.raises(BadInput, match=said):
        read_ranges(text, "rows", 12)


def test_every_form_of_a_range():
    spans = [part[:2] for part in read_ranges("4: seed 1; 4-7: second\n8-: SEED 3; all: seed 0", "rows", 12)]
    assert spans == [(4, 5), (4, 8), (8, 12), (0, None)]


def test_a_second_picture_that_is_named_must_be_there(portraits):
    with pytest.raises(BadInput, match="second: is missing, but the rows name it"):
        mixed(portraits[0], rows="fine: second")
