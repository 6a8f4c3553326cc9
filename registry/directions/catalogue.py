"""Which directions a generator offers: embedded ones, those of the Hub that are here, and the user's own.

Directions belong to one W space. Generators that were fine-tuned from another (an adapted one, a tuned one) share its W
space and its directions; one that was trained separately has its own, whatever its resolution.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from registry.artifacts import found as kept
from registry.bounds import shown
from registry.directions.direction import Direction
from registry.directions.reading import read_embedded, read_foreign, read_kept, read_own
from registry.errors import BadInput, EditorError
from registry.generators import EMBEDDED as GENERATORS
from registry.generators import w_space
from registry.settings import facet_home
from registry.weights import Weights, cached_path, embedded_path, embedded_sha256, entries, file_sha256, known_pin

EMBEDDED = Weights(
    "", "puppets_128/directions.safetensors", licence="Apache-2.0", layout="facet", title="Puppets' directions"
)
MOST_FILES = 256


@dataclass(frozen=True)
class Passed:
    """A file whose directions are not offered, and the sentence that says why."""

    path: Path
    why: str


def own_folder() -> Path:
    """Where directions of the user's own lie that are no artifacts: ``$FACET_HOME/directions``."""
    return facet_home() / "directions"


def directions_of(generator: str) -> Mapping[str, Direction]:
    """The directions that a generator offers, by id. Those that come first keep an id that is wanted twice."""
    return _collect(w_space(generator))[0]


def passed_over(generator: str) -> list[Passed]:
    """The files for this generator whose directions cannot be offered."""
    return _collect(w_space(generator))[1]


def find(generator: str, name: str, field: str) -> Direction:
    """The direction of that id.

    Raises:
        BadInput: the generator offers none of that name; the sentence has the nearest one, or whose it is.
    """
    offered = directions_of(generator)
    if name in offered:
        return offered[name]
    if not offered:
        why = f"{generator} offers no directions, so {shown(name)} cannot be moved"
        raise BadInput(field, why, "Fit one with “facet direction fit”, or start from a Puppets picture.")
    elsewhere = [other for other in _w_spaces() if name in directions_of(other)]
    near = difflib.get_close_matches(name, offered, 1, 0.5)
    if elsewhere:
        fix = f"That one belongs to {elsewhere[0]}."
    elif near:
        fix = f"Did you mean {near[0]}?"
    else:
        fix = f"It has: {', '.join(offered)}."
    raise BadInput(field, f"{generator} offers no direction called {shown(name)}", fix)


def generator_sha256(generator: str) -> str:
    """The sha256 of a generator's weights where it is known without reading them, else empty."""
    if generator in GENERATORS:
        return embedded_sha256(GENERATORS[generator])
    entry = entries().get(generator)
    pin = known_pin(entry.weights) if entry else None
    return pin.sha256 if pin else ""


def own_files() -> list[Path]:
    """The files of the user's own: those kept as artifacts, the newest first, then older ones by name.

    A session has its own; like those of Facet's owner they become sliders, which everybody sees.
    """
    artifacts = [each.path for each in kept("direction", home=True)]
    return [*artifacts, *sorted(own_folder().glob("*.safetensors"))][:MOST_FILES]


def own_directions(path: Path) -> tuple[Direction, ...]:
    """The directions in one of the user's own files; none if it cannot be used."""
    return _own(*_stamp(path))[0]


def _w_spaces() -> list[str]:
    from_files = [direction.generator for path in own_files() for direction in own_directions(path)]
    return list(dict.fromkeys(["puppets", *(w_space(entry.name) for entry in _hub()), *from_files]))


def _sharing(space: str) -> set[str]:
    """The sha256 of all generators, as far as they are known, whose codes mean the same."""
    names = (name for name in (*GENERATORS, *entries(), space) if w_space(name) == space)
    return {generator_sha256(name) for name in names}


def _hub() -> Iterator[_Entry]:
    for name, entry in entries().items():
        if entry.kind == "directions" and entry.w_space:
            yield _Entry(name, entry.w_space, entry.weights)


@dataclass(frozen=True)
class _Entry:
    name: str
    w_space: str
    weights: Weights


def _collect(space: str) -> tuple[Mapping[str, Direction], list[Passed]]:
    found: dict[str, Direction] = {}
    passed: list[Passed] = []

    def offer(path: Path, directions: tuple[Direction, ...], why: str) -> None:
        if why:
            passed.append(Passed(path, why))
        for direction in directions:
            if direction.id in found:
                if direction.source == found[direction.id].source == "own":
                    continue  # what was kept later under that name has taken its place
                passed.append(Passed(path, f"{direction.id}: another direction has that name"))
            else:
                found[direction.id] = direction

    if space == "puppets":
        path = embedded_path(EMBEDDED)
        offer(path, *_embedded(*_stamp(path), *_stamp(path.with_name("card.json"))))
    for entry in _hub():
        pin = known_pin(entry.weights) if entry.w_space == space else None
        if pin is not None and (held := cached_path(entry.weights, pin)):
            offer(held, *_foreign(*_stamp(held), space, entry.name, pin.sha256))
    for path in own_files():
        directions, why = _own(*_stamp(path))
        made_for = next((str(direction.facts.get("generator_sha256", "")) for direction in directions), "")
        if why or any(direction.generator == space for direction in directions):
            if made_for and generator_sha256(space) and made_for not in _sharing(space):
                directions, why = (), f"it was fitted to other weights of {space}, whose W space is another"
            offer(path, directions, why)
    return MappingProxyType(found), passed


def _stamp(path: Path) -> tuple[Path, int, int]:
    """What changes with a file's content, so that what was read may be kept."""
    try:
        about = path.stat()
    except OSError:
        return path, 0, 0
    return path, about.st_mtime_ns, about.st_size


_Read = tuple[tuple[Direction, ...], str]


@lru_cache(maxsize=4)
def _embedded(path: Path, changed: int, size: int, card: Path, card_changed: int, card_size: int) -> _Read:
    try:
        return tuple(read_embedded(EMBEDDED, "puppets")), ""
    except EditorError as problem:
        return (), str(problem)


@lru_cache(maxsize=16)
def _foreign(path: Path, changed: int, size: int, space: str, name: str, sha256: str) -> _Read:
    try:
        if sha256 and file_sha256(path) != sha256:
            return (), f"{path.name} in the cache is not the file of {name}: fetch it again"
        return tuple(read_foreign(path, space, name)), ""
    except EditorError as problem:
        return (), str(problem)


@lru_cache(maxsize=MOST_FILES)
def _own(path: Path, changed: int, size: int) -> _Read:
    try:
        return (tuple(read_own(path)) if path.parent == own_folder() else (read_kept(path),)), ""
    except (EditorError, OSError) as problem:
        return (), str(problem)
