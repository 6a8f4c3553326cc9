"""Questions to the Hub, each with an end: whatever the network does, an answer or a `DownloadError` comes in time."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.settings import number, offline
from registry.weights.declare import Weights, is_commit
from registry.weights.download_errors import DownloadError, classify, disk_full, is_offline, not_a_hub, unreachable
from registry.weights.locations import hub_cache, hub_endpoint
from registry.weights.progress import Reporter
from registry.weights.waiting import Waiting

RESPONSE_SECONDS = 30.0  # until a download begins
STALL_SECONDS = 300.0  # the client reports every 10 MiB, so a slow line is silent for minutes
OUTAGE_SECONDS = 60.0  # after a Hub that cannot be reached, nobody waits for it again for so long
SPARE_BYTES = 16 << 20


@dataclass(frozen=True)
class Place:
    """One address of a file on the Hub."""

    repo: str
    file: str
    revision: str = "main"


@dataclass(frozen=True)
class Remote:
    """What the Hub says about a file before it is downloaded. `sha256` is empty for a small file outside LFS."""

    place: Place
    commit: str
    etag: str
    size: int

    @property
    def sha256(self) -> str:
        """Of the content, as far as the Hub tells: the ETag of a file in LFS is its sha256."""
        return self.etag if re.fullmatch(r"[0-9a-f]{64}", self.etag) else ""


def places(weights: Weights, revision: str) -> list[Place]:
    """The file's own address, then its mirrors'."""
    found = [Place(weights.repo, weights.file, revision)]
    for mirror in weights.mirrors:
        repo, _, file = mirror.partition(":")
        found.append(Place(repo, file or weights.file))
    return found


_outage: dict[str, float] = {}


def forget_outage() -> None:
    """Ask the Hub again at the next chance, even if it could not be reached a moment ago."""
    _outage.clear()


def preflight_seconds() -> float:
    """How long the Hub may take for its first answer (``FACET_HUB_SECONDS``, default 2)."""
    return number("HUB_SECONDS")


def ask(place: Place) -> Remote:
    """Ask the Hub for commit, ETag and size; `preflight_seconds` at most.

    Raises:
        Trouble: there is no such file, no access, or no answer.
    """
    if offline():
        raise is_offline()
    address = hub_endpoint()
    if time.monotonic() < _outage.get(address, 0):
        raise unreachable()
    _client_ready()
    seconds = preflight_seconds()
    try:
        answer = Waiting(lambda: _metadata(place, address, seconds))
        if not answer.wait(seconds + 0.2):
            raise unreachable()  # a silent name server, or an answer that drips, escapes the client's own timeout
        return answer.result()
    except DownloadError as trouble:
        if trouble.kind == "unreachable":
            _outage[address] = time.monotonic() + OUTAGE_SECONDS
        raise


def _metadata(place: Place, address: str, seconds: float) -> Remote:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(place.repo, place.file, revision=place.revision, endpoint=address)
    try:
        found = get_hf_file_metadata(url, timeout=seconds, endpoint=address)
    except Exception as error:  # the border to the client: whatever it raises gets a name
        trouble = classify(error)
        raise (unreachable() if trouble.kind == "broken" else trouble) from None
    commit, etag = found.commit_hash or "", found.etag or ""
    if not is_commit(commit) or not re.fullmatch(r"[\w.-]{1,128}", etag):
        raise not_a_hub()
    return Remote(place, commit, etag, found.size or 0)


def download(remote: Remote, reporter: Reporter, stopping: Callable[[], bool] | None = None) -> Path:
    """Download one file at the commit that `ask` found, into the Hub client's cache. Its sha256 is not yet checked.

    Args:
        remote: the answer of `ask`.
        reporter: told about every part that arrives.
        stopping: polled while waiting; when it gives True, the download is given up.

    Raises:
        Trouble: it could not be completed; nothing partial is left under the file's name.
    """
    _make_room(remote)
    given_up = threading.Event()
    work = Waiting(lambda: _transfer(remote, reporter, given_up))
    first = seen = reporter.moved
    quiet = time.monotonic()
    try:
        while not work.wait(0.1):
            if reporter.moved != seen:
                seen, quiet = reporter.moved, time.monotonic()
            if stopping is not None and stopping():
                raise DownloadError("stopped", "the download was stopped", host_down=True)
            if time.monotonic() - quiet > (RESPONSE_SECONDS if seen == first else STALL_SECONDS):
                raise unreachable("the Hub stopped answering")
    finally:
        given_up.set()  # also when somebody interrupts this thread
    return work.result()


def _transfer(remote: Remote, reporter: Reporter, given_up: threading.Event) -> Path:
    from huggingface_hub import hf_hub_download

    place = remote.place
    try:
        path = hf_hub_download(
            place.repo,
            place.file,
            revision=remote.commit,
            endpoint=hub_endpoint(),
            cache_dir=hub_cache(),
            etag_timeout=5,
            tqdm_class=_bar(reporter, given_up),
        )
    except Exception as error:  # the border to the client
        trouble = classify(error)
        if trouble.kind == "disk_full":  # older clients keep the part that filled the disk
            for part in _parts(place.repo, f"{remote.etag}*.incomplete"):
                part.unlink(missing_ok=True)
        raise trouble from None
    return Path(path)


def _client_ready() -> None:
    """Import the client, which takes a moment, and keep it from reporting.

    Reporting would cost a request of its own before the first file.

    That is Facet's default; ``HF_HUB_DISABLE_TELEMETRY=0`` lifts it.
    """
    from huggingface_hub import constants, hf_hub_download  # noqa: F401 - imported in advance

    if os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1").lower() in ("1", "on", "yes", "true"):
        constants.HF_HUB_DISABLE_TELEMETRY = True  # the client reads the variable once, when it is first imported


def _bar(reporter: Reporter, given_up: threading.Event) -> Any:
    """A progress bar class for the client that draws nothing and reports."""
    from huggingface_hub.utils.tqdm import tqdm

    class Bar(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:
            self._counts = options.get("unit") == "B" and "downloading bytes" not in str(options.get("desc", ""))
            reporter.arrived(0)  # the answer has begun
            super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> bool | None:
            if given_up.is_set():
                raise DownloadError("stopped", "the download was given up")
            if self._counts:
                reporter.arrived(int(n or 0))
            return None

    return Bar


def _parts(repo: str, pattern: str = "*.incomplete") -> Iterator[Path]:
    """What unfinished downloads of a repository have left in the cache."""
    return (hub_cache() / f"models--{repo.replace('/', '--')}" / "blobs").glob(pattern)


def _make_room(remote: Remote) -> None:
    """Raise Trouble if the file cannot fit, after clearing what killed downloads have left of it."""
    folder = hub_cache()
    for part in _parts(remote.place.repo):
        try:
            if time.time() - part.stat().st_mtime > 600:  # nobody writes to it any more
                part.unlink()
        except OSError:
            continue
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if remote.size + min(SPARE_BYTES, remote.size // 10) > free:
        raise disk_full("the Hub's cache", remote.size, free)
