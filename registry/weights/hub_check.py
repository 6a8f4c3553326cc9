"""Asking the live Hub whether it still has what the declarations say; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.weights import lock
from registry.weights.download_errors import DownloadError
from registry.weights.hub import Place, Remote, ask, places
from registry.weights.manifest import Entry


@dataclass(frozen=True)
class Answer:
    """What the Hub said about one address of one file.

    Attributes:
        name: the entry's.
        place: the address that was asked: the declared one, or a mirror.
        remote: commit, ETag and size, or None.
        differs: one phrase for everything that is not as declared; empty if all is.
        unpinned: what the declaration leaves open, with the Hub's value.
        trouble: why there is no answer.
    """

    name: str
    place: Place
    remote: Remote | None = None
    differs: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = field(default=())
    trouble: DownloadError | None = None

    @property
    def verdict(self) -> str:
        """``same``, ``differs``, ``gone`` (the Hub does not have it) or ``unknown`` (no answer)."""
        if self.trouble is not None:
            return "gone" if self.trouble.kind in ("missing", "gated", "denied") else "unknown"
        return "differs" if self.differs else "same"


def ask_live(entry: Entry) -> Iterator[Answer]:
    """One answer for the declared address and one for every mirror."""
    weights = entry.weights
    if weights.embedded:
        return
    for place in places(weights, weights.revision):
        try:
            remote = ask(place)
        except DownloadError as trouble:
            yield Answer(entry.name, place, trouble=trouble)
            if trouble.host_down:
                return
        else:
            yield _compared(entry, place, remote)


def _compared(entry: Entry, place: Place, remote: Remote) -> Answer:
    weights, differs, unpinned = entry.weights, [], []
    is_mirror = place.repo != weights.repo
    wanted_commit = "" if is_mirror or place.revision != remote.commit and place.revision == "main" else place.revision
    if wanted_commit and wanted_commit != remote.commit:
        differs.append(f"commit {remote.commit} instead of {wanted_commit}")
    if not wanted_commit and not is_mirror:
        unpinned.append(f"commit {remote.commit}")
    pin = lock.pin_of(weights)
    for what, declared, locked, witness, live in (
        ("sha256", weights.sha256, pin.sha256, entry.witness_sha256, remote.sha256),
        ("size", weights.size, pin.size, entry.witness_size, remote.size),
    ):
        if declared and live and live != declared:
            differs.append(f"{what} {live} instead of {declared}")
        elif not declared and live:
            unpinned.append(f"{what} {live}")
            if locked and live != locked:
                differs.append(f"{what} {live} instead of {locked} at its first use here")
            if witness and live != witness:
                differs.append(f"{what} {live} and another copy has {witness}")
    if weights.sha256 and not remote.sha256:
        differs.append(f"the Hub tells no sha256, only the ETag {remote.etag}")
    return Answer(entry.name, place, remote, tuple(differs), tuple(unpinned))
