"""Teach a style: only rows are learned, the best is kept, and Fast style offers it at once, by its sha256."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from editors.one_pass import taught as taught_styles
from facet import BadInput, Subject
from facet.app import Registry, Stop, finish, replay, run
from facet.testing import Conformance
from nets.fast_style import KNOWN, FastStyle, FastStyleConfig, Lesson, Objective, Pupil, rows_of, teach, with_styles
from nets.fast_style.paint import STROKES
from nets.features import FeatureNet
from registry.artifacts import bring_in, delete, export, own, rename
from registry.belongings import Guest, kept_in
from tests.style.one_pass_nets import CONFIG, tiny
from tests.style.test_one_pass import picture

SPECS = tiny(Path(tempfile.mkdtemp()))
FAST, TEACH = SPECS["fast_style"], SPECS["teach_style"]
LOOK = next(entry.kind for entry in FAST.inputs if entry.name == "look")


class TestTeachAStyle(Conformance):
    editor = TEACH


def taught(**values):
    """The style that a short lesson leaves, as it is kept."""
    made = finish(TEACH, {"subject": picture(), **TEACH.trial, **values}, threads=1)
    (kept,) = made.artifacts
    return kept, made


def painted(**values):
    return finish(FAST, {"subject": picture(), **values}, threads=1)


def network(styles=("a", "b")):
    torch.manual_seed(0)
    made = FastStyle(FastStyleConfig(styles, (4, 6, 8, 8), (1, 1))).eval().requires_grad_(False)
    for name, value in made.named_parameters():
        if "norm" in name:
            value.copy_(torch.randn_like(value))
    return made


def pupil(**lesson):
    torch.manual_seed(1)
    style = torch.rand(1, 3, 40, 40).round() * 2 - 1
    objective = Objective(FeatureNet(CONFIG).requires_grad_(False), [(style, None)])
    random = torch.Generator().manual_seed(2)
    photographs = [torch.rand(3, 48, 60, generator=random) * 2 - 1 for _ in range(2)]
    return Pupil(network(), objective, photographs, (style, None), Lesson(size=32, **lesson))


def test_learning_lowers_the_loss_and_the_palette_stays():
    one = pupil(steps=30, judged_every=5)
    start, before = one.best, {name: value.clone() for name, value in one.net.state_dict().items()}
    *_, last = teach(one)
    assert last.loss < start - 0.02
    moved = {name for name, value in one.net.state_dict().items() if not torch.equal(value, before[name])}
    assert "last.weight" in moved
    assert not moved & set(KNOWN)
    again = with_styles(network(), {"new": last.rows}, alone=True)
    with torch.no_grad():
        assert one.loss(again, one.judged).item() == pytest.approx(last.loss, abs=1e-5)


def test_what_is_kept_is_the_best_judgement_and_not_the_last():
    wild = pupil(steps=12, judged_every=2, learning_rate=3.0)
    losses = [(taught.loss, taught.better) for taught in teach(wild)]
    assert [loss for loss, _ in losses] == sorted((loss for loss, _ in losses), reverse=True)
    with torch.no_grad():
        assert wild.loss(wild.net, wild.judged).item() > wild.best


def test_a_lesson_in_two_slices_is_the_lesson_in_one():
    whole = list(teach(pupil(steps=6, judged_every=2)))
    first = pupil(steps=6, judged_every=2)
    for each in teach(first):
        if each.step == 3:
            break
    *_, last = teach(pupil(steps=6, judged_every=2), each.state)
    assert (last.step, last.loss) == (6, pytest.approx(whole[-1].loss, abs=1e-6))
    for name, row in last.rows.items():
        assert torch.allclose(row, whole[-1].rows[name], atol=1e-6), name


def test_a_style_is_taken_out_and_put_into_the_same_network_again():
    net, x = network(), torch.rand(1, 3, 20, 24) * 2 - 1
    more = with_styles(net, {"c": rows_of(net, "b")})
    assert more.config.styles == ("a", "b", "c")
    with torch.no_grad():
        assert torch.equal(more(x, more.blend({"c": 1})), net(x, net.blend({"b": 1})))
        assert torch.equal(more(x, more.blend({"a": 1})), net(x, net.blend({"a": 1})))
    assert net.config.styles == ("a", "b")
    rows = rows_of(net, "a")
    for wrong in (rows | {"palette": torch.zeros(2, 2)}, rows | {"offset": torch.full((3,), torch.nan)}, {}):
        with pytest.raises(ValueError, match="another network"):
            with_styles(net, {"c": wrong})


def test_a_style_from_before_there_was_paint_paints_as_it_did():
    net, x = network(), torch.rand(1, 3, 20, 24) * 2 - 1
    rows = {name: row for name, row in rows_of(net, "b").items() if name not in KNOWN or name == "palette"}
    more = with_styles(net, {"old": rows})
    with torch.no_grad():
        assert torch.equal(more(x, more.blend({"old": 1})), net(x, net.blend({"b": 1})))


def test_without_steps_it_is_paint_alone_and_made_again_to_the_bit():
    kept, made = taught(steps=0)
    rows = load_file(kept.path)
    assert not any(rows[name].any() for name in STROKES)
    assert rows["paint_places"].any()
    assert kept.facts["steps"] == 0
    assert taught(steps=0)[0].sha256 == kept.sha256
    assert np.array_equal(painted(look=kept.id).subject.pixels, made.subject.pixels)


def test_strokes_are_judged_by_the_mean_colours_of_the_paint():
    one = pupil(steps=1)
    grey = torch.zeros(1, 3, 32, 32)
    styles = torch.zeros(1, dtype=torch.long)
    plain = one.objective(grey, grey, styles)
    assert plain["colour"].item() == 0
    assert one.objective(grey, grey, styles, coloured=grey + 0.5)["colour"].item() > 1


def test_it_is_offered_at_once_used_blended_named_and_replayed():
    assert not any(value.startswith("yours:") for value in LOOK.labels)
    kept, made = taught(name="Palette knife, mine")
    assert (kept.kind, kept.name) == ("style", "Palette knife, mine")
    assert kept.size < 310_000  # most of it is paint
    assert kept.facts["reference"] == "knife"
    name = f"yours:{kept.sha256}"
    assert LOOK.labels[name] == "Palette knife, mine"
    assert LOOK.check(kept.id, "look") == name
    alone = painted(look=kept.id)
    assert np.array_equal(alone.subject.pixels, made.subject.pixels)
    assert alone.recipe["inputs"]["look"] == name
    assert any(row["sha256"] == kept.sha256 for row in alone.recipe["weights"])
    half = painted(look="night", second=kept.id, blend=0.5).subject.pixels
    assert not np.array_equal(half, painted(look="night").subject.pixels)
    assert np.array_equal(painted(look=kept.id, second="night", blend=0.5).subject.pixels, half)
    unused = painted(look="night", second=kept.id)
    assert not any(row["sha256"] == kept.sha256 for row in unused.recipe["weights"])
    registry = Registry({spec.id: spec for spec in (FAST, TEACH)}, ())
    given = {"subject": Subject.read(picture())}
    assert np.array_equal(replay(registry, [alone.recipe], given).subject.pixels, alone.subject.pixels)
    rename(kept, "Evening")
    assert LOOK.labels[name] == "Evening"
    delete(kept)
    with pytest.raises(BadInput, match="look: names a style of yours that is not here.*facet yours import"):
        replay(registry, [alone.recipe], given)


def test_it_travels_as_a_file(tmp_path, monkeypatch):
    kept, made = taught()
    assert kept.name == "Like knife"
    file = export(kept, tmp_path / "knife.style.safetensors")
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "fresh"))
    assert bring_in(file).sha256 == kept.sha256
    assert np.array_equal(painted(look=kept.id).subject.pixels, made.subject.pixels)


def test_one_of_another_network_and_a_damaged_one_end_in_a_sentence(tmp_path, monkeypatch):
    kept, _ = taught(seed=3)
    other = tiny_again(tmp_path)
    with pytest.raises(BadInput, match="look: “Like knife” was taught to another network"):
        finish(other, {"subject": picture(), "look": kept.id})
    with monkeypatch.context() as patch:  # but one of the network before, which is known, is taken
        patch.setattr(taught_styles, "EARLIER", {kept.facts["network_sha256"]})
        finish(other, {"subject": picture(), "look": kept.id})
    content = bytearray(kept.path.read_bytes())
    content[-1] ^= 1
    kept.path.write_bytes(content)
    with pytest.raises(BadInput, match="look: cannot be used: .* is damaged"):
        painted(look=f"yours:{kept.sha256}")


def tiny_again(folder):
    """Fast style with other weights."""
    from dataclasses import replace

    from editors.one_pass.fast_style import BUNDLED
    from nets.fast_style import to_state
    from tests.style.one_pass_nets import _kept

    torch.manual_seed(5)
    weights = _kept(
        folder / "fast.safetensors", to_state(FastStyle(FastStyleConfig(tuple(BUNDLED), (4, 6, 8, 8), (1, 1))))
    )
    nets = tuple(replace(net, sources=(weights,)) if net.name == "fast_style" else net for net in FAST.nets)
    return replace(FAST, nets=nets)


def test_a_stop_keeps_the_best_so_far():
    stop, seen = Stop(), []
    for event in run(TEACH, {"subject": picture(), **TEACH.trial, "steps": 500}, stop=stop, threads=1):
        seen.append(event)
        if len(seen) == 3:
            stop.set()
    assert seen[-1].stopped
    (kept,) = seen[-1].artifacts
    assert kept.facts["steps"] < 100
    assert np.array_equal(painted(look=kept.id).subject.pixels, seen[-1].subject.pixels)
    assert seen[0].jpeg


def test_visitors_have_their_own():
    mine, _ = taught(seed=5)
    with kept_in(Guest().belongings):
        assert f"yours:{mine.sha256}" not in LOOK.labels
        theirs, _ = taught(style="sample:waves")
        assert f"yours:{theirs.sha256}" in LOOK.labels
    assert f"yours:{theirs.sha256}" not in LOOK.labels
    for said in (LOOK.limits(), LOOK.takes(), json.dumps(LOOK.schema())):
        assert mine.sha256[:12] not in said


def test_what_cannot_be_learned_from_is_refused():
    with pytest.raises(BadInput, match="style: is the same picture as the subject"):
        taught(subject="sample:knife")
    with pytest.raises(BadInput, match="style: is only 1 × 1 pixels"):
        taught(style=np.zeros((1, 1, 3), np.uint8))
    clear = np.zeros((64, 64, 4), np.uint8)
    clear[5:9, 5:9] = 255
    with pytest.raises(BadInput, match="style: shows 4 × 4 pixels"):
        taught(style=clear)


def test_grey_and_long_styles_are_learned_and_clear_parts_are_not():
    for style in (np.repeat(picture()[..., :1], 3, axis=2), picture(30, 300)):
        assert np.isfinite(taught(style=style)[1].metrics["loss"])
    rgba = np.dstack([picture(64, 64), np.full((64, 64), 255, np.uint8)])
    rgba[:, 40:, 3] = 0
    other = rgba.copy()
    other[:, 40:, :3] = 7
    assert np.array_equal(taught(style=rgba)[1].subject.pixels, taught(style=other)[1].subject.pixels)
    cut = taught(style=np.ascontiguousarray(rgba[:, :40, :3]))[1].subject.pixels
    assert np.array_equal(cut, taught(style=rgba)[1].subject.pixels)


def test_a_strangers_file_that_is_no_style_is_refused_where_it_is_used(tmp_path):
    kept, _ = taught(seed=8)
    rows = load_file(kept.path)
    from facet import Artifact
    from registry.artifacts import keep

    broken = keep(Artifact("style", "Broken", {**rows, "palette": torch.zeros(2, 2)}, facts=kept.facts))
    with pytest.raises(BadInput, match="look: “Broken” cannot be used: it is a style of another network: palette"):
        painted(look=broken.id)
    save_file(rows, tmp_path / "bare.safetensors")
    with pytest.raises(BadInput, match="nothing that Facet keeps"):
        bring_in(tmp_path / "bare.safetensors")
    assert {each.kind for each in own()} == {"style"}
