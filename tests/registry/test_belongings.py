"""What a stranger's run leaves lies in their session and goes with it; what a replay works on is not kept."""

import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from editors.latent import GENERATORS, latent
from facet import BadInput, Context, EditorError, Latent, Step, Subject, editor
from facet.app import Registry, finish, load_registry, replay
from facet.stylegan import Direction, GeneratorRef
from facet.weights import WeightsMissing
from nets.stylegan2 import Generator, GeneratorConfig, to_state
from registry.artifacts.deltas import deltas_folder, load_delta, save_delta
from registry.belongings import Guest, kept_in, replaying, visits_folder
from registry.conformance.sample_inputs import small_picture
from registry.directions import directions_of
from registry.directions import keep as keep_direction
from registry.generators.resolving import network_of as generator_of
from registry.inputs.kind import Kind
from registry.saved.lineage import subject_with_lineage
from tests.saving import save_png


@pytest.fixture
def own(tmp_path):
    torch.manual_seed(0)
    config = GeneratorConfig(resolution=16, z_dim=8, w_dim=8, channels={4: 8, 8: 8, 16: 8})
    path = tmp_path / "mine.safetensors"
    save_file(to_state(Generator(config)), path, {"facet": json.dumps(config.to_json())})
    return path


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def delta(seed: int, numbers: int = 1000):
    return {"some.weight": torch.randn(numbers, generator=torch.Generator().manual_seed(seed))}


def test_a_visitors_tuned_generator_is_nobody_elses(facet_home):
    alice, bob = Guest(), Guest()
    with kept_in(alice.belongings):
        sha256 = save_delta(delta(1))
        assert load_delta(sha256)["some.weight"].shape == (1000,)
    with kept_in(bob.belongings), pytest.raises(WeightsMissing):
        load_delta(sha256)
    with pytest.raises(WeightsMissing):
        load_delta(sha256)
    assert not (facet_home / "deltas").exists()


def test_the_owners_are_not_a_visitors():
    sha256 = save_delta(delta(2))
    with kept_in(Guest().belongings), pytest.raises(WeightsMissing):
        load_delta(sha256)
    assert load_delta(sha256)


def test_they_go_with_the_visit():
    alice = Guest()
    with kept_in(alice.belongings):
        save_delta(delta(3))
    folder = alice.belongings.folder
    assert everything_in(folder)
    del alice
    gc.collect()
    assert not folder.exists()


def test_one_visitors_push_out_that_visitors_only(monkeypatch):
    monkeypatch.setenv("FACET_SESSION_MB", "0.01")  # two of them
    alice, bob = Guest(), Guest()
    with kept_in(bob.belongings):
        bobs = save_delta(delta(0))
    with kept_in(alice.belongings):
        for seed in range(1, 6):
            last = save_delta(delta(seed))
            os.utime(deltas_folder() / f"{last}.safetensors", (time.time() + seed,) * 2)
        assert len(list(deltas_folder().iterdir())) == 2
        assert load_delta(last)
        with pytest.raises(EditorError, match=r"A visitor may keep 0.01 MB here"):
            save_delta(delta(9, 10_000))
    with kept_in(bob.belongings):
        assert load_delta(bobs)
        monkeypatch.setenv("FACET_SESSIONS_MB", "0.013")
        with pytest.raises(EditorError, match="no more room for visitors' own models"):
            save_delta(delta(10))


def test_a_visitors_own_model_is_known_to_that_visit_only(own, facet_home):
    alice, bob = Guest(), Guest()
    with kept_in(alice.belongings):
        made = finish(latent, {"own_model": str(own), "gallery": 1}).subject
        assert made.generator.id.startswith("file:")
        assert generator_of(made.generator, {net.name: net for net in GENERATORS}, "cpu")
    assert not (facet_home / "tensors").exists()
    for stranger in (bob.belongings, None):
        with kept_in(stranger), pytest.raises(BadInput, match="that this machine does not have"):
            generator_of(made.generator, {net.name: net for net in GENERATORS}, "cpu")


