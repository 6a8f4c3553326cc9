"""Everything that can go wrong between a declaration and a file, told apart and put into words."""

from __future__ import annotations

import errno

from registry.errors import EditorError, WeightsCorrupt, WeightsMissing
from registry.weights.declare import Weights

LOG_IN = "Ask for access on its page, then log in with “hf auth login” or set HF_TOKEN."
CONNECTION = "Check the connection and try again."
LATER = "Try again in a few minutes."
ELSEWHERE = "Choose other weights, or put the file into Facet's home yourself (see docs/weights.md)."
FREE_SPACE = "Free some space, or set HF_HOME to a larger disk."


class DownloadError(Exception):
    """One reason why one file could not be had.

    Attributes:
        kind: one word for programs: ``offline``, ``unreachable``, ``busy``, ``cut``, ``broken``, ``missing``,
            ``gated``, ``denied``, ``not_a_hub``, ``disk_full``, ``unwritable``, ``changed``, ``damaged``,
            ``stopped``, ``failed``.
        why: for people, without a full stop.
        fix: what to do, one sentence.
        again: the same request may well succeed a moment later.
        host_down: no other repository of the same Hub can be had either.
    """

    def __init__(self, kind: str, why: str, fix: str = "", *, again: bool = False, host_down: bool = False) -> None:
        super().__init__(kind, why, fix)
        self.kind, self.why, self.fix, self.again, self.host_down = kind, why, fix, again, host_down

    def error(self, weights: Weights) -> EditorError:
        """The typed error for the user."""
        size = f" ({size_text(weights.size)})" if weights.size else ""
        sentence = f"{weights.label}{size} from {weights.repo or 'Facet itself'}: {self.why}. {self.fix}".strip()
        return WeightsCorrupt(sentence) if self.kind in ("changed", "damaged") else WeightsMissing(sentence)


def size_text(count: int) -> str:
    """Bytes as people read them."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"


def unreachable(why: str = "the Hub can't be reached") -> DownloadError:
    """No answer, or none in time."""
    return DownloadError("unreachable", why, CONNECTION, host_down=True)


def is_offline() -> DownloadError:
    """Requests are forbidden."""
    return DownloadError(
        "offline", "Facet is offline and the file is not in the cache", "Go online once.", host_down=True
    )


def disk_full(folder: str, needed: int, free: int) -> DownloadError:
    """Not enough room for the file."""
    room = f"{size_text(needed)} needed, {size_text(free)} free"
    return DownloadError("disk_full", f"the disk of {folder} is full ({room})", FREE_SPACE, host_down=True)


def classify(error: BaseException) -> DownloadError:
    """Put what the Hub client raised into words."""
    from huggingface_hub import errors as hub

    if isinstance(error, DownloadError):
        return error
    if isinstance(error, hub.LocalEntryNotFoundError):  # the client's wrapping of a failed HEAD request
        cause = error.__cause__
        return classify(cause) if cause is not None else unreachable()
    if isinstance(error, hub.GatedRepoError):
        return DownloadError("gated", "its authors give access on request only", LOG_IN)
    if isinstance(error, hub.RepositoryNotFoundError):
        return DownloadError("missing", "the Hub has no such repository, or it is private", ELSEWHERE)
    if isinstance(error, hub.RevisionNotFoundError):
        return DownloadError("missing", "the repository no longer has this revision", ELSEWHERE)
    if isinstance(error, hub.EntryNotFoundError):
        return DownloadError("missing", "the repository has no such file", ELSEWHERE)
    if isinstance(error, hub.HfHubHTTPError):
        return _status(int(getattr(error.response, "status_code", 0) or 0))
    if isinstance(error, hub.OfflineModeIsEnabled):
        return is_offline()
    if isinstance(error, hub.FileMetadataError):
        return not_a_hub()
    return _below_http(error)


def not_a_hub() -> DownloadError:
    """Something answers that is no Hub."""
    why = "what answers in the Hub's place is no Hub (a login page or a proxy?)"
    return DownloadError(
        "not_a_hub", why, "Open a web page to log in to the network, or check HF_ENDPOINT.", host_down=True
    )


def _status(code: int) -> DownloadError:
    if code in (408, 425, 429) or code >= 500:
        return DownloadError("busy", f"the Hub is busy (it answers {code})", LATER, again=True)
    if code in (401, 403):
        return DownloadError("denied", f"the Hub denies access (it answers {code})", LOG_IN)
    if code == 404:
        return DownloadError("missing", "the Hub has no such file", ELSEWHERE)
    return DownloadError("failed", f"the Hub answers {code}", LATER)


def _below_http(error: BaseException) -> DownloadError:
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DownloadError("disk_full", "the disk became full", FREE_SPACE, host_down=True)
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            why = "the Hub's cache cannot be written"
            return DownloadError("unwritable", why, "Set HF_HOME to a folder that can be written.", host_down=True)
        if error.errno is None and "onsistency check failed" in str(error):
            return DownloadError("cut", "the download ended too early", LATER, again=True)
    if type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "ssl"):
        return DownloadError("broken", "the connection broke during the download", CONNECTION, again=True)
    return DownloadError("failed", f"the download failed ({type(error).__name__}: {str(error)[:120]})", LATER)
