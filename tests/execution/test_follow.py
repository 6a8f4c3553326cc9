"""An edit followed in the picture that its subject was cut from: declared where it makes sense, never a traceback."""

from typing import Annotated

import numpy as np
import pytest
import torch

from facet import BadInput, Picture, SourcePicture, Step, Subject, editor
from facet.app import BadSpec
from registry.errors import EditorError
from registry.execution import Follower
from registry.plugins import faults_of

DARK = Subject.read(np.zeros((16, 16, 3), np.uint8))


def declared(follow, id="puts_back"):
    @editor(id, "Puts back", task="paste", gpu_seconds=0, follow=follow)
    def made(
        ctx,
        *,
        subject: Annotated[Subject, Picture(doc="What is put back.")],
        source: Annotated[Subject | None, SourcePicture(doc="Where it came from.")] = None,
    ):
        """Put a picture back where it came from."""
        yield Step(subject.pixels, done=1.0)

    return made


def test_pictures_are_shown_by_what_the_editor_made_once():
    made = []

    def follow(ctx, subject, source):
        made.append(source)
        return lambda edited: edited.pixels + 1

    follower = Follower(declared(follow), DARK, DARK)
    assert [int(follower.show(Subject(DARK.pixels + level)).max()) for level in (0, 4)] == [1, 5]
    assert made == [DARK]


def test_it_leaves_half_of_the_threads_to_what_runs_beside_it():
    seen = []

    def follow(ctx, subject, source):
        seen.append(torch.get_num_threads())
        return lambda edited: (seen.append(torch.get_num_threads()), edited.pixels)[1]

    before = torch.get_num_threads()
    torch.set_num_threads(6)
    try:
        Follower(declared(follow), DARK, DARK).show(DARK)
        assert (seen, torch.get_num_threads()) == ([3, 3], 6)
    finally:
        torch.set_num_threads(before)


def test_a_fault_of_the_editor_is_a_sentence_and_remembered():
    def follow(ctx, subject, source):
        return lambda edited: edited.pixels / 0 + undefined  # noqa: F821

    follower = Follower(declared(follow, "breaks"), DARK, DARK)
    with pytest.raises(EditorError, match="a fault of the add-on"), np.errstate(all="ignore"):
        follower.show(DARK)
    assert any("its follow raised NameError" in fault for fault in faults_of("breaks"))


def test_what_cannot_be_followed_says_so():
    def follow(ctx, subject, source):
        raise BadInput("subject", "was not brought in")

    with pytest.raises(BadInput, match="was not brought in"):
        Follower(declared(follow), DARK, DARK)
    with pytest.raises(EditorError, match="cannot follow"):
        Follower(declared(None), DARK, DARK)


def test_only_an_editor_with_a_source_can_follow():
    with pytest.raises(BadSpec, match="follow is for an editor with a SourcePicture"):

        @editor("no_source", "No source", task="paste", gpu_seconds=0, follow=lambda *_: None)
        def made(ctx, *, subject: Annotated[Subject, Picture(doc="What is edited.")]):
            """Do something to a picture."""
            yield Step(subject.pixels, done=1.0)
