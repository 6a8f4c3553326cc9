"""`facet batch`: results, resuming, refusals, chains."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facet import Subject
from registry.saved import read_lineage

STYLE = ("--style", "sample:oil")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


@pytest.fixture
def batch(cli, shots, tmp_path):
    def run(*more, out="out", editor="colour_transfer", where=shots):
        ran = cli("batch", editor, "--in", where, "--out", tmp_path / out, "--threads", 1, "--json", *more)
        return ran, json.loads(ran.out) if ran.out.startswith("{") else {}

    return run


def test_each_picture_becomes_what_a_single_command_makes(batch, cli, shots, tmp_path):
    ran, told = batch(*STYLE)
    assert ran.code == 0
    assert (told["items"], told["done"], told["failed"]) == (6, 6, 0)
    assert list(bytes_of(tmp_path / "out")) == ["more/p5.png", "p0.png", "p1.png", "p2.png", "p3.png", "p4.png"]
    cli("colour_transfer", "--subject", shots / "p1.png", *STYLE, "-o", tmp_path / "one.png", "--threads", 1)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "out" / "p1.png").read_bytes()


def test_what_is_finished_is_not_made_again_and_what_is_gone_or_changed_is(batch, shots, tmp_path):
    batch(*STYLE)
    before = bytes_of(tmp_path / "out")
    out = tmp_path / "out"
    (out / "p0.png").unlink()
    (out / "p2.png").write_bytes(b"touched, but there: it stays")
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(shots / "p3.png")
    ran, told = batch(*STYLE)
    assert (told["before"], told["done"]) == (4, 2)
    after = bytes_of(out)
    assert after["p0.png"] == before["p0.png"]
    assert after["p3.png"] != before["p3.png"]
    assert after["p2.png"].startswith(b"touched")


def test_one_that_fails_fails_alone_and_is_tried_again(batch, shots, tmp_path):
    (shots / "p2.png").write_bytes(b"no picture")
    ran, told = batch(*STYLE)
    assert ran.code == 1
    assert (told["done"], told["failed"]) == (5, 1)
    assert "not a picture that can be read" in told["errors"]["p2"]
    assert not (tmp_path / "out" / "p2.png").exists()
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(shots / "p2.png")
    ran, told = batch(*STYLE)
    assert (ran.code, told["before"], told["done"]) == (0, 5, 1)


def test_the_report_has_a_row_for_each(batch, shots, tmp_path):
    (shots / "p2.png").write_bytes(b"no picture")
    batch(*STYLE)
    rows = list(csv.DictReader((tmp_path / "out" / "batch.csv").read_text().splitlines()))
    assert [(row["name"], row["state"]) for row in rows] == [
        ("more/p5", "done"), ("p0", "done"), ("p1", "done"), ("p2", "failed"), ("p3", "done"), ("p4", "done"),
    ]  # fmt: skip
    whole = json.loads((tmp_path / "out" / "batch.json").read_text())
    assert whole["items"][1]["recipes"][0]["editor"] == "colour_transfer"
    assert whole["items"][1]["files"]["p0.png"]


def test_another_batch_may_not_write_into_the_folder(batch):
    batch(*STYLE)
    ran, _ = batch("--style", "sample:ink")
    assert ran.code == 2
    assert "out: holds the results of another batch (colour_transfer, other settings)" in ran.err


def test_two_at_once_may_not_write_into_one_folder(batch, tmp_path):
    from filelock import FileLock

    (tmp_path / "out" / ".facet-batch").mkdir(parents=True)
    with FileLock(tmp_path / "out" / ".facet-batch" / "1of1.lock"):
        ran, _ = batch(*STYLE)
    assert ran.code == 2
    assert "another batch writes into" in ran.err


def test_shards_share_a_folder_and_make_what_one_batch_makes(batch, tmp_path):
    batch(*STYLE)
    for shard in ("1/2", "2/2"):
        ran, told = batch("--shard", shard, *STYLE, out="shards")
        assert (ran.code, told["items"]) == (0, 3)
    assert bytes_of(tmp_path / "shards") == bytes_of(tmp_path / "out")


def test_a_journal_that_was_cut_off_and_a_half_written_file_do_no_harm(batch, tmp_path):
    batch(*STYLE)
    out = tmp_path / "out"
    journal = out / ".facet-batch" / "1of1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    (out / ".facet-99.part").write_bytes(b"half")
    ran, told = batch(*STYLE)
    assert (ran.code, told["before"], told["done"]) == (0, 5, 1)
    assert not (out / ".facet-99.part").exists()
    assert batch(*STYLE)[1]["before"] == 6


def test_the_edits_of_a_saved_picture_are_done_to_others(cli, shots, tmp_path):
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    own = tmp_path / "style.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (30, 30, 3), np.uint8)).save(own)
    cli("colour_transfer", "--subject", shots / "p0.png", "--style", own, "-o", first, "--threads", 1)
    cli("colour_transfer", "--subject", first, *STYLE, "--strength", 0.4, "-o", second, "--threads", 1)
    how = ("batch", "--recipe", second, "--in", shots / "p1.png", "--threads", 1, "--out")
    refused = cli(*how, tmp_path / "out")
    assert refused.code == 2
    assert "style: is needed: the recipe was made with a picture of its own" in refused.err
    assert cli(*how, tmp_path / "out", "--style", own).code == 0
    made = Subject.read(str(tmp_path / "out" / "p1.png"), "x")
    cli("colour_transfer", "--subject", shots / "p1.png", "--style", own, "-o", first, "--threads", 1)
    cli("colour_transfer", "--subject", first, *STYLE, "--strength", 0.4, "-o", second, "--threads", 1)
    assert made.sha256 == Subject.read(str(second), "x").sha256
    assert len(read_lineage(tmp_path / "out" / "p1.png")) == 2


def test_a_table_gives_inputs_to_each_edit(batch, shots, tmp_path):
    table = shots / "list.csv"
    table.write_text("subject,name,style,strength\np0.png,a,sample:oil,0.25\np0.png,b,sample:ink,1\n")
    ran, told = batch(where=table)
    assert (ran.code, told["done"]) == (0, 2)
    inputs = [read_lineage(tmp_path / "out" / f"{name}.png")[0]["inputs"] for name in "ab"]
    assert [row["strength"] for row in inputs] == [0.25, 1]
    assert inputs[0]["style"]["sample"] == "oil"


def test_the_edits_of_two_saved_pictures_follow_each_other(cli, shots, tmp_path):
    for name, style in (("a", "oil"), ("b", "ink")):
        style = f"sample:{style}"
        cli("colour_transfer", "--subject", shots / "p0.png", "--style", style, "-o", tmp_path / f"{name}.png")
    both = ("--recipe", tmp_path / "a.png", "--recipe", tmp_path / "b.png")
    assert cli("batch", *both, "--in", shots / "p1.png", "--out", tmp_path / "out").code == 0
    inputs = [recipe["inputs"]["style"]["sample"] for recipe in read_lineage(tmp_path / "out" / "p1.png")]
    assert inputs == ["oil", "ink"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--workers", "0"), "workers: must be a whole number from 1"),
        (("--ending", ".gif"), "ending: must be one of"),
        (("--ending", ".mp4"), "ending: must be one of"),
        (("--strength", "x"), "strength: "),
        (("--shard", "5/2"), "shard: must be k/n"),
    ],
)
def test_what_is_wrong_for_all_is_refused_before_the_work(batch, tmp_path, more, why):
    ran, _ = batch(*STYLE, *more)
    assert ran.code == 2
    assert why in ran.err
    assert not (tmp_path / "out").exists()


def test_what_is_missing_is_named(cli, shots, tmp_path):
    assert "style: is missing" in cli("batch", "colour_transfer", "--in", shots, "--out", tmp_path / "o").err
    assert "in: is missing" in cli("batch", "colour_transfer", *STYLE, "--out", tmp_path / "o").err
    assert "out: is missing" in cli("batch", "colour_transfer", *STYLE, "--in", shots).err
    assert "editor: is missing" in cli("batch", "--in", shots, "--out", tmp_path / "o").err


def test_a_full_disk_ends_the_batch_and_keeps_what_is_finished(batch, monkeypatch, tmp_path):
    from surfaces.outputs import files

    whole, count = files.write, [0]

    def full(path, content):
        count[0] += path.suffix == ".png"
        if count[0] >= 3:  # the report cannot be written, either
            try:
                raise OSError(28, "No space left on device")
            except OSError:
                raise files.EditorError(f"{path.name} could not be written: No space left on device.")  # noqa: B904
        whole(path, content)

    monkeypatch.setattr(files, "write", full)
    ran, _ = batch(*STYLE)
    assert ran.code == 1
    assert "The disk is full" in ran.err
    monkeypatch.setattr(files, "write", whole)
    assert batch(*STYLE)[1]["before"] == 2


def test_without_ray_one_sentence_says_so(batch, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    ran, _ = batch(*STYLE, "--ray")
    assert ran.code == 2
    assert "ray: needs Ray: pip install “facet-editors[ray]”" in ran.err
