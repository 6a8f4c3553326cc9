"""Every call of a listener: what it may name, whose it is, and where what it leaves lies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr

from registry.belongings import Guest, kept_in
from registry.errors import BadInput
from surfaces.doors.callers import Callers
from surfaces.page.leaving import patient
from surfaces.page.session import Session
from surfaces.page.uploads import address_refused, is_address, own_upload
from surfaces.page.visitors import Asker, headers_of
from surfaces.page.visits import Visits, visit_named

_owner: ContextVar[bool] = ContextVar("from_owner", default=False)


def from_owner() -> bool:
    """Whether the listener that runs now was called by the page's owner, who accepts licences and keeps directions."""
    return _owner.get()


class Page(gr.Blocks):
    """Gradio's page, with a look at every call before Gradio prepares its inputs and before the listener runs."""

    def __init__(self, callers: Callers, **how: Any) -> None:
        super().__init__(**how)
        self.callers = callers
        self.visits = Visits()
        self.calls_going_on = 0
        self._begun: WeakKeyDictionary[Any, Guest | None] = WeakKeyDictionary()

    def get_block_name(self) -> str:
        """As its clients know it."""
        return "blocks"

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *rest: Any, **how: Any) -> Any:
        """As Gradio's, without fetching: an address in a file's place is refused, whichever component it is sent to.

        The address of an upload to this server, by which MCP clients name it, becomes its path.
        """
        labels = [getattr(block, "label", None) or "file" for block in block_fn.inputs]
        if len(inputs) == len(labels):
            inputs = [without_addresses(sent, label) for sent, label in zip(inputs, labels, strict=True)]
        return await super().preprocess_data(block_fn, inputs, *rest, **how)

    async def call_function(
        self,
        block_fn: Any,
        processed_input: list[Any],
        iterator: AsyncIterator[Any] | None = None,
        *rest: Any,
        **how: Any,
    ) -> Any:
        """As Gradio's, on behalf of whoever called, with generators that can be left at once.

        The steps of a generator after its first belong to whoever began it.
        """
        if iterator is not None and iterator in self._begun:
            visitor = self._begun[iterator]
        else:
            visitor = self._visitor(processed_input, rest[0] if rest else how.get("requests"))
        self.calls_going_on += 1
        try:
            with _for(visitor):
                result = patient(await super().call_function(block_fn, processed_input, iterator, *rest, **how))
        finally:
            self.calls_going_on -= 1
        if (going := result.get("iterator")) is not None:
            self._begun[going] = visitor
        return result

    def _visitor(self, inputs: list[Any], requests: Any) -> Guest | None:
        """Whose things a call leaves: None for the owner. A call without a session or a visit is one of its own."""
        request = requests[0] if isinstance(requests, list) and requests else requests
        headers = headers_of(request)
        if headers and self.callers.is_owner(headers):
            return None
        if (tab := next((each.guest for each in inputs if isinstance(each, Session)), None)) is not None:
            return tab
        try:
            name = visit_named(headers)
        except BadInput as refusal:
            raise gr.Error(str(refusal), print_exception=False) from None
        client, username = getattr(request, "client", None), getattr(request, "username", None)
        asker = Asker(None, headers, (client.host,) if client else None, username)
        return self.visits.guest(name, asker.address, username) or Guest()


@contextmanager
def _for(visitor: Guest | None) -> Iterator[None]:
    before = _owner.set(visitor is None)
    try:
        with kept_in(visitor.belongings if visitor else None):
            yield
    finally:
        _owner.reset(before)


def without_addresses(sent: Any, label: str) -> Any:
    """What a client sent, with our own uploads by their paths.

    Raises:
        gr.Error: it names another address where Gradio expects a file.
    """
    if isinstance(sent, Mapping):
        found = {name: without_addresses(value, label) for name, value in sent.items()}
        path = found.get("path")
        if isinstance(path, str) and is_address(path):
            found["path"] = own_upload(path)
            if found["path"] is None:
                raise gr.Error(str(address_refused(label.lower())), print_exception=False)
        return found
    if isinstance(sent, list):
        return [without_addresses(value, label) for value in sent]
    return sent
