"""Every error class: who sees it, that it is a sentence, and that it crosses a process border whole."""

import inspect
import pickle

import pytest

import facet
import facet.app
import facet.weights
from registry import errors
from registry.errors import BadInput, BadSpec, EditorError, Moved

CLASSES = {name: made for name, made in vars(errors).items() if inspect.isclass(made) and issubclass(made, Exception)}
ARGUMENTS = {
    "BadInput": ("steps", "must be a number", "Use one."),
    "StandIn": ("generator", "Lions (340 MB)", "Lions cannot be downloaded", "Puppets"),
}


def make(name):
    return CLASSES[name](*ARGUMENTS.get(name, ("This is the sentence.",)))


@pytest.mark.parametrize("name", CLASSES)
def test_documented_public_and_picklable(name):
    error = make(name)
    assert inspect.getdoc(CLASSES[name])
    if CLASSES[name] is not Moved:  # nobody but the loader has to know it
        faces = [face for face in (facet, facet.app, facet.weights) if name in face.__all__]
        assert [getattr(face, name) for face in faces] == [CLASSES[name]]
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_who_sees_what():
    assert not issubclass(BadSpec, EditorError)
    assert not issubclass(Moved, EditorError)
    others = set(CLASSES.values()) - {BadSpec, Moved}
    assert all(issubclass(error, EditorError) for error in others)


def test_bad_input_is_one_sentence_or_two():
    assert str(BadInput("steps", "must be a number")) == "steps: must be a number."
    assert str(BadInput("steps", "must be a number", "Use one.")) == "steps: must be a number. Use one."


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"BadSpec", "Moved"}))
def test_each_ends_the_command_line_with_its_sentence_and_code(name, cli, monkeypatch):
    from surfaces.cli import main as module  # the function; its module is reached below

    def fail():
        raise make(name)

    monkeypatch.setitem(module.__globals__, "load_registry", fail)
    ran = cli("list")
    assert ran.code == {"BadInput": 2, "Stopped": 130}.get(name, 1)
    assert ran.err == f"facet: {make(name)}\n"
    assert ran.out == ""