def test_a_pickled_own_model_leaves_no_copy_in_the_home(own, tmp_path, facet_home):
    from safetensors.torch import load_file

    torch.save({"g_ema": load_file(own)}, tmp_path / "mine.pt")
    alice = Guest()
    with kept_in(alice.belongings):
        finish(latent, {"own_model": str(tmp_path / "mine.pt"), "gallery": 1})
    assert [path.suffix for path in (alice.belongings.folder / "tensors").iterdir()] == [".safetensors"]
    assert not (facet_home / "tensors").exists()


def test_a_delta_in_an_uploaded_picture_stays_in_the_visit(tmp_path, facet_home):
    sha256 = save_delta(delta(4))
    codes = np.zeros((4, 8), np.float32)
    subject = Subject(small_picture(16, 16), codes, GeneratorRef("puppets", sha256))
    save_png(subject, tmp_path / "a.png")
    (facet_home / "deltas" / f"{sha256}.safetensors").unlink()
    alice = Guest()
    with kept_in(alice.belongings):
        assert subject_with_lineage(tmp_path / "a.png").generator.delta_sha256 == sha256
        assert load_delta(sha256)
    assert everything_in(facet_home / "deltas") == {}


def test_a_visitors_direction_is_a_slider_of_that_visit_only(facet_home):
    spec = load_registry().get("fit_direction")
    values = {"samples": {"yes": [0, 2, 4, 6], "no": [1, 3, 5, 7]}, "name": "mine"}
    alice, bob = Guest(), Guest()
    with kept_in(alice.belongings):
        finish(spec, values)
        assert directions_of("puppets")["mine"].source == "own"
    for stranger in (bob.belongings, None):
        with kept_in(stranger):
            assert "mine" not in directions_of("puppets")
    assert not (facet_home / "directions").exists()
    assert not (facet_home / "artifacts").exists()


@pytest.fixture(scope="module")
def fitted():
    """The recipe of a direction."""
    spec = load_registry().get("fit_direction")
    return dict(finish(spec, {"samples": {"yes": [0, 2, 4, 6], "no": [1, 3, 5, 7]}}, threads=1).recipe)


@pytest.fixture
def hostile(tmp_path, fitted):
    """That recipe as somebody might send it, with other inputs."""

    def write(**inputs):
        path = tmp_path / "hostile.json"
        path.write_text(json.dumps({**fitted, "inputs": {**fitted["inputs"], **inputs}}))
        return path

    return write


def test_replaying_keeps_no_direction_and_overwrites_none(hostile, cli, tmp_path, facet_home):
    keep_direction(Direction("mine", "puppets", np.ones(512, np.float32)))
    before, outside = everything_in(facet_home), set(tmp_path.iterdir())
    for name in ("mine", "another"):
        file, out = hostile(name=name), tmp_path / f"{name}.png"
        ran = cli("replay", file, "-o", out)
        assert ran.code == 0, ran.err
        assert out.is_file()
        assert set(tmp_path.iterdir()) - outside <= {file, tmp_path / "mine.png", tmp_path / "another.png"}
    assert everything_in(facet_home) == before


def test_replaying_reads_no_file_that_a_recipe_names(hostile, cli, tmp_path):
    table = tmp_path / "secret.csv"
    table.write_text("seed,label\n" + "\n".join(f"{seed},{seed % 2}" for seed in range(8)))
    for named in (str(table), str(tmp_path), [str(table)], {"yes": str(table), "no": [1, 2, 3, 4]}):
        ran = cli("replay", hostile(samples=named), "-o", tmp_path / "out.png")
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
        assert ran.err.startswith("facet: samples")
    assert not (tmp_path / "out.png").exists()


