"""The bytes of some tensors, and the sha256 that they are known by wherever they lie."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

import torch

from registry.readers import put_safetensors


def content_bytes(tensors: Mapping[str, torch.Tensor]) -> bytes:
    """Tensors as a safetensors file without a card; equal tensors give equal bytes."""
    buffer = io.BytesIO()
    put_safetensors(buffer, {name: tensors[name] for name in sorted(tensors)}, {"facet": "delta-1"})
    return buffer.getvalue()


def content_sha256(tensors: Mapping[str, torch.Tensor]) -> str:
    """What an artifact is known by: the sha256 of `content_bytes`, which its name and card have no part in.

    So an artifact keeps its sha256 when it is renamed, and an adapted generator has that of its delta.
    """
    return hashlib.sha256(content_bytes(tensors)).hexdigest()
