"""What is worked out for a picture is remembered, and never for another one."""

import numpy as np
import pytest
import torch

from metrics.colour import chroma_speckle, middle
from metrics.pictures import MOST_REMEMBERED, remembered


def pictures(count):
    made = [np.full((4, 4, 3), number, np.uint8) for number in range(count)]
    for each in made:
        each.flags.writeable = False
    return made


def test_once_for_each_picture_and_network_while_they_live():
    asked = []
    work = remembered(lambda picture, *more: asked.append(1) or (int(picture[0, 0, 0]), *more))
    one, two = pictures(2)
    net = torch.nn.Identity()
    assert [work(one), work(two), work(one), work(one, net)] == [(0,), (1,), (0,), (0, net)]
    assert len(asked) == 3
    many = pictures(MOST_REMEMBERED + 1)
    assert [work(each)[0] for each in many] == list(range(MOST_REMEMBERED + 1))
    before = len(asked)
    work(one)
    assert len(asked) == before + 1, "only the newest are kept"


def test_what_is_asked_for_again_stays():
    asked = []
    work = remembered(lambda picture: asked.append(int(picture[0, 0, 0])), most=2)
    subject, *results = pictures(4)
    for result in results:
        work(result), work(subject)
    assert asked == [1, 0, 2, 3]


def test_a_picture_that_can_be_changed_is_looked_at_again():
    rng = np.random.default_rng(0)
    result = rng.integers(0, 256, (32, 32, 3), np.uint8)
    style = np.full((32, 32, 3), 128, np.uint8)
    noisy = chroma_speckle(result=result, style=style)
    result[:] = 128
    assert chroma_speckle(result=result, style=style) == 0 < noisy


@pytest.mark.parametrize("count", [1, 3, 5, 9, 25])
def test_the_middle_is_the_median(count):
    rows = [torch.rand(3, 7, generator=torch.Generator().manual_seed(number)) for number in range(count)]
    rows[-1] = rows[0].clone()
    assert torch.equal(middle(rows), torch.stack(rows).median(0)[0])
