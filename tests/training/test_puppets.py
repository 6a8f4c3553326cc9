"""The renderer: deterministic, every control visible, labels that fit the picture."""

import pytest
import torch

from training.puppets import CONTROLS, NAMES, Z_DIM, Renderer, from_latent, mirrored, neutral, sample, with_control
from training.puppets.__main__ import slider_ends
from training.puppets.labels import PAIRED, edges, grey, label, night
from training.puppets.landmarks import COUNT, GROUPS, landmarks, visibility
from training.puppets.paint import PART, PARTS

SIZE = 64


@pytest.fixture(scope="module")
def renderer():
    return Renderer(supersample=1)


@pytest.fixture(scope="module")
def scene(renderer):
    params = with_control(sample(21, 3), "eyes_closed", 0.0)
    for name in ("glasses", "hat", "yaw", "pitch", "roll"):
        params = with_control(params, name, 0.0)
    return params, renderer(params, SIZE)


def test_a_seed_gives_the_same_puppets_and_pictures(renderer):
    assert torch.equal(sample(5, 4), sample(5, 4))
    assert not torch.equal(sample(5, 4), sample(6, 4))
    first, second = (renderer(sample(5, 1), SIZE) for _ in range(2))
    assert torch.equal(first.rgb, second.rgb)
    assert torch.equal(first.parts, second.parts)


def test_a_picture_does_not_depend_on_its_neighbours_in_the_batch(renderer, scene):
    params, frame = scene
    assert torch.equal(renderer(params[1:2], SIZE).rgb[0], frame.rgb[1])


def test_controls_stay_in_their_ranges():
    params = from_latent(3 * torch.randn(500, Z_DIM, generator=torch.Generator().manual_seed(1)))
    for column, control in zip(params.unbind(1), CONTROLS, strict=True):
        assert control.low <= column.min()
        assert column.max() <= control.high
        assert column.std() > 0.02 * (control.high - control.low), control.name


def test_a_mirror_shows_what_mirrored_controls_give(renderer):
    params = sample(33, 2)
    assert torch.equal(mirrored(mirrored(params)), params)
    seen, plain = renderer(mirrored(params), SIZE), renderer(params, SIZE)
    hair = PARTS.index("hair")
    bare = ((seen.parts != hair) & (plain.parts.flip(-1) != hair))[:, None]  # strands and curls are not mirrored
    error = ((seen.rgb - plain.rgb.flip(-1)) * bare).square().mean()
    assert error < 0.05 * ((plain.rgb - plain.rgb.flip(-1)) * bare).square().mean()
    points, other = landmarks(params, SIZE), landmarks(mirrored(params), SIZE)
    torch.testing.assert_close(other[:, 8, 0], SIZE - points[:, 8, 0], atol=0.05, rtol=0)


def test_latents_of_one_direction_give_one_puppet():
    z = torch.randn(2, Z_DIM, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(from_latent(z), from_latent(2.5 * z), atol=1e-4, rtol=1e-4)


def test_variety_is_balanced():
    params = sample(9, 4000)
    column = {name: params[:, i] for i, name in enumerate(NAMES)}
    for name in ("skin_tone", "age", "gender", "hair_colour"):
        shares = torch.histc(column[name], 4, 0, 1) / len(params)
        assert shares.min() > 0.1, name
    correlation = torch.corrcoef(torch.stack([column["skin_tone"], column["smile"], column["anger"], column["age"]]))
    assert (correlation - torch.diag(correlation.diag()))[0].abs().max() < 0.08


def test_every_control_moves_the_picture(renderer):
    pictures = {}
    for control in CONTROLS:
        ends = slider_ends(control.name)
        for end in ends:  # the resting end of many sliders is the same puppet
            key = tuple(end.tolist())
            if key not in pictures:
                pictures[key] = renderer(end[None], SIZE).rgb[0]
        low, high = (pictures[tuple(end.tolist())] for end in ends)
        changed = ((low - high).abs().amax(0) > 0.03).sum().item()
        assert changed >= 6, f"{control.name} changes {changed} pixels"


def test_a_smile_lifts_the_corners_of_the_mouth():
    low, high = landmarks(slider_ends("smile"), 128)
    assert (low[48, 1] - low[62, 1]) - (high[48, 1] - high[62, 1]) > 6
    gap = landmarks(slider_ends("mouth_open"), 128)
    assert (gap[:, 66, 1] - gap[:, 62, 1]).diff() > 6


def test_labels_have_their_shapes(scene):
    params, frame = scene
    told = label(params, frame)
    assert told.landmarks.shape == (3, COUNT, 2)
    assert told.visible.dtype == torch.bool
    assert told.instances.shape == told.edges.shape[:1] + told.edges.shape[2:] == (3, SIZE, SIZE)
    assert COUNT >= 40
    assert len(PARTS) >= 14
    assert set(frame.parts.unique().tolist()) <= set(range(len(PARTS)))
    assert set(told.edges.unique().tolist()) == {0.0, 1.0}
    assert ((frame.depth > 0) == (frame.parts > 0)).float().mean() > 0.999


def test_landmarks_lie_on_their_parts(scene):
    params, frame = scene
    points, seen = landmarks(params, SIZE), visibility(params)
    wanted = {"pupils": {"eye", "iris"}, "lips": {"upper_lip", "lower_lip", "mouth", "teeth", "skin", "beard"}}
    for group, parts in wanted.items():
        numbers = {PART[name] for name in parts}
        for n in range(len(params)):
            for k in GROUPS[group]:
                if seen[n, k]:
                    x, y = points[n, k].long().tolist()
                    near = frame.parts[n, y - 1 : y + 2, x - 1 : x + 2].unique().tolist()
                    assert numbers & set(near), (group, n, k, near)


def test_closed_eyes_and_turned_heads_hide_landmarks():
    assert visibility(neutral())[0, 68:70].all()
    assert not visibility(with_control(neutral(), "eyes_closed", 1.0))[0, 68:70].any()
    turned = visibility(with_control(neutral(), "yaw", 0.75))[0]
    assert turned[:6].sum() > turned[11:17].sum()


def test_instances_tell_left_from_right(renderer):
    params = neutral()
    told = label(params, renderer(params, SIZE))
    for number in PAIRED[:2]:
        left, right = ((told.instances[0] == number * 2 + side).nonzero()[:, 1].float() for side in (0, 1))
        assert left.max() < right.min()


def test_edges_follow_borders():
    parts = torch.zeros(1, 8, 8, dtype=torch.uint8)
    parts[0, :, 4:] = 1
    found = edges(parts, torch.zeros(1, 8, 8))[0, 0]
    assert found[:-1, 3].all()
    assert found[:, [0, 1, 5, 6]].sum() == 0


def test_grey_has_no_colour_and_night_is_dark(renderer, scene):
    params, frame = scene
    mono = grey(frame.rgb)
    assert torch.equal(mono[:, 0], mono[:, 2])
    dark = night(renderer, params[:1], SIZE)
    assert dark.rgb.mean() < 0.75 * frame.rgb[0].mean()
    assert torch.equal(dark.depth[0], frame.depth[0])
