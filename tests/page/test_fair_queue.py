"""The page's queue, without a server: how many may wait, whose turn it is, and who is not begun."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from gradio import queueing
from gradio.server_messages import ProcessCompletedMessage

from surfaces.page import fair_queue, mailboxes, visitors
from surfaces.page.fair_queue import FULL, FairQueue
from surfaces.page.mailboxes import Mailbox
from surfaces.page.visitors import Asker

FN = SimpleNamespace(concurrency_id="edit", connection="sse", batch=False, api_visibility="public")


def asked_from(address, headers=()):
    return SimpleNamespace(headers=dict(headers), client=(address, 5000))


class Queue(FairQueue):
    """With events that are put in as `push` does, but without a page."""

    def __init__(self, most=64):
        super().__init__(queueing.Queue(False, 40, 1, None, SimpleNamespace()), most)
        self.event_queue_per_concurrency_id["edit"] = queueing.EventQueue("edit", 4)
        self.active_jobs = [None] * 40

    def add(self, session, address="1.2.3.4", headers=(), listening=True):
        request = asked_from(address, headers)
        event = queueing.Event(session, FN, request, None)
        self.event_ids_to_events[event._id] = event
        if event.session_hash not in self.pending_messages_per_session:
            self.pending_messages_per_session[event.session_hash] = Mailbox()
        box = self.pending_messages_per_session[event.session_hash]
        box.expect()
        if listening:
            box.listeners, box.ever = 1, True
        self.event_queue_per_concurrency_id["edit"].queue.append(event)
        self._askers[event._id] = Asker(session, request.headers, request.client, None)
        self._limit(event, self._askers[event._id])
        return event

    def told(self, event):
        """The refusal that an event was answered with, if it was."""
        box, said = self.pending_messages_per_session[event.session_hash], []
        while not box.empty():
            said.append(box.get_nowait())
        ours = [each for each in said if each.event_id == event._id and isinstance(each, ProcessCompletedMessage)]
        return ours[0].output["error"] if ours else ""

    def let_in(self):
        """Who comes next; it is over at once."""
        self._looked = 0.0
        found = self.get_events()
        return found[0][0].session_hash if found else None

    @property
    def waiting(self):
        return self.event_queue_per_concurrency_id["edit"].queue


def alone(coroutine):
    """Run it in a thread of its own: a browser that other tests have open keeps a loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


@pytest.fixture
def queue():
    async def made():
        return Queue()

    return alone(made())


@pytest.mark.parametrize("most", [3, 1])
def test_one_more_that_waits_is_refused_with_a_sentence(queue, most, monkeypatch):
    if most != 3:  # as declared
        monkeypatch.setenv("FACET_WAITING", str(most))
    events = [queue.add("ann") for _ in range(most + 1)]
    assert queue.waiting == events[:-1]
    assert queue.told(events[-1]) == f"{most} of your edits are waiting already. Wait until one of them has begun."
    assert queue.add("bob") in queue.waiting


def test_visitors_take_turns(queue):
    for session in ("flood", "flood", "flood", "ann", "bob", "ann"):
        queue.add(session)
    assert [queue.let_in() for _ in range(7)] == ["flood", "ann", "bob", "flood", "ann", "flood", None]


def test_a_visitor_has_one_run_at_a_time(queue):
    first, second = queue.add("ann"), queue.add("ann")
    events, _, _ = queue.get_events()
    assert events == [first]
    queue.active_jobs[0] = events
    queue.add("bob")
    assert queue.let_in() == "bob"
    assert queue.let_in() is None
    queue.active_jobs[0] = None
    assert queue.waiting == [second]
    assert queue.let_in() == "ann"


def test_a_second_run_of_the_page_is_let_in_to_be_refused_by_the_visit(queue):
    first, second = queue.add("ann"), queue.add("ann")
    second.fn = SimpleNamespace(**{**vars(FN), "api_visibility": "private"})
    queue.active_jobs[0] = queue.get_events()[0]
    assert queue.active_jobs[0] == [first]
    assert queue.let_in() == "ann"


def test_nothing_is_begun_before_somebody_listens(queue):
    queue.add("ann", listening=False)
    assert queue.let_in() is None
    queue.pending_messages_per_session["ann"].ever = True
    assert queue.let_in() == "ann"


