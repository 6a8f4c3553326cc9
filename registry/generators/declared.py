"""The StyleGAN2 generators that editors offer, from the manifest, each with the embedded one to fall back on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registry.generators.adapted import onto
from registry.weights import Entry, Net, Weights, entries, size_text

PUPPETS = Weights(
    "", "puppets_128/generator.safetensors", licence="Apache-2.0", layout="facet", title="Puppets (embedded)"
)
"""The embedded generator: rendered portraits, no person's picture, no licence to accept. Its card has the sha256."""
PUPPETS_256 = Weights(
    "", "puppets_256/generator.safetensors", licence="Apache-2.0", layout="facet", title="Puppets 256 (embedded)"
)
"""The same puppets, drawn larger: every w means the same in both."""


def _adapted(style: str) -> Weights:
    file, title = f"puppets_{style}/delta.safetensors", f"Puppets in {style} (embedded)"
    return Weights("", file, licence="Apache-2.0", layout="facet", title=title)


ADAPTED = {f"puppets_{style}": _adapted(style) for style in ()}
"""Puppets 256 adapted to one picture each, by ``python -m training.adapted``."""
EMBEDDED = {"puppets": PUPPETS, "puppets_256": PUPPETS_256, **ADAPTED}
"""The generators that come with Facet, by the names of their nets; all of them share the W space of the first."""


def generator_nets(build: Callable[[Any], Any]) -> tuple[Net, ...]:
    """One net per generator, the embedded Puppets first (the default), then the Hub's, permissive licences first.

    A net is a generator's where `PUPPETS` is among its sources; larger puppets fall back on it like all others.

    Args:
        build: makes the generator from what was read; the same function everywhere, so that loaded ones are shared.
    """
    offered = [entry for entry in entries().values() if entry.kind == "generator" and not entry.name.endswith("_pkl")]
    offered.sort(key=lambda entry: entry.weights.non_commercial)
    puppets = (
        Net("puppets", build, (PUPPETS,), "Puppets 128 · embedded · Apache-2.0"),
        Net("puppets_256", build, (PUPPETS_256, PUPPETS), "Puppets 256 · embedded · Apache-2.0"),
    )
    in_manners = (Net(name, onto(build, PUPPETS_256), (it, PUPPETS), _words(it)) for name, it in ADAPTED.items())
    published = (Net(entry.name, build, (entry.weights, PUPPETS), _label(entry)) for entry in offered)
    return (*puppets, *in_manners, *published)


def _words(weights: Weights) -> str:
    return f"{weights.label.removesuffix(' (embedded)')} · embedded · {weights.licence}"


def _label(entry: Entry) -> str:
    weights = entry.weights
    size = size_text(weights.size or entry.witness_size) if weights.size or entry.witness_size else ""
    licence = "non-commercial" if weights.non_commercial else weights.licence  # the whole licence is shown when asked
    return " · ".join(part for part in (weights.label, licence, size) if part)
