"""Other weights than those that were asked for are never used in silence, and not at all with --strict."""

import json

import pytest

from facet.app import load_registry
from registry.errors import WeightsMissing
from registry.execution.run import run
from registry.saved.lineage import read_lineage
from surfaces.page.endpoints import endpoint

SAID = "lions_512: Facet is offline: using the embedded Puppets"


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setenv("FACET_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)


def test_the_command_line_says_it_on_stderr_and_in_json(cli, tmp_path):
    ran = cli("latent", "--model", "lions_512", "-o", "out.png", "--json")
    assert ran.code == 0
    assert SAID in ran.err
    assert [line.startswith(SAID) for line in json.loads(ran.out)["stood_in"]] == [True]
    again = cli(
        "replay", "out.png", "-o", "again.png"
    )  # it was made with the embedded ones, and is made with them again
    assert (again.code, SAID in again.err) == (0, True)


def test_strict_refuses_and_writes_nothing(cli, tmp_path):
    ran = cli("latent", "--model", "lions_512", "-o", "out.png", "--strict")
    assert ran.code == 1
    assert ran.err.startswith(f"facet: {SAID}")
    assert ran.err.endswith("which “strict” forbids. Nothing was made.\n")
    assert not list(tmp_path.iterdir())


def test_what_was_asked_for_is_nothing_to_tell(cli):
    ran = cli("latent", "-o", "out.png", "--json", "--strict")
    assert (ran.code, ran.err) == (0, "")
    assert "stood_in" not in json.loads(ran.out)


def test_a_comparison_says_it_for_each_method(cli):
    columns = ("--column", "latent:model=lions_512,gallery=1", "--column", "latent:gallery=1")
    arguments = ("compare", *columns, "-o", "sheet.png")
    ran = cli(*arguments, "--json")
    assert f"latent:model=lions_512,gallery=1: {SAID}" in ran.err
    assert [bool(row["stood_in"]) for row in json.loads(ran.out)["columns"]] == [True, False]
    rows = json.loads(cli(*arguments, "--json", "--strict").out)["columns"]
    assert [row["state"] for row in rows] == ["failed", "done"]
    assert "“strict” forbids" in rows[0]["error"]


def test_over_http_it_is_among_what_was_measured():
    spec = load_registry().get("latent")
    sent = [{"model": "lions_512"}.get(entry.name) for entry in spec.inputs]
    *_, (_, recipe, measured) = endpoint(spec)(*sent)
    assert measured["stood_in"][0].startswith(SAID)
    assert recipe["inputs"]["model"] == "lions_512"


def test_in_python():
    spec = load_registry().get("latent")
    with pytest.raises(WeightsMissing, match="strict"):
        list(run(spec, {"model": "lions_512"}, strict=True))


def test_a_replay_never_takes_other_weights(cli):
    cli("latent", "-o", "out.png")
    recipe = read_lineage("out.png")[0]
    recipe["inputs"]["model"] = recipe["weights"][0]["net"] = "lions_512"
    recipe["weights"][0] |= {"sha256": "0" * 64, "repo": "some/lions"}
    with open("recipe.json", "w") as file:
        json.dump(recipe, file)
    ran = cli("replay", "recipe.json", "-o", "again.png")
    assert ran.code == 2
    assert "was made with weights that are not to be had now" in ran.err
