"""What a weight file holds, once read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from registry.errors import WeightsCorrupt
from registry.readers.limits import shown


@dataclass(frozen=True)
class Tensors:
    """The tensors and plain facts of one weight file.

    Attributes:
        tensors: group name → tensor name → tensor (contiguous, on the CPU, of the element type that is stored). A group
            is an entry at the top of the file: ``G``, ``D``, ``G_ema`` (NVlabs, also the TensorFlow era's ``Gs``),
            ``g_ema``, ``state_dict``, ``module`` for a file that is one whole network. What lies at the top itself (a
            flat state dict, safetensors, ONNX, pSp's ``latent_avg``) is in the group ``""``. Names inside a group are
            joined by ``.`` as in a state dict; TensorFlow's keep their ``/``.
        plain: what else the file says, as JSON's types: ``opts``, ``args``… and for a network, under its group's name,
            ``class_name``, ``init_args``, ``init_kwargs``, ``attributes`` and ``module_sha256`` (the hash of the source
            text it carries, which is never run).
        layout: ``safetensors``, ``torch-zip``, ``torch-legacy``, ``nvlabs-pickle``, ``tf-pickle``, ``pickle``,
            ``onnx`` or ``text``, whose words are ``plain["text"]``.
        warnings: sentences on what was left out.
        name: the file's name, for messages.
        unread: names of the entries that were not asked for.
        free_bytes: of memory when it was read, or None where the system does not say: whoever builds a network from it
            judges by them what that network may cost.

    Tensors that share their storage in the file share their memory here.
    """

    tensors: Mapping[str, dict[str, torch.Tensor]]
    plain: Mapping[str, Any]
    layout: str
    warnings: tuple[str, ...] = ()
    name: str = field(default="the file", compare=False)
    unread: tuple[str, ...] = ()
    free_bytes: int | None = field(default=None, compare=False)

    def group(self, *names: str) -> dict[str, torch.Tensor]:
        """The first of the named groups that the file has.

        Raises:
            WeightsCorrupt: it has none of them; says what it holds instead.
        """
        for name in names:
            if name in self.tensors:
                return self.tensors[name]
        wanted = " or ".join(name or "tensors at its top level" for name in names)
        raise WeightsCorrupt(f"{shown(self.name)} has no {wanted}; it holds {self.summary()}. Choose another file.")

    def summary(self) -> str:
        """The groups, as in ``D (a Discriminator, 64 tensors), G (a Generator, 144 tensors)``."""
        parts = []
        for name in sorted(self.tensors):
            facts = self.plain.get(name)
            kind = facts.get("class_name") if isinstance(facts, dict) else None
            count = len(self.tensors[name])
            about = f"{count} tensor{'s' if count != 1 else ''}"
            about = f"class {shown(kind, 60)}, {about}" if kind else about
            parts.append(f"{shown(name, 40) or 'unnamed weights'} ({about})")
        parts += [f"{shown(name, 40)} (not read)" for name in sorted(self.unread)]
        return ", ".join(parts[:8]) + (" and more" if len(parts) > 8 else "")
