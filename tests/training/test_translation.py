"""The fits of the translation networks on small worlds."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from nets.colourise import ColouristConfig
from nets.label_encoder import LabelEncoderConfig, colours_of, look_at_labels
from nets.label_encoder.network import Head
from nets.label_encoder.seen import label_width, of_labels, of_lines
from training.translation.colours import coded, fitted
from training.translation.drawings import drawn, painted
from training.translation.export import mean_iou
from training.translation.labels import fit, principal, ridge
from training.translation.pairs import Pairs, shaken
from training.translation.photographs import embedded
from training.translation.photographs import fit as fit_picture


class Drawing:
    """A generator and judges of nothing: pictures are constant, parts are their brightness."""

    class Mapping:
        def rows(self, w: torch.Tensor) -> torch.Tensor:
            return w[:, None]

    mapping = Mapping()
    calls = 0

    def synthesis(self, w_plus: torch.Tensor) -> torch.Tensor:
        self.calls += len(w_plus)
        return w_plus[:, 0, :1, None, None].tanh().expand(-1, 3, 128, 128)

    def raw(self, pictures: torch.Tensor) -> "Drawing":
        bright = pictures[:, :1, ::2, ::2]
        self.parts = torch.cat([-bright, bright], 1)
        return self


def test_pairs_go_on_where_they_stopped(tmp_path) -> None:
    world = Drawing()

    def controls(seen: torch.Tensor) -> torch.Tensor:
        return seen[:, :4]

    pairs = Pairs(tmp_path, 40)
    pairs.fill(world, controls, world)  # type: ignore[arg-type]
    assert world.calls == 40
    again = Pairs(tmp_path, 40)
    again.fill(world, controls, world)  # type: ignore[arg-type]
    assert world.calls == 40
    pictures, parts, w = again.batch(np.arange(3))
    assert torch.equal(w, pairs.w[:3])
    assert ((pictures[:, 0, 0, 0] > 0).long() == parts[:, 0, 0]).all()
    assert torch.equal(again.batch(np.arange(3), flip=True)[2], pairs.w_mirrored[:3])


def test_a_head_learns_a_world_in_closed_form() -> None:
    draws = torch.Generator().manual_seed(3)
    places = torch.rand(600, 2, generator=draws)
    line = torch.arange(64) / 64
    apart = (line[None, None] - places[:, 0, None, None]) ** 2 + (line[None, :, None] - places[:, 1, None, None]) ** 2
    parts = (apart < 0.04).long()
    tints = torch.rand(600, 2, 4, generator=draws)
    tints[..., 3] = 1
    look = look_at_labels(parts, tints, 2)
    w = torch.cat([places.sin(), tints[:, 1, :3]], 1)
    w = (w - w.mean(0)) / w.std(0)
    head = Head(label_width(2), LabelEncoderConfig(("a", "b"), 5, narrow=24, wide=80))
    fit(head, look.seen[:500], look.colours[:500], w[:500], draws)
    error = (head(look.seen[500:], look.colours[500:]) - w[500:]).square().mean() / w[500:].var(0).mean()
    assert error < 0.1


def test_what_is_seen_of_a_drawing_tells_where_parts_lie() -> None:
    shares = torch.zeros(2, 3, 64, 64)
    shares[:, 1, 20:40, 20:40] = 1
    shares[0, 2, 30:34, 24:28] = 1
    shares[1, 2, 30:34, 34:38] = 1
    seen = of_labels(shares)
    assert seen.shape == (2, label_width(3))
    assert not torch.allclose(seen[0], seen[1])
    assert torch.isfinite(of_labels(torch.zeros(1, 3, 64, 64))).all()
    lines = torch.zeros(1, 1, 128, 128)
    lines[..., 60, 20:100] = 1
    assert of_lines(lines)[0].abs().sum() > 0
    assert torch.isfinite(of_lines(torch.zeros(1, 1, 128, 128))).all()


def test_drawings_of_many_hands_stay_drawings() -> None:
    draws = torch.Generator().manual_seed(1)
    parts = torch.zeros(6, 64, 64, dtype=torch.long)
    parts[:, 16:48, 16:48] = 1
    lines = drawn(torch.rand(6, 3, 128, 128, generator=draws) * 2 - 1, parts, draws)
    assert lines.shape == (6, 1, 128, 128)
    assert lines.min() >= 0
    assert lines.max() <= 1
    assert (lines.flatten(1).amax(1) > 0.2).all()
    assert set(painted(parts, draws).unique().tolist()) <= {0, 1}
    assert shaken(parts[:, None], 0.6, draws).dtype == parts.dtype


def test_mean_colours_are_of_parts_that_are_there() -> None:
    pictures = torch.zeros(1, 3, 8, 8)
    pictures[:, 0, :4] = 1
    parts = torch.zeros(1, 8, 8, dtype=torch.long)
    parts[:, :4] = 1
    colours = colours_of(pictures, parts, 3)[0]
    assert colours[1].tolist() == [1, 0, 0, 1]
    assert colours[0].tolist() == [0, 0, 0, 1]
    assert colours[2].tolist() == [0, 0, 0, 0]


def test_ridge_and_components_are_what_they_are_called() -> None:
    draws = torch.Generator().manual_seed(2)
    x = torch.randn(400, 6, generator=draws) @ torch.diag(torch.tensor([3.0, 2, 1, 1, 1, 0.5]))
    y = x @ torch.randn(6, 2, generator=draws) + 1
    weight, bias = ridge(x, y, 1e-6)
    torch.testing.assert_close(x @ weight.T + bias, y, atol=1e-2, rtol=1e-2)
    weight, bias = principal(x, 3)
    found = x @ weight.T + bias
    torch.testing.assert_close(torch.cov(found.T), torch.eye(3), atol=1e-3, rtol=1e-3)
    assert found.mean(0).abs().max() < 1e-4


def test_colours_are_learnt_from_columns() -> None:
    config = ColouristConfig(taps=(4, 4, 4), narrow=8, wide=64, spacing=24)
    draws = torch.Generator().manual_seed(4)
    seen = torch.randn(3000, config.column, generator=draws)
    chroma = 40 * torch.stack([seen[:, 0].tanh(), seen[:, 1].tanh()], 1)
    net = fitted(seen, chroma, ColouristConfig(taps=(4, 4, 4), narrow=config.column, wide=200, spacing=24))
    shares = net(seen).clamp(min=0)
    found = (shares / shares.sum(1, keepdim=True)) @ net.bins
    off = (found - chroma).square().mean() / chroma.var(0).mean()
    assert off < 0.3
    assert coded(chroma[:5], net.bins).sum(1) == pytest.approx(1)


def test_photographs_are_found_inside_a_resource_file() -> None:
    random = np.random.default_rng(0)
    data = b"qres" + bytes(40)
    for form in ("WEBP", "JPEG"):
        buffer = io.BytesIO()
        Image.fromarray(random.integers(0, 255, (160, 180, 3)).astype(np.uint8)).save(buffer, form)
        data += buffer.getvalue() + bytes(11)
    data += b"RIFF and nothing"
    found = list(embedded(data))
    assert [image.size for image in found] == [(180, 160), (180, 160)]
    assert fit_picture(Image.new("RGB", (200, 200), (90, 90, 90))) is None  # grey teaches nothing
    assert fit_picture(Image.new("RGB", (200, 100), (200, 30, 30))) is None
    kept = fit_picture(Image.new("RGB", (800, 640), (200, 30, 30)))
    assert kept is not None
    assert kept.shape == (320, 400, 3)


def test_iou_is_over_all_maps_together() -> None:
    one = torch.tensor([[[0, 0], [1, 1]]])
    two = torch.tensor([[[0, 1], [1, 1]]])
    assert mean_iou(one, two, 3) == pytest.approx((1 / 2 + 2 / 3) / 2)
