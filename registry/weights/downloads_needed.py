"""What an editor needs from the Hub before it can work, in one sentence that every surface says alike."""

from __future__ import annotations

from collections.abc import Iterable

from registry.weights.declare import Net, Weights
from registry.weights.download_errors import size_text
from registry.weights.local import cached_path
from registry.weights.lock import known_pin
from registry.weights.manifest import entries


def is_here(source: Weights) -> bool:
    """Whether a file comes with Facet or a plugin, or lies in the cache."""
    return source.embedded or cached_path(source, known_pin(source)) is not None


def need(net: Net) -> str:
    """What a net is, how large, under which licence and how to get it; empty if one of its files is here.

    A net with an embedded source needs nothing.
    """
    if any(map(is_here, net.sources)) or not net.sources:
        return ""
    first = net.sources[0]
    about = ", ".join(filter(None, (size_text(first.size) if first.size else "", first.licence)))
    named = next((name for name, entry in entries().items() if entry.weights == first), "")
    how = f", or now by “facet weights fetch {named}”" if named else ""
    return f"{first.label} ({about}) from {first.repo} is needed; it is downloaded at the first run{how}."


def needs(nets: Iterable[Net]) -> list[str]:
    """`need` of every net that needs something and without which the editor cannot work."""
    return [text for net in nets if not net.optional and (text := need(net))]
