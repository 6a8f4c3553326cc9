"""Directions out of files, ours and others', kept and refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from registry.artifacts import find as find_yours
from registry.artifacts import rename, tensors_of
from registry.artifacts.shelf import metadata_of
from registry.belongings import Guest, kept_in
from registry.directions.catalogue import directions_of, find, own_files, own_folder, passed_over, w_space
from registry.directions.direction import Direction, checked_vector
from registry.directions.keeping import keep
from registry.directions.published import PUBLISHED
from registry.directions.reading import read_foreign, read_own
from registry.errors import BadInput, EditorError, WeightsCorrupt
from registry.generators.declared import PUPPETS, PUPPETS_256
from registry.readers import put_safetensors
from registry.weights.local import embedded_sha256, file_sha256
from registry.weights.manifest import entries

VECTOR = np.linspace(-1, 1, 192, dtype=np.float32)


@pytest.fixture
def mine():
    return Direction("big_grin", "puppets", VECTOR, group="expression", low=-2, high=2, unit="σ", facts={"samples": 40})


def write_card(card, vectors, name="a.safetensors"):
    own_folder().mkdir(exist_ok=True)
    tensors = {key: torch.as_tensor(value) for key, value in vectors.items()}
    save_file(tensors, own_folder() / name, {"facet": "directions-1", "card": json.dumps(card)})


def test_the_embedded_ones_are_sliders_of_puppets():
    offered = directions_of("puppets")
    assert {"smile", "yaw", "age", "glasses", "hat", "hair_length"} <= set(offered)
    for direction in offered.values():
        assert direction.low < 0 < direction.high
        assert direction.vector.shape == (192,)
        assert np.isfinite(direction.vector).all()
        assert direction.source == "embedded"
        assert direction.licence == "Apache-2.0"
    assert offered["yaw"].unit == "°"
    assert offered["yaw"].span == pytest.approx(np.degrees(1.5), abs=0.01)


def test_degrees_and_radians_move_as_far():
    from safetensors.numpy import load_file

    from registry.directions.catalogue import EMBEDDED
    from registry.weights.locations import embedded_path

    raw = load_file(embedded_path(EMBEDDED))["yaw"].astype(np.float32)
    assert np.allclose(directions_of("puppets")["yaw"].vector * 180 / np.pi, raw, rtol=1e-3)


def test_keeping_and_finding_again(mine, facet_home):
    path = keep(mine)
    assert path.parent == facet_home / "artifacts"
    found = find("puppets", "big_grin", "strengths")
    assert np.array_equal(found.vector, VECTOR)
    assert (found.low, found.high, found.unit, found.source) == (-2, 2, "σ", "own")
    assert found.facts == {"samples": 40, "generator_sha256": embedded_sha256(PUPPETS)}
    assert found.sha256


def test_equal_directions_are_the_same_artifact(mine):
    first = keep(mine)
    assert keep(find("puppets", "big_grin", "x")) == first
    assert own_files() == [first]


def test_a_newer_one_of_that_name_takes_the_place_of_an_older_one(mine):
    first = keep(mine)
    second = keep(replace(mine, vector=2 * VECTOR))
    assert own_files() == [second]
    assert not first.exists()
    assert np.array_equal(directions_of("puppets")["big_grin"].vector, 2 * VECTOR)


def test_files_of_an_earlier_facet_are_still_found(mine):
    card = {"generator": "puppets", "directions": [{"name": "big_grin", "low": -1, "high": 1, "step": 0.1}]}
    write_card(card, {"big_grin": VECTOR})
    file = own_folder() / "a.safetensors"
    assert directions_of("puppets")["big_grin"].sha256 == file_sha256(file)
    keep(replace(mine, vector=2 * VECTOR))
    assert np.array_equal(directions_of("puppets")["big_grin"].vector, 2 * VECTOR)
    assert passed_over("puppets") == []
    assert file.exists()


def test_renaming_the_artifact_renames_the_slider_and_not_its_id(mine):
    keep(mine)
    rename(find_yours("Big grin"), "Ear to ear")
    assert directions_of("puppets")["big_grin"].title == "Ear to ear"


def test_a_visits_directions_are_that_visits_sliders(mine):
    with kept_in(Guest().belongings):
        keep(mine)
        assert "big_grin" in directions_of("puppets")
    assert "big_grin" not in directions_of("puppets")


def test_an_artifact_that_is_no_direction_is_passed_over(mine, tmp_path):
    good = keep(mine)
    kept, tensors = tensors_of(good)
    for row in (None, {"name": "other"}, {"name": "big_grin", "low": "x"}):
        with good.open("wb") as file:
            put_safetensors(file, tensors, metadata_of(replace(kept, facts={**kept.facts, "direction": row})))
        assert "big_grin" not in directions_of("puppets")


def test_a_name_that_is_taken(mine):
    with pytest.raises(BadInput, match="name: “smile” is the name of a direction that puppets has already"):
        keep(Direction("smile", "puppets", VECTOR))


def test_nothing_is_kept_where_strangers_share_a_page(mine, monkeypatch):
    monkeypatch.setenv("FACET_SHARED", "1")
    with pytest.raises(EditorError, match="not kept on a page that strangers share"):
        keep(mine)


def test_one_fitted_to_other_weights_is_passed_over(mine):
    keep(mine, "0" * 64)
    assert "big_grin" not in directions_of("puppets")
    assert ["other weights of puppets" in row.why for row in passed_over("puppets")] == [True]


def test_one_fitted_to_the_larger_puppets_serves_both(mine):
    keep(mine, embedded_sha256(PUPPETS_256))
    assert w_space("puppets_256") == "puppets"
    assert "big_grin" in directions_of("puppets")
    assert directions_of("puppets_256").keys() == directions_of("puppets").keys()


def test_another_generators_are_not_offered():
    keep(Direction("grin", "lions_512", np.ones(512, np.float32)))
    assert "grin" not in directions_of("puppets")
    assert set(directions_of("lions_512")) == {"grin"}
    with pytest.raises(
        BadInput, match="strengths: puppets offers no direction called “grin”. That one belongs to lion"
    ):
        find("puppets", "grin", "strengths")


def test_adapted_generators_share_the_directions_of_their_source():
    keep(Direction("age", "ffhq_1024", np.ones(512, np.float32)))
    for generator in ("ffhq_1024", "nada_anime", "jojo_disney"):
        assert "age" in directions_of(generator), generator
        assert w_space(generator) == "ffhq_1024"
    assert not directions_of("ffhq_512_pkl")  # trained separately
    assert all(entry.w_space in ("", *entries()) for entry in entries().values())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("smlie", "Did you mean smile?"),
        ("xyz", "It has: yaw, pitch"),
    ],
)
def test_unknown_names(name, sentence):
    with pytest.raises(BadInput, match="puppets offers no direction called") as refusal:
        find("puppets", name, "strengths")
    assert sentence in str(refusal.value)


def test_a_generator_without_any():
    with pytest.raises(BadInput, match="lions_512 offers no directions, so “smile” cannot be moved. Fit one"):
        find("lions_512", "smile", "strengths")


@pytest.mark.parametrize(
    ("vector", "why"),
    [
        (np.ones((2, 3, 512)), "it has the shape 2 × 3 × 512"),
        (np.ones(3), "it has the shape 3"),
        (np.ones((100, 512)), "it has the shape 100 × 512. A generator has at most 64 rows"),
        (np.array(1.0), "it has the shape a single number"),
        (np.full(512, np.nan), "numbers that are not finite"),
        (np.full(512, np.inf), "numbers that are not finite"),
        (np.zeros(512), "is zero everywhere"),
        (np.array(["a"] * 512), "is no direction"),
    ],
)
def test_vectors_that_are_none(vector, why):
    with pytest.raises(BadInput, match=f"smile: .*{why}"):
        checked_vector(vector, "smile")


def test_leading_axes_of_one_are_dropped():
    assert checked_vector(np.ones((1, 512)), "a").shape == (512,)
    assert checked_vector(np.ones((1, 18, 512)), "a").shape == (18, 512)


def test_others_files_become_directions(tmp_path):
    np.save(tmp_path / "Age Boundary.npy", np.ones((1, 512)))
    np.save(tmp_path / "wplus.npy", np.arange(1, 9217, dtype=np.float32)[None])
    torch.save(torch.ones(1, 18, 512), tmp_path / "pose.pt")
    torch.save({"young": torch.ones(512), "Big-Eyes": torch.ones(18, 512)}, tmp_path / "many.pt")
    save_file({"hat": torch.ones(512)}, tmp_path / "one.safetensors")
    (age,) = read_foreign(tmp_path / "Age Boundary.npy", "ffhq_1024", "own")
    (flat,) = read_foreign(tmp_path / "wplus.npy", "ffhq_1024", "own")
    (pose,) = read_foreign(tmp_path / "pose.pt", "ffhq_1024", "own", low=-5, high=5)
    many = read_foreign(tmp_path / "many.pt", "ffhq_1024", "own")
    (hat,) = read_foreign(tmp_path / "one.safetensors", "ffhq_1024", "own")
    assert (age.id, age.vector.shape) == ("age_boundary", (512,))
    assert flat.vector.shape == (18, 512)
    assert flat.vector[1, 0] == 513
    assert (pose.id, pose.vector.shape, pose.high) == ("pose", (18, 512), 5)
    assert [entry.id for entry in many] == ["young", "big_eyes"]
    assert hat.id == "one"


def test_files_that_hold_no_directions(tmp_path):
    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    np.save(tmp_path / "objects.npy", np.array([Payload()], dtype=object), allow_pickle=True)
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'")
    (tmp_path / "page.pt").write_bytes(b"<html>not found</html>")
    save_file({"conv": torch.ones(3, 3, 3, 3)}, tmp_path / "net.safetensors")
    for name, kind in {"objects.npy": WeightsCorrupt, "cut.npy": WeightsCorrupt, "page.pt": WeightsCorrupt}.items():
        with pytest.raises(kind, match=name):
            read_foreign(tmp_path / name, "ffhq_1024", "own")
    with pytest.raises(BadInput, match="is no direction: it has the shape 3 × 3 × 3 × 3"):
        read_foreign(tmp_path / "net.safetensors", "ffhq_1024", "own")
    assert not (tmp_path / "executed").exists()


def test_published_files_are_known_by_their_content():
    assert all(len(sha256) == 64 for sha256 in PUBLISHED)
    for row in PUBLISHED.values():
        about = {key: value for key, value in row.items() if key not in ("name", "generator")}
        Direction(row["name"], row["generator"], np.ones(512, np.float32), **about)


@pytest.mark.parametrize(
    ("card", "why"),
    [
        ({"directions": [{"name": "a"}]}, "has no card that says which generator"),
        ({"generator": "puppets", "directions": [{"name": "b"}]}, "does not hold the directions that its card names"),
        ({"generator": "puppets", "directions": []}, "does not hold the directions"),
        ({"generator": "puppets", "directions": [{"name": "a", "low": "far"}]}, "something else where numbers are due"),
        ({"generator": "puppets", "directions": [{"name": "a", "low": 1, "high": 2}]}, "a range that does not hold 0"),
        ({"generator": "puppets", "directions": [{"name": "a", "rows": [4, 2]}]}, "rows 4 to 2, which are none"),
        ({"generator": "puppets", "directions": [{"name": "a", "rows": "all"}]}, "whose rows are not"),
    ],
)
def test_damaged_cards_are_passed_over_with_a_reason(card, why):
    write_card(card, {"a": VECTOR})
    assert "a" not in directions_of("puppets")
    with pytest.raises((BadInput, WeightsCorrupt), match=why):
        read_own(own_folder() / "a.safetensors")
    if card.get("generator"):
        assert [why in row.why for row in passed_over("puppets")] == [True]


def test_a_changed_file_is_read_again(mine):
    keep(mine)
    assert find("puppets", "big_grin", "x").high == 2
    keep(Direction("big_grin", "puppets", -VECTOR, low=-9, high=9))
    assert find("puppets", "big_grin", "x").high == 9
