"""Directions in W on worlds whose true directions are known: fitting, projections, moves and measures."""

import pytest
import torch

from nets.directions import (
    balanced_accuracy,
    conditional,
    held_out,
    logistic,
    mean_difference,
    per_deviation,
    rank_correlation,
    ridge,
    shifted,
    spread,
)


@pytest.fixture
def world():
    """Codes of a correlated Gaussian, a normal, and yes/no labels that follow its score with some noise."""
    random = torch.Generator().manual_seed(0)
    mix = torch.eye(24) + torch.randn(24, 24, generator=random, dtype=torch.float64) / 7
    codes = torch.randn(3000, 24, generator=random, dtype=torch.float64) @ mix.T + 2
    normal = torch.randn(24, generator=random, dtype=torch.float64)
    score = (codes - 2) @ normal
    noisy = score + 0.3 * score.std() * torch.randn(3000, generator=random, dtype=torch.float64)
    return codes, normal, (noisy > 0).double(), mix @ mix.T


def cosine(a, b):
    return float(torch.nn.functional.cosine_similarity(a.double(), b.double(), dim=0))


@pytest.mark.parametrize(("fit", "least"), [(ridge(1e-3), 0.97), (logistic(1e-3), 0.97)])
def test_the_true_normal_is_found(world, fit, least):
    codes, normal, labels, _ = world
    assert cosine(fit(codes, labels), normal) > least


def test_the_mean_difference_is_the_covariance_times_the_normal(world):
    codes, normal, labels, covariance = world
    difference = mean_difference(codes, labels)
    assert cosine(difference, covariance @ normal) > 0.98
    assert cosine(difference, normal) < 0.9


def test_ridge_gives_the_same_in_its_primal_and_its_dual_form(world):
    codes, _, labels, _ = world
    few = ridge(0.5)(codes[:23], labels[:23])
    x, y = codes[:23] - codes[:23].mean(0), labels[:23] - labels[:23].mean()
    penalty = 0.5 * x.square().mean() * torch.eye(24, dtype=torch.float64)
    assert torch.allclose(few, torch.linalg.solve(x.T @ x + penalty, x.T @ y), atol=1e-9)


def test_one_unit_moves_the_score_by_a_standard_deviation(world):
    codes, normal, _, _ = world
    mean, covariance = spread(codes, shrinkage=0.0)
    assert torch.allclose(mean, codes.mean(0))
    for follow in (False, True):
        vector = per_deviation(normal, covariance, follow)
        assert float(vector.double() @ normal / (codes @ normal).std()) == pytest.approx(1, rel=1e-5)
    assert cosine(per_deviation(normal, covariance, False), normal) == pytest.approx(1, abs=1e-6)


def test_conditional_directions_are_orthogonal_to_what_is_kept():
    vectors = torch.randn(5, 16, generator=torch.Generator().manual_seed(1))
    part, share = conditional(vectors[0], vectors[1:])
    assert (vectors[1:] @ part).abs().max() < 1e-5
    assert float(part.norm()) == pytest.approx(float(vectors[0].norm()), rel=1e-5)
    by_hand = vectors[0] - torch.linalg.lstsq(vectors[1:].T, vectors[0]).solution @ vectors[1:]
    assert share == pytest.approx(float(by_hand.square().sum() / vectors[0].square().sum()), rel=1e-4)


def test_conditions_may_depend_on_each_other():
    vectors = torch.randn(2, 16, generator=torch.Generator().manual_seed(1))
    once, _ = conditional(vectors[0], vectors[1:])
    thrice, _ = conditional(vectors[0], torch.stack([vectors[1], vectors[1], -2 * vectors[1]]))
    assert torch.allclose(once, thrice, atol=1e-5)


def test_what_lies_in_the_kept_span_has_no_share_left():
    vectors = torch.randn(2, 16, generator=torch.Generator().manual_seed(1))
    _, share = conditional(vectors[0] + vectors[1], vectors)
    assert share < 1e-5


def test_with_a_precision_the_boundary_of_what_is_kept_stays(world):
    codes, normal, _, covariance = world
    other = torch.randn(24, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    vector, kept = covariance @ other, covariance @ normal  # both follow the spread of W
    part, _ = conditional(vector, kept[None], torch.linalg.inv(covariance))
    assert abs(float(part @ normal)) < 1e-9 < abs(float(vector @ normal))
    assert float(part @ other) == pytest.approx(float(vector @ other)), "it moves its own score as far"


def test_moves_add_up_and_stay_in_their_rows():
    w_plus = torch.randn(2, 6, 8)
    one, own_rows = torch.randn(8), torch.randn(6, 8)
    moved = shifted(w_plus, [(one, 2.0, (0, 3)), (own_rows, -0.5, (2, 6))])
    expected = w_plus.clone()
    expected[:, :3] += 2 * one
    expected[:, 2:] -= 0.5 * own_rows[2:]
    assert torch.allclose(moved, expected)
    assert torch.equal(shifted(w_plus, []), w_plus)


def test_held_out_scores_tell_labels_apart_and_noise_does_not(world):
    codes, _, labels, _ = world
    assert balanced_accuracy(held_out(ridge(), codes, labels), labels) > 0.85
    noise = (torch.rand(3000, generator=torch.Generator().manual_seed(3)) > 0.5).double()
    assert balanced_accuracy(held_out(ridge(), codes, noise), noise) == pytest.approx(0.5, abs=0.04)


def test_one_high_score_among_many_low_ones_does_not_make_the_others_scores_nan(world):
    codes = world[0][:60]
    labels = torch.linspace(0, 0.2, 60, dtype=torch.float64)
    labels[-1] = 1.0  # alone above the middle of the range, and held out by one fold
    assert held_out(ridge(), codes, labels).isfinite().all()


def test_held_out_folds_hold_both_labels(world):
    codes, _, _, _ = world
    labels = torch.zeros(40)
    labels[:5] = 1
    scores = held_out(ridge(), codes[:40], labels)
    assert torch.isfinite(scores).all()


def test_rank_correlation():
    ordered = torch.arange(50.0)
    assert rank_correlation(ordered.exp(), ordered) == pytest.approx(1)
    assert rank_correlation(-ordered, ordered) == pytest.approx(-1)