def test_every_kind_refuses_a_path_or_takes_it_for_text(tmp_path, monkeypatch):
    """All inputs of all editors: a file named in a recipe is never opened."""
    picture = tmp_path / "a.png"
    save_png(Subject(small_picture(16, 16)), picture)
    opened, watching = [], []

    def only_check(spec, values, **how):
        spec.check(values)
        raise EditorError("checked")

    monkeypatch.setattr(sys.modules["registry.execution.replay"], "finish", only_check)
    sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" and watching else None)
    registry = load_registry()
    watching.append(True)
    for spec in registry:
        for entry in spec.inputs:
            recipe = {"editor": spec.id, "version": spec.version, "steps": 1, "inputs": {entry.name: str(picture)}}
            with contextlib.suppress(EditorError):
                replay(registry, [recipe])
    watching.clear()
    assert str(picture) not in opened


def test_a_plugins_own_kind_may_refuse_what_a_stranger_wrote():
    class Table(Kind):
        accepts = (str,)

        def check(self, value, field):
            return Path(value).read_text()

        def recorded(self, row, field):
            raise BadInput(field, "must not come from a recipe")

    @editor("tabled", "Tabled", task="restyle", gpu_seconds=0)
    def tabled(ctx: Context, *, table: Annotated[str, Table(doc="A table.")]) -> Iterator[Step]:
        """Gives a small picture."""
        yield Step(small_picture(16, 16), 1)

    recipe = {"editor": "tabled", "version": "1", "steps": 1, "inputs": {"table": "/etc/hostname"}}
    with pytest.raises(BadInput, match="table: must not come from a recipe"):
        replay(Registry({"tabled": tabled}), [{**recipe, "version": tabled.version}])


@pytest.mark.parametrize("weights", [5, [5], [{}], [{"net": "puppets"}], {"net": "x"}])
def test_a_recipe_with_senseless_weights_is_refused_in_a_sentence(hostile, cli, tmp_path, weights):
    path = hostile()
    path.write_text(json.dumps({**json.loads(path.read_text()), "weights": weights}))
    ran = cli("replay", path, "-o", tmp_path / "out.png")
    assert (ran.code, ran.err) == (
        2,
        "facet: file: holds a recipe that was changed or cut short. Choose the file that Facet saved.\n",
    )


def test_a_replay_of_a_tuned_picture_saves_its_delta_and_keeps_none(facet_home, tmp_path):
    @editor("tunes", "Tunes", task="restyle", gpu_seconds=0)
    def tunes(ctx: Context, *, subject: Annotated[Subject, Latent()]) -> Iterator[Step]:
        """Tunes the generator a little."""
        ref = GeneratorRef("puppets")
        yield Step(subject.pixels, 1, latent=subject.latent, generator=ref, delta=lambda: delta(7))

    registry = Registry({"tunes": tunes})
    start = Subject(small_picture(16, 16), np.zeros((4, 8), np.float32), GeneratorRef("puppets"))
    made = finish(tunes, {"subject": start}, threads=1)
    for path in (facet_home / "deltas").iterdir():
        path.unlink()
    with replaying():
        again = replay(registry, made.subject.lineage, {"subject": start})
        save_png(again.subject, tmp_path / "again.png")
    assert everything_in(facet_home / "deltas") == {}
    assert subject_with_lineage(tmp_path / "again.png").generator.delta_sha256
    assert len(everything_in(facet_home / "deltas")) == 1, "the picture brought its delta along"


def test_nothing_is_left_in_the_temporary_folder(process, tmp_path, drop_in):
    drop_in("good_one")
    made = process("app.py", "good_one", "--subject", "sample:chelsea", "-o", tmp_path / "a.png", TMPDIR=str(tmp_path))
    assert made.code == 0, made.err
    ran = process("app.py", "replay", tmp_path / "a.png", "-o", tmp_path / "b.png", TMPDIR=str(tmp_path))
    assert ran.code == 0, ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_visits_lie_together_where_only_this_user_looks():
    assert visits_folder().stat().st_mode & 0o77 == 0
    assert Guest().belongings.folder.parent == visits_folder()
