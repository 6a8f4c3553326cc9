"""What somebody's own edits have left and a batch uses, on its way to machines that have it not yet."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from registry.artifacts import bring_in, export, found, own
from surfaces.batch.chain import Chain

Yours = Sequence[tuple[str, bytes]]
"""The sha256 of an artifact and the file that holds it, as “Export” writes it."""


def pack(chain: Chain) -> Yours:
    """Those artifacts that a chain names, by sha256, by id or by name."""
    named = [kept for kept in own() if any(name in chain.told for name in (kept.sha256, kept.id, f'"{kept.name}"'))]
    with tempfile.TemporaryDirectory(prefix="facet-batch-") as folder:
        return [
            (kept.sha256, export(kept, Path(folder, f"{number}.safetensors")).read_bytes())
            for number, kept in enumerate(named)
        ]


def unpack(yours: Yours) -> None:
    """Keep those that are not here yet, as if somebody had imported them; verified as every import is."""
    here = {kept.sha256 for kept in found()}
    with tempfile.TemporaryDirectory(prefix="facet-batch-") as folder:
        for sha256, content in yours:
            if sha256 not in here:
                file = Path(folder, f"{sha256}.safetensors")
                file.write_bytes(content)
                bring_in(file)
