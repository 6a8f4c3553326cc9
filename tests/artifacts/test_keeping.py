"""What an edit leaves is kept by its sha256, once, for whoever's run it was; named in the recipe; never in a replay."""

import hashlib
import json

import numpy as np
import pytest
import torch

from facet import Artifact, BadInput, EditorError
from facet.app import finish, load_registry, replay
from facet.weights import WeightsCorrupt, WeightsMissing
from registry.artifacts import bring_in, delete, export, file_name, find, found, keep, load_delta, own, rename
from registry.belongings import Guest, kept_in, replaying
from registry.readers import put_safetensors


def thing(seed: int = 0, **how) -> Artifact:
    numbers = torch.randn(64, generator=torch.Generator().manual_seed(seed))
    return Artifact(**{"kind": "style", "name": f"Style {seed}", "tensors": {"a": numbers}} | how)


@pytest.fixture
def tinted(drop_in):
    drop_in("tinted")
    return load_registry().get("tinted")


def test_a_runs_artifact_is_kept_and_named_in_the_recipe(tinted, facet_home):
    result = finish(tinted, {"warmth": 0.5})
    (kept,) = result.artifacts
    assert (kept.kind, kept.name, kept.generator) == ("generator", "Warm 0.5", "puppets")
    assert kept.facts == {"method": "bias", "warmth": 0.5}
    assert kept.recipe["editor"] == "tinted"
    assert kept.recipe["inputs"] == {"warmth": 0.5}
    assert kept.thumb.startswith(b"\xff\xd8\xff")
    assert result.recipe["artifacts"] == [{"kind": "generator", "name": "Warm 0.5", "sha256": kept.sha256}]
    assert [each.sha256 for each in own()] == [kept.sha256]
    assert kept.path == facet_home / "artifacts" / f"{kept.sha256}.safetensors"
    assert result.text == "Everything is warmer."
    assert result.recipe["text"] == result.text
    assert result.mask.sum() == 8 * 128
    assert (result.images["mask"][:8] == 255).all()
    assert not result.images["mask"][8:].any()


def test_the_generator_of_the_result_is_the_kept_one_and_its_delta_lies_there_once(tinted, facet_home):
    result = finish(tinted, {"warmth": 0.25})
    assert result.subject.generator.delta_sha256 == result.artifacts[0].sha256
    assert not (facet_home / "deltas").exists()
    assert float(load_delta(result.artifacts[0].sha256)["synthesis.blocks.128.rgb.bias"][0]) == 0.25


def test_a_stopped_run_leaves_what_its_last_step_had(tinted):
    result = finish(tinted, {"warmth": 0.75}, last_step=1)
    assert [each.name for each in result.artifacts] == ["Warm 0.75"]


def test_a_replay_keeps_nothing_and_gives_the_same_picture(tinted, facet_home):
    made = finish(tinted, {"warmth": 0.5})
    delete(made.artifacts[0])
    with replaying():
        again = replay(load_registry(), [made.recipe])
    assert np.array_equal(again.subject.pixels, made.subject.pixels)
    assert again.artifacts == ()
    assert again.recipe["artifacts"] == made.recipe["artifacts"]
    assert own() == ()
    assert not (facet_home / "artifacts" / f"{made.artifacts[0].sha256}.safetensors").exists()


def test_a_visitors_is_nobody_elses_and_goes_with_the_visit(tinted, facet_home):
    alice, bob = Guest(), Guest()
    with kept_in(alice.belongings):
        (kept,) = finish(tinted, {}).artifacts
        assert [each.sha256 for each in own()] == [kept.sha256]
        assert load_delta(kept.sha256)
    for other in (bob.belongings, None):
        with kept_in(other):
            assert own() == found() == ()
            with pytest.raises(WeightsMissing):
                load_delta(kept.sha256)
    assert not (facet_home / "artifacts").exists()


def test_a_visitor_is_not_shown_the_owners():
    keep(thing())
    with kept_in(Guest().belongings):
        assert own() == found() == ()


def test_what_cannot_be_kept_does_not_take_the_picture_with_it(tinted, monkeypatch):
    monkeypatch.setenv("FACET_YOURS_MB", "0.0001")
    result = finish(tinted, {})
    assert result.artifacts == ()
    assert "no more room" in result.recipe["facts"]["not kept"]


def test_a_visits_room_is_bounded(monkeypatch):
    monkeypatch.setenv("FACET_SESSION_MB", "0.0023")
    with kept_in(Guest().belongings):
        for seed in range(4):
            keep(thing(seed))
        assert len(own()) == 3
        with pytest.raises(EditorError, match="A visitor may keep"):
            keep(thing(9, tensors={"a": torch.zeros(9000)}))


