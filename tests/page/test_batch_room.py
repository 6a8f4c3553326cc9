"""The Batch room without a browser: what is refused before the work, and what becomes of each picture."""

import json
import uuid
import zipfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from gradio.utils import get_upload_folder
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from registry.errors import BadInput, EditorError
from registry.execution import Halt, finish, stop_all
from registry.plugins.loader import load_registry
from registry.saved import subject_png
from registry.subjects import Subject
from surfaces.page import batch_going, batch_order, batch_run
from surfaces.page.batch_files import zip_of
from surfaces.page.batch_order import Asked, order_of_editor, order_of_recipes
from surfaces.page.batch_view import Shown
from surfaces.page.calls import _for
from surfaces.page.session import Session


@pytest.fixture(scope="module")
def registry():
    patch = pytest.MonkeyPatch()
    patch.setenv("FACET_EDITORS", "colour_transfer")
    yield load_registry()
    patch.undo()


def upload(content, name):
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(content)
    return {"path": str(folder / "file"), "orig_name": name}


def png(number, name=None):
    return upload(subject_png(Subject(small_picture(30 + number, 24, number))), name or f"p{number}.png")


@pytest.fixture
def batch(registry):
    session = Session()

    def run(pictures, as_owner=False, raw=None, **asked):
        spec = registry.get("colour_transfer")
        sent = {"style": {"sample": "oil"}, "strength": 0.5} if raw is None else raw

        def make():
            return order_of_editor(registry, spec, session, Asked(pictures, **asked), sent)

        with _for(None if as_owner else session.guest):
            return list(batch_run.page_batch(registry, session, make))[-1]

    run.session = session
    return run


def test_each_becomes_what_the_same_edit_makes_alone_and_one_that_is_broken_fails_alone(batch, registry):
    view = batch([png(0), upload(b"no picture", "odd.png"), png(2, "p0.png")])
    assert [card["name"] for card in view["cards"]] == ["p0", "p0-2"]
    assert [row["name"] for row in view["failures"]] == ["odd"]
    assert view["failures"][0]["why"].startswith("is not a picture that can be read.")
    assert view["note"] == "2 of 3 finished, 1 failed"
    with zipfile.ZipFile(zip_of(batch.session.batched)) as archive:
        assert sorted(archive.namelist()) == ["batch.csv", "batch.json", "p0-2.png", "p0.png"]
        rows = json.loads(archive.read("batch.json"))["items"]
        made = archive.read("p0.png")
    assert [row["state"] for row in rows] == ["done", "failed", "done"]
    alone = finish(
        registry.get("colour_transfer"),
        {"subject": Subject(small_picture(30, 24, 0)), "style": "sample:oil", "strength": 0.5},
    )
    assert made == subject_png(alone.subject)


def test_the_results_of_the_batch_before_are_cleared_away(batch):
    batch([png(0)])
    first = batch.session.batched.folder
    batch([png(1)])
    assert not first.exists()
    assert batch.session.batched.folder.exists()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"FACET_BATCH_PICTURES": "1"}, "Pictures are 2, and a batch here takes 1. Make several batches"),
        ({"FACET_BATCH_MB": "0.001"}, "Pictures have 0 MB together, and a batch here takes 0.001."),
    ],
)
def test_a_visitor_may_have_so_many_edited_and_the_owner_all(batch, monkeypatch, settings, why):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert batch([png(0), png(1)])["error"].startswith(why)
    view = batch([png(0), png(1)], as_owner=True)
    assert (view["error"], len(view["cards"])) == ("", 2)


def test_results_beyond_what_a_visitor_may_keep_end_the_batch(batch, monkeypatch):
    monkeypatch.setattr(batch_order, "_check_share", lambda _: None)
    monkeypatch.setenv("FACET_BATCH_MB", "0.001")
    view = batch([png(0), png(1), png(2)])
    assert view["error"] == "The results have 0.001 MB, the most of one batch here: it ended."
    assert len(view["cards"]) == 1
    assert view["zip"]


@pytest.mark.parametrize(
    ("pictures", "raw", "asked", "why"),
    [
        ([], None, {}, "Pictures are missing. Choose as many as you like."),
        ([{"path": "/etc/passwd"}], None, {}, "Pictures must be an uploaded file. Choose a file."),
        (None, {}, {}, "Pictures are missing."),
        ("one", {}, {}, "Style is missing. Choose it in the settings."),
        ("one", {"style": {"sample": "oil"}, "strength": "x"}, {}, "Strength"),
        ("one", None, {"ending": ".exe"}, "Format must be one of .png"),
        (None, None, {"folder": "/tmp"}, "Folder may be named by the owner of this machine only."),
    ],
)
def test_what_is_wrong_for_all_is_said_before_the_work(batch, pictures, raw, asked, why):
    view = batch([png(0)] if pictures == "one" else pictures, raw=raw, **asked)
    assert view["error"].startswith(why)
    assert view["cards"] == []
    assert not batch.session.batch.busy


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FACET_FOLDERS", str(tmp_path))
    shots = tmp_path / "shots"
    (shots / "more").mkdir(parents=True)
    for number in range(3):
        place = shots / "more" if number == 2 else shots
        Image.fromarray(small_picture(30 + number, 24, number)).save(place / f"p{number}.png")
    return shots


