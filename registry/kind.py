"""What every kind of input has in common, and two words on values that all kinds need."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.errors import BadSpec


@dataclass(frozen=True)
class Kind:
    """What all inputs have in common.

    Attributes:
        doc: one sentence: what the input does. It is the tooltip, the ``--help`` line and the MCP description.
        label: how the page calls it; by default the argument's name in words.
        advanced: kept folded away on the page.
    """

    _: KW_ONLY
    doc: str = ""
    label: str = ""
    advanced: bool = False

    accepts: ClassVar[tuple[type, ...]] = ()  # what the annotation may say

    def check(self, value: Any, field: str) -> Any:
        """The value, converted; raises BadInput naming `field`."""
        raise NotImplementedError

    def from_stranger(self, value: Any, field: str) -> Any:
        """What a recipe or a visitor of the page sent, on its way to `check`.

        Override it where `check` would take a text for a path: a stranger must not make this machine read a file.
        Raises BadInput naming `field`.
        """
        return value

    def record(self, value: Any) -> Any:
        """The value as JSON for a recipe; `check` accepts it back, except for pictures, which are kept by sha256."""
        return value

    def describe(self) -> dict[str, Any]:
        """Kind and limits as JSON, for ``facet list --json`` and the docs."""
        return {"kind": type(self).__name__.lower()}

    def verify(self, annotation: type) -> None:
        """Raise BadSpec if the kind itself is declared wrongly; called once, at load."""
        if annotation not in self.accepts:
            wanted = " or ".join(kind.__name__ for kind in self.accepts)
            raise BadSpec(
                f"{type(self).__name__} describes {wanted}, not {getattr(annotation, '__name__', annotation)}"
            )
        if not self.doc.strip():
            raise BadSpec(f'{type(self).__name__} needs doc="…": one sentence on what the input does')


def shown(value: Any) -> str:
    """A value in a refusal: short, and never a whole document."""
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 60 else text[:57] + "…"


def as_number(value: Any) -> float | None:
    """A finite number, which may come as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
