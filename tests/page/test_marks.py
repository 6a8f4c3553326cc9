"""Marks on their way between the stage and an editor, without a browser."""

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image

from facet import BadInput, MaskInput, Points, Step, Subject, editor
from registry.inputs.marks import MASK_BYTES
from registry.plugins.signature import Input
from surfaces.page import answers, edit
from surfaces.page.controls import on_stage, received
from surfaces.page.session import Session
from tests.pages.plugins.pulling import pulling

MASK = Input("mask", MaskInput())


def session() -> Session:
    made = Session()
    made.choose(Subject(np.full((40, 60, 3), 90, np.uint8)), "grey")
    return made


def png(mask: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(mask).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def stages(here: Session, **raw) -> list[dict]:
    """Views of the stage during a run of `pulling`."""
    raw = {
        "pairs": {"points": [], "rev": 1},
        "mask": {"png": None, "rev": 1},
        "steps": 5,
        "pause": 0,
        "breaks": False,
    } | raw
    return [views[0] for views in edit.edit(pulling, here, raw)]


def test_frames_and_the_result_say_where_the_handles_are():
    shown = stages(session(), pairs={"points": [[10, 10, 30, 20]], "rev": 1}, pause=0.1)
    frames = [view for view in shown if view["kind"] == "frame"]
    assert frames[0]["points"] == [[14, 12]]
    assert shown[-1]["points"] == [[30, 20]]
    assert (shown[-1]["entry"], shown[-1]["parent"], shown[-1]["size"]) == (2, 1, (60, 40))


def test_at_rest_there_is_nothing_to_follow():
    here = session()
    stages(here)
    assert answers.everything(here)[0]["points"] is None


def test_a_painted_mask_arrives_as_it_was_painted():
    mask = np.zeros((40, 60), bool)
    mask[3:20, 7:11] = True
    shown = stages(session(), mask={"png": png(mask), "rev": 2})
    assert dict(shown[-1]["facts"])["masked"] == str(mask.sum())
    assert np.array_equal(MASK.check(received(MASK, {"png": png(mask)})), mask)
    assert received(MASK, {"png": None, "rev": 3}) is None


def test_a_mask_beyond_the_limit_is_refused():
    heavy = "data:image/png;base64," + "A" * int(MASK_BYTES * 4 / 3 + 400_000)
    with pytest.raises(BadInput, match=r"^mask: has 4\.3 MB, the most is 4\. Paint a simpler one\.$"):
        received(MASK, {"png": heavy})


def test_a_point_outside_the_picture_is_refused():
    shown = stages(session(), pairs={"points": [[10, 10, 60, 20]], "rev": 1})
    assert shown[-1]["sentence"] == "“Pairs” 1: target (60, 20) lies outside the picture of 60 × 40."


def test_a_run_that_follows_takes_the_place_of_the_one_it_goes_on_with():
    here = session()
    stages(here)
    stages(here, pairs={"points": [[10, 10, 30, 20]], "rev": 2, "follows": 1})
    assert [(entry.number, entry.parent) for entry in here.entries.values()] == [(1, None), (3, 1)]
    assert len(here.subject.lineage) == 2
    stages(here, pairs={"points": [[10, 10, 30, 20]], "rev": 3, "touched": True})
    assert len(here.entries) == 3
    stages(here, pairs={"points": [[10, 10, 30, 20]], "rev": 4, "follows": 1})  # the current one did not begin at 1
    assert len(here.entries) == 4


def test_a_new_picture_is_shown_even_if_it_comes_between_two_frames(monkeypatch):
    monkeypatch.setattr(edit, "FRAMES_PER_SECOND", 10)
    pictures = [np.full((40, 60, 3), level, np.uint8) for level in (10, 240)]

    @editor("rare", "Rare", task="trial", gpu_seconds=0)
    def rare(ctx, *, subject: Subject):
        """Draw seldom, step often."""
        for step in range(30):
            time.sleep(0.01)
            yield Step(subject.pixels, (step + 1) / 30, preview=pictures[step >= 2])

    frames = [views[0] for views in edit.edit(rare, session(), {}) if views[0]["kind"] == "frame"]
    drawn = [frame["picture"] for frame in frames if frame["picture"]]
    assert len(frames) < 10
    assert len(set(drawn)) == 2


def test_a_slow_line_gets_fewer_frames():
    raw = {"pairs": {"points": [[10, 10, 30, 20]], "rev": 1}, "mask": None, "steps": 20, "pause": 0.01}
    frames = 0
    for views in edit.edit(pulling, session(), raw):
        if views[0]["kind"] == "frame":
            frames += 1
            time.sleep(0.3)  # what Gradio needs to send one
    assert 0 < frames < 20


def test_only_marks_on_the_subject_are_made_on_the_stage():
    assert on_stage(MASK)
    assert on_stage(Input("pairs", Points()))
    assert not on_stage(Input("pairs", Points(on="other")))
