"""Tints of parts, and the network that draws labels directly."""

import pytest
import torch

from nets.translation.label_unet import LabelUnet, LabelUnetConfig, asked
from nets.translation.tints import FARTHEST, TINT, filled, places, tints_of


def halves() -> tuple[torch.Tensor, torch.Tensor]:
    """A picture whose left half is a ramp and whose right half is one colour, and its parts 0 and 2 of three."""
    x, y = places(64, 64)[1:]
    ramp = torch.stack([0.3 * x + 0.1, -0.2 * y, 0.1 * x + 0.1 * y])
    plain = torch.tensor([0.2, -0.4, 0.6])[:, None, None].expand(-1, 64, 64)
    left = x < 0
    return torch.where(left, ramp, plain)[None], torch.where(left, 0, 2)[None].to(torch.uint8)


def test_a_tint_is_the_plane_of_a_parts_colours() -> None:
    pictures, parts = halves()
    tints = tints_of(pictures, parts, 3)
    assert tints.shape == (1, 3, TINT + 3)
    assert tints[0, :, -1].tolist() == [1, 0, 1]
    assert not tints[0, 1].any()
    wanted = torch.tensor([0.3, 0.0, 0.1, 0.0, -0.2, 0.1])
    torch.testing.assert_close(tints[0, 0, 3:9], wanted, atol=0.02, rtol=0)  # a little flatter, to be steady
    plain = torch.tensor([0.2, -0.4, 0.6, *[0.0] * 6])
    torch.testing.assert_close(tints[0, 2, :9], plain, atol=5e-4, rtol=0)  # sums of thousands differ by machine
    torch.testing.assert_close(filled(parts, tints), pictures, atol=0.01, rtol=0)


def test_a_ramp_ends_where_a_part_is_painted_far_away() -> None:
    tints = torch.zeros(1, 2, TINT + 3)
    tints[0, :, 3], tints[0, :, -1] = 4.0, 1.0
    row = filled(torch.zeros(1, 16, 16, dtype=torch.long), tints)[0, 0, 0]
    assert row.max() == FARTHEST == -row.min()


def test_what_is_painted_changes_nothing_out_of_reach() -> None:
    torch.manual_seed(3)
    net = LabelUnet(LabelUnetConfig(("a", "b", "c"), (6, 8, 10), deep=1, size=128)).eval()
    parts, tints = torch.zeros(1, 128, 128, dtype=torch.long), torch.randn(1, 3, TINT + 3) * 0.2
    painted = parts.clone()
    painted[:, 100:110, 100:110] = 2
    with torch.no_grad():
        change = (net(asked(painted, tints)) - net(asked(parts, tints))).abs().amax(1)[0]
    assert change[100:110, 100:110].min() > 1e-3
    assert change[:64, :64].max() == 0


@pytest.mark.parametrize("wrong", [{"parts": ()}, {"widths": (8,)}, {"looks": 0}, {"widths": (8, 0)}])
def test_a_size_that_cannot_be_is_refused(wrong: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="a size of the network from labels cannot be"):
        LabelUnetConfig(**({"parts": ("a", "b")} | wrong))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a config"):
        LabelUnetConfig.from_json('{"parts": ["a"]}')
