"""The attributes editor: its rules, what its inputs do to the code, its refusals, its recipe."""

import dataclasses

import numpy as np
import pytest
import torch

from editors.attributes import attributes
from editors.attributes.matrix import CELL, FONT, GAP, matrix
from editors.attributes.method import metric_of, moved, moves
from editors.attributes.sheets import difference, sheet, strip
from facet import BadInput, Subject
from facet.app import Registry, finish, replay, run
from facet.stylegan import GeneratorRef
from facet.testing import Conformance
from nets.stylegan2.sampling import pictures
from registry.directions.catalogue import directions_of
from registry.directions.direction import Direction
from registry.directions.keeping import keep
from registry.weights.loaded import load_net

REGISTRY = Registry({attributes.id: attributes}, ())


class TestAttributes(Conformance):
    editor = attributes


@pytest.fixture(scope="module")
def generator():
    return load_net(attributes.nets[0]).module


@pytest.fixture(scope="module")
def puppet(generator):
    with torch.no_grad():
        code = generator.mapping(generator.z([5]), truncation_psi=0.8)
    pixels = (pictures(generator, code)[0] * 255).round().byte().permute(1, 2, 0).numpy()
    return Subject(pixels, code[0].numpy(), GeneratorRef("puppets"))


def edit(subject, strengths, **more):
    return finish(attributes, {"subject": subject, "strengths": strengths, **more})


def test_the_code_moves_from_where_it_is(puppet):
    smile, hat = (directions_of("puppets")[name].vector for name in ("smile", "hat"))
    once = edit(puppet, {"smile": 1.2, "hat": 0.5}).subject
    assert np.allclose(once.latent, puppet.latent + 1.2 * smile + 0.5 * hat, atol=1e-5)
    assert once.generator == puppet.generator
    back = edit(once, {"smile": -1.2, "hat": -0.5}).subject
    assert np.allclose(back.latent, puppet.latent, atol=1e-5)
    assert np.abs(back.pixels.astype(int) - puppet.pixels).max() <= 1


def test_the_picture_is_that_of_the_code(puppet, generator):
    result = edit(puppet, {"yaw": 30})
    image = pictures(generator, torch.from_numpy(result.subject.latent)[None])[0]
    made = (image * 255).round().byte().permute(1, 2, 0).numpy()
    assert np.abs(made.astype(int) - result.subject.pixels).max() <= 1


def test_the_first_step_has_the_final_picture(puppet):
    *previews, result = run(attributes, {"subject": puppet, "strengths": {"smile": 1}})
    first = finish(attributes, {"subject": puppet, "strengths": {"smile": 1}}, last_step=1)
    assert first.subject.sha256 == result.subject.sha256
    assert np.array_equal(first.subject.latent, result.subject.latent)


def test_zero_strengths_are_left_out(puppet):
    assert edit(puppet, {"smile": 1, "hat": 0}).recipe["inputs"]["strengths"] == {"smile": 1.0}


def test_rows_outside_the_span_stay(puppet):
    result = edit(puppet, {"hair_length": 1}, first_row=2, last_row=5)
    changed = (result.subject.latent != puppet.latent).any(axis=1)
    assert list(np.flatnonzero(changed)) == [2, 3, 4, 5]


def test_directions_with_rows_of_their_own(puppet):
    keep(Direction("coarse", "puppets", np.ones(192, np.float32), rows=(0, 3)))
    keep(Direction("wide", "puppets", np.repeat([[0.0], [1.0]], 6, axis=0) * np.ones((12, 192)), low=-1, high=1))
    for space, rows in {"w_plus": 3, "w": 12}.items():
        result = edit(puppet, {"coarse": 1}, space=space)
        assert np.allclose(result.subject.latent - puppet.latent, np.arange(12)[:, None] < rows, atol=1e-5)
    shift = edit(puppet, {"wide": 1}).subject.latent - puppet.latent
    assert np.allclose(shift, np.arange(12)[:, None] >= 6, atol=1e-5)
    assert np.allclose(edit(puppet, {"wide": 1}, space="w").subject.latent - puppet.latent, 0.5, atol=1e-5)


