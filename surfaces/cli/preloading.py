"""``facet weights preload``: the lines by which a Space's image holds weights before its first start."""

from __future__ import annotations

from collections.abc import Sequence

from facet import BadInput
from registry.weights import Entry, licence


def preload_lines(chosen: Sequence[Entry]) -> str:
    """``preload_from_hub`` for the front-matter of a Space's README: a repository in each line, with files and commit.

    Raises:
        BadInput: weights come with Facet, or their licence has to be accepted first.
    """
    files: dict[tuple[str, str], list[str]] = {}
    for entry in chosen:
        weights = entry.weights
        if weights.embedded:
            raise BadInput("name", f"{entry.name} comes with Facet", "Leave it out.")
        if not licence.accepted(weights):
            fix = "Accept it for the Space with FACET_ACCEPT_LICENCES, here and there."
            raise BadInput("name", f"{entry.name} may not be used commercially (“{weights.licence}”)", fix)
        commit = weights.revision if weights.revision != "main" else ""
        files.setdefault((weights.repo, commit), []).append(weights.file)
    rows = (" ".join(filter(None, (repo, ",".join(names), commit))) for (repo, commit), names in files.items())
    return "\n".join(["preload_from_hub:", *(f"  - {row}" for row in rows)])
