"""A visitor's history: a tree that outlives tabs and servers, is nobody else's, and keeps within its bounds."""

import io
import json
import os
import threading
import time
import zipfile

import numpy as np
import pytest

from registry.errors import BadInput
from registry.film import FilmFile
from registry.saved import read_lineage
from registry.subjects import GeneratorRef, Subject
from surfaces.page import answers, saved
from surfaces.page.history import cookie, disk, found, tree
from surfaces.page.history.disk import Shelf, sweep
from surfaces.page.history.travel import travel
from surfaces.page.history.tree import History
from surfaces.page.history.zipped import stem_of, zip_file
from surfaces.page.session import Session
from surfaces.page.views import strip_view

TOKEN = "a" * 43
RECIPE = {"facet": 1, "editor": "drag", "version": "1", "inputs": {"seed": 0}, "seed": 0, "steps": 1, "threads": 1}


def picture(level, side=24, **more):
    return Subject(np.full((side, side, 3), level, np.uint8), **more)


def edited(level, **more):
    plain = picture(level)
    return picture(level, lineage=({**RECIPE, "result": plain.sha256},), **more)


@pytest.fixture
def home(facet_home):
    found._open.clear()
    return facet_home / "histories"


def opened(key="k"):
    """A tab of the browser with that cookie, after the server has begun anew."""
    found._open.clear()
    session = Session()
    session.find(found.history_of(key, on_disk=True))
    return session


def test_what_was_made_is_there_after_the_server_was_killed(home):
    session = opened()
    source = session.choose(picture(1), "me.png")
    film = FilmFile(b"film", "gif", 2, 10.0, 24, 24)
    code = np.linspace(-1, 1, 2 * 4, dtype=np.float32).reshape(2, 4)
    made = edited(2, latent=code, generator=GeneratorRef("puppets"))
    more, further = {"error": "data:a", "seed 6": "data:b"}, {"seed 6": edited(6)}
    session.edited(made, "Drag", source, {"time": "1 s"}, more, film, further)
    session.history.store()
    session.undo()
    again = opened()  # nothing was closed, as after kill -9
    assert [(entry.title, entry.parent) for entry in again.entries.values()] == [("me.png", None), ("Drag", 1)]
    assert again.current.number == 1
    again.redo()
    back = again.current
    assert back.subject.same(made)
    assert (back.subject.lineage, back.subject.generator) == (made.lineage, made.generator)
    assert (dict(back.facts), dict(back.more)) == ({"time": "1 s"}, more)
    assert (back.film.content, back.film.record()) == (b"film", film.record())
    assert back.further["seed 6"].same(further["seed 6"])
    assert again.edited(edited(3), "Drag", back, {}).number == 3


def test_a_bundled_picture_needs_no_copy(home):
    session = opened()
    session.choose(Subject.read("sample:chelsea"), "Chelsea the cat")
    session.history.store()
    assert not list(home.rglob("*.png"))
    assert opened().subject.sample_id == "chelsea"


def test_nobody_sees_anothers(home):
    mine = opened("mine")
    mine.choose(picture(1), "mine")
    mine.history.store()
    assert not opened("other").entries
    assert cookie.key_of(TOKEN, "ann") != cookie.key_of(TOKEN, "bob") != cookie.key_of(TOKEN, None)
    assert TOKEN not in str(list(home.rglob("*")))
    if os.name == "posix":
        assert all(folder.stat().st_mode & 0o077 == 0 for folder in home.glob("*"))


@pytest.mark.parametrize("said", ["", "facet_history=../../etc", f"facet_history={TOKEN}a", "other=1", "facet_history"])
def test_only_whole_cookies_count(said):
    assert cookie.token_of({"cookie": said}) == ""
    assert cookie.token_of({"cookie": f"other=1; facet_history={TOKEN}"}) == TOKEN