def test_keeping_takes_the_kept_boundaries_out_of_the_move(puppet, generator):
    offered = directions_of("puppets")
    result = edit(puppet, {"age": 0.8}, keep=["hair_grey", "beard", "gender"])
    shift = torch.from_numpy(result.subject.latent - puppet.latent)[0].double()
    normals = torch.stack([torch.from_numpy(offered[name].vector.copy()) for name in ("hair_grey", "beard", "gender")])
    normals = normals.double() @ metric_of(generator).precision
    free = torch.from_numpy(0.8 * offered["age"].vector).double()
    assert (normals @ shift).abs().max() < 0.02 * (normals @ free).abs().max()
    assert 0.1 < result.metrics["age_left"] <= 1


def normals_of(*seeds):
    """Boundaries as others publish them: unit normals that are not orthogonal."""
    found = [np.random.default_rng(seed).normal(size=192) + 0.7 * np.ones(192) for seed in seeds]
    return [(each / np.linalg.norm(each)).astype(np.float32) for each in found]


def test_imported_boundaries_are_projected_as_published(puppet):
    """Shen et al. 2020: n1 less its projection on the conditions, and as long as before."""
    primal, *conditions = normals_of(1, 2, 3)
    for name, vector in zip(("primal", "one", "two"), (primal, *conditions), strict=True):
        keep(Direction(name, "puppets", vector))
    for count in (1, 2):
        shift = edit(puppet, {"primal": 2}, keep=["one", "two"][:count]).subject.latent[0] - puppet.latent[0]
        basis = np.linalg.qr(np.stack(conditions[:count]).T)[0]
        wanted = primal - basis @ (basis.T @ primal)
        assert np.abs(np.stack(conditions[:count]) @ shift).max() < 1e-5 < abs(primal @ conditions[0])
        assert np.allclose(shift, 2 * wanted / np.linalg.norm(wanted), atol=1e-5)


def test_normals_and_directions_that_follow_the_spread_keep_each_others_boundaries(puppet, generator):
    plain, smile = normals_of(4)[0], directions_of("puppets")["smile"].vector
    keep(Direction("plain", "puppets", plain))
    boundary = metric_of(generator).precision.numpy() @ smile
    boundary /= np.linalg.norm(boundary)
    moves_smile = edit(puppet, {"smile": 1}, keep=["plain"]).subject.latent[0] - puppet.latent[0]
    assert abs(plain @ moves_smile) < 1e-3 * abs(plain @ smile)
    moves_plain = edit(puppet, {"plain": 1}, keep=["smile"]).subject.latent[0] - puppet.latent[0]
    assert abs(boundary @ moves_plain) < 1e-3 * abs(boundary @ plain)


def test_what_lies_in_the_kept_span_is_refused(puppet):
    smile = directions_of("puppets")["smile"].vector
    keep(Direction("grin", "puppets", 2 * smile, facts={"follow": True}))
    with pytest.raises(BadInput, match="keep: leaves nothing of grin: it lies in what smile change"):
        edit(puppet, {"grin": 1}, keep=["smile"])


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"strengths": {}}, "strengths: moves nothing. Move a slider"),
        ({"strengths": {"smile": 0}}, "strengths: moves nothing"),
        ({"strengths": "smile=1", "keep": "smile"}, "keep: holds smile, which is also moved"),
        ({"strengths": "smile=1", "first_row": 9, "last_row": 3}, "last_row: is 3, before the first row 9"),
        ({"strengths": "smile=1", "first_row": 15}, "last_row: leaves smile no row to move"),
        ({"strengths": "smle=1"}, "strengths: puppets offers no direction called “smle”. Did you mean smile?"),
        ({"strengths": "smile=99"}, "strengths: smile must be from -1.5 to 1.5, not 99"),
        ({"strengths": "yaw=99"}, "strengths: yaw must be from -65 to 65 °, not 99"),
        ({"strengths": "smile=nan"}, "strengths: smile must be a number, not “nan”"),
        ({"strengths": "smile=1, smile=2"}, "strengths: smile is given twice"),
        ({"strengths": ["smile"]}, "strengths: holds “smile”, which is no name with a number"),
        ({"strengths": "{smile: 1}"}, "strengths: is no JSON"),
        ({"strengths": 7}, "strengths: must be names with numbers, not 7"),
        ({"strengths": {str(n): 1 for n in range(99)}}, "strengths: names 99 directions, the most is 64"),
        (
            {"strengths": "smile=1", "keep": "agee"},
            "keep: puppets offers no direction called “agee”. Did you mean age?",
        ),
        ({"strengths": "smile=1", "keep": 7}, "keep: must be a list of names, not 7"),
    ],
)
def test_refusals(inputs, sentence, puppet):
    with pytest.raises(BadInput) as refusal:
        finish(attributes, {"subject": puppet, **inputs})
    assert str(refusal.value).startswith(sentence)


