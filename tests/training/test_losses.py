"""The losses that the generator learns from."""

from __future__ import annotations

import torch
from torch.nn import functional

from training.generator.losses import focused, local_distribution, missed, pyramid

WEIGHT = torch.ones(1, 1, 32, 32)


def edge(position: float, softness: float = 0.3) -> torch.Tensor:
    """A vertical edge, [1, 3, 32, 32] in -1..1."""
    across = torch.tanh((torch.arange(32.0) - position) / softness)
    return across.expand(1, 3, 32, 32)


def test_equal_pictures_are_no_distance_apart() -> None:
    assert local_distribution(edge(13.0), edge(13.0), WEIGHT, (1, 2), 8).item() == 0


def test_a_blurred_edge_is_further_away_than_a_sharp_one_elsewhere() -> None:
    wanted = edge(14.0)
    blurred, moved = edge(14.0, 3.0), edge(15.0)
    assert functional.l1_loss(blurred, wanted) < functional.l1_loss(moved, wanted) * 2
    far = [local_distribution(made, wanted, WEIGHT, (0, 0), 8).item() for made in (blurred, moved)]
    assert far[0] > 2 * far[1]


def test_where_the_blocks_begin_matters_only_by_what_is_cut_off() -> None:
    made, wanted = edge(9.0, 2.0), edge(9.0)
    far = [local_distribution(made, wanted, WEIGHT, corner, 4).item() for corner in ((0, 0), (1, 3), (3, 2))]
    assert max(far) < 1.5 * min(far)


def test_descending_it_sharpens_a_blurred_edge_where_it_stands() -> None:
    made, wanted = edge(14.0, 3.0).clone().requires_grad_(), edge(15.0)
    optimiser = torch.optim.Adam([made], 0.02)
    for step in range(120):
        optimiser.zero_grad()
        local_distribution(made, wanted, WEIGHT, (step % 8, 3 * step % 8), 8).backward()
        optimiser.step()
    found, steepest = (made.detach()[0, 0, 16].diff()).max(0)
    assert found > 3 * edge(14.0, 3.0)[0, 0, 16].diff().max()
    assert 12 <= steepest <= 15


def test_what_few_pictures_have_is_not_left_out() -> None:
    wanted = torch.zeros(3, 3, 32, 32)
    wanted[0, :, 8:24, 8:24] = 1

    def best(focus: float) -> float:
        def cost(share: float) -> float:
            made = share * wanted[:1].expand(3, -1, -1, -1)
            return pyramid(made, wanted, focused(WEIGHT.expand(3, -1, -1, -1), made, wanted, focus)).item()

        return min((cost(share), share) for share in (0.0, 0.15, 0.3, 0.45, 0.6))[1]

    assert best(0.0) == 0
    assert 0.1 < best(6.0) < 0.5


def test_a_focus_lies_where_the_error_is() -> None:
    made, wanted = torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 32)
    wanted[..., 20:24, 20:24] = 1
    weight = focused(WEIGHT, made, wanted, 6.0)
    assert weight[0, 0, 21, 21] > 6
    assert weight[0, 0, 4, 4] == 1


def test_what_is_missing_is_told_from_what_lies_elsewhere():
    wanted = torch.zeros(1, 3, 64, 64)
    wanted[..., 16:24, 32:40] = 1.0  # a bun
    strands = torch.zeros_like(wanted)
    strands[..., ::2] = 0.5
    there = missed(torch.zeros_like(wanted), wanted)
    assert there.shape == (1, 1, 64, 64)
    assert there[0, 0, 20, 36] > 0.5
    assert there[0, 0, 50, 10] == 0
    assert missed(strands, strands.roll(1, -1)).max() == 0