def test_half_written_pictures_are_not_there(home):
    session = opened()
    for level in range(3):
        session.choose(picture(level), str(level))
    session.history.store()
    folder = session.history.shelf.folder
    (folder / "000002.json").unlink()  # killed before the JSON, which is written last
    (folder / "000003.json").write_text('{"title": "3", "outl')
    (folder / "tmpabc.part").write_bytes(b"half")
    assert [entry.title for entry in opened().entries.values()] == ["0"]
    (folder / "000001.png").write_bytes(b"spoilt")
    again = opened()
    with pytest.raises(BadInput, match="has lost that picture"):
        _ = again.go_to(1).subject


def test_memory_lets_go_what_the_disk_has(home, monkeypatch):
    monkeypatch.setattr(tree, "SESSION_BYTES", 2 * picture(0).pixels.nbytes)
    session = opened()
    for level in range(6):
        session.choose(picture(level), str(level))
        session.history.store()
    assert session.nbytes <= 2 * picture(0).pixels.nbytes
    assert len(session.entries) == 6
    assert session.go_to(1).subject.pixels[0, 0, 0] == 0


def test_the_oldest_make_way_on_the_disk_and_pinned_ones_last(home, monkeypatch):
    monkeypatch.setattr(tree, "HISTORY_ENTRIES", 4)
    session = opened()
    for level in range(3):
        session.choose(picture(level), str(level))
    session.history.store()
    session.history.pin(1, True)
    for level in range(3, 7):
        session.choose(picture(level), str(level))
        session.history.store()
    assert [entry.title for entry in opened().entries.values()] == ["0", "4", "5", "6"]
    monkeypatch.setenv("FACET_HISTORY_MB", "0.002")
    session.choose(picture(9), "9")
    session.history.store()
    assert len(opened().entries) < 4


