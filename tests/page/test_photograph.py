"""The stage's switch: the photograph with the edit in it, marks on it, runs and looks that are followed in it."""

import io
import json
from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image

from editors.animation import animation, walk
from editors.attributes import attributes
from editors.drag import drag
from editors.drag.one_look import drag_flow
from editors.inversion import invert, paste_back
from editors.inversion.networks import AIDS, JUDGES
from editors.warp_drag import warp_drag
from facet import BadInput, Placement, Subject, placement_of
from facet.app import Registry, finish
from registry.inputs import MaskInput, Pair, Points
from registry.plugins.known import register_spec
from registry.saved.lineage import read_lineage, subject_with_lineage
from surfaces.compare import shared_inputs
from surfaces.page import answers, choosing, edit, live_preview, photograph
from surfaces.page.comparison import comparison
from surfaces.page.history.travel import travel
from surfaces.page.session import Session
from tests.saving import save_png

pytestmark = pytest.mark.skipif(JUDGES not in AIDS, reason="the judges are not part of this checkout")


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """A mirrored sample, which the bundle does not have, and its avatar after a few steps as a file with its delta."""
    upload = Subject.read(np.ascontiguousarray(Subject.read("sample:astronaut").pixels[:, ::-1]))
    made = finish(invert, {"subject": upload, "model": "puppets", "steps": 4, "tuning": 6}, threads=1).subject
    file = tmp_path_factory.mktemp("brought") / "inside.png"
    save_png(made, file)
    return upload, file


@pytest.fixture
def inside(brought):
    return brought[0], subject_with_lineage(brought[1])


@pytest.fixture
def session(inside):
    register_spec(paste_back)
    made = Session()
    parent = made.choose(inside[0], "portrait.png")
    made.edited(inside[1], "Bring in", parent, {})
    return made


def stage(views):
    return views[0]


def last(events):
    return list(events)[-1]


def jpeg(view):
    import base64

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(view["picture"].partition(",")[2]))).convert("RGB"))


def test_the_switch_is_there_while_the_photograph_is(session):
    assert stage(answers.everything(session))["switch"] == "generator"
    on = stage(choosing.show(session, {"onto": True}))
    assert (on["switch"], on["size"], on["marks"]) == ("photograph", (512, 512), -session.current.number)
    assert np.array_equal(session.shown.pixels, session.entries[1].subject.pixels), "nothing was edited yet"
    session.go_to(1)
    assert stage(answers.everything(session))["switch"] == "", "a photograph itself has none"
    session.go_to(2)
    del session.entries[1]
    session.carried = None
    gone = stage(answers.everything(session))
    assert (gone["switch"], gone["size"]) == (
        "",
        (256, 256) if session.subject.size[0] == 256 else session.subject.size,
    )


def test_a_run_is_followed_in_the_photograph_and_its_download_is_the_photograph(session, inside):
    choosing.show(session, {"onto": True})
    events = list(edit.edit(attributes, session, {"strengths": json.dumps({"smile": -1.0})}))
    frames = [stage(views) for views in events if stage(views).get("kind") == "frame" and stage(views)["picture"]]
    assert frames, "it is followed"
    assert jpeg(frames[-1]).shape == (512, 512, 3)
    rest, _, strip, button = events[-1]
    assert (rest["kind"], rest["size"]) == ("rest", (512, 512))
    assert strip["unfinished"]
    assert not button["interactive"], "the file comes when the strip asks for it"
    saved = travel(session, {"stored": True})[3]["value"]
    done = np.asarray(Image.open(saved))
    assert done.shape == inside[0].pixels.shape
    assert 0.5 < (done == inside[0].pixels).all(2).mean() < 1
    assert [row["editor"] for row in read_lineage(saved)] == ["invert", "attributes", "paste_back"]
    assert session.subject.latent is not None, "the next edit is the generator's"
    off = stage(choosing.show(session, {"onto": False}))
    assert off["size"] == session.subject.size


def test_a_look_follows_a_slider(session):
    choosing.show(session, {"onto": True})
    seen = [
        jpeg(live_preview.look(attributes, session, {"strengths": json.dumps({"smile": strength})})).astype(int)
        for strength in (0.02, -1.0)
    ]
    photo = session.entries[1].subject.pixels.astype(int)
    assert [picture.shape for picture in seen] == [(512, 512, 3)] * 2
    assert np.abs(seen[0] - photo).mean() < 3, "hardly anything moved: the photograph, as a JPEG"
    where = placement_of(session.subject)
    x, y = (round(part) for part in np.mean(where.corners, 0))
    mouth = np.s_[y : y + 60, x - 40 : x + 40]
    assert np.abs(seen[1] - seen[0])[mouth].mean() > 2


def test_one_address_keeps_no_more_than_its_share_of_threads():
    with ExitStack() as stack:
        free = [stack.enter_context(live_preview._place("192.0.2.1")) for _ in range(live_preview.AT_ONCE + 2)]
        assert free == [True] * live_preview.AT_ONCE + [False] * 2
        assert stack.enter_context(live_preview._place("192.0.2.2")), "others look as before"
    with live_preview._place("192.0.2.1") as again:
        assert again


