"""From a `GeneratorRef` back to the network it means: a declared one, or one out of a file of the user's own.

What is found is shared with everybody who uses the same generator; a state delta makes a copy, which is kept as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from registry.artifacts import delta_file, delta_is_here, load_delta, with_delta
from registry.belongings import belongings, make_room, own_copies, places_of_copies
from registry.errors import BadInput, EditorError
from registry.generators.presets import OWN
from registry.readers import cached_copy
from registry.subjects import GeneratorRef
from registry.weights import Loaded, Local, Net, OwnFile, Weights, embedded_sha256, load_local, load_net, nets

_SHORT = 16  # hexadecimal digits of the sha256 in the id of an own file


def own_id(file: OwnFile) -> str:
    """The `GeneratorRef.id` of a generator in a file of the user's own."""
    return OWN + file.sha256[:_SHORT]


def remember(file: OwnFile) -> None:
    """Keep a copy of an own file's tensors, so that pictures made with it can be edited when the file has moved.

    A visitor's copy belongs to the session.
    """
    try:
        make_room(file.path.stat().st_size)
        cached_copy(file.path, own_copies())
    except EditorError:  # no room, or no weights: whoever reads the file next says so
        return


def true_ref(ref: GeneratorRef, declared: Iterable[Net], used: Iterable[Mapping[str, Any]]) -> GeneratorRef:
    """The generator that really made a latent: where a net fell back on another source, the net of that source."""
    for row in used:
        if row["net"] == ref.id and "notice" in row:
            return replace(ref, id=_id_of_source(row, declared) or ref.id)
    return ref


def network_of(
    ref: GeneratorRef,
    declared: Mapping[str, Net],
    device: str,
    owner: object | None = None,
    stopping: Callable[[], bool] | None = None,
    field: str = "subject",
) -> Loaded:
    """The network that `ref` means, with its delta; `field` is the input that a refusal names.

    Raises:
        BadInput: it is none of the `declared` nets and no own file that is remembered here.
        WeightsMissing, WeightsCorrupt, LicenceNeeded, OutOfMemory, Stopped: as `load_net`, and for the delta.
    """
    if ref.id.startswith(OWN):
        loaded = _own(ref.id.removeprefix(OWN), declared, device, owner, field)
    elif ref.id in declared:
        loaded = load_net(declared[ref.id], device, owner=owner, stopping=stopping)
        if loaded.notice:  # another generator's codes would give nonsense
            why = f"belongs to the generator {declared[ref.id].doc or ref.id!r}, which cannot be had now"
            raise BadInput(field, why, f"{loaded.notice.partition(':')[0]}.")
    else:
        known = ", ".join(_generators(declared)) or "none"
        raise BadInput(field, f"belongs to the generator {ref.id!r}; this editor knows {known}")
    return _tuned(loaded, ref.delta_sha256, device, owner) if ref.delta_sha256 else loaded


def _generators(declared: Mapping[str, Net]) -> dict[str, Net]:
    """The nets that are StyleGAN2 generators."""
    return {name: net for name, net in declared.items() if net.generator}


def _own(short: str, declared: Mapping[str, Net], device: str, owner: object | None, field: str) -> Loaded:
    builders = [net.build for net in _generators(declared).values()]
    copies = _copies(short)
    if not builders:
        raise BadInput(field, "belongs to a generator out of a file; this editor knows none")
    if not copies:
        raise BadInput(
            field,
            f"belongs to a generator out of a file (sha256 {short}…) that this machine does not have",
            "Make a portrait with that file first; it is known until your session ends."
            if belongings()
            else "Make a portrait with that file once, then it is known here.",
        )
    path, sha256 = copies[0], copies[0].stem
    local = Local(path, sha256, "", path.name, "", path.stat().st_size)
    weights = Weights("", str(path.resolve()), sha256=sha256, licence="unknown", title=f"own file {short}", own=True)
    return load_local(Net("own", builders[0], (weights,)), weights, local, device, owner=owner)


def _copies(short: str) -> list[Path]:
    hexadecimal = len(short) == _SHORT and all(digit in "0123456789abcdef" for digit in short)
    found = [sorted(folder.glob(f"{short}*.safetensors")) for folder in places_of_copies() if hexadecimal]
    return [path for paths in found for path in paths]


def _tuned(loaded: Loaded, sha256: str, device: str, owner: object | None) -> Loaded:
    if belongings() is not None and not delta_is_here(sha256):
        delta_file(sha256)  # says that it is missing: another session may have it in memory
    key = ("delta", sha256, loaded.record["sha256"], id(loaded.module), device, torch.float32)

    def make() -> _Tuned:
        return _Tuned(with_delta(loaded.module, load_delta(sha256)), loaded.module)

    tuned: _Tuned = nets.get(key, device, make, owner=owner)
    return replace(loaded, module=tuned.module)


class _Tuned:
    """A tuned copy together with what it was made from, whose id must not be given to another network meanwhile."""

    def __init__(self, module: Any, origin: Any) -> None:
        self.module, self.origin = module, origin


def _id_of_source(row: Mapping[str, Any], declared: Iterable[Net]) -> str:
    """The net whose first source is the embedded file of that record."""
    first = {net.name: net.sources[0] for net in declared if net.sources}
    embedded = (name for name, source in first.items() if source.embedded and embedded_sha256(source) == row["sha256"])
    return next(embedded, "")
