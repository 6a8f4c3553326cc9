"""pSp and e4e encoders from checkpoints in the documented layout, with random numbers in it."""

import pytest
import torch
import torch.nn.functional as F

from nets.psp import PspConfig, PspEncoder, PspError, from_contents, from_state
from nets.psp.encoder import TAPS
from nets.psp.states import _affordable, needs_mean
from registry.readers.reading import read_tensors

SMALL = PspConfig(rows=8, widths=(8, 8, 12, 12, 16), width=24)


def checkpoint(config=SMALL, seed=0):
    """State, options and mean as the published trainer saves them."""
    torch.manual_seed(seed)
    net = PspEncoder(config).eval()
    for name, buffer in net.named_buffers():
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            buffer.normal_(0, 0.1)
    state = {f"encoder.{name}": tensor.clone() for name, tensor in net.state_dict().items()}
    state |= {"decoder.style.1.weight": torch.zeros(2, 2), "decoder.encoder.trap": torch.zeros(1)}
    opts = {"encoder_type": "Encoder4Editing" if config.offsets else "GradualStyleEncoder", "output_size": 32}
    return state, opts | {"start_from_latent_avg": True}, torch.randn(config.rows, config.width)


def test_a_full_size_encoder_has_the_documented_keys_and_parameters():
    with torch.device("meta"):
        full, small = PspEncoder(PspConfig()), PspEncoder(PspConfig(rows=14))
    assert len(full.state_dict()) == 621
    assert sum(p.numel() for p in full.parameters()) == 267_136_704
    assert 208e6 < sum(p.numel() for p in small.parameters()) < 210e6
    shapes = {name: list(tensor.shape) for name, tensor in full.state_dict().items()}
    assert shapes["input_layer.0.weight"] == [64, 3, 3, 3]
    assert shapes["body.3.shortcut_layer.0.weight"] == [128, 64, 1, 1]
    assert shapes["body.23.res_layer.5.fc1.weight"] == [32, 512, 1, 1]
    assert shapes["styles.0.convs.6.weight"] == [512, 512, 3, 3]
    assert "styles.0.convs.8.weight" not in shapes
    assert shapes["styles.17.convs.10.weight"] == [512, 512, 3, 3]
    assert shapes["latlayer1.weight"] == [512, 256, 1, 1]
    assert shapes["latlayer2.weight"] == [512, 128, 1, 1]
    assert TAPS == (6, 20, 23)


