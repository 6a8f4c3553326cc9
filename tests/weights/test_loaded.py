"""Networks come from the best source there is, say so if it is not the first, and are kept while there is room."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save

from facet import Context, Step, Subject, editor
from facet.app import finish
from registry.errors import BadInput, LicenceNeeded, OutOfMemory, Stopped, WeightsCorrupt, WeightsMissing
from registry.weights import hub, licence, loaded
from registry.weights.declare import Net, Weights
from registry.weights.loaded import load_net
from registry.weights.local import file_sha256
from registry.weights.memory import tensor_bytes
from tests.weights.conftest import PINNED, SHA256, UNPINNED
from tests.weights.fake_hub import FakeHub, Fault, dead_address


def linear(tensors: object) -> torch.nn.Linear:
    """Builder: one linear layer."""
    weight = tensors.group("")["weight"]  # type: ignore[attr-defined]
    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    layer.load_state_dict({"weight": weight})
    return layer


class Owner:
    """Stands for a run."""


@pytest.fixture
def puppets(tmp_path: Path) -> Weights:
    """Weights that come with the program."""
    path = tmp_path / "puppets.safetensors"
    path.write_bytes(save({"weight": torch.full((8, 8), 0.5)}))
    return Weights("", str(path), sha256=file_sha256(path), licence="Apache-2.0", title="Puppets")


def test_the_first_source_is_used_without_a_notice(fake: FakeHub, puppets: Weights) -> None:
    got = load_net(Net("net", linear, (PINNED, puppets)))
    assert got.module.weight[1, 0] == 64
    assert not got.module.training
    assert not got.module.weight.requires_grad
    assert got.notice == ""
    assert got.attribution == "Made by its owner"
    assert got.record == {
        "net": "net",
        "repo": "owner/nets",
        "file": "a/net.safetensors",
        "revision": PINNED.revision,
        "sha256": SHA256,
        "licence": "MIT",
        "embedded": False,
        "title": "Test net",
        "attribution": "Made by its owner",
    }


def test_without_the_hub_the_embedded_net_is_used_and_said_so(
    puppets: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", dead_address())
    got = load_net(Net("net", linear, (PINNED, puppets)))
    assert got.module.weight[0, 0] == 0.5
    assert got.notice == got.record["notice"] == "The Hub can't be reached: using the embedded Puppets"
    assert got.record["repo"] == ""
    assert "/" not in got.record["file"], "no path of this machine gets into a recipe"
    monkeypatch.setenv("FACET_OFFLINE", "1")
    hub.forget_outage()
    assert load_net(Net("net", linear, (PINNED, puppets))).notice == "Facet is offline: using the embedded Puppets"


def test_the_recipe_of_a_picture_says_which_weights_made_it(
    puppets: Weights, fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = Net("net", linear, (PINNED, puppets))

    @editor("brighten", "Brighten", task="restyle", nets=(net,))
    def brighten(ctx: Context, *, subject: Subject) -> Iterator[Step]:
        """Add the middle of a matrix to a picture."""
        yield Step(subject.tensor() + float(ctx.net("net").weight.mean()) / 1e6, 1.0)

    picture = Image.new("RGB", (32, 32))
    with monkeypatch.context() as broken:
        broken.setenv("HF_ENDPOINT", dead_address())
        (without,) = finish(brighten, {"subject": picture}, device="cpu").recipe["weights"]
    (with_hub,) = finish(brighten, {"subject": picture}, device="cpu").recipe["weights"]
    assert without["notice"] == "The Hub can't be reached: using the embedded Puppets"
    assert without["sha256"] == puppets.sha256
    assert "notice" not in with_hub
    assert with_hub["sha256"] == SHA256


def test_when_the_hub_is_back_so_is_the_first_source(
    fake: FakeHub, puppets: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = Net("net", linear, (PINNED, puppets))
    with monkeypatch.context() as broken:
        broken.setenv("HF_ENDPOINT", dead_address())
        assert load_net(net).notice
    assert load_net(net).notice == ""


@pytest.mark.parametrize("kind", ["flip", "etag", "busy", "short", "login_page"])
def test_whatever_the_hub_does_the_embedded_net_is_there(fake: FakeHub, puppets: Weights, kind: str) -> None:
    fake.faults[PINNED.file] = Fault(kind, at=100, value="e" * 64)
    got = load_net(Net("net", linear, (PINNED, puppets)))
    assert got.module.weight[0, 0] == 0.5
    assert got.notice.endswith(": using the embedded Puppets")


def test_without_any_usable_source_the_first_trouble_is_told(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = replace(PINNED, file="b.safetensors")
    with pytest.raises(WeightsMissing, match="no such file"):
        load_net(Net("net", linear, (missing,)))
    with pytest.raises(WeightsMissing, match="names no source"):
        load_net(Net("net", linear, ()))


def test_a_file_that_does_not_fit_the_network_is_passed_over(fake: FakeHub, puppets: Weights) -> None:
    def picky(tensors: object) -> torch.nn.Linear:
        layer = linear(tensors)
        if layer.weight.shape[0] > 8:
            raise KeyError("synthesis.b4.const")
        return layer

    got = load_net(Net("net", picky, (PINNED, puppets)))
    assert "does not fit the network" in got.notice
    with pytest.raises(WeightsCorrupt, match="Test net does not fit the network 'net' .KeyError"):
        load_net(Net("net", picky, (PINNED,)))


def test_the_licence_is_asked_for_even_if_there_is_an_embedded_net(fake: FakeHub, puppets: Weights) -> None:
    bound = replace(PINNED, non_commercial=True, licence="Only for fun")
    net = Net("net", linear, (bound, puppets))
    with pytest.raises(LicenceNeeded, match="Only for fun"):
        load_net(net)
    licence.accept(bound)
    assert load_net(net).notice == ""


def test_damaged_embedded_weights_are_refused_before_they_are_read(puppets: Weights) -> None:
    read: list[object] = []
    net = Net("net", read.append, (puppets,))
    path = Path(puppets.file)
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(WeightsCorrupt, match="Puppets.*damaged"):
        load_net(net)
    path.unlink()
    with pytest.raises(WeightsMissing, match="not there"):
        load_net(net)
    assert read == []


def test_a_card_beside_the_file_may_say_what_it_should_be(puppets: Weights) -> None:
    path = Path(puppets.file)
    without = replace(puppets, sha256="")
    with pytest.raises(WeightsCorrupt, match="Nothing says"):
        load_net(Net("net", linear, (without,)))
    path.with_suffix(".json").write_text(f'{{"sha256": "{puppets.sha256}"}}')
    assert load_net(Net("net", linear, (without,))).record["sha256"] == puppets.sha256


def test_a_torch_file_is_read_through_its_safetensors_copy(fake: FakeHub, home: Path) -> None:
    path = home / "net.pt"
    torch.save({"g_ema": {"weight": torch.ones(4, 4)}}, path)
    fake.repos["owner/nets"].files["net.pt"] = path.read_bytes()
    net = Net("net", lambda tensors: tensors.group("g_ema")["weight"], (replace(UNPINNED, file="net.pt"),))
    assert torch.equal(load_net(net).module, torch.ones(4, 4))
    assert len(list((home / "facet" / "tensors").glob("*.safetensors"))) == 1
    loaded.nets.clear()
    assert torch.equal(load_net(net).module, torch.ones(4, 4))


def test_two_sessions_share_one_net_and_one_download(fake: FakeHub) -> None:
    built: list[int] = []

    def slow(tensors: object) -> torch.nn.Linear:
        built.append(1)
        return linear(tensors)

    net, got = Net("net", slow, (PINNED,)), []
    threads = [threading.Thread(target=lambda: got.append(load_net(net).module)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == 6
    assert len({id(module) for module in got}) == 1
    assert built == [1]
    assert fake.count("GET") == 1


def test_a_net_in_memory_costs_neither_a_request_nor_a_reading(fake: FakeHub, puppets: Weights) -> None:
    net = Net("net", linear, (PINNED, puppets))
    owner = Owner()
    first = load_net(net, owner=owner)
    blob = next((hub.hub_cache() / "models--owner--nets" / "blobs").iterdir())
    blob.unlink()
    asked = len(fake.log)
    again = load_net(net, owner=owner)
    assert again.module is first.module
    assert again.record == first.record
    assert len(fake.log) == asked


def test_building_leaves_the_runs_random_numbers_alone(fake: FakeHub) -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    load_net(Net("net", linear, (PINNED,)))
    assert torch.equal(torch.rand(3), wanted)


def test_a_net_that_was_loaded_in_inference_mode_can_be_trained_through(fake: FakeHub) -> None:
    with torch.inference_mode():
        module = load_net(Net("net", linear, (PINNED,))).module
    x = torch.ones(1, 64, requires_grad=True)
    module(x).sum().backward()
    assert x.grad is not None


def test_a_stop_ends_a_download(fake: FakeHub) -> None:
    fake.faults[PINNED.file] = Fault("stall", at=100)
    with pytest.raises(Stopped, match="stopped"):
        load_net(Net("net", linear, (PINNED,)), stopping=fake.arrived.is_set)
    fake.faults.clear()
    fake.closing.set()
    assert load_net(Net("net", linear, (PINNED,))).notice == ""


def test_memory_that_runs_out_once_is_given_free_and_tried_again(fake: FakeHub) -> None:
    tries: list[int] = []

    def hungry(tensors: object) -> torch.nn.Linear:
        tries.append(1)
        if len(tries) < 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return linear(tensors)

    assert load_net(Net("net", hungry, (PINNED,))).module is not None

    def starving(tensors: object) -> torch.nn.Linear:
        raise MemoryError

    with pytest.raises(OutOfMemory, match="Test net does not fit into the memory of cpu"):
        load_net(Net("net", starving, (PINNED,)))


def test_a_builder_of_one_run_keeps_nothing_alive(fake: FakeHub) -> None:
    def run() -> None:
        owner = Owner()
        net = Net("net", lambda tensors: (linear(tensors), owner)[0], (PINNED,))
        load_net(net, owner=owner)
        assert len(loaded.nets) == 1

    run()
    loaded.nets.trim("cpu")
    assert len(loaded.nets) == 0
    assert loaded.nets._making == {}


def test_a_home_that_cannot_be_written_only_matters_without_a_pin(
    fake: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("FACET_HOME", str(home / "file" / "below"))
    assert load_net(Net("net", linear, (PINNED,))).record["sha256"] == SHA256
    with pytest.raises(WeightsMissing, match="cannot write weights.lock.json.*set FACET_HOME"):
        load_net(Net("net", tensor_bytes, (UNPINNED,)))


def test_a_licence_is_asked_for_by_repository_and_name(puppets: Weights) -> None:
    toy = Weights("owner/toy", "toy.pt", licence="Only for fun", non_commercial=True)
    net = Net("net", linear, (toy, puppets))
    with pytest.raises(LicenceNeeded) as caught:
        load_net(net)
    again = pickle.loads(pickle.dumps(caught.value))  # it may have to leave a worker process
    assert (again.repo, again.licence, str(again)) == ("owner/toy", "Only for fun", str(caught.value))
    assert licence.named([net], again.repo, again.licence) is toy
    with pytest.raises(BadInput, match="no weights that an editor here uses"):
        licence.named([net], "owner/other", "Only for fun")


def test_weights_that_a_plugin_ships_are_embedded_and_a_file_of_the_users_own_is_not(puppets: Weights) -> None:
    from facet import Context, OwnFile

    assert load_net(Net("net", linear, (puppets,))).record["embedded"] is True
    assert load_net(Net("net", linear, (puppets,))).record["file"] == Path(puppets.file).name
    ctx = Context()
    ctx.own_net(OwnFile(Path(puppets.file)), linear)
    assert ctx.weights_used[0]["embedded"] is False
    assert "own" not in puppets.describe()
