"""What the environment says: every FACET_ variable stands in one table and is read here.

Gradio's own variables are in `surfaces.settings`. docs/hosting.md shows this table; a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from registry.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One variable of the environment.

    Attributes:
        name: of the variable, after ``FACET_``.
        meaning: what it does, for people.
        otherwise: what holds where it is not set, for people.
        default: that as a number, for those that are numbers; None where there is none.
    """

    name: str
    meaning: str
    otherwise: str
    default: float | None = None

    @property
    def variable(self) -> str:
        """The variable's whole name."""
        return f"FACET_{self.name}"


_SHARED_ONLY = "where others can reach the page (another `--host`, `--root-path`, a Space)"

SETTINGS = (
    Setting("EDITORS", "load only the plugins with these names, separated by commas", "all"),
    Setting("HOME", "dropped-in editors and what else outlives a run", "`~/.facet`"),
    Setting("DEVICE", "`cuda`, `mps` or `cpu`", "the best there is"),
    Setting(
        "DEADLINE_SECONDS",
        "longest run; it then ends with the best so far; 0 is none",
        f"none; 120 {_SHARED_ONLY}",
        0,
    ),
    Setting(
        "ENDING_SECONDS",
        "how long a page that is told to end (SIGTERM) lets edits go on; they then end with their best so far",
        "25",
        25,
    ),
    Setting("LOG", "a file to which each request and each run adds a line of JSON; `-`: standard output", "none"),
    Setting("SILENCE_SECONDS", "how long an editor may say nothing before it is given up", "300", 300),
    Setting("LOAD_SECONDS", "how long importing one plugin may take", "20", 20),
    Setting("HUB_SECONDS", "how long the Hub may take for its first answer", "2", 2),
    Setting("OFFLINE", "1: make no request at all", "off"),
    Setting("PRELOAD", "editors or nets whose weights are loaded before the page opens, or `all`", "none"),
    Setting(
        "NET_MEMORY_MB",
        "memory that loaded networks may keep; 0 is the default",
        "60 % of the GPU, or a quarter of the machine",
        0,
    ),
    Setting("SESSIONS_MEMORY_MB", "memory that the pictures of all sessions together may take", "2048", 2048),
    Setting(
        "HISTORY",
        "1: what a browser's visitor makes stays on the disk and is found again by a cookie; 0: in memory only",
        f"1 for the owner on this machine; 0 {_SHARED_ONLY}",
    ),
    Setting("HISTORY_MB", "history of one browser on the disk; its oldest pictures go beyond that", "1024", 1024),
    Setting("HISTORIES_MB", "all histories together; those used longest ago go beyond that", "8192", 8192),
    Setting("HISTORY_DAYS", "how long a history is kept that nobody opens", "30", 30),
    Setting("ACCEPT_LICENCES", "licences accepted beforehand, for machines without a user", "none"),
    Setting("NAMES", "host names that the page is called by, separated by commas", "none"),
    Setting(
        "FRAME_ANCESTORS",
        "pages that may show this one in a frame, separated by spaces",
        "itself; on a Space the Hub's",
    ),
    Setting("SESSION_MB", "own models and tuned generators of one session; its oldest go beyond that", "512", 512),
    Setting("SESSIONS_MB", "of all sessions together; then none is taken any more", "4096", 4096),
    Setting("FILES_MB", "uploads and downloads together; those used longest ago go beyond that", "4096", 4096),
    Setting("WAITING", "edits of one visitor that may wait while another runs; the next is refused", "3", 3),
    Setting("BATCHES", "batches that may go on at a time, those included whose tab is closed", "8", 8),
    Setting("BATCH_ALONE_SECONDS", "how long a guest's batch goes on that nobody watches", "300", 300),
    Setting("BATCH_PICTURES", "pictures in one batch of a visitor who is not the owner", "100", 100),
    Setting("BATCH_MB", "their files together, and their results together; likewise", "256", 256),
    Setting(
        "FOLDERS",
        "folders, separated by commas, under which the owner of a page on this machine may name one for a batch",
        "the home folder",
    ),
    Setting("YOURS_MB", "what the owner keeps under Yours; then something has to be deleted", "16384", 16384),
    Setting("DELTAS_MB", "the owner's tuned generators; those used longest ago go beyond that", "4096", 4096),
    Setting(
        "SHARED",
        "1: the owner keeps no directions, which all visitors would see; set by itself where others can reach the page",
        "off",
    ),
)
_BY_NAME = {each.name: each for each in SETTINGS}
_YES = ("1", "on", "yes", "true")


def text(name: str, environ: Mapping[str, str] | None = None) -> str:
    """What a variable says; empty where it is not set.

    Args:
        name: the setting's, e.g. ``"DEVICE"``.
        environ: another environment than this process's.
    """
    return (os.environ if environ is None else environ).get(_BY_NAME[name].variable, "")


def listed(name: str) -> list[str]:
    """The words of a variable, separated by commas, without empty ones."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def number(name: str) -> float:
    """The number of a variable, or its default in `SETTINGS`.

    Raises:
        BadInput: something else stands there.
    """
    setting = _BY_NAME[name]
    said = text(name)
    try:
        value = float(said or setting.default or 0)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise BadInput(setting.variable, f"must be a number from 0, not “{said}”", "Correct the environment variable.")
    return value


def is_on(name: str) -> bool:
    """Whether a variable says 1, on, yes or true."""
    return text(name).lower() in _YES


def set_here(name: str, value: str, environ: MutableMapping[str, str] | None = None, keep: bool = False) -> None:
    """Set a variable for this process and those it starts; with `keep`, only if nobody has set it."""
    where = os.environ if environ is None else environ
    variable = _BY_NAME[name].variable
    where[variable] = where.get(variable, value) if keep else value


def facet_home() -> Path:
    """Where Facet keeps what outlives a run: ``$FACET_HOME``, else ``~/.facet``."""
    return Path(text("HOME") or Path.home() / ".facet")


def offline() -> bool:
    """Whether no request may be made: ``FACET_OFFLINE`` or ``HF_HUB_OFFLINE`` is set."""
    return is_on("OFFLINE") or os.environ.get("HF_HUB_OFFLINE", "").lower() in _YES
