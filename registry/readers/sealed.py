"""A safetensors file of our own that says what it must hold: a hash over names, types, shapes, numbers and metadata.

A cache that rots on the disk must not change pictures unnoticed. The hash stands in the metadata, so that file and hash
cannot be parted; it is compared with what was read into memory, which is what will be used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import torch

SEAL = "seal_sha256"


def sealed(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> dict[str, str]:
    """The metadata with the hash of all that is to be written."""
    return {**metadata, SEAL: _hash(tensors, metadata)}


def is_sound(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, object]) -> bool:
    """Whether what was read is what was sealed; False also where there is no seal."""
    return SEAL in metadata and metadata[SEAL] == _hash(tensors, metadata)


def _hash(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, object]) -> str:
    said = {key: value for key, value in metadata.items() if key != SEAL}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        if tensor.numel():
            digest.update(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()))
    return digest.hexdigest()
