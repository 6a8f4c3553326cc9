"""Bringing pictures in and putting them back: what is found, what is kept, what is refused."""

import json
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from editors.inversion import invert, paste_back
from editors.inversion.detectors import Detectors, judged, see, windows
from editors.inversion.method import Effort, face_weight
from editors.inversion.method import invert as search
from editors.inversion.networks import AIDS, JUDGES, framing_of, judges_of
from editors.inversion.place import place
from editors.inversion.start import mean_code, nearest
from editors.latent import latent
from facet import BadInput, Context, NoFace, Subject, placement_of
from facet.app import Registry as Editors
from facet.app import Stop, finish, replay, run
from facet.stylegan import GeneratorRef
from facet.testing import Conformance
from facet.weights import WeightsMissing
from nets.align import FFHQ, PUPPETS
from nets.inversion import PublishedTuning, with_delta
from nets.psp import PspConfig, PspEncoder
from nets.stylegan2 import Generator, GeneratorConfig, to_state
from registry.conformance.sample_inputs import small_picture
from registry.saved.lineage import subject_with_lineage
from tests.saving import save_png

EYES = [[20, 20, 34, 20], [22, 34, 32, 34]]


class TestInvert(Conformance):
    editor = invert


class TestPasteBack(Conformance):
    editor = paste_back


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    net = Generator(GeneratorConfig(32, {4: 12, 8: 12, 16: 12, 32: 8}, z_dim=8, w_dim=8, mapping_layers=2))
    net.mapping.w_avg.copy_(net.mapping.measure(512))
    return net.eval().requires_grad_(False)


@pytest.fixture
def own(tiny, tmp_path):
    path = tmp_path / "tiny.safetensors"
    save_file(to_state(tiny), path, {"config": tiny.config.to_json()})
    return str(path)


@pytest.fixture
def quick(own):
    """Inputs for a quick inversion into the tiny generator."""
    return {"own_model": own, "align": "none", "start": "nearest", "candidates": 8, "steps": 6, "tuning": 6}


def picture_of(net, seed):
    with torch.no_grad():
        return net.synthesis(net.mapping(net.z([seed])))


def test_a_picture_of_the_generator_is_found_again(tiny):
    wanted = picture_of(tiny, 3)
    start, _ = nearest(tiny, wanted, 16, seed=0)
    found = list(search(tiny, wanted, start, Effort(40, 0, 0.05, 0)))
    first, last = ((each.image - wanted).square().mean().item() for each in (found[0], found[-1]))
    far = (tiny.synthesis(mean_code(tiny)) - wanted).square().mean().item()
    assert last < first < far
    assert [each.done for each in found] == list(range(41))


def test_tuning_comes_nearer_and_its_delta_draws_it(tiny):
    wanted = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    found = list(search(tiny, wanted, mean_code(tiny), Effort(4, 30, 0.03, 0.01), weight=face_weight(32)))
    code, tuned = found[4], found[-1]
    assert (tuned.stage, tuned.done) == ("tuning", 34)
    assert torch.equal(tuned.w_plus, code.w_plus)
    assert (tuned.image - wanted).abs().mean() < 0.9 * (code.image - wanted).abs().mean()
    again = with_delta(tiny, tuned.delta()).synthesis(tuned.w_plus)
    assert torch.allclose(again, tuned.image, atol=2e-3)


def test_tuning_can_minimise_the_published_loss(tiny):
    wanted, start, effort = picture_of(tiny, 3), mean_code(tiny), Effort(0, 12, 0.05, 0.01)
    loss = PublishedTuning(lambda one, two: (one - two).abs().mean((1, 2, 3)))
    *_, ours = search(tiny, wanted, start, effort)
    first, *_, published = search(tiny, wanted, start, effort, loss=loss)
    assert loss(published.image, wanted) < loss(first.image, wanted)
    assert not torch.equal(published.image, ours.image)


def test_the_published_loss_is_lpips_and_squares():
    one, two = torch.rand(2, 1, 20, 20), torch.rand(2, 1, 20, 20)
    seen = []
    loss = PublishedTuning(lambda *pair: seen.append(pair) or torch.tensor([0.5, 0.25]))
    assert torch.allclose(loss(one, two), torch.tensor([0.5, 0.25]) + ((one - two) ** 2).mean((1, 2, 3)))
    assert [each.shape[1] for each in seen[0]] == [3, 3]


