"""The published judges: computed as their papers say, and silent where their weights are not here."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from metrics import METRICS, NETS, measure
from nets.arcface import ArcFace, cut, from_contents
from nets.lpips import SCALE, SHIFT, Lpips, Vgg16, heads_from_contents, vgg16_from_contents
from registry.readers import Tensors, read_tensors
from registry.weights.perception import LPIPS_HEADS
from registry.weights.places import embedded_path, own_copy
from surfaces.compare import measures

CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)


def contents(state):
    return Tensors({"": state}, {}, "safetensors")


@pytest.fixture(scope="module")
def vgg_state():
    torch.manual_seed(0)
    state = {}
    for name, tensor in Vgg16().state_dict().items():
        state[name] = tensor * 2 if name.endswith("weight") else tensor
    return state | {"pre_logits.fc1.bias": torch.zeros(4)}


@pytest.fixture(scope="module")
def lpips(vgg_state):
    return Lpips(
        vgg16_from_contents(contents(vgg_state)), heads_from_contents(read_tensors(embedded_path(LPIPS_HEADS)))
    )


def picture(seed, size=(40, 48)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


@torch.no_grad()
def test_lpips_is_the_formula(lpips, vgg_state):
    heads = read_tensors(embedded_path(LPIPS_HEADS)).group("")
    pictures = torch.rand(2, 3, 40, 48) * 2 - 1
    x = torch.stack([(pictures[:, c] - SHIFT[c]) / SCALE[c] for c in range(3)], 1)
    total, stage = 0.0, 0
    for number in range(30):  # torchvision's list of layers
        if number in CONVOLUTIONS:
            x = F.conv2d(x, vgg_state[f"features.{number}.weight"], vgg_state[f"features.{number}.bias"], padding=1)
        elif number in (4, 9, 16, 23):
            x = F.max_pool2d(x, 2, 2)
        else:
            x = x.clamp(min=0)
        if number in (3, 8, 15, 22, 29):
            one, two = (each / each.square().sum(0).sqrt().clamp(min=1e-10) for each in x)
            weighted = heads[f"stage_{stage}"][:, None, None] * (one - two) ** 2
            total, stage = total + weighted.sum(0).mean().item(), stage + 1
    assert lpips(pictures[:1], pictures[1:]).item() == pytest.approx(total, rel=1e-4)
    assert lpips(pictures, pictures).abs().max() == 0


def test_lpips_as_a_metric(lpips):
    a = picture(1)
    near, far = (np.clip(a.astype(int) + by, 0, 255).astype(np.uint8) for by in (6, 90))
    values = [METRICS["lpips"](network=lpips, result=each, subject=a) for each in (a, near, far)]
    assert values[0] == 0 < values[1] < values[2]
    assert np.isfinite(METRICS["lpips"](network=lpips, result=picture(2, (3, 5)), subject=picture(1, (70, 2))))
    assert "lpips" in measure({"result": near, "subject": a}, {"lpips": lpips})
    assert "lpips" not in measure({"result": near, "subject": a})


def test_what_is_no_vgg_is_refused(vgg_state):
    with pytest.raises(ValueError, match=r"features.28.bias is missing"):
        vgg16_from_contents(contents({name: each for name, each in vgg_state.items() if name != "features.28.bias"}))
    with pytest.raises(ValueError, match="no heads"):
        heads_from_contents(contents({"stage_0": torch.ones(64)}))


def published(net):
    """Names of the published checkpoint, where the second layer of the output is a dropout without tensors."""
    return {name: tensor for name, tensor in net.state_dict().items() if not name.endswith("num_batches_tracked")}


@torch.no_grad()
def test_arcface_reads_the_published_layout():
    torch.manual_seed(2)
    net = ArcFace((8, 8, 16, 24, 32), 20).eval()
    for parameter in net.parameters():
        parameter.add_(0.05 * torch.randn_like(parameter))
    state = published(net)
    assert {"output_layer.0.running_var", "output_layer.3.weight", "output_layer.4.bias"} <= set(state)
    assert "body.23.res_layer.5.fc2.weight" in state
    again = from_contents(contents(state))
    faces = torch.rand(2, 3, 112, 112) * 2 - 1
    assert torch.equal(again(faces), net(faces))
    assert torch.allclose(net(faces).norm(dim=1), torch.ones(2), atol=1e-5)
    value = METRICS["identity_arcface"]
    assert value(network=again, result=picture(1), subject=picture(1)) == pytest.approx(1, abs=1e-5)
    assert value(network=again, result=picture(1), subject=picture(2)) < 1
    del state["body.5.res_layer.2.weight"]
    with pytest.raises(ValueError, match=r"body.5.res_layer.2.weight is missing"):
        from_contents(contents(state))
    with pytest.raises(ValueError, match="no IR-SE50"):
        from_contents(contents({}))


def test_the_face_is_cut_where_the_papers_cut_it():
    inside = torch.zeros(1, 3, 256, 256)
    inside[:, :, 35:223, 32:220] = 1
    assert cut(inside).shape == (1, 3, 112, 112)
    assert cut(inside).min() > 0.999
    assert cut(1 - inside).max() < 0.001


def test_a_comparison_downloads_nothing(tmp_path, monkeypatch, vgg_state):
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "facet"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(measures, "load_net", _never)
    assert measures.network("vgg16") is None
    assert measures.network("arcface") is None
    assert measures.network("nothing") is None
    path = own_copy(measures._SOURCES["vgg16"])
    path.parent.mkdir(parents=True)
    path.write_bytes(b"here")
    with pytest.raises(AssertionError, match="vgg16"):  # now it would be loaded
        measures.network("vgg16")


def _never(net, *_, **__):
    raise AssertionError(net.name)


def test_standard_names_are_not_ours():
    ours = {entry.title for entry in METRICS.values() if "ours" in entry.title}
    assert {METRICS["lpips"].title, METRICS["identity_arcface"].title}.isdisjoint(ours)
    assert set(NETS) >= {"vgg16", "lpips_heads", "arcface", "puppets_judges"}
