"""What an edit leaves that other editors can use, as plain data: handlers yield it, the execution room keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from registry.subjects import GeneratorRef

Tensors = Mapping[str, torch.Tensor]

KIND = r"[a-z][a-z_]{0,23}"
MOST_NAME = 60
MOST_FACTS_BYTES = 64_000
MOST_TENSORS = 10_000


@dataclass(frozen=True, eq=False)
class Artifact:
    """Something that outlives the edit which made it.

    Attributes:
        kind: ``"generator"`` (tensors are a state delta: differences by the names of the state of `generator`),
            ``"direction"`` (`facet.stylegan.direction_artifact` makes it), ``"style"`` (tensors of a style network), or
            a plugin's own: lower-case letters and ``_``.
        name: what people call it, 1 to 60 characters; it can be renamed later.
        tensors: name → tensor, or a function that makes them, called only if this step turns out to be the last.
        generator: the generator that it belongs to: the one a delta is added to, the one in whose W space a direction
            lies; empty for what belongs to none. An id, or the `GeneratorRef` that ``ctx.load_generator`` gave: where
            that has a delta, the tensors are what came on top of it.
        picture: of it, as `Step.image`; None takes the step's.
        facts: how it was made (method, settings, figures), as JSON.
        licence, attribution: of what it was made from.
        key: what is kept under the same kind and key before gives way to it, as a slider of the same name does.
    """

    kind: str
    name: str
    tensors: Tensors | Callable[[], Tensors]
    generator: str | GeneratorRef = ""
    picture: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    attribution: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(KIND, self.kind):
            raise ValueError(f"an artifact's kind must be lower-case letters and “_”, not {self.kind!r}")
        object.__setattr__(self, "name", plain(self.name, MOST_NAME))
        if not self.name:
            raise ValueError("an artifact needs a name")
        for name in ("licence", "attribution", "key"):
            object.__setattr__(self, name, plain(getattr(self, name), 200))
        try:
            facts = json.dumps(dict(self.facts), allow_nan=False)
        except (TypeError, ValueError) as problem:
            raise ValueError(f"an artifact's facts must be JSON: {problem}") from None
        if len(facts) > MOST_FACTS_BYTES:
            raise ValueError(f"an artifact's facts take {len(facts)} bytes, the most is {MOST_FACTS_BYTES}")

    @property
    def base(self) -> GeneratorRef | None:
        """The generator that it belongs to."""
        if isinstance(self.generator, GeneratorRef):
            return self.generator
        return GeneratorRef(plain(self.generator, 80)) if self.generator else None

    def made(self) -> dict[str, torch.Tensor]:
        """Its tensors, on the CPU. Raises ValueError if there are none, too many, or something else is among them."""
        found = self.tensors() if callable(self.tensors) else self.tensors
        if not 0 < len(found) <= MOST_TENSORS or not all(isinstance(each, torch.Tensor) for each in found.values()):
            raise ValueError(f"the artifact “{self.name}” must hold 1 to {MOST_TENSORS} tensors")
        return {str(name): found[name].detach().cpu().contiguous() for name in sorted(found)}


def plain(text: object, most: int) -> str:
    """Text in one line without characters that cannot be seen, at most so long."""
    line = " ".join(str(text).split())
    return "".join(letter for letter in line if letter.isprintable())[:most].strip()