def test_the_same_key_gives_way(facet_home):
    keep(thing(1, key="puppets/smile"))
    second = keep(thing(2, key="puppets/smile"))
    keep(thing(3, key="puppets/age"))
    assert {each.name for each in own()} == {"Style 2", "Style 3"}
    assert find("Style 2").sha256 == second.sha256


def test_renaming_keeps_the_sha256_and_the_tensors(tinted):
    (kept,) = finish(tinted, {}).artifacts
    renamed = rename(find(kept.id), "  Evening\nsun ")
    assert (renamed.name, renamed.sha256) == ("Evening sun", kept.sha256)
    assert [each.name for each in own()] == ["Evening sun"]
    assert load_delta(kept.sha256)
    with pytest.raises(BadInput, match="name: is empty"):
        rename(renamed, " \n")


def test_exported_and_imported_in_another_home_it_is_the_same(tinted, tmp_path, monkeypatch):
    (kept,) = finish(tinted, {}).artifacts
    file = export(rename(kept, "Évening"), tmp_path / file_name(kept))
    assert file.name == "warm-0-5.generator.safetensors"
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "fresh"))
    assert own() == ()
    back = bring_in(file)
    assert (back.sha256, back.name, back.facts, back.thumb) == (kept.sha256, "Évening", kept.facts, kept.thumb)
    assert load_delta(kept.sha256)
    assert len(own()) == 1
    bring_in(file)
    assert len(own()) == 1


def written(path, card, tensors=None, facet="artifact-1"):
    with path.open("wb") as file:
        text = card if isinstance(card, str) else json.dumps(card)
        seal = hashlib.sha256(text.encode()).hexdigest()
        put_safetensors(file, tensors or {"a": torch.ones(4)}, {"facet": facet, "card": text, "card_sha256": seal})
    return path


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sha256": "0" * 64}, "its tensors are not those that its card names"),
        ({"sha256": "../../evil"}, "has a card that cannot be read"),
        ({"kind": "../x"}, "has a card that cannot be read"),
        ({"name": "\n"}, "has a card that cannot be read"),
        ({"facts": [1]}, "has a card that cannot be read"),
        ({"facts": {"a": "x" * 100_000}}, "has a card that cannot be read"),
    ],
)
def test_hostile_cards_are_refused_in_a_sentence(tmp_path, facet_home, change, why):
    good = keep(thing()).card()
    delete(find("Style 0"))
    with pytest.raises(BadInput, match=why) as refused:
        bring_in(written(tmp_path / "a.safetensors", {**good, **change}))
    assert str(refused.value).count("\n") == 0
    assert list((facet_home / "artifacts").iterdir()) == []


def test_other_files_are_refused(tmp_path):
    (tmp_path / "no.safetensors").write_bytes(b"\x80\x04K\x01.")
    torch.save({"a": torch.ones(3)}, tmp_path / "pickle.safetensors")
    for path, why in [
        (tmp_path / "no.safetensors", "cut short"),
        (tmp_path / "pickle.safetensors", "header"),
        (tmp_path / "gone.safetensors", ""),
        (written(tmp_path / "f.safetensors", "{}", facet="other"), "nothing that Facet keeps"),
        (written(tmp_path / "g.safetensors", "{" * 3000), "card that cannot be read"),
    ]:
        with pytest.raises(BadInput, match=f"file: cannot be taken: .*{why}"):
            bring_in(path)


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    path = keep(thing(tensors={"a": torch.tensor([1.0, float("nan")])})).path
    with pytest.raises(BadInput, match="not finite"):
        bring_in(path)


def test_a_damaged_file_is_passed_over_and_no_generator(facet_home):
    kept = keep(thing())
    content = bytearray(kept.path.read_bytes())
    content[-1] ^= 1
    kept.path.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match="is damaged"):
        load_delta(kept.sha256)
    (facet_home / "artifacts" / "x.safetensors").write_bytes(b"nothing")
    assert [each.sha256 for each in own()] == [kept.sha256]


def test_finding_says_what_there_is():
    keep(thing(1, name="Same"))
    keep(thing(2, name="Same"))
    with pytest.raises(BadInput, match="what several are called. Say which: yours:"):
        find("same")
    with pytest.raises(BadInput, match="nothing of yours is called “other”"):
        find("other")


@pytest.mark.parametrize(
    "how", [{"kind": "Bad kind"}, {"name": ""}, {"facts": {"a": object()}}, {"facts": {"a": 1e999}}]
)
def test_an_author_is_told_what_is_wrong(how):
    with pytest.raises(ValueError, match="artifact"):
        thing(**how)
    with pytest.raises(ValueError, match="must hold 1 to"):
        keep(thing(tensors={}))
