"""Looks that follow a visitor's hand: asked for two at a time, the newest last, and of one's own session only."""

import json

import pytest

from tests.pages import marks, steps
from tests.pages.test_doors import ask

pytestmark = pytest.mark.page
WATCH = """() => {
  const plain = window.fetch;
  Object.assign(window, { looks: [], going: 0, most: 0, waited: 0 });
  window.fetch = async (address, how) => {
    waited += /queue.join$/.test(address?.url || address);
    if (!/run.predict$/.test(address?.url || address)) return plain(address, how);
    most = Math.max(most, ++going);
    try {
      const answer = await plain(address, how), copy = await answer.clone().json();
      looks.push({ sent: JSON.parse(how.body), given: copy.data[0] });
      return answer;
    } finally { going -= 1; }
  };
}"""
AGAIN = """async ([sent, session]) => {
  const body = JSON.stringify({ ...sent, session_hash: session });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("gradio_api/run/predict", { method: "POST", headers, body });
  return [answer.status, (await answer.json()).data?.[0] ?? null];
}"""


@pytest.fixture
def pulled(open_page):
    """A page on which a point of the cat was pulled to and fro, and each request for a look that it sent."""
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Drag pixels")
    page.wait_for_selector(".fk-bar:visible")
    page.evaluate(WATCH)
    page.mouse.move(*marks.place(page, (180, 150)))
    page.mouse.down()
    for x in (*range(180, 240, 3), *range(240, 210, -3)):
        page.mouse.move(*marks.place(page, (x, 120)))
        page.wait_for_timeout(20)
    page.mouse.up()
    page.wait_for_selector('.fs[data-state="look"]')
    page.wait_for_function("going === 0")
    return page


def test_the_newest_is_shown_last_and_never_more_than_two_are_on_their_way(pulled):
    page = pulled
    looks, most, waited = page.evaluate("[looks, most, waited]")
    assert len(looks) > 2, "it follows"
    assert most <= 2
    assert waited == 0, "none of them goes through the queue"
    last = looks[-1]
    (pair,) = marks.pairs(page)
    assert pair in [points for value in last["sent"]["data"] if value for points in _points(value)]
    numbers = [look["given"]["number"] for look in looks if look["given"]]
    assert len(set(numbers)) == len(numbers)
    assert page.evaluate("document.querySelector('.fs-after').src") == last["given"]["picture"]
    steps.run(page, "warp_drag")
    assert page.get_attribute(".fs", "data-state") == "rest"


def test_what_another_session_asks_with_the_same_request_is_nothing_of_ours(pulled):
    page = pulled
    sent = page.evaluate("looks.at(-1).sent")
    status, mine = page.evaluate(AGAIN, [sent, sent["session_hash"]])
    assert (status, mine["kind"]) == (200, "look")
    assert page.evaluate(AGAIN, [sent, "somebodyelse"]) == [200, None]


def test_a_refused_value_is_a_sentence_and_a_broken_request_harms_nothing(pulled, server):
    page = pulled
    sent = page.evaluate("looks.at(-1).sent")
    wrong = {**sent, "data": [None, *("no" for _ in sent["data"][1:])]}
    status, refused = page.evaluate(AGAIN, [wrong, sent["session_hash"]])
    assert (status, refused["picture"]) == (200, None)
    assert refused["note"].endswith(".")
    for broken in ({**sent, "data": []}, {**sent, "fn_index": 10_000}, {**sent, "data": "no"}, b"{"):
        status, said = ask(f"{server.url}gradio_api/run/predict", broken)
        assert status >= 400
        assert "Traceback" not in said
    status, _ = ask(f"{server.url}gradio_api/run/predict", sent, Origin="http://other.example")
    assert status == 403, "another page's script"
    steps.run(page, "warp_drag")


def _points(value):
    value = json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    return value.get("points", []) if isinstance(value, dict) else []
