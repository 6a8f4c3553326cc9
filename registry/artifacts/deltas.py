"""State deltas: what pivotal tuning or adaptation added to a generator's weights, kept by the sha256 of their file.

A delta is a safetensors file of differences, named as in the generator's state, in ``$FACET_HOME/deltas/``, or in a
folder of the session that made it (`registry.belongings`). One photograph then costs a few megabytes instead of a whole
network (Roich et al. 2022 save the network itself).
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from registry.artifacts.content import content_bytes
from registry.artifacts.shelf import file_of, tensors_of
from registry.belongings import belongings, keeping_home, make_room, reading_homes
from registry.errors import EditorError, WeightsCorrupt, WeightsMissing
from registry.readers import Budget, Refused, Source, named_errors, read_source, table_of
from registry.settings import number
from registry.weights import file_sha256
from registry.writing import write_whole

Delta = Mapping[str, torch.Tensor]


def deltas_folder() -> Path:
    """Where deltas are kept."""
    return keeping_home() / "deltas"


def delta_path(sha256: str) -> Path:
    """The file of a delta, or where it would be kept. Raises WeightsCorrupt for anything that is no sha256."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise WeightsCorrupt("The picture names its tuned generator by something that is no sha256.")
    places = [home / "deltas" / f"{sha256}.safetensors" for home in reading_homes()]
    return next((path for path in places if path.is_file()), places[0])


def save_delta(delta: Delta) -> str:
    """Keep a delta; returns its sha256.

    Raises:
        EditorError: the disk refuses, or a visitor has no more room.
    """
    return keep_delta_file(content_bytes(delta))


def keep_delta_file(content: bytes) -> str:
    """Keep the content of a delta's file; returns its sha256. It is judged when it is loaded.

    One that is kept as a generator under Yours already is not kept twice.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = delta_path(sha256)
    if not path.is_file() and file_of(sha256) is not None:
        return sha256
    try:
        if path.is_file() and path.stat().st_size == len(content) and file_sha256(path) == sha256:
            path.touch()
            return sha256
        _make_room(len(content))
        write_whole(path, content)
    except OSError as problem:
        raise EditorError(f"The tuned generator could not be kept: {problem.strerror or problem}.") from None
    return sha256


def sound_delta(content: bytes, sha256: str) -> bool:
    """Whether bytes from a stranger are the delta with that sha256, and a safetensors file of floating numbers."""
    if hashlib.sha256(content).hexdigest() != sha256:
        return False
    try:
        table = table_of(Source(content), Budget(len(content)))
    except Refused:
        return False
    return all(dtype.is_floating_point for _, _, dtype in table.places.values())


def delta_file(sha256: str) -> bytes:
    """The content of a kept delta's file, verified.

    Raises:
        WeightsMissing: it is not on this machine.
        WeightsCorrupt: the file has another content.
    """
    path = delta_path(sha256)
    try:
        content = path.read_bytes()
        path.touch()
    except OSError:
        if (kept := file_of(sha256)) is not None:
            return content_bytes(tensors_of(kept)[1])
        raise WeightsMissing(
            f"The tuned generator of this picture (delta {sha256[:12]}…) is not on this machine. "
            "Bring the picture into its generator again, or open the PNG that Facet saved."
        ) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise WeightsCorrupt(f"The kept delta {sha256[:12]}… is damaged. Delete {path.name} and tune again.")
    return content


def on_top(delta: Delta, sha256: str | None) -> Delta:
    """A delta to a generator that was adapted or tuned before, as one delta to its plain weights.

    Raises:
        WeightsMissing, WeightsCorrupt: as `load_delta`, of the earlier one.
    """
    if sha256 is None:
        return delta
    earlier = load_delta(sha256)
    both = {name: earlier[name] + delta[name].cpu().float() for name in earlier if name in delta}
    return {**earlier, **delta, **both}


def delta_is_here(sha256: str) -> bool:
    """Whether the present run may load that delta. Raises WeightsCorrupt for anything that is no sha256."""
    return delta_path(sha256).is_file() or file_of(sha256) is not None


def load_delta(sha256: str) -> dict[str, torch.Tensor]:
    """The tensors of a kept delta, float32, verified and finite.

    Raises:
        WeightsMissing: it is not on this machine.
        WeightsCorrupt: the file has another content, or holds what is no delta.
    """
    content, name = delta_file(sha256), delta_path(sha256).name
    with named_errors(name):
        tensors = read_source(Source(content), name, None, None).group("")
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not bool(torch.isfinite(tensor).all()):
            raise WeightsCorrupt(f"The kept delta {sha256[:12]}… holds no finite numbers under {name[:60]!r}.")
    return {name: tensor.float() for name, tensor in tensors.items()}


def _make_room(size: int) -> None:
    """Delete the deltas used longest ago beyond ``FACET_DELTAS_MB`` (4096); pictures carry the small ones along.

    Those of a session give way to that session's only.
    """
    if belongings() is not None:
        make_room(size)
        return
    kept = sorted(deltas_folder().glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
    left = number("DELTAS_MB") * 1e6 - size
    for file in kept:
        left -= file.stat().st_size
        if left < 0:
            file.unlink(missing_ok=True)


def with_delta(module: Any, delta: Delta) -> Any:
    """A copy of a network with a delta added to its state; the network itself is left alone.

    Raises:
        WeightsCorrupt: the delta belongs to another network.
    """
    with torch.inference_mode(False), torch.no_grad():
        changed = copy.deepcopy(module)
        state = changed.state_dict()
        for name, difference in delta.items():
            if name not in state or state[name].shape != difference.shape:
                raise WeightsCorrupt(f"The kept delta belongs to another generator: {name[:60]!r} does not fit.")
            state[name].add_(difference.to(state[name]))
        return changed.eval().requires_grad_(False)
