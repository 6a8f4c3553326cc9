"""What a server's log holds, and what never comes into it."""

import io
import json

import pytest

from registry.errors import BadInput
from registry.execution import finish, tell_accounts
from surfaces.doors.log import Log, opened
from tests.plugins.good_one import good_one


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "/"),
        ("/gradio_api/queue/join", "/gradio_api/queue/join"),
        ("/gradio_api/file=/tmp/facet/anna at the sea.png", "/gradio_api/file/*"),
        ("/gradio_api/heartbeat/a1b2c3", "/gradio_api/heartbeat/*"),
        ("/gradio_api/call/v2/good_one", "/gradio_api/call/v2/good_one"),
        ("/gradio_api/call/good_one/0123abcd", "/gradio_api/call/good_one/*"),
        ("/anna/gradio_api", "/*"),
        ("/" + "a/" * 9000, "/*"),
    ],
)
def test_a_path_is_reduced_to_words_that_facet_knows(path, kept):
    assert Log(io.StringIO(), ["good_one"]).route(path) == kept


def test_runs_are_told_without_what_was_sent():
    stream = io.StringIO()
    stop = tell_accounts(Log(stream).run)
    try:
        finish(good_one, {"subject": "sample:chelsea", "steps": 2})
        with pytest.raises(BadInput):
            finish(good_one, {"subject": "sample:chelsea", "steps": "anna at the sea"})
    finally:
        stop()
    done, refused = map(json.loads, stream.getvalue().splitlines())
    assert (done["event"], done["editor"], done["outcome"], done["steps"]) == ("run", "good_one", "done", 2)
    assert (refused["outcome"], refused["field"], refused["error"]) == ("refused", "steps", "BadInput")
    assert "anna" not in stream.getvalue()
    assert "chelsea" not in stream.getvalue()


def test_marks_of_callers_hold_for_one_start_only():
    one, other = Log(io.StringIO()), Log(io.StringIO())
    assert one.mark("198.51.100.7") == one.mark("198.51.100.7") != one.mark("198.51.100.8")
    assert one.mark("198.51.100.7") != other.mark("198.51.100.7")
    assert one.mark("") == ""


def test_a_full_disk_is_said_once_and_breaks_nothing(capsys):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    log = Log(Full())
    log.write("request")
    log.write("request")
    assert capsys.readouterr().err.count("FACET_LOG cannot be written") == 1


def test_a_file_that_cannot_be_opened_is_refused_in_a_sentence(tmp_path):
    assert opened("", []) is None
    with pytest.raises(
        SystemExit, match=r"^facet: FACET_LOG: .* cannot be written: Is a directory\. Name a file, or - "
    ):
        opened(str(tmp_path), [])
    log = opened(str(tmp_path / "log"), [])
    log.write("start", editors=0)
    log.close()
    assert json.loads((tmp_path / "log").read_text())["event"] == "start"