def test_the_owner_names_a_folder_and_the_same_again_goes_on(batch, folder):
    view = batch(None, True, folder=str(folder))
    out = folder.with_name("shots-colour_transfer")
    assert view["where"] == str(out)
    assert not view["zip"]
    assert sorted(path.name for path in out.rglob("*.png")) == ["p0.png", "p1.png", "p2.png"]
    (out / "p1.png").unlink()
    view = batch(None, True, folder=str(folder))
    assert view["note"] == "3 of 3 finished (2 were there before)"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"folder": "/etc"}, "Folder lies outside of what this page may use"),
        ({"folder": "{shots}/../.."}, "Folder lies outside of what this page may use"),
        ({"folder": "{shots}/nowhere"}, "Folder is not there"),
        ({"folder": "{shots}", "out": "{shots}/results"}, "Results may not lie among the pictures"),
        ({"folder": "{shots}", "out": "/var/results"}, "Results lies outside of what this page may use"),
        ({"folder": "{link}"}, "Folder lies outside of what this page may use"),
        ({"folder": "a\0b"}, "Folder"),
    ],
)
def test_a_folder_outside_of_the_allowed_places_is_refused(batch, folder, asked, why):
    (folder.parent / "link").symlink_to("/etc")
    names = {"shots": str(folder), "link": str(folder.parent / "link")}
    view = batch(None, True, **{key: value.format(**names) for key, value in asked.items()})
    assert view["error"].startswith(why)


@pytest.mark.parametrize("pull", [lambda session: session.batch.stop(), lambda _: stop_all()], ids=["button", "server"])
def test_the_stop_button_keeps_what_is_finished_and_begins_nothing_more(batch, registry, monkeypatch, pull):
    monkeypatch.setattr(batch_going, "VIEWS_PER_SECOND", 200)
    session, spec = batch.session, registry.get("colour_transfer")
    asked, sent = Asked([png(number) for number in range(40)]), {"style": {"sample": "oil"}}
    with _for(session.guest):
        views = batch_run.page_batch(registry, session, lambda: order_of_editor(registry, spec, session, asked, sent))
        for view in views:
            if view["cards"] and session.batch.busy:
                pull(session)
    assert view["ended"] == "Stopped. What is finished stays."
    assert 1 <= len(view["cards"]) < 40
    assert len(list(session.batched.folder.glob("*.png"))) == len(view["cards"])


def test_one_batch_at_a_time_and_edits_beside_it(batch):
    with batch.session.batch.running():
        assert "still going on" in batch([png(0)])["error"]
        assert not batch.session.busy


def test_the_edits_of_several_saved_pictures_follow_each_other(batch, registry):
    spec, session = registry.get("colour_transfer"), batch.session
    start, own = Subject(small_picture(30, 24, 5)), Subject(np.full((19, 19, 3), (200, 30, 60), np.uint8))
    first = finish(spec, {"subject": start, "style": own, "strength": 0.5}).subject
    second = finish(spec, {"subject": start, "style": "sample:ink", "strength": 0.7}).subject
    recipes = [upload(subject_png(first), "a.png"), upload(subject_png(second), "b.png")]

    def order(files):
        with _for(session.guest):
            return order_of_recipes(registry, Asked([png(1)]), recipes, files)

    with pytest.raises(BadInput, match="style: is needed: .* Add that file below the recipes."):
        order(None)
    made = order([upload(subject_png(own), "own.png")])
    assert [link.begins for link in made.chain.links] == [False, True]
    with _for(session.guest):
        view = list(batch_run.page_batch(registry, session, lambda: made))[-1]
    assert view["error"] == ""
    wanted = finish(spec, {"subject": Subject(small_picture(31, 24, 1)), "style": own, "strength": 0.5}).subject
    wanted = finish(spec, {"subject": wanted, "style": "sample:ink", "strength": 0.7}).subject
    assert (session.batched.folder / "p1.png").read_bytes() == subject_png(wanted)


def order_of(registry, session, count):
    spec = registry.get("colour_transfer")
    sent = {"style": {"sample": "oil"}, "strength": 0.5}
    return order_of_editor(registry, spec, session, Asked([png(number) for number in range(count)]), sent)


def test_a_batch_goes_on_without_its_tab_and_the_next_one_finds_it(registry):
    first = Session()
    with _for(None):
        views = batch_run.page_batch(registry, first, lambda: order_of(registry, first, 12))
        next(views)
        next(views)
        views.close()  # the tab is closed, or loaded again
    second = Session(first.history)
    found = batch_going.found_again(second.batched)
    assert found.get("attach") or found.get("zip"), "it goes on, or is done by now"
    *_, view = batch_going.watched(second.batched)
    assert (view["note"], view["error"], view["running"]) == ("12 of 12 finished", "", False)
    assert "attach" not in batch_going.found_again(second.batched)
    assert not second.batch.busy
    assert zip_of(second.batched).is_file()
    assert batch_going.found_again(Session().batched) is None, "nobody else finds it"


def test_no_more_batches_go_on_than_are_allowed(registry, monkeypatch):
    monkeypatch.setenv("FACET_BATCHES", "0")
    session = Session()
    order = order_of(registry, session, 1)
    shown = Shown(order.folder, order.served, 1)
    with _for(None), pytest.raises(EditorError, match="Too many batches go on here just now"):
        batch_going.Going(batch_run.PageBatch(registry, order, Halt(), shown))


def test_a_guests_batch_ends_where_nobody_watches(registry, monkeypatch):
    monkeypatch.setenv("FACET_BATCH_ALONE_SECONDS", "0")
    session = Session()
    halt = Halt()
    with _for(session.guest), ExitStack() as held:
        order = order_of(registry, session, 12)
        shown = Shown(order.folder, order.served, 12)
        going = batch_going.Going(batch_run.PageBatch(registry, order, halt, shown))
        held.enter_context(session.batch.running(halt))
        going.begin(held.pop_all())
    assert shown.over.wait(60)
    assert shown.error == "Nobody watched this batch any more, so it ended. What is finished is here."
    assert len(shown.cards) < 12
    assert not session.batch.busy
