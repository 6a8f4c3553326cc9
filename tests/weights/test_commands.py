"""``facet weights …``, verify against a live Hub, prune, the manifest, and preloading."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from facet import BadInput, Net, Slider, Step, editor
from facet.app import EditorSpec, LicenceNeeded, Registry
from facet.weights import WeightsMissing
from registry.errors import BadSpec
from registry.execution.preload import preload
from registry.plugins.weights import catalogue, verify_local
from registry.weights import lock, manifest
from registry.weights.declare import Weights
from registry.weights.fetch import fetch
from registry.weights.hub_check import ask_live
from registry.weights.locations import hub_cache, tensor_copies
from registry.weights.manifest import Entry
from surfaces.cli import weights as command
from tests.weights.conftest import BODY, PINNED, SHA256, UNPINNED
from tests.weights.fake_hub import COMMIT, FakeHub, Fault, Repo

BOUND = replace(PINNED, repo="bound/nets", non_commercial=True, licence="Only for fun")
Facet = Callable[..., tuple[int, str]]


@pytest.fixture
def facet(fake: FakeHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Facet:
    """Run ``facet weights`` over three known files; gives the exit code and what it printed."""
    fake.repos["bound/nets"] = Repo({BOUND.file: BODY})
    known = {
        "net": Entry("net", "generator", PINNED),
        "free": Entry("free", "generator", replace(UNPINNED, repo="other/copy", file="net.bin"), "", SHA256, len(BODY)),
        "bound": Entry("bound", "generator", BOUND),
    }
    monkeypatch.setattr(command, "catalogue", lambda registry: known)

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = command.weights_command(Registry(), arguments)
        return code, capsys.readouterr().out

    return call


def test_list_says_what_is_here(facet: Facet, fake: FakeHub) -> None:
    code, text = facet("list")
    assert code == 0
    assert re.search(r"^net +16.5 kB +no +sha256 +MIT$", text, re.M)
    assert re.search(r"^free +~16.5 kB +no +not yet", text, re.M)
    assert re.search(r"^bound .*Only for fun \(non-commercial\)$", text, re.M)
    facet("fetch", "net")
    assert re.search(r"^net +16.5 kB +yes +sha256", facet("list")[1], re.M)
    rows = {row["name"]: row for row in json.loads(facet("list", "--json")[1])}
    assert [rows[name]["here"] for name in ("net", "free", "bound")] == [True, False, False]


def test_fetch_downloads_and_shows_the_attribution(facet: Facet) -> None:
    code, text = facet("fetch", "net", "free")
    assert code == 0
    assert f"net: 16.5 kB, sha256 {SHA256}" in text
    assert "Made by its owner" in text


def test_fetch_needs_names_that_exist(facet: Facet) -> None:
    with pytest.raises(BadInput, match="say which weights, or --all"):
        facet("fetch")
    with pytest.raises(BadInput, match="no weights are called 'lion'. “facet weights list” shows all names"):
        facet("fetch", "lion")
    with pytest.raises(BadInput, match="Did you mean bound"):
        facet("verify", "bond")


def test_fetch_does_not_accept_a_licence_for_anybody(facet: Facet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(LicenceNeeded, match="Only for fun"):
        facet("fetch", "bound")
    code, text = facet("fetch", "--all")
    assert code == 1
    assert text.count("sha256") == 2
    assert facet("fetch", "bound", "--accept-licence")[0] == 0
    assert facet("fetch", "--all")[0] == 0


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_fetch_asks_about_the_licence(facet: Facet, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    asked = io.StringIO(answer + "\n")
    asked.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", asked)
    if answer == "yes":
        assert facet("fetch", "bound")[0] == 0
    else:
        with pytest.raises(LicenceNeeded, match="was not accepted"):
            facet("fetch", "bound")


def test_fetch_update_allows_a_change_and_prune_clears_the_old_file(facet: Facet, fake: FakeHub) -> None:
    facet("fetch", "free")
    old = list((hub_cache() / "models--other--copy" / "blobs").iterdir())
    fake.repos["other/copy"] = Repo({"net.bin": b"a newer version"}, "6" * 40)
    assert facet("fetch", "free")[0] == 0, "the locked file stays in use"
    assert fetch(replace(UNPINNED, repo="other/copy", file="net.bin")).revision == "2" * 40
    assert "15 bytes" in facet("fetch", "free", "--update")[1]
    code, text = facet("prune", "--yes")
    assert code == 0
    assert "replaced by an update" in text
    assert "16.5 kB are free now" in text
    assert not old[0].exists()
    assert facet("prune") == (0, "There is nothing to delete.\n")
    assert fetch(replace(UNPINNED, repo="other/copy", file="net.bin")).size == 15


def test_prune_deletes_nothing_unasked_and_nothing_of_others(facet: Facet, fake: FakeHub) -> None:
    fake.repos["their/model"] = Repo({"model.bin": b"belongs to another program"})
    from huggingface_hub import hf_hub_download

    theirs = Path(hf_hub_download("their/model", "model.bin", endpoint=fake.url, cache_dir=hub_cache()))
    gone = fetch(replace(PINNED, repo="other/copy", file="net.bin", revision="2" * 40))  # no longer declared
    kept = fetch(PINNED)
    copies = [tensor_copies() / f"{name}.safetensors" for name in (SHA256, "0" * 64)]
    tensor_copies().mkdir(parents=True)
    for copy in copies:
        copy.write_bytes(b"x" * 1000)
    code, text = facet("prune")
    assert code == 1
    assert "Nothing was deleted. --yes deletes 17.5 kB without asking." in text
    assert gone.path.exists()
    assert facet("prune", "--yes")[0] == 0
    assert [path.exists() for path in (gone.path, *copies, kept.path, theirs)] == [False, True, False, True, True]
    assert list(lock.rows()) == [lock.key(PINNED)]


def test_verify_tells_right_from_wrong_files(facet: Facet) -> None:
    facet("fetch", "net", "free")
    code, text = facet("verify", "--offline")
    assert code == 0
    assert "2 right, 1 absent. Facet is offline: the Hub was not asked." in text
    fetch(PINNED).path.resolve().write_bytes(b"?" * len(BODY))
    code, text = facet("verify", "--offline")
    assert code == 1
    assert re.search(r"wrong +here: net: net.safetensors in the cache is not", text)


def test_verify_asks_the_live_hub_without_downloading(facet: Facet, fake: FakeHub) -> None:
    code, text = facet("verify")
    assert code == 0
    assert "same    owner/nets a/net.safetensors: net: as declared" in text
    assert f"not pinned yet: commit {'2' * 40}, sha256 {SHA256}, size {len(BODY)}" in text
    assert fake.count("GET") == 0
    fake.repos["owner/nets"] = Repo({PINNED.file: b"changed"}, COMMIT)
    fake.repos["other/copy"] = Repo({"net.bin": b"changed too"}, "2" * 40)
    del fake.repos["bound/nets"]
    code, text = facet("verify", "--json")
    rows = {row["name"]: row for row in json.loads(text) if row["where"] != "here"}
    assert code == 1
    assert [rows[name]["verdict"] for name in ("net", "free", "bound")] == ["differs", "differs", "gone"]
    assert f"instead of {SHA256}" in rows["net"]["text"]
    assert "another copy has" in rows["free"]["text"]
    assert rows["net"]["live"]["commit"] == COMMIT


def test_verify_asks_the_mirrors_too(fake: FakeHub) -> None:
    entry = Entry("net", "generator", replace(PINNED, mirrors=("other/copy:net.bin", "nobody/nothing")))
    assert [answer.verdict for answer in ask_live(entry)] == ["same", "same", "gone"]


def test_verify_says_when_the_hub_does_not_answer(facet: Facet, fake: FakeHub) -> None:
    fake.faults[PINNED.file] = Fault("busy_head")
    code, text = facet("verify", "net")
    assert code == 1
    assert "unknown owner/nets a/net.safetensors: net: the Hub is busy" in text


def test_the_manifest_claims_what_it_can_show() -> None:
    for entry in manifest.entries().values():
        weights = entry.weights
        assert weights.licence, entry.name
        assert weights.attribution, entry.name
        assert weights.evidence in ("A", "B", "B-", "C"), entry.name
        assert not (entry.witness_sha256 and weights.sha256), f"{entry.name}: pinned or only witnessed, not both"
        if weights.sha256:
            assert weights.size, f"{entry.name}: a pinned file has a size"
        if "FFHQ" in weights.licence or "NVIDIA" in weights.licence or "S-Lab" in weights.licence:
            assert weights.non_commercial, entry.name
        assert "," not in weights.licence, "FACET_ACCEPT_LICENCES separates by commas"
    assert manifest.get("lions_512").licence == "CC-BY-4.0"
    with pytest.raises(BadInput, match="Did you mean lions_512"):
        manifest.get("lions_51")


def test_the_catalogue_adds_what_editors_declare() -> None:
    spec = toy(Net("toy", len, (PINNED, manifest.get("yunet"), Weights("", "x.safetensors", sha256="a" * 64))))
    extra = set(catalogue([spec])) - set(manifest.entries())
    assert extra == {"toy", "toy:x.safetensors"}
    assert verify_local(catalogue([spec])["toy:x.safetensors"]).verdict == "wrong"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"repo": "no-slash"}, "owner/name"),
        ({"repo": "a/../b"}, "owner/name"),
        ({"file": "../x"}, "path inside"),
        ({"file": ""}, "path inside"),
        ({"file": "/etc/passwd"}, "path inside"),
        ({"revision": "a/b"}, "commit of 40"),
        ({"sha256": "ABC"}, "64 lower-case"),
        ({"size": -1}, "negative"),
        ({"mirrors": ("x",)}, "mirror 'x'"),
        ({"non_commercial": True, "licence": ""}, "name their licence"),
    ],
)
def test_malformed_weights_are_refused_when_they_are_declared(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadSpec, match=sentence):
        replace(PINNED, **fields)  # type: ignore[arg-type]


def toy(net: Net) -> EditorSpec:
    @editor("toy_editor", "Toy", task="restyle", nets=(net,))
    def handler(ctx, *, amount: Annotated[int, Slider(1, 9, doc="Nothing.")] = 1) -> Iterator[Step]:
        """Do nothing at all to a picture."""
        yield Step(None, 1.0)

    return handler


def test_preloading_loads_by_editor_and_by_net_and_survives_trouble(
    fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shape(tensors: object) -> object:
        return tensors.group("")["weight"]  # type: ignore[attr-defined]

    registry = Registry()
    for name, weights in (("good", PINNED), ("lost", replace(UNPINNED, file="lost.safetensors"))):
        spec = replace(toy(Net(name, shape, (weights,))), id=f"{name}_editor")
        registry.editors[spec.id] = spec
    assert [row.ok for row in preload(registry, "good_editor")] == [False], "an editor's name downloads nothing"
    assert fake.log == []
    monkeypatch.setenv("FACET_PRELOAD", "good, lost,nobody")
    good, lost, nobody = preload(registry, device="cpu")
    assert (good.ok, lost.ok, nobody.ok) == (True, False, False)
    assert "no such file" in lost.text
    assert "No net has this name" in nobody.text
    asked = len(fake.log)
    for names in ("good", "good_editor", "all"):
        assert [row.ok for row in preload(registry, names, device="cpu")] == [True]
    assert len(fake.log) == asked
    assert preload(registry, "") == []


def test_a_missing_file_says_how_large_it_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="Test net .16.5 kB. from owner/nets: Facet is offline"):
        fetch(PINNED)


def test_preload_prints_the_lines_of_a_spaces_front_matter(facet: Facet, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = facet("preload", "net", "free")
    assert code == 0
    rows = [f"  - {PINNED.repo} {PINNED.file} {PINNED.revision}", "  - other/copy net.bin"]
    assert text.splitlines() == ["preload_from_hub:", *rows]
    with pytest.raises(BadInput, match="may not be used commercially"):
        facet("preload", "bound")
    monkeypatch.setenv("FACET_ACCEPT_LICENCES", BOUND.repo)
    assert BOUND.repo in facet("preload", "bound")[1]
