"""Near in W: what is drawn and what is read count beside the code itself."""

from types import SimpleNamespace

import pytest
import torch

from training.generator.code_metric import SHARES, drawn, metric, read
from training.puppets import CONTROLS

WIDTH, COUNT = 12, 400


class Linear:
    """Draws pictures whose values are a matrix times w."""

    generator = SimpleNamespace(config=SimpleNamespace(resolution=(4, 4)))

    def __init__(self):
        self.matrix = torch.randn(WIDTH, 48, generator=torch.Generator().manual_seed(1))
        self.matrix[5] = 0  # what no picture shows

    def paint(self, w, size):
        return (w @ self.matrix).unflatten(1, (3, size, size))


@pytest.fixture
def world():
    random = torch.Generator().manual_seed(2)
    seen = torch.randn(COUNT, len(CONTROLS) + 3, generator=random)
    codes = torch.randn(COUNT, WIDTH, generator=random)
    codes[:, 5] = 0.2 * seen[:, 0]  # a control that moves w little
    return Linear(), codes, seen


def test_what_is_drawn_counts_by_its_derivatives(world):
    student, codes, _ = world
    torch.testing.assert_close(drawn(student, codes[:3]), student.matrix @ student.matrix.T, rtol=1e-3, atol=1e-3)


def test_a_faint_control_counts_by_what_is_read_from_it(world):
    student, codes, seen = world
    form = read(student, codes, seen)
    assert form[5, 5] == form.diagonal().max() > 10 * form[6, 6]


def test_a_code_as_far_as_codes_are_spread_is_as_bad_as_the_shares_say(world):
    student, codes, seen = world
    far = metric(student, codes, seen)
    lengths = ((codes - codes.mean(0)) @ far).square().sum(1)
    assert lengths.mean().item() == pytest.approx(sum(SHARES.values()), rel=0.02)
    unseen = torch.eye(WIDTH)[5] * 0.2  # no picture shows it, and it is a fifth as long as other steps
    assert (unseen @ far).square().sum() > SHARES["controls"] / len(CONTROLS)
