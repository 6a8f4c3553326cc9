"""All weights that this installation can name: the manifest's, and those that loaded editors declare beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.errors import WeightsCorrupt, WeightsMissing
from registry.plugins.spec import EditorSpec
from registry.weights import Entry, embedded_path, entries, local, lock, size_text


@dataclass(frozen=True)
class State:
    """Whether a file is here, judged by name and size; `verify` judges by content."""

    entry: Entry
    here: bool
    pinned: str

    @property
    def size(self) -> str:
        """As people read it; empty where unknown, with a tilde if only other copies tell it."""
        if count := lock.pin_of(self.entry.weights).size:
            return size_text(count)
        return f"~{size_text(self.entry.witness_size)}" if self.entry.witness_size else ""


def catalogue(editors: Iterable[EditorSpec] = ()) -> dict[str, Entry]:
    """Manifest entries by name, then the further sources of the editors' nets, named after the net and the file."""
    found = dict(entries())
    known = {entry.weights for entry in found.values()}
    for spec in editors:
        for net in spec.nets:
            for weights in net.sources:
                if weights not in known:
                    known.add(weights)
                    name = f"{net.name}:{weights.name}" if net.name in found else net.name
                    name = f"{spec.id}/{weights.file}" if name in found else name
                    found[name] = Entry(name, "embedded" if weights.embedded else "net", weights, net.doc)
    return found


def state(entry: Entry) -> State:
    """Whether the file is here, and by what it is pinned: ``sha256``, ``first use``, ``revision`` or nothing."""
    weights = entry.weights
    if weights.embedded:
        return State(entry, embedded_path(weights).is_file(), "sha256")
    pin = lock.pin_of(weights)
    kind = "first use" if pin.by_trust else "sha256" if pin.sha256 else "revision" if pin.revision != "main" else ""
    return State(entry, local.cached_path(weights, pin) is not None, kind)


@dataclass(frozen=True)
class Finding:
    """What `verify_local` found: ``right``, ``absent`` or ``wrong``, and a sentence."""

    name: str
    verdict: str
    text: str


def verify_local(entry: Entry) -> Finding:
    """Read a file that is here and compare its sha256 with what it must be. Nothing is changed."""
    weights = entry.weights
    if weights.embedded:
        try:
            file = local.embedded(weights)
        except (WeightsMissing, WeightsCorrupt) as problem:
            return Finding(entry.name, "wrong", str(problem))
        return Finding(entry.name, "right", f"embedded, sha256 {file.sha256[:12]}…")
    pin = lock.pin_of(weights)
    found, wrong = local.cached(weights, pin)
    if found is not None:
        against = (
            "its first use" if pin.by_trust else "the declaration" if pin.sha256 else "nothing: it is not locked yet"
        )
        text = f"sha256 {found.sha256[:12]}…, compared with {against}"
        if entry.witness_sha256 and found.sha256 != entry.witness_sha256:
            text += f"; another copy of it has {entry.witness_sha256[:12]}…"
        return Finding(entry.name, "right", text)
    if wrong:
        return Finding(entry.name, "wrong", f"{wrong[0].name} in the cache is not {pin.sha256[:12]}…: fetch it again")
    return Finding(entry.name, "absent", "not downloaded")