def test_what_nobody_listens_for_is_dropped_with_a_sentence(queue, monkeypatch):
    never, left, stays = queue.add("never", listening=False), queue.add("left"), queue.add("stays")
    monkeypatch.setattr(mailboxes.time, "monotonic", lambda now=mailboxes.time.monotonic: now() + 11)
    queue.pending_messages_per_session["left"].listeners = 0
    queue._drop_gone()
    assert queue.waiting == [stays]
    assert queue.told(never) == queue.told(left) == "Nobody waited for this edit, so it was not begun."


def test_a_closed_connection_is_gone_at_once(queue):
    event, running = queue.add("ann"), queue.add("bob")
    queue.waiting.remove(running)
    queue.active_jobs[0] = [running]
    visitor = queue.visitor(running._id)
    assert not visitor.gone()
    del queue.pending_messages_per_session["ann"], queue.pending_messages_per_session["bob"]  # as Gradio does
    assert visitor.gone()
    queue._drop_gone()
    assert event not in queue.waiting
    assert not running.alive


def test_a_full_queue_takes_from_the_address_with_most(queue):
    queue.most = 6
    crowd = [queue.add(f"bot {number}", "6.6.6.6") for number in range(5)]
    one = queue.add("ann", "1.1.1.1")
    two = queue.add("bob", "2.2.2.2")
    assert queue.waiting == [*crowd[:-1], one, two]
    assert queue.told(crowd[-1]) == FULL
    late = queue.add("bot 9", "6.6.6.6")
    assert late not in queue.waiting
    assert queue.told(late) == FULL


def test_messages_that_nobody_reads_are_thrown_away_in_the_end(queue, monkeypatch):
    monkeypatch.setattr(fair_queue, "_BOXES", 2)
    kept = queue.add("ann")
    for number in range(3):
        queue.pending_messages_per_session[f"old {number}"] = Mailbox()
    monkeypatch.setattr(mailboxes.time, "monotonic", lambda now=mailboxes.time.monotonic: now() + 700)
    queue._clear_boxes()
    assert list(queue.pending_messages_per_session) == [kept.session_hash]


class TestWhoAsks:
    def test_sessions_of_one_address_are_visitors_of_their_own(self):
        one, two = (Asker(session, {}, ("1.1.1.1", 1), None) for session in ("a", "b"))
        assert one.name != two.name
        assert one.address == two.address == "1.1.1.1"

    def test_calls_without_a_session_are_one_visitor_for_each_address(self):
        one, two, other = (Asker(None, {}, (host, 1), None) for host in ("1.1.1.1", "1.1.1.1", "1.1.1.2"))
        assert one.name == two.name != other.name
        assert not one.lasting

    def test_whoever_logged_in_is_known_by_name(self):
        assert Asker("a", {}, ("1.1.1.1", 1), "ann").address == "ann"

    @pytest.mark.parametrize(
        ("host", "address"),
        [
            ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("::1", "::1"),
            ("fe80::1%eth0", "fe80::"),
            ("testclient", "testclient"),
        ],
    )
    def test_an_ipv6_network_is_one_address(self, host, address):
        assert visitors.address_of((host, 1)) == address
        assert visitors.address_of(None) == ""

    def test_mcp_calls_are_told_apart_and_cannot_be_forged(self):
        real = Asker("loop", {"x-facet-mcp": f"{visitors._KEY} abc 9.9.9.9"}, ("127.0.0.1", 1), None)
        assert (real.name, real.call, real.lasting) == ("9.9.9.9 mcp", "abc", False)
        forged = Asker("loop", {"x-facet-mcp": "guessé abc 9.9.9.9"}, ("127.0.0.1", 1), None)
        assert (forged.name, forged.call) == ("127.0.0.1 loop", "")

    def test_the_middleware_marks_mcp_and_knows_open_tabs(self):
        seen = []

        async def app(scope, receive, send):
            headers = dict(scope["headers"])
            asker = Asker("loop", {name.decode(): value.decode() for name, value in headers.items()}, None, None)
            seen.append((visitors.asking_address(), asker.name, asker.call, visitors.is_open("tab")))
            assert not asker.call or visitors.is_open(asker.call)

        async def ask(path):
            scope = {"type": "http", "path": path, "client": ("5.5.5.5", 1), "headers": [(b"x-facet-mcp", b"forged")]}
            await visitors.TellVisitors(app)(scope, None, None)

        alone(ask("/gradio_api/mcp/"))
        alone(ask("/gradio_api/heartbeat/tab"))
        (address, name, call, _), (_, _, _, opened) = seen
        assert (address, name) == ("5.5.5.5", "5.5.5.5 mcp")
        assert call
        assert not visitors.is_open(call)
        assert opened
        assert not visitors.is_open("tab")