def test_a_disk_that_refuses_is_said_and_costs_nothing(home, monkeypatch):
    session = opened()
    monkeypatch.setattr(disk, "write_whole", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    session.choose(picture(1), "one")
    session.history.store()
    view = strip_view(session)
    assert view["unstored"]
    assert view["trouble"] == "The newest pictures could not be kept on the disk: No space left on device."
    monkeypatch.undo()
    session.history.store()
    assert not strip_view(session)["unstored"]
    assert not strip_view(session)["trouble"]


def test_a_result_is_seen_while_its_picture_is_written(home, monkeypatch):
    may_write, plain = threading.Event(), disk.Shelf.write
    monkeypatch.setattr(disk.Shelf, "write", lambda *given: (may_write.wait(30), plain(*given)))
    session = opened()
    source = session.choose(picture(1), "me.png")
    session.edited(edited(2), "Drag", source, {})
    session.history.store_soon()
    _, _, strip, button = answers.seen(session)
    assert strip["unstored"], "leaving warns"
    assert strip["unfinished"], "the strip asks again"
    assert not button["interactive"], "the file before is not this picture's"
    may_write.set()
    made = []
    monkeypatch.setattr(saved, "subject_png", lambda subject: made.append(subject) or b"")
    _, _, strip, button = travel(session, {"stored": True})
    assert not strip["unstored"]
    assert not strip.get("unfinished")
    assert read_lineage(button["value"]) == list(session.subject.lineage)
    assert not made, "what lies on the disk is not made again"


def test_old_histories_go_but_not_those_that_are_open(home, monkeypatch):
    for key in ("old", "open", "large", "new"):
        session = opened(key)
        session.choose(picture(1), "one")
        session.history.store()
    month_ago = time.time() - 31 * 86400
    for key in ("old", "open"):
        os.utime(home / key / "state.json", (month_ago, month_ago))
        os.utime(home / key, (month_ago, month_ago))
    sweep(spared={"open"})
    assert sorted(path.name for path in home.iterdir()) == ["large", "new", "open"]
    monkeypatch.setenv("FACET_HISTORIES_MB", "0")
    sweep(spared={"open", "new"})
    assert sorted(path.name for path in home.iterdir()) == ["new", "open"]


def test_two_tabs_of_a_browser_share_the_tree_and_not_the_place(home):
    one = opened()
    one.choose(picture(1), "one")
    two = Session()
    two.find(found.history_of("k", on_disk=True))
    two.choose(picture(2), "two")
    assert list(one.entries) == [1, 2]
    assert (one.current.title, two.current.title) == ("one", "two")


def test_what_was_chosen_before_the_history_was_found_joins_it(home):
    first = opened()
    first.choose(picture(1), "one")
    first.history.store()
    found._open.clear()
    late = Session()
    source = late.choose(picture(2), "two")
    late.edited(edited(3), "Drag", source, {})
    late.find(found.history_of("k", on_disk=True))
    assert [entry.title for entry in late.entries.values()] == ["one", "two", "Drag"]
    assert late.current.parent == 2
    assert late.current.title == "Drag"


def test_in_memory_only_it_is_found_while_the_server_lives(home):
    session = Session()
    session.find(found.history_of("guest", on_disk=False))
    session.choose(picture(1), "one")
    session.history.store()
    other_tab = Session()
    other_tab.find(found.history_of("guest", on_disk=False))
    assert list(other_tab.entries) == [1]
    assert not home.exists()
    assert not strip_view(session)["unstored"]
    alone = Session()
    alone.choose(picture(1), "one")
    assert strip_view(alone)["unstored"]  # nothing finds it again


def test_it_lies_on_the_disk_for_the_owner_or_where_it_was_asked_for(monkeypatch):
    assert (found.on_disk(owner=True), found.on_disk(owner=False)) == (True, False)
    monkeypatch.setenv("FACET_HISTORY", "0")
    assert not found.on_disk(owner=True)
    monkeypatch.setenv("FACET_HISTORY", "1")
    assert found.on_disk(owner=False)


def test_names_pins_and_deleting_stay(home):
    session = opened()
    source = session.choose(picture(1), "me.png")
    middle = session.edited(edited(2), "Drag", source, {})
    session.edited(edited(3), "Drag", middle, {})
    session.history.store()
    session.history.rename(3, "  a   smile ")
    session.history.pin(1, True)
    session.forget(2)
    again = opened()
    assert [(entry.called, entry.parent, entry.pinned) for entry in again.entries.values()] == [
        ("me.png", None, True),
        ("a smile", 1, False),
    ]
    with pytest.raises(BadInput, match="no longer has that picture"):
        session.history.rename(2, "gone")
    session.clear()
    assert not opened().entries
    assert session.current is None


def test_redo_goes_to_what_was_made_last(home):
    session = opened()
    source = session.choose(picture(1), "me.png")
    session.edited(edited(2), "Drag", source, {})
    session.edited(edited(3), "Style", source, {})
    session.go_to(1)
    session.redo()
    assert session.current.title == "Style"


def test_all_of_it_as_a_zip_under_distinct_names(home, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with pytest.raises(BadInput, match="is empty"):
        zip_file(History())
    for session in (opened(), Session()):
        source = session.choose(picture(1), "../../me and you.png")
        gif = io.BytesIO()
        source.subject.image.save(gif, "GIF")
        for level in (2, 3):
            session.edited(edited(level), "Drag", source, {}, film=FilmFile(gif.getvalue(), "gif", 1, 10.0, 24, 24))
        session.history.store()
        session.history.rename(3, "a/smile")
        with zipfile.ZipFile(zip_file(session.history)) as made:
            names = made.namelist()
            made.extractall(tmp_path / "out")
        assert len(set(names)) == len(names) == 7
        assert {"001-me-and-you.png", "002-drag-from-001.png", "003-a-smile-from-001.json"} <= set(names)
        for kind in ("png", "json"):
            (recipe,) = read_lineage(tmp_path / "out" / f"002-drag-from-001.{kind}")
            assert recipe["editor"] == "drag"
    assert stem_of(next(iter(session.entries.values()))).isascii()


def test_a_shelf_of_another_version_is_left_alone(home):
    folder = home / "k"
    folder.mkdir(parents=True)
    (folder / "000001.json").write_text(json.dumps({"facet": 9, "what": "else"}))
    assert Shelf(folder).entries() == {}
    assert (folder / "000001.json").exists()
