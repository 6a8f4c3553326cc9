"""What every kind of input has in common: it says itself all that the surfaces need to know of it.

The page, the command line, HTTP, MCP, replay, the conformance kit and the reference ask a kind; none of them asks which
kind it is. So a kind that a plugin brings works everywhere, with the defaults below where it says nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from registry.bounds import refuse_long, shown
from registry.errors import BadSpec

if TYPE_CHECKING:
    from registry.subjects import Placement

__all__ = ["FILE_SCHEMA", "LONGEST", "Kind", "Option", "Uploads", "as_number", "shown"]

LONGEST = 20_000
"""Characters of all the text in one value, unless its kind says otherwise."""


class Uploads(Protocol):
    """What a surface does with files that clients send. All raise BadInput, which names the input `field`."""

    def path(self, raw: Any, field: str) -> str:
        """The path of an uploaded file, from what stands in its place; text is never taken for one."""

    def picture(self, raw: Any, field: str) -> Any:
        """The `Subject` in an uploaded file, with its lineage, decoded within the surface's limits."""

    def layers(self, source: str | bytes, field: str) -> Any:
        """The `Layers` of the picture in an uploaded file's path, or in a file's bytes."""

    def mask(self, source: str | bytes, field: str) -> Any:
        """The mask in an uploaded file's path, or in a file's bytes, decoded likewise."""


FILE_SCHEMA: Mapping[str, Any] = {"type": "object", "format": "file"}
"""The JSON schema of a file; a surface puts the form in its place in which it takes files."""


@dataclass(frozen=True)
class Option:
    """How the command line asks for an input.

    Attributes:
        metavar: what stands for the value in ``--help``.
        hint: a sentence added to the input's doc there.
        repeated: it can be given several times; the values arrive as a list.
        example: a value as one types it; of a repeated one, a part.
        bare: the value that the option has when it is given without one, or empty if it needs one.
    """

    metavar: str = "VALUE"
    hint: str = ""
    repeated: bool = False
    bare: str = ""
    example: str = ""


