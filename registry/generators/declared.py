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
_MANNERS = {
    "ink": "in ink",
    "watercolour": "in watercolour",
    "oil": "in oil",
    "bronze": "in bronze",
    "pencil": "in coloured pencil",
    "night": "by night",
    "neon": "in neon",
}
ADAPTED = {
    f"puppets_{style}": Weights(
        "", f"puppets_{style}/delta.safetensors", licence="Apache-2.0", layout="facet", title=f"Puppets {words}"
    )
    for style, words in _MANNERS.items()
}
"""Puppets 256, adapted to one picture each. Their files are differences from it."""
EMBEDDED = {"puppets": PUPPETS, "puppets_256": PUPPETS_256, **ADAPTED}
"""The generators that come with Facet, by the names of their nets; all of them share the W space of the first."""


def adapted_from(generator: str) -> str:
    """The generator whose weights an adapted one is a difference from; itself for any other."""
    return "puppets_256" if generator in ADAPTED else generator


def offered() -> list[Entry]:
    """The Hub's generators, permissive licences first."""
    found = [entry for entry in entries().values() if entry.kind == "generator" and not entry.name.endswith("_pkl")]
    return sorted(found, key=lambda entry: entry.weights.non_commercial)


def generator_nets(build: Callable[[Any], Any]) -> tuple[Net, ...]:
    """One net per generator with weights of its own, the embedded Puppets first, then the Hub's.

    Which of them is used, perhaps adapted, an input of the kind `GeneratorChoice` says, and `ctx.load_generator` loads
    it. All fall back on the smaller embedded one.

    Args:
        build: makes the generator from what was read; the same function everywhere, so that loaded ones are shared.
    """
    sources = {"puppets": (PUPPETS,), "puppets_256": (PUPPETS_256, PUPPETS)}
    sources |= {name: (weights, PUPPETS_256, PUPPETS) for name, weights in ADAPTED.items()}
    sources |= {entry.name: (entry.weights, PUPPETS) for entry in offered()}
    builders = dict.fromkeys(ADAPTED, onto(build, PUPPETS_256))
    return tuple(
        Net(name, builders.get(name, build), each, label_of(name), generator=True) for name, each in sources.items()
    )


def label_of(name: str) -> str:
    """What people call a generator with weights of its own: with its licence and size."""
    if name in _LABELS:
        return _LABELS[name]
    entry = entries()[name]
    weights = entry.weights
    size = size_text(weights.size or entry.witness_size) if weights.size or entry.witness_size else ""
    licence = "non-commercial" if weights.non_commercial else weights.licence  # the whole licence is shown when asked
    return " · ".join(part for part in (weights.label, licence, size) if part)


_LABELS = {
    "puppets": "Puppets 128 · embedded · Apache-2.0",
    "puppets_256": "Puppets 256 · embedded · Apache-2.0",
    **{name: f"{weights.title} 256 · embedded · Apache-2.0" for name, weights in ADAPTED.items()},
}