def test_the_published_loss_is_refused_without_its_weights(quick, monkeypatch):
    monkeypatch.setattr("editors.inversion.networks.heads_of_package", lambda: None)
    options = {"subject": Subject(small_picture(40, 40)), "loss": "published", **quick}
    with pytest.raises(BadInput, match="loss: needs LPIPS, whose channel weights .* “pip install lpips”"):
        finish(invert, options)
    assert finish(invert, options | {"tuning": 0, "steps": 1}).recipe["inputs"]["loss"] == "published"
    monkeypatch.setattr("editors.inversion.networks.heads_of_package", lambda: [torch.ones(1)] * 5)
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsMissing):
        finish(invert, options)


def test_the_published_loss_reaches_the_tuning(quick, monkeypatch):
    made = []
    loss = PublishedTuning(lambda one, two: made.append(1) or (one - two).abs().mean((1, 2, 3)))
    monkeypatch.setattr("editors.inversion.networks.published_loss", lambda ctx: loss)
    finish(invert, {"subject": Subject(small_picture(40, 40)), "loss": "published", **quick})
    assert len(made) == quick["tuning"]


def test_a_held_code_stays_nearer_to_its_start(tiny):
    wanted = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    free, held = (list(search(tiny, wanted, mean_code(tiny), Effort(20, 0, 0.05, 0, hold)))[-1] for hold in (0, 1))
    away = [(each.w_plus - mean_code(tiny)).square().mean() for each in (free, held)]
    assert away[1] < 0.7 * away[0]


@pytest.mark.parametrize("cut", [3, 6, 9, 11])
def test_a_slice_goes_on_where_the_one_before_ended(tiny, cut):
    """In the search for a code, between the two, in the tuning: to the bit."""
    wanted, start, effort = picture_of(tiny, 5), mean_code(tiny), Effort(6, 6, 0.03, 0.003)
    *_, whole = search(tiny, wanted, start, effort)
    first = search(tiny, wanted, start, effort)
    *_, left = (next(first) for _ in range(cut + 1))
    rest = list(search(tiny, wanted, torch.zeros_like(start), effort, left.going()))
    assert [each.done for each in rest] == list(range(cut + 1, 13))
    assert torch.equal(rest[-1].image, whole.image)
    assert torch.equal(rest[-1].w_plus, whole.w_plus)
    one, other = whole.delta(), rest[-1].delta()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_slices_bring_in_the_same(quick):
    values = {"subject": small_picture(60, 50), **quick}
    whole, sliced = (finish(invert, values, **how) for how in ({}, {"longest_slice": 1e-9}))
    assert sliced.recipe["steps"] == whole.recipe["steps"]
    assert sliced.subject.sha256 == whole.subject.sha256
    assert sliced.subject.generator == whole.subject.generator


def test_what_comes_back(quick, facet_home):
    result = finish(invert, {"subject": small_picture(60, 50), **quick})
    made = result.subject
    assert made.size == (32, 32)
    assert made.latent.shape == (8, 8)
    assert made.generator.id.startswith("file:")
    assert set(result.images) == {"aligned", "error"}
    assert set(result.metrics) == {"psnr", "ssim", "perceptual"}
    assert result.recipe["facts"]["started from"] == "the nearest of 8 samples"
    where = placement_of(made)
    assert where.size == (60, 50)
    assert where.corners[0] == (4.5, -0.5)
    assert [file.stem for file in (facet_home / "deltas").iterdir()] == [made.generator.delta_sha256]
    ctx = Context(nets=invert.nets)
    drawn = ctx.load_generator(made)[0].synthesis(torch.from_numpy(made.latent.copy())[None])[0] / 2 + 0.5
    assert np.array_equal((drawn.permute(1, 2, 0) * 255 + 0.5).clamp(0, 255).byte().numpy(), made.pixels)