@torch.no_grad()
def reference(state, opts, mean, picture):
    """The published formulation, written out over plain functions and the checkpoint's own names."""

    def norm(x, name):
        get = [state[f"encoder.{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(x, *get, eps=1e-5)

    def weight(name):
        return state[f"encoder.{name}"]

    x = F.prelu(norm(F.conv2d(picture, weight("input_layer.0.weight"), padding=1), "input_layer.1"),
                weight("input_layer.2.weight"))  # fmt: skip
    maps = {}
    for number in range(24):
        at, stride = f"body.{number}", 2 if number in (0, 3, 7, 21) else 1
        kept = F.max_pool2d(x, 1, stride)
        if f"encoder.{at}.shortcut_layer.0.weight" in state:
            kept = norm(F.conv2d(x, weight(f"{at}.shortcut_layer.0.weight"), stride=stride), f"{at}.shortcut_layer.1")
        y = F.conv2d(norm(x, f"{at}.res_layer.0"), weight(f"{at}.res_layer.1.weight"), padding=1)
        y = F.conv2d(
            F.prelu(y, weight(f"{at}.res_layer.2.weight")), weight(f"{at}.res_layer.3.weight"), None, stride, 1
        )
        y = norm(y, f"{at}.res_layer.4")
        gate = F.conv2d(F.adaptive_avg_pool2d(y, 1), weight(f"{at}.res_layer.5.fc1.weight")).relu()
        x = y * F.conv2d(gate, weight(f"{at}.res_layer.5.fc2.weight")).sigmoid() + kept
        maps[number] = x
    c1, c2, c3 = maps[6], maps[20], maps[23]

    def add(a, b):
        return F.interpolate(a, size=b.shape[2:], mode="bilinear", align_corners=True) + b

    def row(number, x):
        step = 0
        while f"encoder.styles.{number}.convs.{step}.weight" in state:
            at = f"styles.{number}.convs.{step}"
            x = F.leaky_relu(F.conv2d(x, weight(f"{at}.weight"), weight(f"{at}.bias"), 2, 1), 0.01)
            step += 2
        assert x.shape[2:] == (1, 1)
        linear = weight(f"styles.{number}.linear.weight")
        return F.linear(x.flatten(1), linear / linear.shape[1] ** 0.5, weight(f"styles.{number}.linear.bias"))

    p2 = add(c3, F.conv2d(c2, weight("latlayer1.weight"), weight("latlayer1.bias")))
    p1 = add(p2, F.conv2d(c1, weight("latlayer2.weight"), weight("latlayer2.bias")))
    rows = [row(number, c3 if number < 3 else p2 if number < 7 else p1) for number in range(len(mean))]
    if opts["encoder_type"] == "Encoder4Editing":
        rows = [rows[0]] + [rows[0] + later for later in rows[1:]]
    return torch.stack(rows, 1) + mean


@pytest.mark.parametrize("offsets", [False, True])
def test_it_equals_the_published_formulation(offsets):
    state, opts, mean = checkpoint(PspConfig(SMALL.rows, SMALL.widths, SMALL.width, offsets))
    picture = torch.rand(1, 3, 256, 256) * 2 - 1
    ours = from_state(state, opts, mean)(picture)
    assert torch.allclose(ours, reference(state, opts, mean, picture), atol=1e-4)


def test_a_checkpoint_file_is_read_whole(tmp_path):
    state, opts, mean = checkpoint()
    torch.save({"state_dict": state, "opts": opts, "latent_avg": mean}, tmp_path / "psp.pt")
    net = from_contents(read_tensors(tmp_path / "psp.pt"))
    assert net.config == SMALL
    assert torch.equal(net.latent_avg, mean)
    assert not any(p.requires_grad for p in net.parameters())
    assert net(torch.zeros(1, 3, 64, 64)).shape == (1, 8, 24)


def test_old_options_are_filled_in():
    state, opts, mean = checkpoint()
    del opts["encoder_type"], opts["output_size"], opts["start_from_latent_avg"]
    assert from_state(state, {"stylegan_size": 32} | opts, mean).config == SMALL
    assert from_state(state, opts, mean).config.from_mean


def test_one_row_of_mean_counts_for_all_and_a_missing_one_is_told():
    state, opts, mean = checkpoint()
    assert torch.equal(from_state(state, opts, mean[0]).latent_avg, mean[:1].expand(8, -1))
    assert needs_mean(from_state(state, opts))
    assert not needs_mean(from_state(state, opts, mean))
    assert not needs_mean(from_state(state, opts | {"start_from_latent_avg": False}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s, o: o.update(encoder_type="BackboneEncoderUsingLastLayerIntoW"), "is of the type"),
        (lambda s, o: o.update(output_size=1024), "1024 pixels, but it has 8 rows"),
        (lambda s, o: s.pop("encoder.body.5.res_layer.1.weight"), "1 tensors are missing"),
        (lambda s, o: s.update({"encoder.extra": torch.zeros(1)}), "1 tensors are unknown"),
        (lambda s, o: s.update({"encoder.latlayer1.bias": torch.zeros(3)}), "wrong shape"),
        (lambda s, o: s.update({"encoder.input_layer.0.weight": torch.zeros(8, 19, 3, 3)}), "19 channels"),
        (lambda s, o: s.clear(), "no pSp or e4e encoder"),
        (lambda s, o: s.pop("encoder.body.3.res_layer.1.weight"), "missing"),
    ],
)
def test_what_is_no_such_encoder_is_said(change, words):
    state, opts, mean = checkpoint()
    change(state, opts)
    with pytest.raises(PspError, match=words):
        from_state(state, opts, mean)


def test_a_mean_of_another_shape_is_refused():
    state, opts, _ = checkpoint()
    with pytest.raises(PspError, match="mean of w"):
        from_state(state, opts, torch.zeros(5, 24))


@pytest.mark.parametrize(("outputs", "kind"), [(24, "BackboneEncoderUsingLastLayerIntoW "), (8 * 24, "IntoWPlus ")])
@pytest.mark.parametrize("told", [True, False])
def test_encoders_without_a_pyramid_are_named_with_and_without_their_options(outputs, kind, told):
    state, opts, mean = checkpoint()
    state = {name: tensor for name, tensor in state.items() if "styles." not in name and "latlayer" not in name}
    state |= {"encoder.linear.weight": torch.zeros(outputs, 24), "encoder.linear.bias": torch.zeros(outputs)}
    name = "BackboneEncoderUsingLastLayerIntoW" + ("Plus" if "Plus" in kind else "")
    opts = {**opts, "encoder_type": name} if told else {}
    with pytest.raises(PspError, match=rf"{kind}\(.*without the pyramid\); GradualStyleEncoder and Encoder4Editing"):
        from_state(state, opts, mean)


def test_an_unknown_kind_is_named_and_a_restyle_encoder_explained():
    state, opts, mean = checkpoint()
    with pytest.raises(PspError, match=r"type ProgressiveBackboneEncoder \(ReStyle's"):
        from_state(state, {**opts, "encoder_type": "ProgressiveBackboneEncoder"}, mean)
    with pytest.raises(PspError, match="type Mine; Gradual"):
        from_state(state, {**opts, "encoder_type": "Mine"}, mean)


def test_an_encoder_is_judged_by_its_cost_before_it_is_built(monkeypatch):
    monkeypatch.setattr("nets.psp.states.PspEncoder", lambda config: pytest.fail("it was built"))
    state, opts, mean = checkpoint()
    wide = {**state, "encoder.input_layer.0.weight": torch.zeros(200_000, 3, 3, 3)}
    with pytest.raises(PspError, match="of weights explain"):
        from_state(wide, opts, mean)
    with pytest.raises(PspError, match="no more than half"):
        from_state(state, opts, mean, 1000)


def test_the_published_size_is_affordable():
    _affordable(PspConfig(), 4 << 30)
