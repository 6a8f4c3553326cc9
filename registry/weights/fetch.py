"""From a declaration to a verified file: the cache, then the Hub, then its mirrors."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from registry.errors import Stopped, WeightsMissing
from registry.settings import offline
from registry.weights import licence, lock
from registry.weights.declare import Weights, is_commit
from registry.weights.download_errors import DownloadError, is_offline
from registry.weights.hub import Place, Remote, ask, download, places
from registry.weights.local import Local, cached, discard, embedded, file_sha256
from registry.weights.lock import Pin, pin_of
from registry.weights.progress import Reporter

BACK_OFF_SECONDS = (0.5, 1.0, 2.0)

_one_at_a_time: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def fetch(weights: Weights, stopping: Callable[[], bool] | None = None) -> Local:
    """Have the file here, verified: out of the cache without any request, else downloaded.

    Args:
        weights: the declaration.
        stopping: polled during a download; when it gives True, the download is given up.

    Raises:
        LicenceNeeded: its licence was not accepted yet. Nothing has been asked of the Hub.
        WeightsMissing: it cannot be had; says why and what to do.
        WeightsCorrupt: what can be had is not the expected file; nothing of it was used.
        Stopped: `stopping` gave True.
    """
    try:
        return attempt(weights, stopping)
    except DownloadError as trouble:
        if trouble.kind == "stopped":
            raise Stopped(f"The download of {weights.name} was stopped.") from None
        raise trouble.error(weights) from None


def attempt(weights: Weights, stopping: Callable[[], bool] | None = None) -> Local:
    """`fetch`, raising `DownloadError` instead of the errors for the user."""
    if weights.embedded:
        return embedded(weights)
    with _one_at_a_time[lock.key(weights)]:
        pin = pin_of(weights)
        local, wrong = cached(weights, pin)
        if local is not None:
            licence.require(weights)
            return _locked(weights, local)
        if offline():
            raise _damaged_copy(pin) if wrong else is_offline()
        licence.require(weights)
        for path in wrong:
            discard(path)
        return _locked(weights, _from_hub(weights, pin, stopping))


def _locked(weights: Weights, local: Local) -> Local:
    try:
        lock.record(weights, local.repo, local.file, local.revision, local.sha256, local.size)
    except WeightsMissing:  # the home cannot be written; a pinned file is as safe without its row
        if not weights.sha256:
            raise
    return local


def _from_hub(weights: Weights, pin: Pin, stopping: Callable[[], bool] | None) -> Local:
    """Every place in turn; the first trouble is the one that is told, as it is about the declared place."""
    first: DownloadError | None = None
    for place in places(weights, pin.revision):
        try:
            return _patiently(place, pin, stopping)
        except DownloadError as trouble:
            first = first or trouble
            if trouble.host_down:
                break
    assert first is not None  # there is at least the declared place
    raise first


def _patiently(place: Place, pin: Pin, stopping: Callable[[], bool] | None) -> Local:
    """One place, asked again after a pause as long as that may help."""
    once_more = True
    for pause in (*BACK_OFF_SECONDS, None):
        try:
            return _once(place, pin, stopping)
        except DownloadError as trouble:
            if not trouble.again or pause is None or not once_more:
                raise
            # A whole file that came in vain, or a connection that the client has mended several times, is not worth
            # as much patience as a Hub that is busy.
            once_more = trouble.kind not in ("damaged", "broken")
            _sleep(pause, stopping)
    raise AssertionError("the last round returns or raises")


def _sleep(seconds: float, stopping: Callable[[], bool] | None) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if stopping is not None and stopping():
            raise DownloadError("stopped", "the download was stopped", host_down=True)
        time.sleep(min(0.1, left))


def _once(place: Place, pin: Pin, stopping: Callable[[], bool] | None) -> Local:
    try:
        remote = ask(place)
    except DownloadError as trouble:
        if trouble.kind == "missing" and pin.by_trust and is_commit(place.revision):
            trouble.fix = _unlock(pin)
        raise
    _expected(remote, pin)
    reporter = Reporter(place.repo, place.file, remote.size)
    state = "failed"
    try:
        path = download(remote, reporter, stopping)
        reporter.state("checking")
        found = file_sha256(path)
        wanted = pin.sha256 or remote.sha256
        if wanted and found != wanted:
            discard(path)
            why = f"what arrived is damaged (sha256 {found[:12]}… instead of {wanted[:12]}…)"
            raise DownloadError("damaged", why, "Try again; if it stays so, do not use this file.", again=True)
        state = "done"
        return Local(path, found, place.repo, place.file, remote.commit, path.stat().st_size)
    finally:
        reporter.state(state)


def _expected(remote: Remote, pin: Pin) -> None:
    """Refuse before the download what the Hub itself says is another file."""
    if pin.sha256 and remote.sha256 and remote.sha256 != pin.sha256:
        seen = f"sha256 {remote.sha256[:12]}… instead of {pin.sha256[:12]}…"
    elif pin.size and remote.size and remote.size != pin.size:
        seen = f"{remote.size} bytes instead of {pin.size}"
    else:
        return
    what = "the file on the Hub has changed since its first use here" if pin.by_trust else "the Hub has another file"
    raise DownloadError("changed", f"{what} ({seen})", _unlock(pin))


def _unlock(pin: Pin) -> str:
    if not pin.by_trust:
        return "Install a newer Facet, which may know it."
    return "If you trust the change, allow it by “facet weights fetch NAME --update”."


def _damaged_copy(pin: Pin) -> DownloadError:
    why = "the copy in the cache is damaged and Facet is offline"
    return DownloadError("damaged", why, "Go online to download it again.")
