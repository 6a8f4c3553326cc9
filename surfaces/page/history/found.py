"""The history of whoever asks: the one that another of their tabs has open, or the one on the disk, or a new one."""

from __future__ import annotations

import threading
import weakref

from gradio.context import LocalContext

from registry.settings import is_on, text
from surfaces.page.history.cookie import key_of, token_of
from surfaces.page.history.disk import Shelf, histories_folder, sweep
from surfaces.page.history.tree import History
from surfaces.page.session import Session
from surfaces.page.visitors import headers_of

_open: weakref.WeakValueDictionary[str, History] = weakref.WeakValueDictionary()  # goes with the last tab's session
_guard = threading.Lock()


def find_again(session: Session, owner: bool) -> bool:
    """Let a tab that has just been opened go on where its browser was; whether there is anything to show.

    Args:
        session: the tab's.
        owner: whether the page's owner asks, whose history lies on the disk without being told to.
    """
    request = LocalContext.request.get(None)
    token = token_of(headers_of(request))
    if not token:
        return False
    session.find(history_of(key_of(token, getattr(request, "username", None)), on_disk(owner)))
    return bool(session.entries)


def history_of(key: str, on_disk: bool) -> History:
    """The history of that name."""
    with _guard:
        found = _open.get(key)
        if found is None:
            if on_disk:
                sweep(spared=set(_open))
            found = _open[key] = History(Shelf(histories_folder() / key) if on_disk else None, lasting=True)
        return found


def on_disk(owner: bool) -> bool:
    """Whether a visitor's history lies on the disk: as ``FACET_HISTORY`` says, else for the owner only."""
    return is_on("HISTORY") if text("HISTORY") else owner
