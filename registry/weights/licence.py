"""Weights that may not be used for everything: asked once, remembered.

Acceptances lie in ``$FACET_HOME/licences.json``. Where nobody can be asked, ``FACET_ACCEPT_LICENCES`` holds
repositories or licence names, separated by commas.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from registry.errors import BadInput, LicenceNeeded
from registry.settings import facet_home, listed
from registry.weights.declare import Net, Weights
from registry.weights.json_file import changed_json, read_json


def accept(weights: Weights) -> None:
    """Remember that the user accepts the licence of these weights."""
    when = datetime.now(timezone.utc).isoformat(timespec="seconds")
    with changed_json(_file()) as answers:
        answers[_key(weights)] = {"accepted": True, "at": when, "licence": weights.licence, "repo": weights.repo}


def accepted(weights: Weights) -> bool:
    """Whether these weights may be used: they are free to use, or their licence was accepted."""
    if not weights.non_commercial:
        return True
    named = {part.lower() for part in listed("ACCEPT_LICENCES")}
    if {weights.repo.lower(), weights.licence.lower()} & named:
        return True
    return _answered(weights)


def require(weights: Weights) -> None:
    """Raise LicenceNeeded if these weights need an acceptance that is not there."""
    if not accepted(weights):
        where = f"repository {weights.repo}" if weights.repo else "Facet"
        raise LicenceNeeded(
            f"{weights.label} ({where}) comes under “{weights.licence}”, which does not allow commercial use. "
            "Accept the licence to use these weights: on their tab, by “facet weights fetch NAME --accept-licence”, "
            f"or by FACET_ACCEPT_LICENCES={weights.repo}.",
            weights.repo,
            weights.licence,
        )


def named(nets: Iterable[Net], repo: str, licence: str) -> Weights:
    """The weights that a `LicenceNeeded` speaks of. Raises BadInput if none of `nets` has them."""
    for net in nets:
        for source in net.sources:
            if source.non_commercial and (source.repo, source.licence) == (repo, licence):
                return source
    raise BadInput("licence", "belongs to no weights that an editor here uses")


def _file() -> Path:
    return facet_home() / "licences.json"


def _key(weights: Weights) -> str:
    return f"{weights.repo} {weights.licence}"


def _answered(weights: Weights) -> bool:
    row: Any = read_json(_file()).get(_key(weights))
    return isinstance(row, dict) and row.get("accepted") is True