def test_stopping_keeps_the_best_so_far(quick):
    stop, seen = Stop(), []
    for event in run(invert, {"subject": small_picture(40, 40), **quick, "steps": 500, "tuning": 0}, stop=stop):
        seen.append(event)
        if len(seen) == 4:
            stop.set()
    assert seen[-1].stopped
    assert seen[-1].recipe["steps"] <= 6
    assert seen[-1].subject.latent is not None


def test_a_file_goes_through_invert_and_back_by_recipe(quick, tmp_path):
    source = Subject.read(small_picture(60, 50))
    made = finish(invert, {"subject": source, **quick}, threads=1).subject
    save_png(made, tmp_path / "a.png")
    again = subject_with_lineage(tmp_path / "a.png")
    assert again.generator == made.generator
    back = finish(paste_back, {"subject": again, "source": source, "how": "pixels"}, threads=1).subject
    assert back.size == source.size
    assert np.array_equal(back.pixels[:, :4], source.pixels[:, :4])
    assert not np.array_equal(back.pixels, source.pixels)
    assert placement_of(back) is None
    from facet import OwnFile

    editors = Editors({spec.id: spec for spec in (invert, paste_back)}, [])
    lineage = json.loads(json.dumps(back.lineage))
    from pathlib import Path

    given = {"subject": source, "source": source, "own_model": OwnFile(Path(quick["own_model"]))}
    assert replay(editors, lineage, given).subject.sha256 == back.sha256


def test_four_points_in_any_order_cut_out_the_face(quick):
    source = small_picture(60, 60)
    mixed = [[22, 34, 20, 20], [32, 34, 34, 20]]
    first, second = (
        placement_of(finish(invert, {"subject": source, **quick, "align": "points", "points": points}).subject)
        for points in (EYES, mixed)
    )
    assert first == second
    xs = [x for x, _ in first.corners]
    assert sum(xs) / 4 == pytest.approx(27, abs=0.01)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"align": "points"}, "points: needs two pairs"),
        ({"align": "points", "points": EYES[:1]}, "not 1"),
        ({"points": [[20, 20, 20, 20], [20, 20, 20, 20]]}, "points: do not make a face"),
        ({"start": "encoder", "align": "none"}, "start: asks for an encoder"),
    ],
)
def test_what_cannot_be_done_is_said(quick, changed, words):
    inputs = {"subject": small_picture(60, 60), **quick, "align": "auto", **changed}
    with pytest.raises(BadInput, match=words):
        finish(invert, inputs)


def test_an_encoder_of_ones_own_gives_the_start(quick, tmp_path):
    torch.manual_seed(0)
    encoder = PspEncoder(PspConfig(8, (8, 8, 8, 8, 8), 8)).eval()
    state = {f"encoder.{name}": tensor for name, tensor in encoder.state_dict().items()}
    mean = torch.randn(8, 8) * 0.1
    torch.save({"state_dict": state, "opts": {"output_size": 32}, "latent_avg": mean}, tmp_path / "psp.pt")
    asked = {**quick, "start": "encoder", "own_encoder": str(tmp_path / "psp.pt"), "steps": 0, "tuning": 0}
    result = finish(invert, {"subject": small_picture(40, 40), **asked})
    assert result.recipe["facts"]["started from"] == "an encoder"
    aligned = torch.from_numpy(np.array(result.images["aligned"])).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        told = encoder(aligned)[0] + mean
    assert np.allclose(result.subject.latent, told.numpy(), atol=0.05)
    wide = PspEncoder(PspConfig(8, (8, 8, 8, 8, 8), 12)).eval()
    state = {f"encoder.{name}": tensor for name, tensor in wide.state_dict().items()}
    torch.save({"state_dict": state, "opts": {}}, tmp_path / "psp.pt")
    with pytest.raises(BadInput, match="own_encoder: makes codes of 8 × 12, but this generator takes 8 × 8"):
        finish(invert, {"subject": small_picture(40, 40), **asked})


def test_no_face_offers_four_points(quick):
    with pytest.raises(NoFace, match="Place four points"):
        finish(invert, {"subject": small_picture(60, 50), **quick, "align": "face"})
    with pytest.raises(NoFace, match=r"as it is.*middle of the picture.*another detector"):
        finish(invert, {"subject": small_picture(60, 50), **quick, "align": "auto"})


