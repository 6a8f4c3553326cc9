"""Directions of a text, on an embedding that is a known linear function of the picture."""

import pytest
import torch
import torch.nn.functional as F

from editors.text_direction.effects import Effects
from editors.text_direction.method import direction, effects, relevance, shifted, strongest
from nets.directions import spread
from nets.stylegan2.sampling import codes, pictures
from nets.stylegan2.styles import deviations, style_rows
from tests.text.colour_clip import small_generator

PICTURES = 6


@pytest.fixture(scope="module")
def generator():
    return small_generator()


def traits(images):
    """Redness, blueness, how bright the left half is against the right: [N, 3]."""
    red, green, blue = images.mean((2, 3)).unbind(1)
    left = images[..., :16].mean((1, 2, 3)) - images[..., 16:].mean((1, 2, 3))
    return torch.stack([red - green, blue - green, left], 1)


def embed(images):
    """A linear function of the picture, with a large constant, of length 1 as CLIP's vectors are."""
    return F.normalize(torch.cat([torch.full((len(images), 1), 4.0), traits(images)], 1), dim=1)


@pytest.fixture(scope="module")
def seen(generator):
    covariance = spread(generator.mapping.w(generator.z(range(400))))[1]
    rows = style_rows(generator)
    found = {}
    for row in rows:
        sigma = deviations(row.matrix, covariance)
        each = [effects(generator, embed, codes(generator, [n], 0.7), row, sigma, _go_on) for n in range(PICTURES)]
        found[row.row] = torch.stack(each)
    return rows, covariance, found


def _go_on():
    pass


def test_an_effect_is_the_difference_of_two_pictures(generator, seen):
    rows, covariance, found = seen
    sigma = deviations(rows[2].matrix, covariance)
    w_plus = codes(generator, [1], 0.7)
    for channel in (0, 7):
        move = torch.zeros(1, 12)
        move[0, channel] = 5 * sigma[channel]
        there, back = (embed(shifted(generator, w_plus, {2: by})) for by in (move, -move))
        assert torch.allclose(found[2][1, channel], F.normalize(there - back)[0], atol=1e-4)
    assert torch.allclose(found[2].norm(dim=2), torch.ones(PICTURES, 12), atol=1e-5)


@pytest.mark.parametrize("trait", [0, 1, 2])
def test_the_direction_raises_what_the_text_names(generator, seen, trait):
    rows, covariance, found = seen
    text = F.one_hot(torch.tensor(trait + 1), 4).float()
    result = direction(relevance(found, text), 0.3, rows, covariance, 8)
    fresh = codes(generator, range(100, 140), 0.7)
    there, back = (traits(pictures(generator, fresh + by * result.vector)) for by in (2.0, -2.0))
    change = there - back
    assert (change[:, trait] > 0).float().mean() > 0.9
    spread_of_it = traits(pictures(generator, fresh))[:, trait].std()
    assert change[:, trait].mean() > spread_of_it
    assert 0 < result.left_over < 0.6
    assert 0 < result.channels < 80


def test_a_threshold_leaves_the_relevant_channels(seen):
    rows, covariance, found = seen
    scores = relevance(found, torch.tensor([0.0, 1.0, 0.0, 0.0]))
    counts = [direction(scores, beta, rows, covariance, 8).channels for beta in (0.0, 0.3, 0.6)]
    assert counts[0] == 80 > counts[1] > counts[2] > 0
    assert counts[1] == sum(int((each.abs() >= 0.3).sum()) for each in scores.values())
    assert direction(scores, strongest(scores) + 0.01, rows, covariance, 8) is None


def test_the_strongest_channel_moves_by_one_deviation(seen):
    rows, covariance, found = seen
    scores = relevance(found, torch.tensor([0.0, 1.0, 0.0, 0.0]))
    name, best = max(scores.items(), key=lambda row: float(row[1].abs().max()))
    channel = int(best.abs().argmax())
    alone = direction(scores, strongest(scores) - 1e-6, rows, covariance, 8)
    assert alone.channels == 1
    matrix = rows[name].matrix
    moved = matrix @ alone.vector[name].double() / deviations(matrix, covariance)
    assert moved[channel].item() == pytest.approx(float(best[channel].sign()), abs=0.6)
    assert moved.abs().argmax() == channel


def test_a_channel_that_does_nothing_is_not_relevant(generator, seen):
    rows, covariance, _ = seen
    sigma = deviations(rows[0].matrix, covariance)

    def blind(images):
        return F.one_hot(torch.zeros(len(images), dtype=torch.long), 4).float()

    found = effects(generator, blind, codes(generator, [1], 0.7), rows[0], sigma, _go_on)
    assert not found.any()
    assert direction({0: found @ torch.ones(4)}, 0.0, rows, covariance, 8) is None


def test_the_table_is_worked_out_once(generator, home):
    calls = []

    def counted(images):
        calls.append(len(images))
        return embed(images)

    facts = {"generator": "a" * 64, "clip": "b" * 64}
    known = Effects(generator, counted, facts)
    for row in range(7):
        known.find(0, row, _go_on)
    assert known.kept
    assert sum(calls) == 2 * 80
    again = Effects(generator, counted, facts)
    again.find(0, 3, _go_on)
    assert sum(calls) == 2 * 80
    for row, vectors in again.by_row(1).items():
        assert torch.equal(vectors, known.by_row(1)[row])
    again.find(1, 0, _go_on)
    other = Effects(generator, counted, facts | {"generator": "c" * 64})
    other.find(0, 0, _go_on)
    assert sum(calls) == 2 * 80 + 4 * 12
