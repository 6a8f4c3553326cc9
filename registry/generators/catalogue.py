"""The generators there are, asked anew each time: those that come along, the Hub's, and what edits have left here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from registry.artifacts import Kept, found
from registry.generators.declared import EMBEDDED, label_of, offered
from registry.generators.presets import DRAG, OWN, framing
from registry.subjects import GeneratorRef
from registry.weights import Weights, cached_path, card, embedded_path, entries, known_pin

Shelf = Literal["here", "download", "yours", "file"]
YOURS = "yours:"


@dataclass(frozen=True)
class GeneratorEntry:
    """One generator that an edit can use.

    Attributes:
        id: what inputs, recipes and clients call it.
        title: what people call it, with its licence and size.
        ref: the network it means: its source's id, and the delta of one that was adapted or tuned.
        space: the generator whose W space, and whose directions, it shares.
        framing: ``"puppets"`` or ``"ffhq"``, how its pictures frame a face; empty where they show none.
        drag: how it likes to be dragged, as far as somebody measured that; names as in its card.
        licence: SPDX id, or the licence's name.
        non_commercial: whether the licence forbids commercial use.
        megabytes: size of its file in MB (10⁶ bytes); 0 where unknown.
        here: whether it can be used without a request.
        shelf: the group it is offered in; ``"file"`` for one out of a file of the user's own, which no list offers.
        source: the weights of its network; None for one out of a file of the user's own.
        order: its place in lists that do not depend on what is here.
    """

    id: str
    title: str
    ref: GeneratorRef
    space: str
    framing: str = ""
    drag: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    non_commercial: bool = False
    megabytes: float = 0.0
    here: bool = True
    shelf: Shelf = "here"
    source: Weights | None = None
    order: int = 0


def w_space(generator: str) -> str:
    """The generator whose W space, and whose directions, this one shares; itself unless it was adapted from another."""
    if generator.startswith(YOURS):
        kept = _kept(generator)
        return w_space(kept.generator) if kept is not None and not kept.generator.startswith(YOURS) else generator
    if generator in EMBEDDED:
        return next(iter(EMBEDDED))
    entry = entries().get(generator)
    return (entry.w_space or generator) if entry else generator


def generators(yours: bool = True, spaces: Collection[str] = ()) -> tuple[GeneratorEntry, ...]:
    """All that whoever asks may use: those that are here first, then the Hub's, then what edits have left.

    Args:
        yours: with what edits have left; what every visitor reads must do without.
        spaces: only generators of these W spaces; empty for all.
    """
    known = [replace(entry, order=order) for order, entry in enumerate((*_embedded(), *_from_hub()))]
    known.sort(key=lambda entry: not entry.here)
    every = [*known, *(_yours() if yours else ())]
    return tuple(entry for entry in every if not spaces or entry.space in spaces)


def generator_entry(generator: str) -> GeneratorEntry | None:
    """The entry of that id; one of yours also by the first 6 digits of its sha256 or more. None if there is none."""
    if generator.startswith(YOURS):
        kept = _kept(generator)
        return None if kept is None else _entry_of(kept)
    if generator.startswith(OWN):
        ref = GeneratorRef(generator)
        return GeneratorEntry(
            generator, "A file of your own", ref, generator, framing(generator, generator), shelf="file"
        )
    return next((entry for entry in generators(yours=False) if entry.id == generator), None)


def entry_of(ref: GeneratorRef | None) -> GeneratorEntry | None:
    """What is known about the network that a latent belongs to, whatever it was tuned to since; None if nothing is."""
    return None if ref is None else generator_entry(ref.id)


def _kept(generator: str) -> Kept | None:
    short = generator.removeprefix(YOURS)
    hits = [each for each in found("generator") if len(short) >= 6 and each.sha256.startswith(short)]
    return hits[0] if len(hits) == 1 else None


def _embedded() -> Iterator[GeneratorEntry]:
    for name, weights in EMBEDDED.items():
        space = w_space(name)
        drag = card(weights).get("editing", {}).get("drag", {})
        size = _size(weights)
        yield GeneratorEntry(
            name, label_of(name), GeneratorRef(name), space, framing(name, space), drag, weights.licence, False, size,
            source=weights,
        )  # fmt: skip


def _from_hub() -> Iterator[GeneratorEntry]:
    for entry in offered():
        weights, space = entry.weights, w_space(entry.name)
        here = cached_path(weights, known_pin(weights)) is not None
        yield GeneratorEntry(
            entry.name, label_of(entry.name), GeneratorRef(entry.name), space, framing(entry.name, space),
            DRAG.get(entry.name, {}), weights.licence, weights.non_commercial,
            (weights.size or entry.witness_size) / 1e6, here, "here" if here else "download", weights,
        )  # fmt: skip


def _yours() -> Iterator[GeneratorEntry]:
    for kept in found("generator"):
        if (entry := _entry_of(kept)) is not None:
            yield entry


def _entry_of(kept: Kept) -> GeneratorEntry | None:
    """A kept generator as an entry; None where nobody knows what it was made from."""
    base = None if kept.generator.startswith(YOURS) else generator_entry(kept.generator)
    if base is None:
        return None
    title = " · ".join(filter(None, (kept.name, kept.licence, f"{kept.megabytes:.1f} MB")))
    return GeneratorEntry(
        kept.id, title, GeneratorRef(kept.generator, kept.sha256), base.space, base.framing, base.drag, kept.licence,
        base.non_commercial, kept.megabytes, base.here, "yours", base.source,
    )  # fmt: skip


def _size(weights: Weights) -> float:
    try:
        return embedded_path(weights).stat().st_size / 1e6
    except OSError:
        return 0.0
