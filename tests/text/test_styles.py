"""Style space: moving single channels, and the way back to W+."""

import pytest
import torch

from nets.directions import spread
from nets.stylegan2.sampling import codes
from nets.stylegan2.styles import deviations, style_rows, towards
from tests.text.colour_clip import small_generator


@pytest.fixture(scope="module")
def generator():
    return small_generator()


@pytest.fixture(scope="module")
def covariance(generator):
    return spread(generator.mapping.w(generator.z(range(400))))[1]


def image(generator, w_plus, shift=None):
    return [stage.image for stage in generator.synthesis.walk(w_plus, shift=shift)][-1]


def test_a_shift_moves_the_style_and_nothing_else(generator):
    w_plus = codes(generator, [1, 2], 1.0)
    shift = {row.row: torch.randn(2, len(row.matrix)) for row in style_rows(generator)}
    assert torch.equal(image(generator, w_plus), image(generator, w_plus, {0: torch.zeros(2, 12)}))
    for number, change in shift.items():
        block = list(generator.synthesis.blocks.values())[(number + 1) // 2]
        conv = block.conv1 if number % 2 == 0 else block.conv0
        expected = [image(generator, w_plus[:1])]
        for one in range(2):
            conv.style.bias += change[one] / conv.style.bias_gain
            expected[0:] = [*expected, image(generator, w_plus[one : one + 1])]
            conv.style.bias -= change[one] / conv.style.bias_gain
        found = image(generator, w_plus, {number: change})
        assert torch.allclose(found, torch.cat(expected[1:]), atol=1e-4), number
        assert not torch.allclose(found[:1], expected[0], atol=1e-3)


def test_rows_are_the_affines(generator):
    one, two = generator.mapping.w(generator.z([3, 4]))
    blocks = list(generator.synthesis.blocks.values())
    rows = style_rows(generator)
    assert [row.row for row in rows] == list(range(7))
    assert [row.rgb is not None for row in rows] == [False, True, False, True, False, True, False]
    for block, number in zip(blocks, (0, 2, 4, 6), strict=True):
        style = block.conv1.style
        change = style(one[None]) - style(two[None])
        assert torch.allclose(rows[number].matrix.float() @ (one - two), change[0], atol=1e-5)
    rgb = blocks[0].rgb.style
    assert torch.allclose(rows[1].rgb.float() @ (one - two), (rgb(one[None]) - rgb(two[None]))[0], atol=1e-5)


def test_deviations_are_those_of_samples(generator, covariance):
    w = generator.mapping.w(generator.z(range(400)))
    row = style_rows(generator)[3]
    measured = (w.double() @ row.matrix.T).std(0)
    assert torch.allclose(deviations(row.matrix, covariance), measured, rtol=0.05)


def test_what_w_can_do_is_found_again(generator, covariance):
    rows, change = style_rows(generator), torch.randn(16, dtype=torch.float64)
    row = rows[2]  # no RGB layer reads it
    wanted = {2: row.matrix @ change / deviations(row.matrix, covariance)}
    vector, left_over = towards(rows, wanted, covariance, 8, ridge=1e-9)
    assert left_over < 1e-4
    assert vector.shape == (8, 16)
    assert torch.allclose(row.matrix @ vector[2].double(), row.matrix @ change, atol=0.05)
    assert not vector[[0, 1, 3, 4, 5, 6, 7]].any()


def test_what_is_lost_is_said(generator, covariance):
    rows = style_rows(generator)
    wanted = {number: torch.randn(len(rows[number].matrix)).double() for number in (1, 2)}
    vector, left_over = towards(rows, wanted, covariance, 8)
    missing = total = 0.0
    for number, aim in wanted.items():
        matrix = rows[number].matrix
        made = matrix @ vector[number].double() / deviations(matrix, covariance)
        missing, total = missing + (made - aim).square().sum(), total + aim.square().sum()
    assert left_over == pytest.approx(float(missing / total), rel=1e-3)
    assert 0 < left_over < 1
    held = towards(rows, wanted, covariance, 8, rgb_weight=10.0)[0]
    assert (rows[1].rgb.float() @ held[1]).norm() < 0.5 * (rows[1].rgb.float() @ vector[1]).norm()
    assert towards(rows, {}, covariance, 8)[1] == 0
