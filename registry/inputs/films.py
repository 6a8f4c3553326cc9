"""The inputs of films: their format, which tells the surfaces that an editor makes one, and what is seen in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from registry.errors import BadInput
from registry.film import FORMATS, NO_FILM, has_av
from registry.inputs.plain import Choice, Switch


@dataclass(frozen=True)
class FilmFormat(Choice):
    """The format of the film an editor makes, which also tells the surfaces that it makes one.

    With `optional` the choice begins with ``"none"``: no film.
    """

    options: Mapping[str, str] = field(default_factory=lambda: {name: row.title for name, row in FORMATS.items()})
    _: KW_ONLY
    doc: str = "The film's format; MP4 plays everywhere, GIF is the largest and has 256 colours."
    optional: bool = False

    def __post_init__(self) -> None:
        if self.optional:
            object.__setattr__(self, "options", {NO_FILM: "No film", **self.options})

    @property
    def film(self) -> str:
        """Whether there is always one."""
        return "maybe" if self.optional else "always"

    def check_ready(self, value: str, field: str) -> None:
        """Raise BadInput if this machine cannot write that format. Not part of `check`, which judges defaults too."""
        if value in FORMATS and FORMATS[value].needs_av and not has_av():
            others = " or ".join(name for name, row in FORMATS.items() if not row.needs_av)
            why = f"{value} needs the package “av”, which is not installed"
            raise BadInput(field, why, f"Install it (pip install av), or choose {others}.")


@dataclass(frozen=True)
class InPhotograph(Switch):
    """Whether every frame is carried over to the photograph that the subject was brought in from.

    The editor needs a `SourcePicture` too. A page whose stage shows the photograph switches it on, unless it is to be
    `asked` for: where a film may leave the person behind.
    """

    in_photograph: ClassVar[bool] = True

    _: KW_ONLY
    label: str = "In the photograph"
    asked: bool = False
    doc: str = "Carry every frame of the film over to the photograph it was brought in from."

    @property
    def by_stage(self) -> bool:
        """Unless it is asked for."""
        return not self.asked

    def describe(self) -> dict[str, Any]:
        """As a switch, for the surfaces need nothing else."""
        return super().describe() | {"kind": "switch"}
