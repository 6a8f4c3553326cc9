"""Gradio's queue, made fair: so many waiting for each visitor, visitors in turn, nothing begun for who has gone.

Gradio serves in the order of arrival, and drops what waits only when the stream of a client breaks; who never opened
one, or floods, would keep all others waiting.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import fastapi
from gradio import queueing
from gradio.data_classes import PredictBodyInternal
from gradio.server_messages import ProcessCompletedMessage

from registry.execution import Visitor
from registry.served import LastServed
from registry.settings import number
from surfaces.page.mailboxes import BREATH, Mailbox, Mailboxes
from surfaces.page.visitors import Asker, is_open
from surfaces.settings import GONE_SECONDS

_BOXES = 500  # sessions whose unread messages are kept before old ones are looked for
_UNREAD = 64  # messages of one session that nobody reads

_EVERY = 0.005  # seconds between two looks at what waits; a thousand a second, as Gradio has them, take 3 % of a core

FULL = "Too many edits are waiting here just now. Try again in a minute."


class FairQueue(queueing.Queue):
    """A queue in which visitors take turns."""

    def __init__(self, plain: queueing.Queue, most: int) -> None:
        super().__init__(
            live_updates=plain.live_updates,
            concurrency_count=plain.max_thread_count,
            update_intervals=plain.update_intervals,
            max_size=None,
            blocks=plain.blocks,
            default_concurrency_limit=plain.default_concurrency_limit,
        )
        self.most = most
        self.sleep_when_free = max(self.sleep_when_free, _EVERY)
        self.pending_messages_per_session = Mailboxes()  # type: ignore[assignment]
        self._askers: dict[str, Asker] = {}
        self._let_in = LastServed()
        self._looked = self._swept = 0.0
        self.refusing = ""

    # The end

    def refuse_all(self, sentence: str) -> None:
        """Begin nothing any more: what waits, and what comes from now on, is answered with `sentence`. Any thread."""
        self.refusing = sentence

    @property
    def going_on(self) -> int:
        """How many events are worked on."""
        return sum(len(job) for job in self.active_jobs if job)

    @property
    def handed_over(self) -> bool:
        """Whether nothing is worked on or waits, and everybody who listens has heard all there is."""
        unheard = any(box.qsize() for box in list(self.pending_messages_per_session.values()) if box.listened)
        return not self.going_on and not len(self) and not unheard

    # What comes in

    async def push(self, body: PredictBodyInternal, request: fastapi.Request, username: str | None) -> Any:
        """Let an event wait. One too many is answered at once, with a sentence."""
        asker = Asker(body.session_hash, request.headers, request.client, username)
        box = self.pending_messages_per_session.get(body.session_hash or "")
        if box is not None and not box.listened and box.qsize() >= _UNREAD:
            return False, FULL, "queue_full"
        self._clear_boxes()
        accepted, event_id, state = await super().push(body, request, username)
        event = self.event_ids_to_events.get(event_id) if accepted else None
        if event is not None:
            self._askers[event_id] = asker
            self.pending_messages_per_session[event.session_hash].expect()
            self._limit(event, asker)
        return accepted, event_id, state

    def _limit(self, event: queueing.Event, asker: Asker) -> None:
        waiting = self.event_queue_per_concurrency_id[event.concurrency_id].queue
        if event not in waiting:
            return
        allowed = int(number("WAITING"))
        if sum(self._asker(each).name == asker.name for each in waiting) > allowed:
            sentence = f"{allowed} of your edits are waiting already. Wait until one of them has begun."
            self._answer(event, sentence)
        elif len(self) > self.most:
            everyone = [each for one in self.event_queue_per_concurrency_id.values() for each in one.queue]
            shares = Counter(self._asker(each).address for each in everyone)
            most = max(shares.values())
            greedy = [each for each in everyone if shares[self._asker(each).address] == most]
            self._answer(event if event in greedy else greedy[-1], FULL)

    def _answer(self, event: queueing.Event, sentence: str) -> None:
        """End a waiting event with a refusal."""
        if event.session_hash not in self.pending_messages_per_session:
            self.pending_messages_per_session[event.session_hash] = Mailbox()
        output = {"error": sentence, "title": "Error", "duration": 10, "visible": True}
        self.send_message(event, ProcessCompletedMessage(output=output, success=False, title="Error"))
        self.event_queue_per_concurrency_id[event.concurrency_id].queue.remove(event)
        self._forget(event)

    # What is let in

    def get_events(self) -> Any:
        """The next event to be run: of the visitor who was let in longest ago and has none that goes on."""
        now = time.monotonic()
        if now - self._swept > 0.25:
            self._swept = now
            self._drop_gone()
        if self.refusing:
            self._refuse_waiting()
            return None
        if now < self._looked:
            return None
        running = [event for job in self.active_jobs if job for event in job]
        for name, each in self.event_queue_per_concurrency_id.items():
            if each.concurrency_limit is not None and each.current_concurrency >= each.concurrency_limit:
                continue
            busy = {self._asker(event).name for event in running if event.concurrency_id == name}
            ready = [event for event in each.queue if self._may_begin(event, busy)]
            if ready:
                event = min(ready, key=lambda event: self._let_in.when(self._asker(event).name))
                each.queue.remove(event)
                self._let_in.note(self._asker(event).name)
                return [event], False, name
        self._looked = now + 0.01  # Gradio asks a thousand times a second
        return None

    def _refuse_waiting(self) -> None:
        for each in self.event_queue_per_concurrency_id.values():
            for event in list(each.queue):
                self._answer(event, self.refusing)

    def _may_begin(self, event: queueing.Event, busy: set[str]) -> bool:
        """One run at a time for each visitor. The page's own are let in: the session refuses a second one in words."""
        free = event.fn.api_visibility == "private" or self._asker(event).name not in busy
        return free and self._waited_for(event)

    async def process_events(self, events: list[queueing.Event], *rest: Any, **more: Any) -> None:
        """Run an event. What a call without a session leaves behind goes with it."""
        asker = self._asker(events[0])
        try:
            await super().process_events(events, *rest, **more)
        finally:
            self._forget(events[0])
            if not asker.lasting and self.server_app is not None and not asker.call:
                self.server_app.state_holder.session_data.pop(events[0].session_hash, None)

    # Who is there

    def visitor(self, event_id: str) -> Visitor:
        """Whose event it is, for the registry."""
        event = self.event_ids_to_events.get(event_id)
        if event is None:
            return Visitor()
        return Visitor(self._asker(event).name, gone=lambda: self._left(event))

    def _asker(self, event: queueing.Event) -> Asker:
        known = self._askers.get(event._id)
        return known or Asker(event.session_hash, event.request.headers, event.request.client, event.username)

    def _waited_for(self, event: queueing.Event) -> bool:
        asker = self._asker(event)
        box = self.pending_messages_per_session.get(event.session_hash)
        return is_open(asker.call) if asker.call else box is not None and box.listened

    def _left(self, event: queueing.Event) -> bool:
        """Whether the client of an event has closed its connection; Gradio then throws its mailbox away."""
        if not event.alive or event._id not in self.event_ids_to_events:
            return True
        call = self._asker(event).call
        return not is_open(call) if call else event.session_hash not in self.pending_messages_per_session

    def _gone(self, event: queueing.Event) -> bool:
        """Whether nobody waits for an event that has not begun."""
        box = self.pending_messages_per_session.get(event.session_hash)
        silent = box is not None and box.silence > (BREATH if box.ever else GONE_SECONDS)
        return self._left(event) or (silent and not self._asker(event).call)

    def _drop_gone(self) -> None:
        """Nothing is begun for a client that went, and what goes on for it ends with its next step."""
        for each in self.event_queue_per_concurrency_id.values():
            for event in [event for event in each.queue if self._gone(event)]:
                self._answer(event, "Nobody waited for this edit, so it was not begun.")
        for event in [event for job in self.active_jobs if job for event in job if self._left(event)]:
            event.alive = False

    def _forget(self, event: queueing.Event) -> None:
        self.event_ids_to_events.pop(event._id, None)
        self._askers.pop(event._id, None)

    def _clear_boxes(self) -> None:
        """Throw away messages that nobody fetched for ten minutes, of sessions for which nothing waits or runs."""
        if len(self.pending_messages_per_session) < _BOXES:
            return
        self._askers = {name: asker for name, asker in self._askers.items() if name in self.event_ids_to_events}
        busy = {event.session_hash for event in self.event_ids_to_events.values()}
        for session, box in list(self.pending_messages_per_session.items()):
            if session not in busy and box.silence > 600:
                del self.pending_messages_per_session[session]
                self.pending_event_ids_session.pop(session, None)
