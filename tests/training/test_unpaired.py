"""Networks that learn against a discriminator, in a few steps on two renders: without pairs, directly, doubling."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from nets.translation import label_unet
from training.puppets import Renderer, sample
from training.puppets.paint import PART
from training.translation import direct, enlarger, export_direct, unpaired, worlds
from training.translation.ink import inked
from training.translation.loop import Contest, keep, train
from training.translation.structure import colour_statistics, self_similarity
from training.translation.worlds import Worlds
from training.trunk.convert import read_trunk

TRUNK = Path("assets/weights/vgg16_edges")
SMALL = json.loads(direct.CONFIG.read_text()) | {"widths": [8, 12, 16], "size": 64, "judge": 8, "featured": 48}


def world(count: int = 2, side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """Renders in -1..1 and their exact parts."""
    frame = Renderer("cpu", supersample=1)(sample(9, count), side)
    return frame.rgb * 2 - 1, frame.parts


def test_an_ink_sketch_is_ink_on_paper_along_the_rims_and_the_hands_seed_decides() -> None:
    pictures, parts = world()
    sketch = inked(pictures, parts, 1)
    assert sketch.shape == pictures.shape
    assert torch.equal(sketch, inked(pictures, parts, 1))
    assert not torch.equal(sketch, inked(pictures, parts, 2))
    empty = functional.max_pool2d((parts != PART["background"]).float()[:, None], 9, 1, 4) == 0
    assert sketch.mean(1, keepdim=True)[empty].min() > 0.6  # paper
    darkest = functional.max_pool2d(-sketch.mean(1, keepdim=True), 3, 1, 1)
    hair = (parts == PART["hair"]).float()[:, None]
    rim = (functional.max_pool2d(hair, 3, 1, 1) != -functional.max_pool2d(-hair, 3, 1, 1)) & ~empty
    assert (darkest[rim] > -0.2).float().mean() > 0.8


def test_structure_is_kept_by_other_colours_and_lost_by_another_picture() -> None:
    trunk = read_trunk(TRUNK)
    pictures, _ = world()
    one, other = pictures[:1], pictures[1:]

    def apart(made: torch.Tensor) -> float:
        with torch.no_grad():
            return self_similarity(trunk, one, made, np.random.default_rng(1)).item()

    assert apart(one) < 1e-3
    assert apart(one) < apart(0.5 * one.flip(1)) < apart(other)
    assert colour_statistics(one, one.flip(-1)).item() < 1e-5
    assert colour_statistics(one, other).item() > 0.05


def of_pairs(method: str) -> unpaired.Unpaired:
    """Two portraits and two sketches."""
    pictures, parts = world()
    some = ((pictures + 1) * 127.5).to(torch.uint8)
    sketches = ((inked(pictures, parts, 1) + 1) * 127.5).to(torch.uint8)
    return unpaired.Unpaired(method, Worlds(some, parts, sketches), read_trunk(TRUNK))


def directly() -> direct.Direct:
    """Two renders."""
    pictures, parts = world()
    return direct.Direct(SMALL, ((pictures + 1) * 127.5).to(torch.uint8), parts, read_trunk(TRUNK))


def doubling() -> enlarger.Doubling:
    """Two renders for every kind of picture."""
    pictures, _ = world(side=128)
    some = list(((pictures + 1) * 127.5).to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return enlarger.Doubling(dict.fromkeys(enlarger.SHARES, some), read_trunk(TRUNK))


CONTESTS: dict[str, Callable[[], Contest]] = {
    "ssal": lambda: of_pairs("ssal"),
    "cyclegan": lambda: of_pairs("cyclegan"),
    "direct": directly,
    "doubling": doubling,
}


@pytest.mark.parametrize("name", CONTESTS)
def test_a_step_moves_the_maker_and_its_judge(name: str) -> None:
    contest = CONTESTS[name]()
    weights = [*contest.maker.parameters(), *contest.judge.parameters()]
    before = [p.detach().clone() for p in weights]
    found = [contest.step(0.6) for _ in range(3)][-1]  # what begins with zeros holds others back
    assert all(np.isfinite(list(found.values())))
    assert ("to_ink_cycle" in found) == (name == "cyclegan")
    moved = [not torch.equal(a, b) for a, b in zip(before, weights, strict=True) if b.ndim == 4]
    assert all(moved)


def test_a_run_that_was_ended_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, first = doubling(), doubling()
    path = tmp_path / "run" / "net.pt"
    first.step(0.2)
    keep(first, path, {"seconds": 5.0})
    second = doubling()
    kept = torch.load(path, weights_only=True)
    second.resume(kept["net"], kept["state"])
    wanted = [whole.step(0.2), whole.step(0.4)][1]
    torch.set_rng_state(kept["state"]["torch"])
    assert second.step(0.4) == pytest.approx(wanted, rel=1e-3)
    assert second.steps == 2
    train(second, 5.0, path, {})  # its time is spent already
    assert second.steps == 1  # as in the checkpoint


def test_renders_that_are_there_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, parts = worlds.rendered_into(tmp_path, 9, 3, 64, at_once=2)
    assert (pictures.shape, parts.shape) == ((3, 3, 64, 64), (3, 64, 64))
    monkeypatch.setattr(worlds, "rendered", None)
    again, _ = worlds.rendered_into(tmp_path, 9, 2, 64, at_once=2)
    assert torch.equal(again, pictures[:2])


def test_a_direct_network_leaves_the_filling_as_it_is_at_first_and_learns() -> None:
    contest = directly()
    pictures, wanted = contest.drawn()
    assert wanted.shape[1] == len(PART) + 3
    with torch.no_grad():
        torch.testing.assert_close(contest.maker(wanted.float()), wanted[:, -3:].float())
    contest.drawn = lambda: (pictures, wanted)  # type: ignore[method-assign]
    first = contest.step(0.0)["pixels"]
    for _ in range(24):
        last = contest.step(0.0)["pixels"]
    assert last < 0.95 * first
    usual = contest.maker.usual
    assert torch.equal(usual[..., -1].amin(0), contest.tints[..., -1].amax(0))  # of every part that any portrait has
    assert not usual[..., 3:9].any()


def test_a_direct_network_is_written_and_read(tmp_path: Path) -> None:
    contest = directly()
    keep(contest, tmp_path / "direct.pt", {"seconds": 1.0, "renders": 2})
    (tmp_path / "config.json").write_text(json.dumps(SMALL))
    net, state = export_direct.of_run(tmp_path, tmp_path / "config.json")
    assert state["renders"] == 2
    tensors, metadata = label_unet.to_state(net)
    again = label_unet.from_state(tensors, metadata)
    seen = contest.drawn()[1].float()
    torch.testing.assert_close(again(seen), net(seen), atol=1e-2, rtol=1e-2)
    with pytest.raises(ValueError, match="not a config of a network from labels"):
        label_unet.from_state(tensors, {"config": "[]"})