def test_another_generators_directions_are_refused(puppet):
    keep(Direction("mane", "lions_512", np.ones(512, np.float32)))
    with pytest.raises(BadInput, match="puppets offers no direction called “mane”. That one belongs to lions_512"):
        edit(puppet, {"mane": 1})
    lion = Subject(puppet.pixels, np.zeros((16, 512), np.float32), GeneratorRef("lions_512"))
    with pytest.raises(BadInput, match="lions_512 offers no direction called “smile”. That one belongs to puppets"):
        edit(lion, {"smile": 1})
    odd = dataclasses.replace(lion, latent=np.zeros((16, 64), np.float32))
    with pytest.raises(
        BadInput, match="“mane” has 512 numbers, and the code of this picture 16 × 64. It belongs to an"
    ):
        edit(odd, {"mane": 1})


def test_strengths_in_every_form_are_the_same(puppet):
    forms = [{"smile": 1, "yaw": -20}, '{"smile": 1, "yaw": -20}', "smile=1, yaw=-20", ["smile=1", "yaw=-20"]]
    made = {edit(puppet, form).subject.sha256 for form in forms}
    assert len(made) == 1


def test_the_recipe_is_replayed(puppet):
    result = edit(puppet, {"smile": 1, "hat": 1}, keep=["age"], way=True)
    again = replay(REGISTRY, result.subject.lineage, {"subject": puppet})
    assert again.subject.sha256 == result.subject.sha256


def test_a_recipe_with_a_changed_direction_is_refused(puppet):
    keep(Direction("mine", "puppets", np.ones(192, np.float32)))
    result = edit(puppet, {"mine": 1})
    files = [row["file"] for row in result.recipe["weights"] if row["net"] != "puppets_judges"]
    assert files == ["mine.safetensors", "generator.safetensors"]
    keep(Direction("mine", "puppets", -np.ones(192, np.float32)))
    with pytest.raises(BadInput, match="made with weights that are not to be had now: embedded mine.safetensors"):
        replay(REGISTRY, result.subject.lineage, {"subject": puppet})


def test_every_slider_works_at_both_ends(puppet, generator):
    code = torch.from_numpy(puppet.latent.copy())[None]
    for direction in directions_of("puppets").values():
        for end in (direction.low, direction.high):
            found = moves({direction: end}, [], 12, (0, 12), False, None)
            changed = (pictures(generator, moved(code, found)) - pictures(generator, code)).abs().mean()
            assert torch.isfinite(changed), direction.id
            assert changed > 1e-3, direction.id


def test_further_pictures():
    before, after = torch.rand(3, 8, 8), torch.rand(3, 8, 8)
    assert torch.allclose(difference(before, before), torch.full((3, 8, 8), 0.98), atol=1e-6)
    assert difference(before, after).min() >= 0
    assert strip([before] * 5, gap=2).shape == (3, 8, 5 * 8 + 4 * 2)
    assert sheet([[before, after]] * 3, gap=2).shape == (3, 3 * 8 + 2 * 2, 2 * 8 + 2)


def test_the_matrix_of_side_effects_shows_what_was_measured():
    def made(name, gain, **effects):
        return Direction(name, "puppets", np.ones(8, np.float32), gain=gain, effects=effects)

    offered = {"smile": made("smile", 0.9, age=-0.5), "age": made("age", 0.4), "mine": made("mine", None)}
    page = matrix(offered)
    assert matrix({"mine": offered["mine"]}) is None
    left = page.shape[2] - 2 * CELL - 2 * GAP
    top = page.shape[1] - 2 * CELL - 4 * GAP - FONT

    def cell(row, column):
        return page[:, top + row * CELL + CELL // 2, left + column * CELL + CELL // 2]

    red = [[float(cell(row, column)[0] - cell(row, column)[1]) for column in (0, 1)] for row in (0, 1)]
    assert red[0][0] > red[1][1] > 0.1, "the stronger, the more colour"
    assert red[0][1] < -0.1, "less of it is green"
    assert abs(red[1][0]) < 0.01, "nothing measured is paper"
    assert not torch.equal(matrix(offered, {"age"}), page)


def test_a_result_has_the_matrix_of_its_generator(puppet):
    images = edit(puppet, {"smile": 1}).images
    assert images["side effects"].shape[0] > 800