@dataclass(frozen=True)
class Kind:
    """What all inputs have in common.

    A kind that depends on another input (marks on a picture, strengths of what its generator offers) has an attribute
    ``on`` with that input's name.

    Attributes:
        doc: one sentence: what the input does. It is the tooltip, the ``--help`` line and the MCP description.
        label: how the page calls it; by default the argument's name in words.
        advanced: kept folded away on the page.
    """

    _: KW_ONLY
    doc: str = ""
    label: str = ""
    advanced: bool = False

    accepts: ClassVar[tuple[Any, ...]] = ()  # what the annotation may say
    nullable: ClassVar[bool] = False  # None is always allowed and means “none”
    is_picture: ClassVar[bool] = False  # arrives as a `Subject`
    needs_latent: ClassVar[bool] = False  # a picture together with its code
    by_sha256: ClassVar[bool] = False  # recipes name the content by its sha256 and do not hold it
    fixes_run: ClassVar[bool] = False  # the seed of all random choices
    is_mark: ClassVar[bool] = False  # drawn on the picture of `on`
    in_photograph: ClassVar[bool] = False  # switches to the photograph that the subject was brought in from
    is_painted: ClassVar[bool] = False  # a map of parts, which the page has a painter for

    def __init_subclass__(cls, **options: Any) -> None:
        """Put `bound` before every `check`, a plugin's own kinds included: no text is parsed before it is measured."""
        super().__init_subclass__(**options)
        if "check" in cls.__dict__:
            cls.check = _bounded(cls.__dict__["check"])  # type: ignore[assignment, method-assign]

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Names of the inputs that it is judged with."""
        on = getattr(self, "on", None)
        return () if on is None else (on,)

    @property
    def cut_from(self) -> str:
        """The input whose picture was cut from this one, if that is what this input is; else empty."""
        return ""

    @property
    def by_stage(self) -> bool:
        """Whether the page switches it on while its stage shows the photograph."""
        return False

    @property
    def film(self) -> str:
        """``"always"`` or ``"maybe"`` if an editor with this input makes films, else empty."""
        return ""

    @property
    def drawn_by(self) -> str:
        """The task of the editor that draws the pictures which this input lets a visitor mark, else empty."""
        return ""

    def declared(self, annotation: type) -> Kind:
        """The kind for an argument with that annotation. Raises BadSpec if the two do not fit."""
        self.verify(annotation)
        return self

    def verify(self, annotation: type) -> None:
        """Raise BadSpec if the kind itself is declared wrongly; called once, at load."""
        if annotation not in self.accepts:
            wanted = " or ".join(kind.__name__ for kind in self.accepts)
            raise BadSpec(
                f"{type(self).__name__} describes {wanted}, not {getattr(annotation, '__name__', annotation)}"
            )
        if not self.doc.strip():
            raise BadSpec(f'{type(self).__name__} needs doc="…": one sentence on what the input does')

    def bound(self, value: Any, field: str) -> None:
        """Raise BadInput if the value brings more text than any that is right; called before `check` reads it."""
        refuse_long(value, field, max(LONGEST, 200 * getattr(self, "most", 0)))

    def check(self, value: Any, field: str) -> Any:
        """The value, converted; raises BadInput naming `field`."""
        raise NotImplementedError

    def check_on(self, value: Any, other: Any, field: str) -> None:
        """Judge a checked value together with that of the input `on`; raises BadInput."""

    def cut(self, value: Any, where: Placement, side: int, field: str) -> Any:
        """A mark on the picture that its own was cut from, as one on the square with `side` pixels; see `is_mark`.

        `value` is checked. Raises BadInput for a mark that lies outside the square.
        """
        return value

    def check_ready(self, value: Any, field: str) -> None:
        """Raise BadInput if this machine cannot do what a checked value asks for; not asked of defaults."""

    def record(self, value: Any) -> Any:
        """The value as JSON for a recipe; `check` accepts it back, except for what is kept by sha256."""
        return value

    def recorded(self, row: Any, field: str) -> Any:
        """What a recipe says, as a value for `check`; raises BadInput if `record` never writes such a thing.

        Override it, and `received`, where `check` takes a text for a path: a recipe may be a stranger's, who must not
        make this machine read a file.
        """
        return row

    def moved(self, row: Any) -> list[str]:
        """The names of the directions that a recorded value moves along."""
        return []

    def describe(self) -> dict[str, Any]:
        """Kind and limits as JSON, for ``facet list --json``."""
        return {"kind": type(self).__name__.lower()}

    def schema(self) -> dict[str, Any]:
        """JSON schema of what a client sends; no limits: a wrong value gets our sentence, not a validator's."""
        return {"type": "string"}

    def limits(self) -> str:
        """What it takes, as a sentence for clients of HTTP and MCP; may be empty."""
        return ""

    def takes(self) -> str:
        """What it takes, in a few words for the reference."""
        return type(self).__name__.lower()

    def option(self) -> Option:
        """How the command line asks for it."""
        return Option()

    def given(self, text: Any, field: str) -> Any:
        """What the command line was given, as a value for `check`. Unlike `received`, text may be a path here."""
        return text

    @property
    def span(self) -> tuple[float, float] | None:
        """The lowest and the highest number, of a kind whose values a sweep can count through; else None."""
        return None

    def listed(self) -> dict[Any, str]:
        """All values with their labels, of a kind that has a few; a sweep goes through them. Else empty."""
        return {}

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What a browser or a client sent, as a value for `check`; text is never taken for a path. Raises BadInput."""
        return raw

    @property
    def read_by(self) -> str:
        """The id of the editor that makes such a value of a picture, else empty."""
        return ""

    def example(self, on: Any = None) -> Any:
        """A right value, for trials of an editor that has neither default nor `trial` for it; None if there is none.

        `on` is the value of the input that it depends on.
        """
        return None

    def end_values(self) -> list[Any]:
        """Values at the ends of what is allowed, each of which the conformance kit tries."""
        return []

    def wrong_values(self) -> list[Any]:
        """Values that must be refused, besides None, which the conformance kit tries where none is allowed."""
        return [object()]


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