def test_what_cannot_be_brought_in_is_refused_before_the_generator_is_loaded(monkeypatch):
    bring = sys.modules["editors.inversion.bring"]

    monkeypatch.setattr(bring, "_generator", lambda *_: pytest.fail("it was loaded, or even downloaded"))
    with pytest.raises(NoFace, match="No face was found"):
        finish(invert, {"subject": "sample:coffee", "model": "ffhq_1024", "detector": "mtcnn"})


def test_a_picture_out_of_a_generator_is_taken_as_it_is(quick):
    code = np.zeros((8, 8), np.float32)
    made = Subject(small_picture(40, 40), code, GeneratorRef("puppets"))
    result = finish(invert, {"subject": made, **quick, "align": "auto"})
    assert result.recipe["facts"]["cut out"] == "the middle of the picture"


def test_the_photograph_is_needed_and_must_be_the_one(quick):
    source = Subject.read(small_picture(60, 50))
    made = finish(invert, {"subject": source, **quick}).subject
    with pytest.raises(BadInput, match="source: is needed"):
        finish(paste_back, {"subject": made})
    with pytest.raises(BadInput, match="cut out of one of 60 × 50"):
        finish(paste_back, {"subject": made, "source": small_picture(64, 64)})
    stretched = Subject(small_picture(64, 40), lineage=made.lineage)
    with pytest.raises(BadInput, match="no longer square"):
        finish(paste_back, {"subject": stretched, "source": source})
    assert finish(paste_back, {"subject": small_picture(64, 40), "source": source}).subject.size == source.size


def test_a_sample_is_found_by_itself(quick):
    made = finish(invert, {"subject": "sample:astronaut", **quick}).subject
    assert finish(paste_back, {"subject": made}).subject.size == Subject.read("sample:astronaut").size


needs_judges = pytest.mark.skipif(JUDGES not in AIDS, reason="the judges are not part of this checkout")


@needs_judges
def test_the_astronaut_is_found_and_a_landscape_is_not():
    judges = judges_of(Context(nets=invert.nets))
    surest = judged(Subject.read("sample:astronaut").tensor()[0] * 2 - 1, judges)[0]
    assert (surest.points[:2] - torch.tensor([[202.0, 100.0], [247.0, 103.0]])).norm(dim=1).max() < 8
    lake = judged(Subject.read("sample:lake").tensor()[0] * 2 - 1, judges)
    assert surest.sure > max([0.7, *(face.sure for face in lake)])


@needs_judges
def test_of_two_faces_the_wanted_one_is_taken():
    judges = judges_of(Context(nets=invert.nets))
    portraits = [finish(latent, {"model": "puppets", "seed": seed, "gallery": 1}).subject.pixels for seed in (4, 11)]
    gap = np.full((128, 128, 3), 128, np.uint8)
    both = Subject.read(np.concatenate([portraits[0], gap, portraits[1]], 1))

    def look():
        return see(both.tensor()[0] * 2 - 1, Detectors(judges=judges))

    squares = [place(both, "face", [], PUPPETS, look, which) for which in (1, 2)]
    assert [float(square.quad.mean(0)[0]) for square in squares] == pytest.approx([64, 320], abs=24)
    assert "number 2 of 2" in squares[1].how
    with pytest.raises(BadInput, match="but 2 found"):
        place(both, "face", [], PUPPETS, look, 3)


def test_framings():
    assert framing_of("puppets") is PUPPETS
    assert framing_of("ffhq_1024") is framing_of("nada_anime") is framing_of("file:0123456789abcdef") is FFHQ
    assert framing_of("lions_512") is None


@pytest.mark.parametrize("size", [(512, 512), (640, 300), (40, 90), (16, 16)])
def test_faces_are_looked_for_inside_the_picture(size):
    found = windows(size)
    assert min(min(left, top) for left, top, _ in found) == 0
    assert all(left + side <= size[0] and top + side <= size[1] for left, top, side in found)
    assert max(side for _, _, side in found) == min(size)
