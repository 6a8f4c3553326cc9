"""What every kind of input has in common, and what a number is to all of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.bounds import refuse_long, shown
from registry.errors import BadSpec

__all__ = ["Kind", "as_number", "shown"]

LONGEST = 20_000
"""Characters of all the text in one value, unless its kind says otherwise."""


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

    def __init_subclass__(cls, **options: Any) -> None:
        """Put `bound` before every `check`, a plugin's own kinds included: no text is parsed before it is measured."""
        super().__init_subclass__(**options)
        if "check" in cls.__dict__:
            cls.check = _bounded(cls.__dict__["check"])  # type: ignore[assignment, method-assign]

    def bound(self, value: Any, field: str) -> None:
        """Raise BadInput if the value brings more text than any that is right; called before `check` reads it."""
        refuse_long(value, field, max(LONGEST, 200 * getattr(self, "most", 0)))

    def check(self, value: Any, field: str) -> Any:
        """The value, converted; raises BadInput naming `field`."""
        raise NotImplementedError

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


def _bounded(check: Callable[[Any, Any, str], Any]) -> Callable[[Any, Any, str], Any]:
    @functools.wraps(check)
    def bounded(self: Any, value: Any, field: str) -> Any:
        self.bound(value, field)
        return check(self, value, field)

    return bounded


def as_number(value: Any) -> float | None:
    """A finite number, which may come as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
