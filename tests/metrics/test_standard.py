"""The published judges: computed as their papers say, and silent where their weights are not here."""

import importlib.util
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from metrics import INSTALLED, METRICS, NETS, measure
from nets.arcface import ArcFace, cut, from_contents
from nets.lpips import SCALE, SHIFT, STAGES, Lpips, Vgg16, heads_of_package, vgg16_from_contents
from registry.readers.contents import Tensors
from registry.weights.locations import own_copy
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
def heads():
    """What a file of heads holds, in the layout of the package lpips."""
    random = torch.Generator().manual_seed(4)
    return {
        f"lin{number}.model.1.weight": torch.rand(1, stage[-1], 1, 1, generator=random)
        for number, stage in enumerate(STAGES)
    }


@pytest.fixture
def package(heads, tmp_path, monkeypatch):
    """A package lpips that can be found; the path of its file of heads."""
    file = tmp_path / "site" / "lpips" / "weights" / "v0.1" / "vgg.pth"
    file.parent.mkdir(parents=True)
    torch.save(heads, file)
    (tmp_path / "site" / "lpips" / "__init__.py").write_text("raise AssertionError('the package was imported')")
    monkeypatch.syspath_prepend(tmp_path / "site")
    importlib.invalidate_caches()
    return file


@pytest.fixture
def no_package(monkeypatch):
    """As if it were not installed."""
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None if name == "lpips" else found(name, *_))


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "facet"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture
def lpips(vgg_state, package):
    return Lpips(vgg16_from_contents(contents(vgg_state)), heads_of_package())


def picture(seed, size=(40, 48)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


@torch.no_grad()
def test_lpips_is_the_formula(lpips, vgg_state, heads):
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
            weighted = heads[f"lin{stage}.model.1.weight"][0] * (one - two) ** 2
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


def test_the_heads_come_from_the_package_that_is_installed(package, heads):
    assert [head.shape for head in heads_of_package()] == [(stage[-1],) for stage in STAGES]
    assert torch.equal(heads_of_package()[2], heads["lin2.model.1.weight"].flatten())
    assert "lpips" not in sys.modules
    torch.save(heads | {"lin4.model.1.weight": torch.ones(1, 3, 1, 1)}, package)
    with pytest.raises(ValueError, match="holds no heads for VGG-16"):
        heads_of_package()
    package.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="vgg.pth of the package lpips cannot be read"):
        heads_of_package()
    assert INSTALLED["lpips_heads"] is heads_of_package
    assert measures.network("lpips_heads") is None
    package.unlink()
    assert heads_of_package() is None


def test_what_a_comparison_cannot_measure_it_says(empty_home, no_package):
    vgg = "VGG-16 (BSD-3-Clause; “facet weights fetch vgg16”)"
    assert heads_of_package() is None
    assert measures.network("lpips") is None
    first, second = measures.lacking()
    assert first == (
        f"LPIPS (VGG) is not measured: it needs {vgg} and the Python package lpips (BSD-2-Clause, “pip install lpips”)."
    )
    assert second.startswith("Identity (ArcFace) is not measured: it needs ArcFace IR-SE50 (no licence published")


def test_with_the_package_and_the_trunk_it_is_measured(empty_home, package, vgg_state):
    assert measures.lacking()[0].endswith("it needs VGG-16 (BSD-3-Clause; “facet weights fetch vgg16”).")
    path = own_copy(measures._SOURCES["vgg16"])
    path.parent.mkdir(parents=True)
    save_file(vgg_state, path)
    assert not any("LPIPS" in text for text in measures.lacking())
    network = measures.network("lpips")
    assert METRICS["lpips"](network=network, result=picture(1), subject=picture(2)) > 0
    assert METRICS["lpips"](network=network, result=picture(1), subject=picture(1)) == 0


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


def test_a_comparison_downloads_nothing(empty_home, monkeypatch):
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
    assert set(NETS) >= {"vgg16", "arcface", "puppets_judges"}
