"""VGG-19 from a file with torchvision's names."""

import pytest
import torch
import torch.nn.functional as F

from nets.features.vgg import CONFIG, DEVIATIONS, MEANS, vgg19_from_contents


class Contents:
    def __init__(self, state):
        self.tensors = {"": state}


def random_state():
    """Weights of every convolution up to relu5_1, and one beyond that is left alone."""
    torch.manual_seed(0)
    state, number, before = {"features.30.weight": torch.zeros(1)}, 0, 3
    for width, depth in zip(CONFIG.widths, CONFIG.depths, strict=True):
        for _ in range(depth):
            state[f"features.{number}.weight"] = torch.randn(width, before, 3, 3) * (2 / (9 * before)) ** 0.5
            state[f"features.{number}.bias"] = torch.randn(width) * 0.1
            number, before = number + 2, width
        number += 1
    return state


def test_it_is_the_network_of_those_weights():
    state = random_state()
    assert "features.28.weight" in state  # conv5_1 in torchvision's numbering
    picture = torch.rand(1, 3, 96, 96)
    x = (picture - torch.tensor(MEANS)[:, None, None]) / torch.tensor(DEVIATIONS)[:, None, None]
    for number in (0, 2, "pool", 5, 7, "pool", 10):
        if number == "pool":
            x = F.avg_pool2d(x, 2)
        else:
            x = F.relu(F.conv2d(x, state[f"features.{number}.weight"], state[f"features.{number}.bias"], padding=1))
    made = vgg19_from_contents(Contents(state))(picture * 2 - 1)
    assert [tap.shape[1] for tap in made] == [64, 128, 256, 512, 512]
    inner = (..., slice(6, -6), slice(6, -6))  # at the rim ours mirrors
    assert torch.allclose(made[2][inner], x[inner], rtol=1e-3, atol=1e-3)


def test_another_file_is_refused():
    state = random_state()
    del state["features.12.bias"]
    with pytest.raises(ValueError, match=r"no VGG-19: features\.12\.bias"):
        vgg19_from_contents(Contents(state))