def test_marks_on_the_photograph_reach_the_generator_and_come_back(session):
    choosing.show(session, {"onto": True})
    where, side = placement_of(session.subject), session.subject.size[0]
    handle, target = where.out((side * 0.5, side * 0.6), side), where.out((side * 0.55, side * 0.6), side)
    raw = {"pairs": {"points": [[*handle, *target]]}, "steps": 2}
    events = list(edit.edit(drag, session, raw))
    assert stage(events[-1])["kind"] == "rest", events[-1]
    asked = session.current.subject.lineage[-1]["inputs"]["pairs"][0]
    assert asked == pytest.approx([side * 0.5, side * 0.6, side * 0.55, side * 0.6], abs=1e-6)
    (x, y), *_ = stage(events[-1])["points"]
    assert np.hypot(x - handle[0], y - handle[1]) < 0.2 * np.hypot(*np.subtract(where.corners[3], where.corners[0]))
    refused = last(edit.edit(drag, session, {"pairs": {"points": [[3, 500, 9, 500]]}, "steps": 2}))
    assert "lies outside the part that the generator draws" in stage(refused)["sentence"]


def test_an_editor_of_pixels_gets_the_photograph_as_it_now_is(session):
    choosing.show(session, {"onto": True})
    list(edit.edit(attributes, session, {"strengths": json.dumps({"smile": -1.0})}))
    carried = session.shown
    last(edit.edit(warp_drag, session, {"pairs": {"points": [[256, 140, 262, 134]]}}))
    lineage = [row["editor"] for row in session.subject.lineage]
    assert lineage == ["invert", "attributes", "paste_back", "warp_drag"]
    assert session.before.sha256 == carried.sha256
    assert session.subject.size == (512, 512)
    assert photograph.switch_view(session) == "", "it has left the generator"
    session.undo()
    session.undo()
    assert session.subject.latent is not None


def test_a_film_follows_the_switch_and_a_plain_drag_needs_no_photograph(session):
    short = {"seconds": 0.2, "fps": 10, "attributes": "smile", "format": "webp"}
    last(edit.edit(animation, session, short))
    film = session.current.film
    assert (film.width, film.height) == session.subject.size, "the generator's"
    assert session.subject.lineage[-1]["inputs"]["source"] is None, "a replay needs no photograph"
    session.undo()
    choosing.show(session, {"onto": True})
    rest, *_ = last(edit.edit(animation, session, short))
    film = session.current.film
    assert (film.width, film.height) == (512, 512)
    inputs = session.subject.lineage[-1]["inputs"]
    assert inputs["onto"] is True
    assert inputs["source"]["sha256"] == session.entries[1].subject.sha256
    assert rest["film"]
    session.undo()
    view = photograph.Onlooker(drag, session)
    assert "onto" not in view.cut({"film": "none"})
    assert view.cut({"film": "gif"})["onto"] is True
    assert "onto" not in photograph.Onlooker(walk, session).cut({}), "a walk leaves the person behind"


def test_what_cannot_be_put_back_is_said_and_the_switch_goes_off(session, monkeypatch):
    monkeypatch.setattr(photograph, "carried", lambda *_: (_ for _ in ()).throw(BadInput("source", "is odd")))
    view = stage(choosing.show(session, {"onto": True}))
    assert (view["switch"], view["note"]) == ("generator", "source: is odd.")


def test_points_and_masks_move_into_a_turned_square():
    photo = Subject.read(np.zeros((100, 200, 3), np.uint8))
    where = Placement.of(photo, [(90, 20), (60, 50), (90, 80), (120, 50)])  # turned by 45°, side 42.4
    point = (101.5, 42.25)
    assert where.out(where.into(point, 64), 64) == pytest.approx(point)
    assert where.into((90, 50), 64) == pytest.approx((31.5, 31.5))
    made = Points(doc="x").cut([Pair((90, 50), (190, 50))], where, 64, "pairs")[0]
    assert made.handle == pytest.approx((31.5, 31.5))
    assert max(made.target) <= 63, "a target beyond the square ends at its rim"
    with pytest.raises(BadInput, match="pairs 1: handle lies outside"):
        Points(doc="x").cut([Pair((5, 5), (90, 50))], where, 64, "pairs")
    mask = np.zeros((100, 200), bool)
    mask[45:56, 85:96] = True
    inside = MaskInput(doc="x").cut(mask, where, 64, "mask")
    rows, columns = np.nonzero(inside)
    assert (rows.mean(), columns.mean()) == pytest.approx((31.5, 31.5), abs=0.6)
    assert inside.sum() == pytest.approx(121 * (64 / 42.43) ** 2, rel=0.1)
    assert MaskInput(doc="x").cut(None, where, 64, "mask") is None
    with pytest.raises(BadInput, match="lies outside"):
        MaskInput(doc="x").cut(np.eye(100, 200, dtype=bool) & (np.arange(200) < 10), where, 64, "mask")


def test_a_comparison_is_seen_in_the_photograph(session, inside):
    specs = {spec.id: spec for spec in (drag_flow, warp_drag, paste_back)}
    for spec in specs.values():
        register_spec(spec)
    choosing.show(session, {"onto": True})
    where, side = placement_of(session.subject), session.subject.size[0]
    pair = [*where.out((side * 0.5, side * 0.7), side), *where.out((side * 0.5, side * 0.75), side)]
    entries = shared_inputs([drag_flow, warp_drag])
    raw = {"pairs": {"points": [pair]}}
    view = last(comparison(Registry(specs, []), session, "drag", ["drag_flow", "warp_drag"], raw, entries))
    assert not view["error"]
    assert [column["state"] for column in view["columns"]] == ["done", "done"]
    for column in session.compared:
        assert column.shown.size == (512, 512)
        assert column.measures["untouched"].value > 30
    generated, moved = session.compared
    assert generated.result.subject.size == session.subject.size, "what one goes on with is the generator's"
    assert moved.elsewhere is None
